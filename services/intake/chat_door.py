"""Chat over plain HTTP or a WebSocket; a session is a secret that only its browser knows.

A line may bring the word of the controller's own site about who is signed in (`identity`). A word that is not taken is
answered with the reason, and the line is taken all the same, as anybody's.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Mapping
from typing import Any

from aiohttp import WSMsgType, web

from services.intake.chat import ChatRoom, LineRefused

POLL_SECONDS_MAX = 25
WANTED = 'send a JSON object: {"text": "…", "session": "…"}'


class ChatDoor:
    """Takes lines and lets them be heard."""

    def __init__(self, chat: ChatRoom, controllers: Mapping[str, object], body_bytes_max: int) -> None:
        self._chat = chat
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
        try:
            line = await request.json()
        except ValueError:
            return _fault(WANTED)
        if not isinstance(line, dict):
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
        text, token = str(line.get("text") or ""), line.get("identity")
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
        if not after.isdigit() or not wait.isdigit():
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
        await socket.send_json({"session": session})
        speaking = asyncio.create_task(self._speak(socket, controller, session, request.query.get("after", "0")))
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._line(socket, controller, session, message.data)
        finally:
            speaking.cancel()
        return socket

    async def _line(self, socket: web.WebSocketResponse, controller: str, session: str, said: str) -> None:
        try:
            taken = await self._take(controller, session, _read(said))
        except LineRefused as fault:
            await socket.send_json({"error": str(fault)})
            return
        if "message_id" in taken:
            taken["received"] = taken.pop("message_id")
        await socket.send_json(taken)

    async def _speak(self, socket: web.WebSocketResponse, controller: str, session: str, after: str) -> None:
        position = int(after) if after.isdigit() else 0
        while not socket.closed:
            for line in await self._chat.hear(controller, session, position, POLL_SECONDS_MAX):
                await socket.send_json(line)
                position = int(line["number"])


def _read(said: str) -> Mapping[str, Any]:
    """Return what a frame says: plain words are a line; an object with an identity is what `say` takes too.

    A browser cannot set a header on a WebSocket, and an address with a token in it would stand in logs.
    """
    if said.lstrip().startswith("{") and '"identity"' in said:
        try:
            found = json.loads(said)
        except (ValueError, RecursionError):
            return {"text": said}
        if isinstance(found, dict) and found.keys() <= {"text", "identity"} and isinstance(found["identity"], str):
            return found
    return {"text": said}


def _fault(text: str) -> web.Response:
    return web.json_response({"error": text}, status=400)
