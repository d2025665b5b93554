"""The page by which a vendor acknowledges a request that was mailed to them; it acts on POST only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from aiohttp import web

from services.intake.front import FrontDoor
from services.intake.links import AskedLink, BadLink, Links
from services.intake.vendors import vendor_writer

Page = Callable[..., web.Response]


class Gone(Protocol):
    """What says that a link leads nowhere."""

    def gone(self, request: web.Request) -> web.Response: ...


class VendorDoor:
    """Shows the page, and takes the word."""

    def __init__(self, front: FrontDoor, links: Links, pages: Gone, page: Page, name: Callable[[str], str]) -> None:
        self._front = front
        self._links = links
        self._pages = pages
        self._page = page
        self._name = name
        self._writer = vendor_writer()

    async def ask(self, request: web.Request) -> web.Response:
        """Ask whether it is done, and change nothing."""
        try:
            link = self._links.read_asked(request.match_info["token"])
        except BadLink:
            return self._pages.gone(request)
        words = self._words(link)
        shown = {f"confirm_{part}": words[f"vendor_{part}"] for part in ("heading", "text", "button")}
        return self._page(
            "confirm", language=link.language, words=shown, heading=words["vendor_heading"], text=words["vendor_text"]
        )

    async def done(self, request: web.Request) -> web.Response:
        """Take the vendor's word that it is done."""
        try:
            link = self._links.read_asked(request.match_info["token"])
        except BadLink:
            return self._pages.gone(request)
        await self._front.vendor_acknowledged(link)
        words = self._words(link)
        return self._page(
            "message", language=link.language, words=words, heading=words["vendor_thanks_heading"],
            text=words["vendor_thanks_text"],
        )  # fmt: skip

    def _words(self, link: AskedLink) -> dict[str, Any]:
        facts = {"controller": self._name(link.controller), "reference": link.reference}
        return dict(self._writer.table("pages", link.language, facts))
