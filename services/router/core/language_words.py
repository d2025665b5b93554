"""Small words that give a language away in a short text, and the words people write to privacy inboxes.

A statistical model needs some fifty letters before it can be trusted; "pls remove my account" has nineteen. The words
here vote. A word may stand in several languages: its vote is then shared among them.
"""

from __future__ import annotations

from typing import Final

VOTING_WORDS: Final[dict[str, str]] = {
    "en": "the and you your my me i is are of to for not please pls plz remove delete account data have what "
    "want from how do does it this that with unsubscribe stop emails email information can could would am "
    "no we ur u dont don't been was will on about all any who off why info mailing thanks hello hi sent "
    "did",
    "de": "der die das und ich sie ihr ihre mein meine meinen meiner nicht bitte löschen loeschen konto daten "
    "ist von zu für wie mir mich haben habe sind auf abmelden möchte moechte was über mit aus keine wer "
    "wo sehr geehrte hallo auskunft dem den des ein eine alle wollen will werden wurde",
    "fr": "le la les et je vous votre vos mon ma mes ne pas veuillez supprimer compte données donnees est de "
    "des pour comment moi que qui avez désinscrire sur une un bonjour merci svp du dans quelles toutes "
    "avec être voudrais nous j'ai c'est l'accès effacer au aux ce cette suis",
    "es": "el la los las y yo usted su sus mi mis no por favor borrar eliminar cuenta datos es de para cómo "
    "como que tienen quiero sobre una un hola gracias del en todos con quisiera solicito dar baja me mí "
    "nos está son cuál qué eliminen borren correo ustedes dejen mandarme correos porque cuando donde solo "
    "pero ya saludos atentamente",
    "it": "il lo la gli e io voi vostro mio mia miei mie non per favore cancellare account dati è di come che "
    "avete voglio una un ciao salve grazie del della dei in tutti con vorrei chiedo eliminare cancellate "
    "cosa sono nel alla questo mi vi quali buongiorno dal dalla cancellatemi togliete vostri smettetela "
    "mandate mandatemi perché quando dove solo ma già saluti",
    "nl": "de het een en ik u uw jullie mijn niet graag verwijderen verwijder account gegevens is van voor hoe "
    "mij wil hebben heeft over uit geen wie hallo dank wat zijn op met alle alstublieft aub afmelden kunt "
    "kan jou je wij te dat deze alles stop mailen waarom wanneer waar alleen maar al groet bedankt kunnen",
    "pl": "i ja państwo moje mojego moich nie proszę prosze usunąć usunac konto dane danych jest z do dla jak "
    "mi mnie chcę chce o są wszystkie dzień dobry na się czy co jakie w oraz moim przez mam usuńcie "
    "usuncie mój moją jestem zgodę zgode wysyłać wysylac przestańcie przestancie macie chciałbym "
    "chciałabym dlaczego kiedy gdzie ale już tylko wszystko konta państwa lub",
    "pt": "o a os as e eu você vocês vossa meu minha meus minhas não nao por favor apagar excluir eliminar "
    "conta dados é de para como que têm quero sobre uma um olá obrigado obrigada do da dos em todos com "
    "gostaria solicito quais no na estou são apaguem excluam voces vcs vosso parem mandar porque quando "
    "onde só mas já cumprimentos",
    "ro": "și si eu dumneavoastră meu mea mele nu vă va rog ștergeți stergeti cont contul date datele este de "
    "pentru cum să sa aveți aveti vreau despre o un bună buna mulțumesc ale din toate cu doresc ce la "
    "care îmi imi ziua sunt vreți nu-mi trimiteti mailuri când unde doar dar deja am ați prin multumesc "
    "stimă",
    "lv": "un es jūs jūsu mans mana manu manus manas nav lūdzu ludzu dzēst dzest konts kontu dati datus ir no "
    "par kā ka man vēlos velos labdien paldies visus ar kādus vai uz kas jums izdzēsiet izdzesiet dzēsiet "
    "visu gribu nevēlos beidziet sūtīt sutit esmu neesmu kāpēc kad kur tikai bet jau mani cieņu kadi kādi",
    "sv": "och jag ni er ert mitt min mina inte snälla radera ta bort konto uppgifter är av för hur mig vill "
    "har om en ett hej tack det att alla med på vilka som från till kan allt personuppgifter när var "
    "varför bara men redan vänliga hälsningar era begär mejla sluta",
    "da": "og jeg i jer jeres min mit mine ikke venligst slet slette konto oplysninger er af for hvordan mig "
    "vil har om en et hej tak det at alle med på hvilke som fra til kan ønsker slettet alt "
    "personoplysninger gerne hvornår hvor hvorfor kun men allerede venlig hilsen anmoder sende mails",
    "no": "og jeg dere deres min mitt mine ikke vennligst slett slette konto opplysninger er av for hvordan meg "
    "vil har om en et hei takk det å alle med på hvilke som fra til kan ønsker slettet kontoen alt "
    "opplysningene personopplysninger slutt sende e-post ber når hvor hvorfor bare men allerede vennlig "
    "hilsen etternavnet protesterer",
    "fi": "ja minä te teidän minun ei eikä poistakaa poista tili tilini tiedot tietoni on miten minua haluan "
    "hei kiitos kaikki että mitä pyydän olen henkilötietoni voitteko poistaa poistatte tietoja "
    "henkilötiedot minusta teillä lopettakaa lähettäminen sähköposti sähköpostien milloin missä miksi "
    "vain mutta jo terveisin vastustan en ole",
    "cs": "a já vy vaše můj moje mé mých mého ne prosím smazat smažte účet údaje údajů je z o jak mi mě mne "
    "chci dobrý den děkuji všechny na se že které jaké žádám jsem od do v pro smazte prosim udaje účtu "
    "nechci přestaňte posílat vašeho vás jste mám můžete chtěl chtěla bych jsou není všechno máte zrušit "
    "moji mou svůj svých nebo už ale kde kdy kdo jako tímto odhlásit",
    "sk": "a ja vy vaše môj moje mojich nie prosím vymazať vymažte účet údaje údajov je z o ako mi ma chcem "
    "dobrý deň ďakujem všetky na sa že ktoré aké žiadam som od do pre vymazte sme máte mám prestaňte "
    "posielať nechcem všetko kde kedy prečo len ale už sú alebo vás vám osobných",
    "sl": "in jaz vi vaši moj moje mojih ne prosim izbrišite izbrisati račun podatke podatkov je iz o kako mi "
    "me želim pozdravljeni hvala vse na se da katere zahtevam sem od za imate naj rad bi ni nisem kdaj "
    "kje zakaj samo ampak že lahko vaše poslati nehajte pošiljati pošto lep pozdrav ki kaj kateri",
    "hr": "i ja vi vaši moj moje mojih ne molim molimo izbrišite obrišite izbrisati račun podatke podataka je "
    "iz o kako mi me želim poštovani hvala sve na se da koje zahtijevam sam od za tražim jesu li "
    "prestanite slati mailove šaljite zelim imate vas vam moja mojim svoje nemojte kada gdje zašto samo "
    "ali više svi računa obrisati obrisite brisanje ovime što sto koji ste nije bih",
    "hu": "és én ön önök önöknek az a nem kérem kérek törölje töröljék törlését fiókom fiókomat adataim "
    "adataimat adatok van hogyan nekem szeretném jó napot köszönöm minden hogy milyen rólam egy ki meg "
    "kerem toroljek adatokat fiokomat rolam szeretnem vagyok mikor hol miért csak de már mindet összes "
    "osszes kuldjenek küldjenek levelet több tobb üdvözlettel tisztelt udv",
    "el": "και εγώ εσείς σας μου το τη την τα δεν παρακαλώ διαγράψτε διαγραφή λογαριασμό δεδομένα είναι από για "
    "πώς θέλω καλησπέρα καλημέρα ευχαριστώ όλα να που με στο θελω διαγραψετε λογαριασμο δεδομενα εχετε "
    "μενα ολα σταματηστε στελνετε γεια παρακαλω ποια ποιος πότε γιατί μόνο αλλά ήδη είμαι",
    "tr": "ve ben siz sizin benim bir bu için lütfen lutfen silin silmek silinmesini hesabımı hesabimi "
    "verilerimi bilgilerimi nasıl nasil istiyorum merhaba teşekkürler tesekkurler tüm hakkımda değil mi "
    "ile var ne siler misiniz hakkimda bilgiler hepsi gormek görmek bana mail atmayi birakin bırakın "
    "hangi nerede neden sadece ama artık ediyorum talep sayın saygılarımla silmenizi",
    "bg": "и аз вие вашите моите моят ми не моля изтрийте изтриване профила акаунта данни са от за как ме искам "
    "здравейте благодаря всички на се че които да всичките какви имате мен спрете пращате имейли кога "
    "къде защо само но вече сте съм лични профил",
    "lt": "prašau prasau ištrinti istrinti mano paskyrą paskyra duomenis duomenys visus ir jūs jus kokius "
    "turite apie mane noriu nenoriu kad yra nustokite siųsti siusti man laiškus laiskus kaip kada kur "
    "kodėl tik bet jau ačiū aciu laba diena sveiki su pagarba nesutinku",
    "et": "palun kustutage minu konto andmed andmeid kõik ja teil mul mulle mind kohta soovin tahan ei ole on "
    "mis milliseid lõpetage saatmine kuidas millal kus miks ainult aga juba tere aitäh tänan "
    "lugupidamisega teie teid olen kas et",
    "uk": "будь ласка видаліть мій моя мої обліковий запис дані всі які про мене ви маєте хочу отримати копію "
    "припиніть надсилати мені листи як коли де чому тільки але вже дякую добрий день не є та і що це ваш",
    "ru": "пожалуйста удалите мой моя мои аккаунт данные все какие обо мне у вас есть хочу получить копию "
    "хватит слать письма отпишите меня как когда где почему только но уже спасибо здравствуйте не и что "
    "это ваш прошу",
}
