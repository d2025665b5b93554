"""Chat over plain HTTP or a WebSocket; a session is a secret that only its browser knows.

A line may bring the word of the controller's own site about who is signed in (`identity`). A word that is not taken is
answered with the reason, and the line is taken all the same, as anybody's.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import WSCloseCode, WSMsgType, web
from aiohttp.web import RequestPayloadError

from services.intake.chat import ChatRoom, LineRefused, ours
from services.intake.refusing import Refusing
from services.runtime.store import StoreFault

POLL_SECONDS_MAX: Final = 25
AGAIN_SECONDS: Final = 2.0
NOT_NOW: Final = "this cannot be taken now; nothing was kept, so please try again in a few minutes"
_NUMBER: Final = re.compile(r"[0-9]{1,15}")
WANTED = 'send a JSON object: {"text": "…", "session": "…"}'


class ChatDoor:
    """Takes lines and lets them be heard."""

    def __init__(
        self, chat: ChatRoom, controllers: Mapping[str, object], body_bytes_max: int, refusing: Refusing
    ) -> None:
        self._chat = chat
        self._refusing = refusing
        self._controllers = controllers
        self._body_bytes_max = body_bytes_max

    def _known(self, request: web.Request) -> str:
        controller = request.match_info["controller"]
        if controller not in self._controllers:
            raise web.HTTPNotFound(reason="no such controller")
        return controller

    async def say(self, request: web.Request) -> web.Response:
        """Take a line over HTTP."""
        controller = self._known(request)
        line = await _object_in(request)
        if line is None:
            return _fault(WANTED)
        session = str(line.get("session") or secrets.token_urlsafe(24))
        try:
            taken = await self._take(controller, session, line)
        except LineRefused as fault:
            return _fault(str(fault))
        return web.json_response({"session": session, **taken}, status=202)

    async def _take(self, controller: str, session: str, line: Mapping[str, Any]) -> dict[str, Any]:
        """Take an identity, a line, or both."""
        told: dict[str, Any] = {}
        text, token = line.get("text") or "", line.get("identity")
        if not isinstance(text, str):
            raise LineRefused(WANTED)
        if token is not None:
            told["identity"] = await self._chat.identify(controller, session, str(token))
        if text.strip() or token is None:
            spoken = await self._chat.say(controller, session, text)
            told["message_id"] = spoken.message_id
            if spoken.run_out and token is None:
                told["identity"] = spoken.run_out
        return told

    async def hear(self, request: web.Request) -> web.Response:
        """Return lines, waiting a while for the next."""
        controller = self._known(request)
        after = request.query.get("after", "0")
        wait = request.query.get("wait", "0")
        if not _NUMBER.fullmatch(after) or not _NUMBER.fullmatch(wait):
            return _fault("after and wait are whole numbers")
        seconds = min(int(wait), POLL_SECONDS_MAX)
        lines = await self._chat.hear(controller, request.match_info["session"], int(after), seconds)
        return web.json_response({"messages": lines})

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        """Take and send lines over a WebSocket, each as it comes."""
        controller = self._known(request)
        session = request.query.get("session") or secrets.token_urlsafe(24)
        socket = web.WebSocketResponse(heartbeat=30, max_msg_size=self._body_bytes_max)
        await socket.prepare(request)
        try:
            ours(session)
        except LineRefused as fault:
            await socket.send_json({"error": str(fault)})
            await socket.close(code=WSCloseCode.POLICY_VIOLATION)
            return socket
        await socket.send_json({"session": session})
        speaking = asyncio.create_task(self._speak(socket, controller, session, request.query.get("after", "0")))
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._line(socket, controller, session, message.data)
                elif message.type is WSMsgType.BINARY:
                    await socket.send_json(
                        {"error": "send text; bytes are not read here, and nothing of them was kept"}
                    )
        finally:
            speaking.cancel()
        return socket

    async def _line(self, socket: web.WebSocketResponse, controller: str, session: str, said: str) -> None:
        try:
            taken = await self._take(controller, session, _read(said))
        except LineRefused as fault:
            await socket.send_json({"error": str(fault)})
            return
        except StoreFault as fault:
            self._refusing.refused(fault)
            await socket.send_json({"error": NOT_NOW})
            return
        if "message_id" in taken:
            taken["received"] = taken.pop("message_id")
        await socket.send_json(taken)

    async def _speak(self, socket: web.WebSocketResponse, controller: str, session: str, after: str) -> None:
        position = int(after) if _NUMBER.fullmatch(after) else 0
        while not socket.closed:
            try:
                lines = await self._chat.hear(controller, session, position, POLL_SECONDS_MAX)
            except StoreFault as fault:
                # Whoever listens hears the rest when the store answers again.
                self._refusing.refused(fault)
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            for line in lines:
                await socket.send_json(line)
                position = int(line["number"])


def _read(said: str) -> Mapping[str, Any]:
    """Return what a frame says: an object as `say` takes it, with a line, an identity or both; all else is a line.

    A browser cannot set a header on a WebSocket, and an address with a token in it would stand in logs.
    """
    if said.lstrip().startswith("{"):
        try:
            found = json.loads(said)
        except (ValueError, RecursionError):
            return {"text": said}
        words = isinstance(found, dict) and all(isinstance(value, str) for value in found.values())
        if words and found and found.keys() <= {"text", "identity"}:
            return found  # type: ignore[no-any-return] # it is a dict of strings
    return {"text": said}


async def _object_in(request: web.Request) -> Mapping[str, Any] | None:
    """Return the object in a request's body, whatever its headers call it; JSON is UTF-8 (RFC 8259 section 8.1)."""
    try:
        found = json.loads(await request.read())
    except (ValueError, RecursionError, RequestPayloadError):
        return None
    return found if isinstance(found, dict) else None


def _fault(text: str) -> web.Response:
    return web.json_response({"error": text}, status=400)
