"""Health, readiness and metrics of a router or a fulfil that runs alone: intake and watch serve theirs themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest

from services.runtime.settings import Listen

SHUTDOWN_SECONDS: Final = 2.0
HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

Ready = Callable[[], Awaitable[tuple[bool, Mapping[str, str]]]]


@asynccontextmanager
async def probes(listen: Listen | None, registry: CollectorRegistry, ready: Ready) -> AsyncIterator[None]:
    """Serve the probes while the block runs; nothing where no address was given."""
    if listen is None:
        yield
        return

    async def alive(_: web.Request) -> web.Response:
        return _answer({"alive": True})

    async def readiness(_: web.Request) -> web.Response:
        fine, checks = await ready()
        return _answer({"ready": fine, "checks": dict(checks)}, 200 if fine else 503)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), content_type="text/plain", headers=HEADERS)

    app = web.Application()
    app.add_routes([web.get("/healthz", alive), web.get("/readyz", readiness), web.get("/metrics", metrics)])
    runner = web.AppRunner(app, shutdown_timeout=SHUTDOWN_SECONDS, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, listen.host, listen.port).start()
        yield
    finally:
        await runner.cleanup()


def _answer(body: dict[str, Any], status: int = 200) -> web.Response:
    return web.json_response(body, status=status, headers=HEADERS)
