"""What mail programs write above a quotation is known in any language; what a person writes is not taken for it."""

from __future__ import annotations

import pytest

from services.router.core.reading.stripping import strip

OWN = "Please delete my data."
OLD = "Please send me a copy of everything."


@pytest.mark.parametrize(
    "above",
    [
        "On Fri, 20 Nov 2026 at 10:00, Support <s@example.com> wrote:",
        "在 2026年11月20日，Support <s@example.com> 写道：",
        "Support <s@example.com> 于2026年11月20日周五 10:00写道：",
        "2026年11月20日(金) 10:00 Support <s@example.com>:",
        "pt., 20 lis 2026 o 10:00 Support <s@example.com> napisał(a):",
        "пт, 20 нояб. 2026 г. в 10:00, Support <s@example.com>:",
        "20.11.2026 10:00, Support пишет:",
        "pe 20. marrask. 2026 klo 10.00 Support (s@example.com) kirjoitti:",
        "fre. 20. nov. 2026 kl. 10:00 skrev Support <s@example.com>:",
        "Support <s@example.com> escreveu (sexta, 20/11/2026 à(s) 10:00):",
        "pá 20. 11. 2026 v 10:00 odesílatel Support <s@example.com> napsal:",
        "пт, 20 лист. 2026 р. о 10:00 Support <s@example.com> пише:",
        "2026년 11월 20일 (금) 오전 10:00, Support <s@example.com>님이 작성:",
        "On Friday, 20 November 2026 at 10:00, The Support Team of Example\n<support@example.com> wrote:",
    ],
)
def test_what_stands_below_an_attribution_is_old(above: str) -> None:
    kept, set_aside = strip(f"{OWN}\n\n{above}\n\n{OLD}\n")
    assert (set_aside, OWN in kept, OLD in kept) == (True, True, False)


@pytest.mark.parametrize(
    "above",
    [
        "I wrote to support@example.com on 3 May 2026 at 10:00 and asked this:",
        "My address since 2019 is ana@example.org, and what I want is this:",
        "Three things, please:",
        "Since 2019 you write to me every week at 10:00:",
    ],
)
def test_a_persons_own_introduction_hides_nothing(above: str) -> None:
    assert OLD in strip(f"Hello\n\n{above}\n\n{OLD}\n")[0]
