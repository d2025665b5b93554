"""What policies call the matter of processing, in the languages policies are written in.

One block of patterns a concept, two blanks between them.
"""

# A pattern is read as one line a concept; broken up it is read by nobody.
# ruff: noqa: E501

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from services.router.core.policy.promises.concept import Particle, any_of, gated

PREFIX_MAX: Final = 4
BREACH: Final = any_of(
    r"""
    breach  data leak  security incident  datenpanne  datenschutzverletzung  verletzung des schutzes
    violation (?:de|des|de vos) données  fuite (?:de|des|de vos) données  violación de (?:la )?seguridad  brecha de seguridad  violazione dei dati
    data breach  datalek  inbreuk  naruszeni  violação de dados  încălcare  incident de securitate
    gets? at the records  (?:lost|stolen) (?:laptop|device)  laptop is lost  unauthori[sz]ed access to your  stolen or lost  lost or stolen  ochrony danych powiadomi
    security breach  lost or disclosed  disclosed by mistake  unauthori[sz]ed (?:disclosure|access)  schutzverletzung  datenleck  violation des données  brechas? de  violaci[oó]n(?:es)? de  vulneraciones  violazion[ei] d  inbreuken  wyciek  incydent  incidente de segurança  violaç(?:ão|ões) de  scurger
    personuppgiftsincident  dataintrång  pārkāpum  noplūd  adatvédelmi incidens  adatsértés
    """
)
NOTIFY: Final = any_of(
    r"""
    notif  inform  tell you  alert  benachrichtig  melde  unterricht  avert  comunic  meld  zawiadom  powiadom
    report  préven  prévien  telephone every  ring every
    tell (?:you|everyone|those)  let you know  powiadomimy  zawiadomimy
    told\b  let (?:\w+ ){1,3}know  signal(?:er|ons)  avis(?:a|e)  notifica  informer  gemeld  melden  zgłos  zgłasz  poinform  anunț  anmäl  underrätt  meddela  informera  paziņo  informē  bejelent  értesít  tájékoztat
    """
)
KEEP: Final = any_of(
    r"""
    retain  retention  ke[ep]p?t?\b  stor(?:e|ed|age|ing)  hold\b  held  archiv  preserv  aufbewahr  speicher
    gespeichert  conserv  bewahr  stock  guarda  almacen  bewaar  bewaren  opgeslagen  przechow  armazen  păstr  stoc  lagra
    glabā  tárol  megőri
    stays? (?:with us|on (?:our|the|file|record)|in (?:our|the|place))  remains? (?:with us|on (?:our|the|file|record)|in (?:our|the)|stored|available|archiv)  hangs? around  sticks? around  stays? up until  permanec  hang on to  sits? (?:in|on) (?:our|the|a)  lives? (?:in|on|with) (?:our|the|a|us)  maintain(?:ed)? (?:account|for|your|the|records)  life of your account  stay on (?:it|the list)
    hebt?\b[^.]{1,80}\bauf\b  heben\b[^.]{1,80}\bauf\b  aufgehoben  aufbewahr  aufzubewahr  bewahr  verwahr  vorgehalten  vorhalt  verbleib  bleib\w+[^.]{1,60}(?:gespeichert|erhalten|bei uns|archiviert)  gard(?:ons|ée?s?|er)\b  rest\w+ (?:archiv|en ligne|dans (?:nos|notre)|enregistr)  détenu  custodi  mantenut  mantenia  memorizzat  tenut[ie]\b  trattenut
    mantend  mantien  mantenemos  guard(?:an|a|ar|amos|ado)  retien  retendr  mantid  mantemos  mantém  retid  guardad  blijf\w*[^.]{1,60}(?:bewaard|staan|opgeslagen)  bewaard  vasthouden  trzyma  zachow  gromadz\w* przez  arhiv  rețin  reținut  menți
    uzglabā  saglabā  arhivē  spara[rs]?\b  behåll  bevara  arkiv  őriz  őrzi  megőrz  megtart
    """
)
DELETE: Final = any_of(
    r"""
    delet  eras  shred  wipe  overwrit  remov  destroy  purg  anonymi  dispos  lösch  gelöscht  vernicht  supprim  effac  détrui  elimin
    suprim  borra  cancell  verwijder  gewist  wissen  usun  usuw  apag  exclu[ií]  șter  radera  raderas  dzēs
    töröl  überschr
    gets? rid of  got rid of  throw\w*\b[^.]{0,30}\b(?:away|out)  clear(?:ed)? out  roll(?:s|ed)? off  recorded over  scrap(?:ped)?\b  binn?ed\b  ages? out\b  aged out  getilgt  tilgen  entfern  rimoss  rimuov  distrutt  distrugg  destruy  destruir  gooi\w*\b[^.]{1,80}\bweg\b  weggegooid  vernietig  opgeschoond  kasuj  kasow  skasow  zniszcz  niszcz
    destru[ií]  descartad  șters  distru  anonimiz  raderar  ta(?:r|s)? (?:vi )?bort\b  tas bort  gallra  förstör  izdzēs  dzēš  iznīcin  törl  megsemmisít  supprim  purgé  wygasa  expir
    """
)
SELL: Final = any_of(
    r"""
    sell\b  sold\b  rent\b  verkauf  vend(?:re|ons|u|er|emos)  vendiamo  verkopen  sprzeda  vindem
    sells\b  selling\b  rents\b  flog(?:ging)?\b  verkauf\w*  vendu  vendue  lou(?:ées?|és?|er)\b  monnay  vendi  vende[rmn]?  vendid  verkocht  verkoop  sprzeda  odsprzeda  vinde  vând  vânz  sälj  pārdo  nepārdo  elad  értékesít
    """
)
SHARE: Final = any_of(
    r"""
    shar(?:e|ed|ing)\b  disclos  transfer(?:red)? to  pass(?:ed)? on  pass [\w ]{1,40}? (?:on )?to  provided? to  third part  weitergegeb
    weitergeb  weitergabe  weiterleit  g(?:eben|ibt|egeben) (?=[^.]{3,160}\bweiter\b)  übermitt  partag  communiqu  divulg  cession  compart  cede  condivi  comunic  gedeeld  delen
    verstrek  udostępn  przekaz  partilh  divulg  dezvălu
    disclosure  übermittl  überlass  mitgeteilt  weiter an  transmis(?:es?|s)?\b  transmet  communiqué  cédées?  cédés?  accès  trasmess  trasmett  cedut  ceduti  condivid  comunicar  comunicad  cederán  cedemos  cesión  cesiones  facilita(?:r|mos|n)\b  compartim  delen\b  deelt  gedeeld  doorgegeven  doorgeven  verstrekk
    powierz  przekazujemy  przekazane  ujawni  compartilh  partilha  transmit  divulga  transmitem  comunicăm  partaj  dezvălui  nodo(?:t|ti|d|dam|sim)  izpau  sniegt\w*[^.]{0,20}(?:dat|trešaj)  lämna\w* (?:vi )?ut  dela[rs]?\b  delas med  utlämn  átad  továbbít  megoszt  kiad
    """
)
NOT: Final = Particle(
    re.compile(
        r"(?i)\b(?:not|never|no|none|no-one|nobody|nicht|keine?n?|nie|ne|n[’']|pas|aucune?|no|nunca|jamais|mai|non|nessun\w*|ningun\w*|né|ni|nor|neither|nothing|nichts|rien|niets|nada|nulla|niente|nic|semmi|inget|nooit|niet|geen|nie|nigdy|żadn\w+|não|nenhum\w*|nu|niciodată|inte|aldrig|ingen|inga|nem|soha|sem|(?:don|won|isn|aren|can|doesn|couldn|wouldn|shouldn|hasn|haven|didn|wasn|weren|mustn)[’']t|cannot|niemals|ne(?:tiek|tiks|tiktu|pārdod|nodod|nodo|izpau|sniedz|glabā|nosūt|izmanto|vāc|apstrādā|atrodas)\w*)\b"
    ),
    frozenset(
        [
            "not",
            "never",
            "no",
            "none",
            "nobody",
            "don",
            "won",
            "isn",
            "aren",
            "can",
            "doesn",
            "couldn",
            "wouldn",
            "shouldn",
            "hasn",
            "haven",
            "didn",
            "wasn",
            "weren",
            "mustn",
            "cannot",
            "neither",
            "nor",
            "nicht",
            "kein",
            "keine",
            "keinen",
            "niemals",
            "nie",
            "ne",
            "n",
            "pas",
            "aucun",
            "aucune",
            "nunca",
            "jamais",
            *["nothing", "nichts", "rien", "niets", "nada", "nulla", "niente", "nic", "semmi", "inget"],
            "mai",
            "non",
            "né",
            "ni",
            "nooit",
            "niet",
            "geen",
            "nigdy",
            "não",
            "nu",
            "niciodată",
            "inte",
            "aldrig",
            "ingen",
            "inga",
            "nem",
            "soha",
            "sem",
        ]
    ),
    frozenset(
        [
            "nessun",
            "ningun",
            "żadn",
            "nenhum",
            "netiek",
            "netikt",
            "netiks",
            "nepārd",
            "nenodo",
            "neizpa",
            "neizma",
            "nesnie",
            "neglab",
            "nenosū",
            "nevāc",
            "neapst",
            "neatro",
        ]
    ),
)
TRANSFER: Final = any_of(
    r"""
    outside (?:of )?the (?:EU\b|EEA\b|european|UK\b|united kingdom)  third countr  international transfer
    standard contractual clauses  drittl[aä]nd  außerhalb der (?:EU\b|europäischen)  pays tiers  hors de l.union
    terceros países  fuera de(?:l espacio| la uni)  paesi terzi  al di fuori dell  derde landen
    buiten de (?:EU|EER|europese)  państw\w* trzeci  poza (?:EOG|UE|europej)  países terceiros  fora d[ao]
    țări terțe  în afara
    außerhalb des (?:EWR|europäischen)  hors de l.(?:union|UE|EEE)  europejski obszar
    außerhalb (?:der|des) (?:EU|EWR|schweiz)  outside the uk  leaves? (?:the )?(?:EU|EEA|UK|europe)\b  sort de l.(?:union|UE)  verl(?:assen|ässt) (?:die|den) (?:EU|EWR|europ)  länder utanför  länder außerhalb  transferts? (?:hors|en dehors|international)  en dehors de l  fuera de la ue  fuera de la ee  fuera del eee  transferencias internacionales  extra-?ue\b  fuori dall  standardvertragsklausel  clauses contractuelles  cláusulas contratuais  cláusulas contractuales  clausole contrattuali  modelcontract  standaardcontract
    standardow\w+ klauzul  clauze(?:le)? contractuale  privacy framework  transferências? (?:para fora|internaciona)  para fora d  spațiului economic  utanför (?:EU|EES)  tredjel[aä]nd  ārpus (?:eiropas|ES\b|EEZ)  trešaj\w+ valst  harmadik ország  EGT-n  outside (?:europe|switzerland)  European Commission.s standard
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
    under (?:the age of )?(?:twelve|thirteen|sixteen|eighteen)  sub \d\d (?:de )?ani  minor(?:i|ii|ilor)?\b  minori di \d\d  menores de \d\d  kiskorú  éven aluli  év alatti  nepilngad  jaunāk\w* par \d\d  barn\b  nieletni  jünger als \d\d
    """
)
AGE: Final = re.compile(
    r"\b(1[0-9]|2[01])\b(?!\s*[-’']?\s*(?:hours?|(?:full |calendar |business |working )?days?|weeks?|months?|minutes?|%|stunden|tag|woche|monat|jours|semaines|mois|giorni|settiman|mesi|días|semanas|meses|dagen|weken|maanden|dni|tygod|miesi|dias|zile|săpt|luni|dagar|veckor|månad|dien|nedēļ|mēne|nap|hét|hónap|cookie))",
    re.IGNORECASE,
)
COOKIE: Final = any_of(
    r"""
    cookie  web beacon  clear gif  local storage  pixel  do not track
    traceur  ciastecz  kakor  sīkdat  sīkfail  süti  galleta  testigo
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
    TLS\b  two-factor  hashed  salted  zwei-?faktor  tweestaps  beveilig  krypter  šifrē  titkosít  criptat  criptograf  salvaguard  locked cabinet
    """
)
COLLECT: Final = any_of(
    r"""
    collect  gather  erheb  erfass  collect  recueill  recog  recopil  raccogl  verzamel  zbiera  gromadz  recolh
    colect  samlar  gyűjt
    we (?:also )?(?:hold|record|obtain)\b  legg\w*\b[^.]{1,120}\bvast\b  leggen  tratti?amo  vengono (?:raccolti|trattati)  recab  tratamos  coleta  recolhid  prelucrăm  zbieramy  apstrādāj  vācam  ievāc  samlas  behandlar vi  kezeljük  kezelt  speichern  erfragen  demandons  enregistr  armazenamos  guardamos  stocké  trattat  aufgezeichnet  asks?\b[^.]{0,20}\bfor your
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
    adatkezel  personuppgifter  datu aizsardz  apstrād
    """
)
PROCESSOR: Final = any_of(
    r"""
    processors?\b  auftragsverarbeiter  sous-traitant  encargado del? tratamiento  responsabile del trattamento
    verwerker  podmiot\w* przetwarzaj  subcontratante  persoană împuternicită
    subprocessor  personuppgiftsbiträde  apstrādātāj  adatfeldolgozó  operador
    """
)
CONTROLLER: Final = any_of(
    r"""
    controller(?<=data controller)  controllers(?<=data controllers)  controller of (?:your )?personal  verantwortlich(?:er|e stelle)
    responsable (?:de|del|du) traitement  responsable del tratamiento  titolare del trattamento
    verwerkingsverantwoordelijke  administrator\w* (?:państwa |twoich )?danych  responsável pelo tratamento
    operator\w* de date
    controller(?<=is controller)  controller(?<=as controller)  controller(?<=is a controller)  controller(?<=as a controller)  controller(?<=the controller)(?! to)  controllers(?<=joint controllers)  responsible(?<!not responsible) for (?:the |your )?(?:personal )?(?:information|data|processing)  ansvarar för  jako administrator  quien trata  verantwortlich für d  decide (?:how|why)  determin\w+ (?:the )?(?:purposes?|why)  verantwortlich im sinn  verantwortliche\b  détermine les finalités  responsable\s*:  responsable del? trat  verantwoordelijk voor (?:de|het)\b[^.]{0,20}verwerk  verwerkingsverantwoordelijk  administrator\w* (?:pani\S* |pana\S* |państwa |twoich |pana/pani |pani/pana )?(?:danych|jest)
    controlador\b(?! de)  entidade responsável  operatorul  operator de date  pārzin  personuppgiftsansvarig  adatkezelő\b
    """
)
NECESSARY: Final = any_of(
    r"""
    as long as  so long as  no longer (?:than )?(?:is )?necess  only for as long  as needed  solange  so lange
    aussi longtemps  durée nécessaire  le temps nécessaire  tiempo necesario  mientras  tempo necessario  zolang
    tak długo  przez okres niezbędny  enquanto  tempo necess[áa]rio  atât timp cât  perioada necesară
    longer than necessary  erforderlich
    zweck\b[^.]{0,40}(?:entfällt|erreicht|wegfällt)  finalité\b[^.]{0,30}atteinte  necesarios? para  necessari[oa]? per  nödvändig  så länge  nepieciešam  ameddig  szükséges  niezbędn  archiefwet  langer dan
    """
)
LEGAL_KEEPING: Final = any_of(
    r"""
    tax  accounting  required by (?:the )?(?:applicable )?law  legal(?:ly)? (?:retention|required|obligation)
    gesetzliche\w* aufbewahrung  handelsrecht  steuerrecht  comptab  fiscal  contab  wettelijke bewaar  księgow
    podatkow  contabil
    archiefwet  bokföringslag  számvitel  grāmatved  período (?:previsto|exigido)  periodo (?:previsto|richiesto)  obliges us to keep  required to (?:keep|retain)\b[^.]{0,60}\b(?:for|until)\b  oblige[sd]? (?:us )?by law  skatt  adó(?:jog|ügy)
    """
)
RECIPIENT_MARK: Final = any_of(
    r"""
    third.part  partner  service provider  gateway  vendor  processor  dienstleister  prestataire
    operator\w* płatno  firm\w+ (?:kurier|hosting)  representative
    host(?:ed|ing|en)\b  gehostet  hébergé  hébergement  hostinge?  ospitat
    """
)
