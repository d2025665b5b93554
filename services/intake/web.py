"""The HTTP door: chat, signed links, health and metrics.

Links act only on POST, because mail scanners open every link they see. Whatever is asked of an unknown, used or forged
link, the answer is the same sentence: nothing tells a stranger whether somebody is known.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

import structlog
from aiohttp import web
from jinja2 import Environment, PackageLoader, select_autoescape
from prometheus_client import CollectorRegistry, generate_latest

from services.intake.chat import ChatRoom
from services.intake.chat_door import NOT_NOW, ChatDoor
from services.intake.core.letters import FALLBACK, Writer
from services.intake.core.tongues import preferred
from services.intake.front import FrontDoor
from services.intake.links import BadLink, Links
from services.intake.package_door import PackageDoor
from services.intake.packages import Packages
from services.intake.refusing import Refusing
from services.intake.vendor_door import VendorDoor
from services.runtime.clock import Clock
from services.runtime.factors import GIVEN_CHARACTERS_MAX, NUMBER_CHARACTERS_MIN, long_enough
from services.runtime.saying import command, place
from services.runtime.settings import Settings
from services.runtime.store import StoreFault

BODY_BYTES_MAX: Final = 64_000
REQUESTS_A_MINUTE: Final = 120
VISITORS_MAX: Final = 20_000
RETRY_AFTER_SECONDS: Final = "120"
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
OWN_PAGES: Final = frozenset({"confirm", "download", "package"})
_log = structlog.get_logger()
Figures = Callable[[], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Health:
    """What the probes ask: is the process alive, and can it take work."""

    ready: Callable[[], Awaitable[tuple[bool, Mapping[str, str]]]]


@dataclass(frozen=True, slots=True)
class Doors:
    """Everything the pages and endpoints need."""

    settings: Settings
    front: FrontDoor
    chat: ChatRoom
    packages: Packages
    links: Links
    clock: Clock
    registry: CollectorRegistry
    health: Health
    names: Mapping[str, str]
    writer: Writer
    refusing: Refusing
    figures: Figures | None = None


class Visitors:
    """Counts requests by visitor in a sliding minute, for a bounded number of visitors."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def admit(self, visitor: str) -> bool:
        """Tell whether one more request is fine; a leaky bucket of REQUESTS_A_MINUTE."""
        now = self._clock.monotonic()
        level, then = self._seen.pop(visitor, (0.0, now))
        level = max(0.0, level - (now - then) * REQUESTS_A_MINUTE / 60)
        admitted = level < REQUESTS_A_MINUTE
        self._seen[visitor] = (level + 1 if admitted else level, now)
        if len(self._seen) > VISITORS_MAX:
            self._seen.popitem(last=False)
        return admitted


def make_app(doors: Doors) -> web.Application:
    """Return the application; its routes are the whole list of what the door answers."""
    app = web.Application(client_max_size=BODY_BYTES_MAX, middlewares=[_guard(Visitors(doors.clock), doors.refusing)])
    pages = Pages(doors)
    packages = PackageDoor(doors.packages, doors.links, doors.writer, pages)
    vendors = VendorDoor(doors.front, doors.links, pages, pages.page, pages.name)
    chat = ChatDoor(doors.chat, doors.settings.controllers, BODY_BYTES_MAX, doors.refusing)
    probes = Probes(doors)
    app.add_routes(
        [
            web.get("/", pages.home),
            web.get("/style.css", pages.style),
            web.get("/v/{token}", pages.ask_confirmation),
            web.post("/v/{token}", pages.confirm),
            web.get("/d/{token}", packages.ask),
            web.post("/d/{token}", packages.open),
            web.get("/a/{token}", packages.archive),
            web.get("/p/{token}", vendors.ask),
            web.post("/p/{token}", vendors.done),
            web.post("/chat/{controller}", chat.say),
            web.get("/chat/{controller}/ws", chat.socket),
            web.get("/chat/{controller}/{session}", chat.hear),
            web.get("/healthz", probes.alive),
            web.get("/readyz", probes.ready),
            web.get("/metrics", probes.metrics),
            web.get("/figures", probes.figures),
        ]
    )
    return app


def _guard(visitors: Visitors, refusing: Refusing) -> Any:
    @web.middleware
    async def guard(request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> Any:
        probing = request.path in {"/healthz", "/readyz", "/metrics"}
        if not probing and not visitors.admit(request.remote or ""):
            return _fault(429, "too many requests; wait a minute")
        try:
            response = await handler(request)
        except web.HTTPRequestEntityTooLarge:
            response = _fault(413, f"a message may hold {BODY_BYTES_MAX} bytes")
        except web.HTTPException as answer:
            response = _fault(answer.status, answer.reason.lower())
        except StoreFault as fault:
            refusing.refused(fault)
            response = _fault(503, NOT_NOW)
            response.headers["Retry-After"] = RETRY_AFTER_SECONDS
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    return guard


def _fault(status: int, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status)


class Pages:
    """What a person sees."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._jinja = Environment(
            loader=PackageLoader("services.intake", "pages"),
            autoescape=select_autoescape(default=True),
            enable_async=False,
        )
        self._css = files("services.intake").joinpath("pages/style.css").read_text(encoding="utf-8")

    def page(self, name: str, status: int = 200, **facts: Any) -> web.Response:
        text = self._jinja.get_template(f"{name}.html.j2").render(**facts)
        return web.Response(text=text, status=status, content_type="text/html")

    def language_of(self, request: web.Request) -> str:
        """Return the language that the reader's browser asks for, or English."""
        accepted = request.headers.get("Accept-Language", "")
        return preferred(accepted, self._doors.writer.languages(), FALLBACK)

    def told(
        self, request: web.Request, name: str, controller: str = "", status: int = 200, **facts: str
    ) -> web.Response:
        """Return a page in the language that the reader's browser asks for (Art. 12(1) GDPR)."""
        language = self.language_of(request)
        words = self._doors.writer.table("pages", language, {"controller": self.name(controller), **facts})
        message = {"heading": words.get(f"{name}_heading", ""), "text": words.get(f"{name}_text", "")}
        page = name if name in OWN_PAGES else "message"
        lengths = {"shortest": NUMBER_CHARACTERS_MIN, "longest": GIVEN_CHARACTERS_MAX}
        return self.page(page, status, language=language, words=words, **lengths, **message, **facts)

    def gone(self, request: web.Request) -> web.Response:
        return self.told(request, "gone", status=410)

    def name(self, controller: str) -> str:
        return self._doors.names.get(controller, controller)

    async def home(self, request: web.Request) -> web.Response:
        settings = self._doors.settings
        controllers = [
            {"id": name, "name": self.name(name), "addresses": entry.addresses}
            for name, entry in settings.controllers.items()
        ]
        mail = (
            "printf 'From: you@example.org\\nSubject: My data\\n\\nPlease send me a copy of my data.\\n' |\n"
            f"  curl -s --url smtp://{settings.smtp.host}:{settings.smtp.port} --mail-from you@example.org \\\n"
            f"    --mail-rcpt {controllers[0]['addresses'][0]} -T -"
        )
        outbox = settings.relay or str(settings.home / "outbox")
        return self.page(
            "home",
            controllers=controllers,
            smtp=f"{settings.smtp.host}:{settings.smtp.port}",
            try_mail=mail,
            outbox=outbox.partition("@")[2] or outbox,
            tail=f"{command()} topics tail --home {place(settings.home)} --from-beginning",
            try_chat=(
                f"curl -s http://{settings.http.host}:{settings.http.port}/chat/{controllers[0]['id']} \\\n"
                '  -d \'{"text": "How long do you keep my data?"}\''
            ),
        )

    async def style(self, request: web.Request) -> web.Response:
        return web.Response(text=self._css, content_type="text/css")

    async def ask_confirmation(self, request: web.Request) -> web.Response:
        try:
            link = self._doors.links.read_check(request.match_info["token"], self._doors.clock.now())
        except BadLink:
            return self.gone(request)
        return self.told(request, "confirm", link.controller, factor=link.factor)

    async def confirm(self, request: web.Request) -> web.Response:
        try:
            link = self._doors.links.read_check(request.match_info["token"], self._doors.clock.now())
        except BadLink:
            return self.gone(request)
        number = str((await request.post()).get("number") or "") if link.factor else ""
        if link.factor and not long_enough(number):
            # Asked again, whoever it is: what is too short is nobody's number here, and costs no attempt.
            return self.told(request, "confirm", link.controller, factor=link.factor)
        # Whatever was given, the page says the same: what became of it is told to the address that the link went to.
        await self._doors.front.identity_answered(link, number)
        return self.told(request, "thanks", link.controller)


class Probes:
    """What machines ask."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    async def alive(self, request: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def ready(self, request: web.Request) -> web.Response:
        fine, checks = await self._doors.health.ready()
        refused = self._doors.refusing.lately()
        ready = fine and not refused
        told = {**checks, "doors": f"what arrives is refused: {refused}"} if refused else dict(checks)
        return web.json_response({"ready": ready, "checks": told}, status=200 if ready else 503)

    async def metrics(self, request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(self._doors.registry), content_type="text/plain")

    async def figures(self, request: web.Request) -> web.Response:
        if self._doors.figures is None:
            return _fault(404, "the figures are served by `habeas run watch`")
        return web.json_response(await self._doors.figures())
