"""The pages behind the links speak the language that the reader's browser asks for, and take the answer."""

from __future__ import annotations

import html
import re
from importlib.resources import files
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry

from schemas import events as bus
from services.intake.chat import ChatRoom
from services.intake.links import CheckLink, Links
from services.intake.refusing import Refusing
from services.intake.service import letter_writer
from services.intake.web import Doors, Health, make_app
from tests.journeys.shop import Shop, home_with
from tests.journeys.walk import House, house

AXIGEN = "data-protection@axigen.com"
WRITER = letter_writer()
WORDS = {language: WRITER.table("pages", language, {"controller": "Axigen & Sons"}) for language in WRITER.languages()}


@pytest.mark.parametrize(
    ("accepted", "language"), [("ro-RO,ro;q=0.9,en;q=0.8", "ro"), ("de", "de"), ("eo", "en"), ("", "en")]
)
def test_a_link_is_confirmed_in_the_reader_s_language(tmp_path: Path, accepted: str, language: str) -> None:
    with house(home_with(Shop(tmp_path / "shop.db"), tmp_path)) as at:
        at.mail(AXIGEN, "Please send me a copy of my data.")
        asked = at.told(bus.IdentityRequested)[-1]
        path = links(at).check(CheckLink(asked.controller, asked.case_id, asked.check_id, asked.expires))
        words = WORDS[language]
        page, thanks, gone = seen(at, accepted, path.removeprefix("http://habeas.example"))
        assert f'<html lang="{language}">' in page
        for said in ("confirm_heading", "confirm_text", "confirm_button"):
            assert words[said] in html.unescape(page)
        assert words["thanks_text"] in html.unescape(thanks)
        assert words["gone_heading"] in html.unescape(gone)
        at.settle()
        assert at.told(bus.ClaimRouted), "what the page took is the answer that the case waited for"


def test_only_the_button_answers_and_only_of_a_link_that_is_ours_and_in_time(tmp_path: Path) -> None:
    with house(home_with(Shop(tmp_path / "shop.db"), tmp_path)) as at:
        at.mail(AXIGEN, "Please send me a copy of my data.")
        asked = at.told(bus.IdentityRequested)[-1]
        good = CheckLink(asked.controller, asked.case_id, asked.check_id, asked.expires)
        path = links(at).check(good).removeprefix("http://habeas.example")
        # What mail programs and scanners do with a link before anybody has read the mail.
        assert visited(at, [("GET", path), ("HEAD", path), ("GET", path)]) == [200, 200, 200]
        assert not at.told(bus.IdentityAnswered)
        cut, changed = path[:-1], path[:-1] + ("A" if path[-1] != "A" else "B")
        others = Links(b"another habeas's key, 32 bytes !", "http://habeas.example").check(good)
        forged = [cut, changed, others.removeprefix("http://habeas.example")]
        assert visited(at, [("POST", each) for each in forged]) == [410, 410, 410]
        assert not at.told(bus.IdentityAnswered)
        assert visited(at, [("POST", path), ("POST", path)]) == [200, 200]
        assert len(at.told(bus.IdentityAnswered)) == 1, "pressing twice is one answer"
        assert len(at.told(bus.IdentityConfirmed)) == 1


def test_a_link_whose_time_is_over_answers_nothing(tmp_path: Path) -> None:
    with house(home_with(Shop(tmp_path / "shop.db"), tmp_path)) as at:
        at.mail(AXIGEN, "Please send me a copy of my data.")
        asked = at.told(bus.IdentityRequested)[-1]
        link = CheckLink(asked.controller, asked.case_id, asked.check_id, asked.expires)
        path = links(at).check(link).removeprefix("http://habeas.example")
        at.clock.moment = asked.expires
        assert visited(at, [("GET", path), ("POST", path)]) == [410, 410]
        assert not at.told(bus.IdentityAnswered)


def visited(at: House, wanted: list[tuple[str, str]]) -> list[int]:
    """Return what these visits are answered with, and let everything happen that follows."""
    found: list[int] = []

    async def visit() -> None:
        await at.front.open()
        async with TestClient(TestServer(make_app(doors(at)))) as browser:
            for method, path in wanted:
                answer = await browser.request(method, path)
                found.append(answer.status)
        await at.front.close()

    at.run(visit())
    at.settle()
    return found


def seen(at: House, accepted: str, path: str) -> list[str]:
    """Return what a browser shows of a link, of what its button does, and of a forged link."""
    told: list[str] = []

    async def visit() -> None:
        await at.front.open()
        async with TestClient(TestServer(make_app(doors(at))), headers={"Accept-Language": accepted}) as browser:
            for answer in (await browser.get(path), await browser.post(path), await browser.get("/v/forged")):
                assert answer.status == (410 if answer.url.path == "/v/forged" else 200)
                told.append(await answer.text())
        await at.front.close()

    at.run(visit())
    return told


def links(at: House) -> Links:
    return Links(at.vault.subkey("signed links"), "http://habeas.example")


def doors(at: House) -> Doors:
    async def ready() -> tuple[bool, dict[str, str]]:
        return True, {}

    store = at.stores["intake"]
    return Doors(
        settings=at.settings, front=at.front, chat=ChatRoom(store, at.vault, at.front, at.clock),
        packages=at.packages, links=links(at), clock=at.clock, registry=CollectorRegistry(),
        health=Health(ready), names={"axigen": "Axigen & Sons"}, writer=WRITER, refusing=Refusing(),
    )  # fmt: skip


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_words_and_buttons_stand_out_from_what_is_behind_them(scheme: int) -> None:
    # WCAG 2.2, 1.4.3: a contrast of at least 4.5 to 1.
    css = files("services.intake").joinpath("pages/style.css").read_text("utf-8")
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", css.split(":root")[scheme + 1]))
    for above, below in (("ink", "paper"), ("act", "paper"), ("act-ink", "act")):
        assert contrast(colours[above], colours[below]) >= 4.5, (above, below)


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours as WCAG works it out."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
