"""The door to a package: a page that explains, a page that shows the password once, and the archive in pieces.

The page in a letter does nothing when it is opened, because mail scanners open every link: its button opens the
package. The archive's own address stands on the page behind the button only. It is fetched with GET, so that
browsers and other programs can go on after a break (RFC 9110 section 14).
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Final, Protocol

import structlog
from aiohttp import ClientConnectionError, web

from services.intake.arrival import Arrival, Endings
from services.intake.core.fetching import OutOfRange, Span, Standing, asked_span
from services.intake.core.letters import Writer
from services.intake.links import BadLink, Links, PackageLink
from services.intake.packages import Packages, UsedUp
from services.runtime.store import Conflict, StoreFault
from services.runtime.vault import VaultFault

_log = structlog.get_logger()
UNITS: Final = ("B", "kB", "MB", "GB", "TB")


class Shown(Protocol):
    """What draws pages in the reader's language."""

    def language_of(self, request: web.Request) -> str: ...

    def told(
        self, request: web.Request, name: str, controller: str = "", status: int = 200, **facts: str
    ) -> web.Response: ...

    def gone(self, request: web.Request) -> web.Response: ...


class PackageDoor:
    """Shows a package's pages and hands out its archive."""

    def __init__(self, packages: Packages, links: Links, writer: Writer, pages: Shown) -> None:
        self._packages = packages
        self._links = links
        self._writer = writer
        self._pages = pages
        self._endings = Endings()

    async def ask(self, request: web.Request) -> web.Response:
        """Explain, and change nothing."""
        try:
            link = self._links.read_package(request.match_info["token"])
        except BadLink:
            return self._pages.gone(request)
        await self._endings.over(link.package)
        if await self._packages.standing(link) in {Standing.GONE, Standing.FINISHING}:
            return self._pages.gone(request)
        return self._pages.told(request, "download", link.controller)

    async def open(self, request: web.Request) -> web.Response:
        """Show the password and the way to the archive."""
        try:
            link = self._links.read_package(request.match_info["token"])
            await self._endings.over(link.package)
            opened = await self._packages.open(link)
        except (BadLink, UsedUp):
            return self._pages.gone(request)
        until = self._writer.date(self._pages.language_of(request), opened.ends.isoformat())
        return self._pages.told(
            request, "package", link.controller, password=opened.password, size=readable_size(opened.size_bytes),
            until=f"{until}, {opened.ends:%H:%M} UTC",
            archive=self._links.archive(PackageLink(link.controller, link.case_id, link.package, opened.ends)),
        )  # fmt: skip

    async def archive(self, request: web.Request) -> web.StreamResponse:
        """Hand out the archive, or the part of it that is asked for."""
        try:
            link = self._links.read_archive(request.match_info["token"])
            await self._endings.over(link.package)
            tag = self._packages.tag(link.package)
            size_bytes = await self._packages.size(link.package, knows_tag=_knows(request, tag))
        except (BadLink, UsedUp):
            return self._pages.gone(request)
        headers = {
            "Accept-Ranges": "bytes", "ETag": tag, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
            "Content-Type": "application/zip", "Content-Disposition": f'attachment; filename="{link.file_name}"',
            # A proxy that takes everything at once would make us think that the person has it.
            "X-Accel-Buffering": "no",
        }  # fmt: skip
        try:
            span = _asked(request, tag, size_bytes)
        except OutOfRange:
            return web.Response(status=416, headers={**headers, "Content-Range": f"bytes */{size_bytes}"})
        if span is not None:
            headers["Content-Range"] = f"bytes {span[0]}-{span[1] - 1}/{size_bytes}"
        response = web.StreamResponse(status=200 if span is None else 206, headers=headers)
        first, after = span or (0, size_bytes)
        response.content_length = after - first
        if request.method == "HEAD":
            await response.prepare(request)
            return response
        return await self._send(request, response, link, (first, after))

    async def _send(
        self, request: web.Request, response: web.StreamResponse, link: PackageLink, span: Span
    ) -> web.StreamResponse:
        try:
            chunks = await self._packages.fetch(link.package, span)
        except UsedUp:
            return self._pages.gone(request)
        except VaultFault:
            _log.exception("a package does not open", package=link.package)
            raise web.HTTPServiceUnavailable(reason="this archive cannot be read; answer the letter") from None
        sent, whole = span[0], False
        arrival = Arrival(request.transport)
        with ExitStack() as ending:
            try:
                await response.prepare(request)
                async for chunk in chunks:
                    if sent + len(chunk) >= span[1]:
                        ending.enter_context(self._endings.ending(link.package))
                    await response.write(chunk)
                    sent += len(chunk)
                await response.write_eof()
                sent -= await arrival.outstanding_bytes()
                whole = True
            except (ConnectionError, ClientConnectionError):
                pass  # the person goes on later, from where they are
            finally:
                arrival.close()
                # What broke off is never whole, whatever had left before it did.
                last = sent if whole else min(sent, span[1] - 1)
                await self._count(link, (span[0], max(span[0], last)))
        return response

    async def _count(self, link: PackageLink, span: Span) -> None:
        try:
            await self._packages.fetched(link.package, span)
        except (StoreFault, Conflict) as fault:
            # The bytes have left; what is not on record may be fetched once more until the window ends.
            _log.warning("a download was not counted", package=link.package, fault=type(fault).__name__)


def readable_size(size_bytes: int) -> str:
    """Return a size as people read it: 940 B, 12 kB, 3.4 GB."""
    size = float(size_bytes)
    for unit in UNITS:
        if size < 1000 or unit == UNITS[-1]:
            return f"{size:.1f} {unit}" if unit != "B" and size < 10 else f"{size:.0f} {unit}"
        size /= 1000
    raise AssertionError("the last unit holds every size")


def _asked(request: web.Request, tag: str, size_bytes: int) -> Span | None:
    """Return the part that is asked for; the whole where what the asker has is of another archive (If-Range)."""
    condition = request.headers.get("If-Range", tag)
    return asked_span(request.headers.get("Range", ""), size_bytes) if condition == tag else None


def _knows(request: web.Request, tag: str) -> bool:
    """Tell whether who asks for a part has fetched another part before."""
    told = (request.headers.get("If-Range"), request.headers.get("If-Match"))
    return "Range" in request.headers and tag in told
