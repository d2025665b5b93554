"""What policies call the matter of processing, in the languages policies are written in.

One block of patterns a concept, two blanks between them.
"""

# A pattern is read as one line a concept; broken up it is read by nobody.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from services.router.core.policy.promises.concept import Concept, any_of, gated

PREFIX_MAX: Final = 4
BREACH: Final = any_of(
    r"""
    breach  data leak  security incident  datenpanne  datenschutzverletzung  verletzung des schutzes
    violation (?:de|des|de vos) données  fuite (?:de|des|de vos) données  violación de (?:la )?seguridad  brecha de seguridad  violazione dei dati
    data breach  datalek  inbreuk  naruszeni  violação de dados  încălcare  incident de securitate
    gets? at the records  (?:lost|stolen) (?:laptop|device)  laptop is lost  unauthori[sz]ed access to your  stolen or lost  lost or stolen  ochrony danych powiadomi
    """
)
NOTIFY: Final = any_of(
    r"""
    notif  inform  tell you  alert  benachrichtig  melde  unterricht  avert  comunic  meld  zawiadom  powiadom
    report  préven  prévien  telephone every  ring every
    tell (?:you|everyone|those)  let you know  powiadomimy  zawiadomimy
    """
)
KEEP: Final = any_of(
    r"""
    retain  retention  ke[ep]p?t?\b  stor(?:e|ed|age|ing)  hold\b  held  archiv  preserv  aufbewahr  speicher
    gespeichert  conserv  bewahr  stock  guarda  almacen  bewaar  bewaren  opgeslagen  przechow  armazen  păstr  stoc  lagra
    glabā  tárol  megőri
    """
)
DELETE: Final = any_of(
    r"""
    delet  eras  shred  wipe  overwrit  remov  destroy  purg  anonymi  dispos  lösch  gelöscht  vernicht  supprim  effac  détrui  elimin
    suprim  borra  cancell  verwijder  gewist  wissen  usun  usuw  apag  exclu[ií]  șter  radera  raderas  dzēs
    töröl  überschr
    """
)
SELL: Final = any_of(
    r"""
    s(?:ell|old)\b  rent\b  verkauf  vend(?:re|ons|u|er|emos)  vendiamo  verkopen  sprzeda  vindem
    """
)
SHARE: Final = any_of(
    r"""
    shar(?:e|ed|ing)\b  disclos  transfer(?:red)? to  pass(?:ed)? on  pass [\w ]{1,40}? (?:on )?to  provided? to  third part  weitergegeb
    weitergeb  weitergabe  weiterleit  g(?:eben|ibt|egeben) (?=[^.]{3,160}\bweiter\b)  übermitt  partag  communiqu  divulg  cession  compart  cede  condivi  comunic  gedeeld  delen
    verstrek  udostępn  przekaz  partilh  divulg  dezvălu
    """
)
NOT: Final = re.compile(
    r"(?i)\b(?:not|never|no|none|no-one|nobody|don[’']t|doesn[’']t|nicht|keine?n?|nie|ne|n[’']|pas|aucune?|no|nunca|non|niet|geen|nie|não|nu)\b"
)
TRANSFER: Final = any_of(
    r"""
    outside (?:of )?the (?:EU\b|EEA\b|european|UK\b|united kingdom)  third countr  international transfer
    standard contractual clauses  drittl[aä]nd  außerhalb der (?:EU\b|europäischen)  pays tiers  hors de l.union
    terceros países  fuera de(?:l espacio| la uni)  paesi terzi  al di fuori dell  derde landen
    buiten de (?:EU|EER|europese)  państw\w* trzeci  poza (?:EOG|UE|europej)  países terceiros  fora d[ao]
    țări terțe  în afara
    außerhalb des (?:EWR|europäischen)  hors de l.(?:union|UE|EEE)  europejski obszar
    """
)
STORED_IN: Final = gated(
    r"""(?i:\b(?:stored|hosted|located|servers?|data ?cent(?:er|re)s?|processed at|folder at|gespeichert|gehostet|rechenzentr\w+|serveurs?|hébergé\w*|hébergeur \w+, situé|alojad\w*|servidores|ospitat\w*|opgeslagen|przechowywane|serwer\w*|găzduit\w*|stocate))\b[^.]{0,60}?\b(?i:in|within|at|auf|en|aux?|à|nel\w*|em|w|în)\s+(?i:the |our |our offices in |der |den )?(?P<place>[A-ZÀ-ÖØ-ÞĄĆĘŁŃŚŹŻĂȘȚŠŽČŘĚŐŰ][\w’'-]+(?:[ ,]+(?:of |and |und |et )?[(]?[A-ZÀ-ÖØ-ÞĄĆĘŁŃŚŹŻĂȘȚŠŽČŘĚŐŰ][\w’'-]+[)]?){0,4})""",
    "fold rech serw stor host loca serv datac cent proc gesp geho hébe aloj ospi opge prze găzd stoc",
)
CHILDREN: Final = any_of(
    r"""
    child  minors?\b  under (?:the age of )?1\d\b  years of age  kinder  minderjährig  enfants?  mineurs?  menores
    minori  kinderen  minderjarig  dzieci  małoletni  crianças  copii  minori
    ab \d\d jahren  ab dem vollendeten  vollendet\w* \d\d  aged \d\d  age of \d\d  over \d\d years  at least \d\d
    plus de \d\d ans  mayores de \d\d  maggiori di \d\d  powyżej \d\d  ukończy\w* \d\d
    poniżej \d\d  unter \d\d  moins de \d\d  jonger dan \d\d  under \d\d\b
    """
)
AGE: Final = re.compile(r"\b(1[0-9]|2[01])\b")
COOKIE: Final = any_of(
    r"""
    cookie  web beacon  clear gif  local storage  pixel  do not track
    """
)
CHANGE: Final = replace(
    gated(
        r"""(?i)(?:chang|updat|amend|modif|revis|änder|aktualisier|modifi|cambi|actualiz|wijzig|aangepast|zmian|aktualiz|alter|atualiz)\w*[^.]{0,80}(?:polic|notice|statement|datenschutz|politique|polític|politic|informativa|verklaring|politykę|polityki|privac)|(?:polic|notice|statement|erklärung|politique|polític|politic|informativa|verklaring|polityk)\w*[^.]{0,80}(?:chang|updat|amend|modif|revis|änder|ajust|cambi|actualiz|wijzig|zmian|alter|atualiz)""",
        "poli noti stat date erkl info verk priv priva polí",
    ),
    others=frozenset(
        [
            "chan",
            "upda",
            "amen",
            "modi",
            "revi",
            "ände",
            "aktu",
            "camb",
            "actu",
            "wijz",
            "aang",
            "zmia",
            "alte",
            "atua",
            "ajus",
        ]
    ),
)
SECURITY: Final = any_of(
    r"""
    encrypt  secur(?:e|ity) (?:measure|server|procedure|technolog|network)  technical and organi[sz]ational
    safeguard  verschlüssel  technische\w* und organisatorische  chiffr  mesures techniques  cifr  medidas técnicas
    misure tecniche  crittograf  versleutel  technische en organisatorische  szyfrow  środki techniczne
    medidas de segurança  măsuri tehnice  firewall  SSL\b
    """
)
COLLECT: Final = any_of(
    r"""
    collect  gather  erheb  erfass  collect  recueill  recog  recopil  raccogl  verzamel  zbiera  gromadz  recolh
    colect  samlar  gyűjt
    """
)
PURPOSE: Final = any_of(
    r"""
    to (?:provide|send|process|improve|respond|contact|deliver|personali|communicate|administer|manage|detect|prevent|comply|analy|develop|market|fulfil|verify)
    purpose  zweck  finalit  finalidad  doel(?:einde)?  cel(?:u|ach|em)\b  scop  afin de
    use (?:your|this|the) (?:personal )?(?:information|data)
    to (?:run|operate|organi[sz]e)\b  um [\wäöüß ]{2,60}? zu \w+en\b
    zur (?:erbringung|erfüllung|durchführung|abwicklung|bearbeitung|verbesserung|wahrung|ermittlung)  um ihnen
    pour (?:vous )?\w{2,12}(?:er|ir|re)\b  para (?:prestar|gestionar|enviar|responder|mejorar|gerir)
    per (?:fornire|gestire|inviare|rispondere|migliorare)  pentru a (?:furniza|gestiona|trimite|răspunde)
    """
)
BASES: Final[Mapping[str, Concept]] = {
    "consent": any_of(
        r"""
        art(?:icle|ikel|\.)?\s?6\s?(?:\(1\)|[,.]?\s?(?:abs\.|absatz|para(?:graph|\.)|par\.|§|al\.|lid|ust\.)?\s?1)[\s,.]{0,2}(?:s\.\s?1\s|satz\s1\s)?(?:lit\.?\s?|buchst(?:abe|\.)\s?|point\s|let(?:t\.|tera)\s?|lett\.\s?)?\(?a\b  consent  einwilligung  consentement  consentimiento  consenso  toestemming  zgod  consentimento
        consimțământ
        """
    ),
    "contract": any_of(
        r"""
        art(?:icle|ikel|\.)?\s?6\s?(?:\(1\)|[,.]?\s?(?:abs\.|absatz|para(?:graph|\.)|par\.|§|al\.|lid|ust\.)?\s?1)[\s,.]{0,2}(?:s\.\s?1\s|satz\s1\s)?(?:lit\.?\s?|buchst(?:abe|\.)\s?|point\s|let(?:t\.|tera)\s?|lett\.\s?)?\(?b\b  contract  vertrag  contrat  contrato  contratto  overeenkomst  umow
        """
    ),
    "legal_obligation": any_of(
        r"""
        art(?:icle|ikel|\.)?\s?6\s?(?:\(1\)|[,.]?\s?(?:abs\.|absatz|para(?:graph|\.)|par\.|§|al\.|lid|ust\.)?\s?1)[\s,.]{0,2}(?:s\.\s?1\s|satz\s1\s)?(?:lit\.?\s?|buchst(?:abe|\.)\s?|point\s|let(?:t\.|tera)\s?|lett\.\s?)?\(?c\b  legal obligation  rechtliche\w* (?:verpflicht|pflicht)  gesetzlich  obligation légale  obligaci[oó]n legal
        obbligo (?:legale|di legge)  wettelijke (?:verplicht|plicht)  obowiąz\w+ prawn  obrigação legal
        obligați\w+ legal
        """
    ),
    "legitimate_interests": any_of(
        r"""
        art(?:icle|ikel|\.)?\s?6\s?(?:\(1\)|[,.]?\s?(?:abs\.|absatz|para(?:graph|\.)|par\.|§|al\.|lid|ust\.)?\s?1)[\s,.]{0,2}(?:s\.\s?1\s|satz\s1\s)?(?:lit\.?\s?|buchst(?:abe|\.)\s?|point\s|let(?:t\.|tera)\s?|lett\.\s?)?\(?f\b  legitimate interest  berechtigte\w* interesse  intérêts? légitimes?  inter[eé]s(?:es)? leg[ií]timo
        legittimo interesse  gerechtvaardigd\w* belang  uzasadnion\w* interes  interesse legítimo
        interes\w* legitim
        """
    ),
    "vital_interests": any_of(
        r"""
        art(?:icle|ikel|\.)?\s?6\s?(?:\(1\)|[,.]?\s?(?:abs\.|absatz|para(?:graph|\.)|par\.|§|al\.|lid|ust\.)?\s?1)[\s,.]{0,2}(?:s\.\s?1\s|satz\s1\s)?(?:lit\.?\s?|buchst(?:abe|\.)\s?|point\s|let(?:t\.|tera)\s?|lett\.\s?)?\(?d\b  vital interest  lebenswichtige
        """
    ),
    "public_task": any_of(
        r"""
        art(?:icle|ikel|\.)?\s?6\s?(?:\(1\)|[,.]?\s?(?:abs\.|absatz|para(?:graph|\.)|par\.|§|al\.|lid|ust\.)?\s?1)[\s,.]{0,2}(?:s\.\s?1\s|satz\s1\s)?(?:lit\.?\s?|buchst(?:abe|\.)\s?|point\s|let(?:t\.|tera)\s?|lett\.\s?)?\(?e\b  public (?:task|interest)  öffentliche\w* interesse  intérêt public
        """
    ),
}
BASIS_MARK: Final = any_of(
    r"""
    exécution d[ue]  avec votre consentement  mit ihrer einwilligung  auf grundlage ihrer einwilligung
    zur erfüllung (?:des|eines|unseres) vertrag
    legal bas[ie]s  lawful bas[ie]s  legal ground  rechtsgrundlage  art\.? ?6
    base (?:légale|legal|jurídica|giuridica)  fondement juridique  rechtsgrond  grondslag  podstaw\w+ prawn
    temei\w* (?:juridic|legal)  based on your consent  with your consent
    """
)
POLICY_WORDS: Final = any_of(
    r"""
    privacy  personal (?:data|information)  data protection  gdpr  ccpa  cookie  third part  datenschutz
    personenbezogen  dsgvo  données (?:à caractère )?personnel  vie privée  confidentialité  rgpd  datos personales
    privacidad  protección de datos  dati personali  trattamento  persoonsgegevens  privacyverklaring  avg\b
    danych osobowych  dane osobowe  prywatno  rodo\b  dados pessoais  date\w* (?:cu caracter )?personal
    confidențialitat  personuppgift  integritet  personas dat  privātum  személyes adat  adatvédel  we collect
    vos données  consentement  ihre daten  einwilligung  sus datos  consentimiento  i tuoi dati  consenso
    uw gegevens  toestemming  consimțământ  consent\b  droits? d.accès  your information  your data  retention
    processor  controller  personoplysning  henkilötie  osobní  лични данни  персональн  προσωπικ
    your details  members. details  personal details  hold about  information commissioner  privacy statement  your name and
    """
)
PROCESSOR: Final = any_of(
    r"""
    processors?\b  auftragsverarbeiter  sous-traitant  encargado del? tratamiento  responsabile del trattamento
    verwerker  podmiot\w* przetwarzaj  subcontratante  persoană împuternicită
    """
)
CONTROLLER: Final = any_of(
    r"""
    data controller  (?:is|as|are) the controller  controller of (?:your )?personal  verantwortlich(?:er|e stelle)
    responsable (?:de|del|du) traitement  responsable del tratamiento  titolare del trattamento
    verwerkingsverantwoordelijke  administrator\w* (?:państwa |twoich )?danych  responsável pelo tratamento
    operator\w* de date
    """
)
NECESSARY: Final = any_of(
    r"""
    as long as  so long as  no longer (?:than )?(?:is )?necess  only for as long  as needed  solange  so lange
    aussi longtemps  durée nécessaire  le temps nécessaire  tiempo necesario  mientras  tempo necessario  zolang
    tak długo  przez okres niezbędny  enquanto  tempo necess[áa]rio  atât timp cât  perioada necesară
    longer than necessary  erforderlich
    """
)
LEGAL_KEEPING: Final = any_of(
    r"""
    tax  accounting  required by (?:the )?(?:applicable )?law  legal(?:ly)? (?:retention|required|obligation)
    gesetzliche\w* aufbewahrung  handelsrecht  steuerrecht  comptab  fiscal  contab  wettelijke bewaar  księgow
    podatkow  contabil
    """
)
RECIPIENT_MARK: Final = any_of(
    r"""
    third.part  partner  service provider  gateway  vendor  processor  dienstleister  prestataire
    operator\w* płatno  firm\w+ (?:kurier|hosting)  representative
    """
)
