"""What policies call purposes and the grounds they stand on, in the languages policies are written in.

One block of patterns a concept, two blanks between them.
"""

# A pattern is read as one line a concept; broken up it is read by nobody.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.router.core.policy.promises.concept import Concept, any_of

PURPOSE: Final = any_of(
    r"""
    to (?:provide|send|process|improve|respond|contact|deliver|personali|communicate|administer|manage|detect|prevent|comply|analy|develop|market|fulfil|verify)
    purpose  zweck  finalit  finalidad  doel(?:einde)?  cel(?:u|ach|em)\b  scop  afin de
    use (?:your|this|the) (?:personal )?(?:information|data)
    to (?:run|operate|organi[sz]e)\b  um [\wäöüß ]{2,60}? zu \w+en\b
    zur (?:erbringung|erfüllung|durchführung|abwicklung|bearbeitung|verbesserung|wahrung|ermittlung)  um ihnen
    pour (?:vous )?\w{2,12}(?:er|ir|re)\b  para (?:prestar|gestionar|enviar|responder|mejorar|gerir)
    per (?:fornire|gestire|inviare|rispondere|migliorare)  pentru a (?:furniza|gestiona|trimite|răspunde)
    to (?:notify|teach|ship|bill|carry out|satisfy)\b  for the (?:purpose|provision|performance|administration)  zwecks  zur \w+(?:ung|ion)\b  con el fin de  con la finalidad  al fine di  fim de\b  om (?:[\w-]+ ){0,5}te \w+en\b  celu\b  aby\b  för att \w+  ändamål  céljá  célból  érdekében  teljesítése  lai \w+  nolūk  mērķ  în scopul  servent à  destin(?:ées?|am-se|ados|ate)
    per (?:la |il |l.)?\w+(?:zione|mento|re)\b  para (?:o |a )?\w+(?:ar|er|ir|ção)\b  voor (?:het|de) \w+en van
    """
)
BASES: Final[Mapping[str, Concept]] = {
    "consent": any_of(
        r"""
        art(?:icle|ikel|\.)?\s?6\s?(?:\(1\)|[,.]?\s?(?:abs\.|absatz|para(?:graph|\.)|par\.|§|al\.|lid|ust\.)?\s?1)[\s,.]{0,2}(?:s\.\s?1\s|satz\s1\s)?(?:lit\.?\s?|buchst(?:abe|\.)\s?|point\s|let(?:t\.|tera)\s?|lett\.\s?)?\(?a\b  consent  einwilligung  consentement  consentimiento  consenso  toestemming  zgod  consentimento
        consimțământ
        samtycke  piekriš  hozzájárul  einwillig  si vous l.avez accepté  consensi  zgoda\b  zgody\b
        """
    ),
    "contract": any_of(
        r"""
        art(?:icle|ikel|\.)?\s?6\s?(?:\(1\)|[,.]?\s?(?:abs\.|absatz|para(?:graph|\.)|par\.|§|al\.|lid|ust\.)?\s?1)[\s,.]{0,2}(?:s\.\s?1\s|satz\s1\s)?(?:lit\.?\s?|buchst(?:abe|\.)\s?|point\s|let(?:t\.|tera)\s?|lett\.\s?)?\(?b\b  contract  vertrag  contrat  contrato  contratto  overeenkomst  umow
        avtal  līgum  szerződés  contractual  behandelovereenkomst  kontrak
        """
    ),
    "legal_obligation": any_of(
        r"""
        art(?:icle|ikel|\.)?\s?6\s?(?:\(1\)|[,.]?\s?(?:abs\.|absatz|para(?:graph|\.)|par\.|§|al\.|lid|ust\.)?\s?1)[\s,.]{0,2}(?:s\.\s?1\s|satz\s1\s)?(?:lit\.?\s?|buchst(?:abe|\.)\s?|point\s|let(?:t\.|tera)\s?|lett\.\s?)?\(?c\b  legal obligation  rechtliche\w* (?:verpflicht|pflicht)  gesetzlich  obligation légale  obligaci[oó]n legal
        obbligo (?:legale|di legge)  wettelijke (?:verplicht|plicht)  obowiąz\w+ prawn  obrigação legal
        obligați\w+ legal
        law (?:obliges|requires)  obliges? us  obliged by law  legally (?:obliged|required)  statutory (?:duty|obligation|retention)  legal (?:duty|requirement)  gesetzliche\w* (?:pflicht|verpflicht)  obligations légales  obligaciones legales  obblighi (?:di legge|legali|fiscali)  obrigações (?:legais|fiscais)  rättslig\w* förplikt  juridisk\w* pienāk  likum\w* pienāk  jogi kötelez  obligatia legala
        wettelijke taak  wymóg prawn  przepis\w+ prawa  lit\.? c\b
        """
    ),
    "legitimate_interests": any_of(
        r"""
        art(?:icle|ikel|\.)?\s?6\s?(?:\(1\)|[,.]?\s?(?:abs\.|absatz|para(?:graph|\.)|par\.|§|al\.|lid|ust\.)?\s?1)[\s,.]{0,2}(?:s\.\s?1\s|satz\s1\s)?(?:lit\.?\s?|buchst(?:abe|\.)\s?|point\s|let(?:t\.|tera)\s?|lett\.\s?)?\(?f\b  legitimate interest  berechtigte\w* interesse  intérêts? légitimes?  inter[eé]s(?:es)? leg[ií]timo
        legittimo interesse  gerechtvaardigd\w* belang  uzasadnion\w* interes  interesse legítimo
        interes\w* legitim
        berechtigt\w* interess  berättiga\w* intresse  leģitīm  jogos érdek  interessi legittimi  interesses legítimos  intereses legítimos  prawnie uzasadnion
        """
    ),
    "vital_interests": any_of(
        r"""
        art(?:icle|ikel|\.)?\s?6\s?(?:\(1\)|[,.]?\s?(?:abs\.|absatz|para(?:graph|\.)|par\.|§|al\.|lid|ust\.)?\s?1)[\s,.]{0,2}(?:s\.\s?1\s|satz\s1\s)?(?:lit\.?\s?|buchst(?:abe|\.)\s?|point\s|let(?:t\.|tera)\s?|lett\.\s?)?\(?d\b  vital interest  lebenswichtige
        intérêts? vita  interes\w+ vital  interessi vitali  vitale belang  żywotn  interesses vitais  vitala intresse  létfontosságú
        """
    ),
    "public_task": any_of(
        r"""
        art(?:icle|ikel|\.)?\s?6\s?(?:\(1\)|[,.]?\s?(?:abs\.|absatz|para(?:graph|\.)|par\.|§|al\.|lid|ust\.)?\s?1)[\s,.]{0,2}(?:s\.\s?1\s|satz\s1\s)?(?:lit\.?\s?|buchst(?:abe|\.)\s?|point\s|let(?:t\.|tera)\s?|lett\.\s?)?\(?e\b  public (?:task|interest)  öffentliche\w* interesse  intérêt public
        task carried out in the public  public interest  official authority  taak van algemeen belang  algemeen belang  interés público  interesse pubblico  interesu? publiczn  mission d.intérêt public  interesse público  allmänt intresse  közérdek  sabiedrības interes  interes public  öffentliche\w* (?:gewalt|aufgabe)
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
    performance of (?:a|the|our|your|this) contract  necessary (?:for|to) (?:the )?(?:perform|comply)  law oblig  obliged by law  rely on  reliance on  on the basis of  based on (?:your |our |a )?(?:consent|legitimate|contract)  that(?:'|’)s a contract  under art(?:icle|\.)? ?[69]  art\. 9  article 6  grundlage  rechtsgrund  nur mit einwilligung  art\. 6  basis of
    exécution du  obligation légale  intérêt légitime  intérêts légitimes  consentement  si vous l.avez accepté  basi? giuridic  previo consenso  esecuzione (?:di|del|dei)  obbligo (?:di legge|legale)  interesse legittimo  legittimo interesse  legitimaci[oó]n  ejecuci[oó]n d  basad[oa]s? en  misi[oó]n (?:realizada )?(?:de|en) inter[eé]s  obligaci\w+ legal  uitvoer\w*\b[^.]{0,40}overeenkomst  overeenkomst uit te voeren  wettelijke (?:plicht|verplichting)  taak van algemeen
    na podstawie  wykonani\w+ umowy  art\. 6 ust  zgod[ay]\b  execuç(?:ão) d  obrigaç\w+ (?:legal|legais|fiscais)  consentimento  temei  executarea  obligați\w+ legal  consimțământ  rättslig grund  rättslig förpliktelse  fullgör  samtycke  berättigat intresse  tiesisk\w+ pamat  juridisk\w* pienāk  līguma izpild  piekrišan  leģitīm  jogalap  szerződés teljesítés  jogos érdek  hozzájárulás
    """
)
