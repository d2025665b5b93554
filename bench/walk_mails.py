"""What people write in the bench of the walk: questions and requests in seven languages, invented for it."""

from __future__ import annotations

from typing import Final

QUESTION: Final = "How long do you keep my data?"

MIXED: Final = (
    "How long do you keep my data?",
    "Please send me a copy of everything you hold about me.",
    "Wie lange speichern Sie meine Daten?",
    "Bitte löschen Sie alle Daten, die Sie über mich gespeichert haben.",
    "Combien de temps conservez-vous mes données ?",
    "Je souhaite recevoir une copie de mes données personnelles.",
    "¿Durante cuánto tiempo conservan mis datos?",
    "Quiero que corrijan mi apellido, está mal escrito en su sistema.",
    "Per quanto tempo conservate i miei dati?",
    "Vi chiedo di non usare più i miei dati per la pubblicità.",
    "Hoe lang bewaren jullie mijn gegevens?",
    "Stuur mij alstublieft een kopie van mijn gegevens.",
    "Jak długo przechowujecie moje dane?",
    "Proszę o usunięcie mojego konta i wszystkich moich danych.",
    "Hello, the invoice of last month shows the wrong amount. Could somebody call me back?",
    "<p>Hi,</p><p>with whom do you <b>share</b> my address?</p><blockquote>On Monday you wrote: hello</blockquote>",
)
"""Of each language a question and a request, a mail that is neither, and one in HTML."""
