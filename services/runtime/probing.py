"""What a service says of itself over HTTP: that it runs, whether it is ready, and its metrics."""

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
async def served(
    listen: Listen, registry: CollectorRegistry, ready: Ready, *besides: web.RouteDef
) -> AsyncIterator[None]:
    """Serve the probes, and what the service shows besides them, while the block runs."""

    async def alive(_: web.Request) -> web.Response:
        return told({"alive": True})

    async def readiness(_: web.Request) -> web.Response:
        fine, checks = await ready()
        return told({"ready": fine, "checks": dict(checks)}, 200 if fine else 503)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), content_type="text/plain", headers=HEADERS)

    app = web.Application()
    app.add_routes([web.get("/healthz", alive), web.get("/readyz", readiness), web.get("/metrics", metrics), *besides])
    runner = web.AppRunner(app, shutdown_timeout=SHUTDOWN_SECONDS, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, listen.host, listen.port).start()
        yield
    finally:
        await runner.cleanup()


def told(body: dict[str, Any], status: int = 200) -> web.Response:
    """Answer with JSON that nobody keeps."""
    return web.json_response(body, status=status, headers=HEADERS)
