"""What policies call rights, requests and those who hear them, in the languages policies are written in.

One block of patterns a concept, two blanks between them.
"""

# A pattern is read as one line a concept; broken up it is read by nobody.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from services.router.core.policy.promises.concept import Concept, any_of, gated

REQUEST: Final = any_of(
    r"""
    requests?\b  enquir  inquir  anfrage  antrag  anträge  ersuchen  auskunft  demande  solicitud  richiest  verzoek
    aanvra  żądani  wnios  pedido  solicitaç  cerer  begäran  pieprasījum  kérelm  kérés
    gesuch  anliegen  richied  istanz[ae]\b  zgłosze  solicita  begär  ansök  lūgum  pieprasī  kérel  kérés  aanvraag  cererea  ersuchen\w*  ticket
    """
)
ANSWER: Final = any_of(
    r"""
    respon[ds]  repl(?:y|ies)  answer  process(?:ed)?\b  compl(?:y|ied)  fulfil  act(?:ed)? (?:up)?on  provide you
    get back  honou?r  beantwort  antwort  bearbeit  nachkommen  répond  réponse  trait(?:er|ée|ons)  contest  atend
    respuesta  rispond  rispost  riscontro  antwoord  beantwoord  reageren  reactie  odpowi  rozpatrz  udziel
    respost  răspun  soluțion  svara  atbild  válasz  dealt with  handled  satisf  information within
    come back to you  send you (?:a copy|it)  write back  in your hands  hear from us  revenons vers vous  odpowiemy  melden uns
    hear back  turned (?:round|around)  turnaround  händig\w*\b[^.]{1,80}\baus\b  ausgehändigt  hoort u  obtenir une réponse  hear from  back to you  reply\b  expect an? (?:answer|reply|response)  deal with  close (?:every|your|each)  posted to you  sent to you  action(?:ed)? your  erledig  bescheid  rückmeldung  zurückmelden
    repond  réponse  donn\w+ suite  evas[ei]  evadi  atende  contestar  resolver  resolv  resuelv  antwoord  hoort van ons  afgehandeld  załatwi  odpis  rozpatr  respond  tramit
    respunde  soluțion  besvar  svar(?:ar|as)?\b  återkommer  atbildē  atbildi  sniegsim  izskatī  válaszol  megválaszol  teljesít  elbírál
    """
)
AUTHORITY: Final = any_of(
    r"""
    supervisory authorit  data protection authorit  information commissioner  data protection commission  regulator
    ICO\b  CNIL\b  ANSPDCP\b  AEPD\b  UODO\b  CNPD\b  FDPIC\b  EDÖB\b  NAIH\b  aufsichtsbehörde  landesbeauftragte
    datenschutzbeauftragten? des landes  autorité de contrôle  commission nationale  autoridad de control
    agencia española  autorità di controllo  garante  autoriteit persoonsgegevens  toezichthoud  organu? nadzorcz
    prezes\w* urzędu  autoridade de controlo  autoridade nacional  autorit\w+ (?:națională )?de supraveghere
    datu valsts inspekcij  integritetsskydd  attorney general
    beauftragte\w* für (?:den )?datenschutz  landes(?:amt|beauftragte\w*) für datenschutz  datenschutzaufsicht  urzęd\w* ochrony danych  datatilsyn  datainspektion  IMY\b  adatvédelmi hatóság
    ANPD\b  AEPD\b  APDCAT\b  GBA\b  APD\b  DSB\b  datenschutzbehörde  gegevensbeschermingsautoriteit  autorité de protection des données  nemzeti adatvédelmi  adatvédelmi és információszabadság  hatóság(?:hoz|nak|nál)\b  tillsynsmyndighet  uzraudzības iestād  inspekcij\w* sūdzī
    california privacy protection agency  datenschutzkommission  autoridad(?:es)? de protección  autorità (?:nazionale )?garante  organ nadzor  FDPIC\b  federal data protection
    """
)
COMPLAIN: Final = any_of(
    r"""
    complain  lodge  beschwer  plainte  réclamation  reclamaci  reclamo  klacht  skarg  reclamaç  queixa  plânger
    klagom  sūdzīb  panasz
    raise a concern  take (?:it|the matter|your concern) to  remain (?:dissatisfied|unhappy)  saisir  saisissez  introduire un recours  reclamar  peticionar  klagen\b  klaga\b  klagomål  iesniegt sūdzību  panassz  panaszt  ricors
    """
)
IDENTITY_PROOF: Final = any_of(
    r"""
    proof of (?:your )?(?:identity|authority)  verif\w* (?:your|the|their) identity  confirm (?:your|the) identity
    cop(?:y|ies) of (?:your |an? )?(?:id\b|identity|passport|identification|driving licen[cs]e|driver.s licen[cs]e|photo id|utility bill)  valid id\b  identification document
    establish your identity  identitätsnachweis  identität (?:nach|über|zu bestät)  ausweiskopie
    kopie (?:ihres|des) (?:personal)?ausweis  justificatif d.identité  pièce d.identité  document d.identité
    justifi\w* (?:de )?(?:votre|son) identité  copia de(?:l|\ssu)? (?:dni|documento)  documento d.identit
    documento de identi  identiteitsbewijs  potwierdzeni\w+ tożsamości  tożsamość  documentul? de identitate
    copia (?:actului|cărții) de identitate
    potwierdzeni\w* tożsamości  bewijs van (?:uw )?identiteit  kopie van (?:uw )?identiteit  styrka din identitet  order number(?= so that)
    prove (?:who you are|your identity|it is you)  show (?:us )?(?:some |a |photo |your )*id\b  photocopy of  proof of (?:id\b|who you are)  see (?:some |your |a )?(?:form of )?id\b  doubts? (?:about|as to) who you are  verify who you are  confirm who you are  prove who you are  establish who you are  check who you are  sure (?:that )?(?:it.s|it is|you.re|you are) (?:really )?you  signed permission  match our records  verify (?:that )?(?:you|who)
    personalausweis  ausweis(?:es|dokument|papier)?\b  ihre identität  zweifel an (?:ihrer|der) identität  justificatif  votre identité  carte d.identité  acreditar su identidad  copia de su (?:dni|nie|pasaporte)  fotocopia  identificarl
    documento di riconoscimento  identità\b  legitimeren  legitimatie  identificeren  uw identiteit  twoj\w* tożsamo  tożsamo  sua identidade  confirmar a identidade  cartão de cidadão  identitat\w* (?:dumneavoastră|dvs)
    actului de identitate  actul de identitate  jūsu identitāt  apliecin  identitāt  styrka (?:din|sin)  din identitet  legitimation  személyazonoss  azonosít
    """
)
RIGHTS: Final[Mapping[str, Concept]] = {
    "access": any_of(
        r"""
        access(?:ing)?\b  right (?:of|to) access  right to know  see your (?:own )?(?:records?|data|file|information|details)\b  know (?:what|which)  see (?:what|which) [\w ]{0,20}?(?:we|is) (?:hold|have|keep|store|kept|held|stored)  obtain a copy  auskunft
        droit d.accès  accéder  acceso  accesso  inzage  dostęp\w* do (?:swoich |treści )?danych  acesso
        dreptul de acces  acces
        copy of (?:your|the|his|their) (?:data|information|details)  ask (?:us )?(?:to see|for a copy)  dostępu do  registerutdrag  hozzáférés
        see (?:the|any|all|what) [\w ]{0,30}?(?:hold|have|information|data)  subject access  copy of (?:your |the |any |all )?(?:chart|records?|file|what|personal|everything)  confirm\w* (?:as to )?whether  einsicht  consult(?:er|ez)\b  accéder  accede[rd]  acceder  confirmación sobre  acced  confirma[çc]ão d[ae] existência
        inzien  te zien\b  wgląd  få se\b  see your file  copie de (?:vos|mes|toutes)  tillgång till  registerutdrag  piekļū  piekļuv  hozzáfér  betekint  request to know  want to know
        """
    ),
    "rectification": any_of(
        r"""
        rectif  correct(?:ion|ed|ing)?\b  put (?:it )?right\b  put straight\b  inaccurate  berichtig  correc  rettific  sprostow  corrig  retific
        put (?:it|things|them) right  mistakes? (?:to be )?(?:corrected|fixed)  fix(?:ed|ing)? (?:mistakes|errors)  updated? (?:your|or corrected)  richtigstell  corriger  modifier vos  rectific  actualizar sus  corregg  correzion  aggiorn\w+ (?:dei|i)  verbeter  corrigeren  correctie
        aanpassen  popraw  correção  correções  corrigir  corecta  corectare  rätta(?:de|d|s)?\b  rättelse  ändra  korrigera  labot  labošan  izlabo  precizē  helyesbít  kijavít
        """
    ),
    "erasure": any_of(
        r"""
        eras(?:e|ure|ing|ed)  forgotten  taken off (?:our|the)  delet(?:e|ion|ed)  removal  lösch  effacement  suppression  supresión
        cancellazione  verwijder  wissen  usunięci  apagamento  eliminação  ștergere  oubli  olvido
        forget you  wiped?\b  destroyed  getilgt  vergessen  effac  supprim  suprimir  cancelación  borrad[oa]  borrar  eliminar  cancellar  oblio  vernietig  gegevenswissing  vergetelheid  usunąć  usunięt  bycia zapomnian  eliminad  apagad  apagar  exclusão  esquecimento
        șterg  ștergerea  uitat  radera  ta bort  bli raderad  radering  glömd  dzēš  dzēst  aizmirst  törl  töröl  elfeled
        """
    ),
    "restriction": any_of(
        r"""
        restrict(?:ion|ing)?\b  einschränk  limitation  limitación  limitazione  beperk  ogranicz  limitação
        restricționare
        restricted\b  limit(?:er|ation)\b  limitar  limitad[oa]  limitare  beperkt  ograniczy  bloqueio  restricți  begräns  ierobežo  korlátoz
        """
    ),
    "portability": any_of(
        r"""
        portab  datenübertragbarkeit  portabilité  portabilidad  portabilità  overdraagbaarheid  dataportabiliteit
        przenoszeni  portabilidade  portabilitate
        machine[- ]readable  maschinenlesbar  aushändigen  übertragen zu lassen  lisible par machine  lectura mecánica  dispositivo automatico  farli trasferire  trasferire (?:i dati )?ad altro  machineleesbaar  overdragen  przenie[sś]  przenosz  leitura automática  citit automat  dataportab  récupérer  wyeksport  flytta (?:dina|uppgifter)  pārnes  pārnest  adathordoz  hordoz
        transmit(?:ted)? (?:it |them )?(?:directly )?to another
        """
    ),
    "objection": any_of(
        r"""
        object(?:ion|ing)?\b  widerspr  opposition  opposer  oposición  oponer  opposizione  opporsi  bezwaar
        sprzeciw  oposição  opoziți
        opposé  opposez  opporre  opponi  oppone  oponerse  opon  oposi  opor-se  opor\b  opun  opunet  invänd  motsätt  iebil  tiltakoz
        """
    ),
    "consent_withdrawal": any_of(
        r"""
        withdraw(?:n|al|ing)?\b  revoke  widerruf  retir(?:er|ait)  retirar  revocar  revoca  intrek  wycofa
        cofnięci  retrage
        wycofać  zgodę możesz  no longer agree  återkalla
        widerruflich  révoqu  revoca\w*  revoga  ritirare  retrag  ingetrokken  cofną  odwoła[ćn]  återkall  take back  dra tillbaka  atsauk  visszavon
        """
    ),
    "unsubscribe": any_of(
        r"""
        unsubscri  opt[- ]?out  abbestell  abmeld  désabonn  désinscri  darse de baja  disiscri  afmeld  uitschrijv
        wypisa  rezygn  cancelar (?:a )?subscri  dezabon
        """
    ),
    "complaint": COMPLAIN,
    "opt_out_of_sale": any_of(
        r"""
        opt[- ]?out of (?:the )?(?:sale|sharing)  do not sell  not to sell
        """
    ),
}
RIGHT_MARK: Final = any_of(
    r"""
    kann jederzeit  może\w* \w+  datenschutzrecht  beschwerderecht  widerspruchsrecht  betroffenenrecht  auskunftsrecht  anyone may  users can  rights?\b  you (?:can|may|are able to|are entitled|have)  entitled  recht  können sie  droits?  vous pouvez
    derechos?  puede  diritt  può  kunt u  praw[oa]  direito  pode  drept  puteți  users may  free to
    sie können  you(?:'|’)re entitled  ihnen steh  steht ihnen  stehen ihnen  widerruflich  pourrez  peuvent  podrá  pueden  possono  potete  puoi\b  kunt\b  mag\b  heeft\b  przysługuj  masz\b  możesz  mogą  poderá  você  aveți  rätt\b  rättighet  du kan  kan du  får du
    można\b  kan altijd  kan alltid  du kan  wolno\b  may (?:also )?(?:ask|request)  tiesīb  jums ir  varat\b  var\b  jog(?:a|ai|ok|ában|osult)\b  joga van  kérhet  jogosult
    """
)
FORMATS: Final = re.compile(r"\b(?:CSV|JSON|XML|XLSX?|XLXS|[Ss]preadsheets?|PDF|vCard|iCal|TXT|HTML|ODS|Excel)\b")
EXPORT: Final = any_of(
    r"""
    export  portab  format  download  übertrag  formato?  machine[- ]readable  maschinenlesbar  formaat
    formát  formāt  strukturált  pārnes
    """
)
DIRECT: Final = gated(
    r"""(?i)(?:transfer|transmit|send|sent|port|übermittel|transmi|trasme|trasferi|doorgestuurd|overgedragen|przesł|transmit)\w*[^.]{0,80}(?:direct|another (?:service|controller|provider|company)|other (?:service|controller)|anderen? verantwortlich|autre responsable|otro responsable|altro titolare|andere (?:organisatie|verantwoordelijke)|innemu administrat|outro responsável|alt operator)|direct(?:ly)? (?:transfer|transmit|send|sent)|sent (?:\w+ )?direct""",
    "tran send port über tras door over prze dire",
)
SELF_SERVICE: Final = gated(
    r"""(?i)(?:log(?:ging)? ?in(?:to)?|account settings|my account|your account|your profile|privacy settings|settings page|preferences|dashboard|in ihrem (?:konto|profil)|kontoeinstellung|votre compte|espace (?:client|personnel)|su cuenta|mi cuenta|il tuo account|area personale|uw account|mijn account|swo(?:je|im) kon|sua conta|contul dvs|export.? button|unsubscribe link|link (?:at the bottom|in (?:each|every|any))|abmeldelink|lien de désabonnement)""",
    "log logg acco my your priv sett pref dash kont ihre vot votr espa su mi il tuo uw mijn swoj sua cont expo unsu link abme lien area",
)
REFUSE: Final = re.compile(
    r"(?i)(?:\b(?:may|can|might|will|could)\s+(?:not|refuse|decline|deny|reject|withhold|charge)|refus|declin|unable to (?:comply|meet|fulfil)|ablehn|verweiger|rechaz|rifiut|weiger|odmó|recus|unless doing so|manifestly unfounded|excessive|unverhältnismäßig|manifestement|adversely affect|to the extent that this involves)"
)
ASKS_TO_SEE: Final = any_of(
    r"""
    ask (?:us )?(?:to see|for a copy)  see your (?:own )?(?:records?|data|file|information|details)\b  see what we hold  see what is (?:written|held|kept|recorded)  copy of (?:your|the|his|their) (?:data|information|details)
    right to know  obtain a copy  auskunft  droit d.accès  derecho de acceso  diritto di accesso  inzage
    copy of what  subject access  hold on you  hold about you  einsicht
    """
)
