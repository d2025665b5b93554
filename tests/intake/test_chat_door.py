"""The chat's door takes a signed identity over HTTP and over a WebSocket, and goes on where it takes none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, web
from aiohttp.test_utils import TestClient, TestServer

from services.intake.chat_door import ChatDoor
from services.intake.refusing import Refusing
from services.runtime.store import DiskFull
from tests.intake.vouched_by import SECRET, token
from tests.journeys.product import WAIT_SECONDS
from tests.journeys.walk import House, house

SETTINGS = (
    f'[controllers.axigen]\naddresses = ["a@axigen.com"]\n[controllers.axigen.identity.session]\nkeys = ["{SECRET}"]\n'
)


def visit(tmp_path: Path, what: Callable[[House, TestClient[Any, Any]], Awaitable[None]]) -> None:
    """Open the door, and let a browser do this."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "habeas.toml").write_text(SETTINGS, encoding="utf-8")
    with house(home) as at:

        async def go() -> None:
            door = ChatDoor(at.room, at.settings.controllers, 64_000, Refusing())
            app = web.Application()
            app.add_routes([web.post("/chat/{controller}", door.say), web.get("/chat/{controller}/ws", door.socket)])
            app.add_routes([web.get("/chat/{controller}/{session}", door.hear)])
            await at.front.open()
            try:
                async with TestClient(TestServer(app)) as client:
                    await what(at, client)
            finally:
                await at.front.close()

        at.run(go())


async def answered(socket: ClientWebSocketResponse) -> dict[str, Any]:
    """Return what the door says to the last frame; what was said in the chat comes between, as it happens."""
    while "number" in (told := await asyncio.wait_for(socket.receive_json(), WAIT_SECONDS)):
        pass
    return dict(told)


def test_a_line_over_http_may_bring_an_identity(tmp_path: Path) -> None:
    async def what(at: House, client: TestClient[Any, Any]) -> None:
        line = {"text": "Hello", "identity": token(at.clock.now())}
        answer = await client.post("/chat/axigen", json=line)
        told = await answer.json()
        assert (answer.status, told["identity"]["accepted"], bool(told["message_id"])) == (202, True, True)
        forged = {"text": "Hello", "session": told["session"], "identity": "a.b.c"}
        told = await (await client.post("/chat/axigen", json=forged)).json()
        assert told["identity"]["accepted"] is False
        assert told["message_id"]

    visit(tmp_path, what)


def test_an_identity_alone_is_no_line(tmp_path: Path) -> None:
    async def what(at: House, client: TestClient[Any, Any]) -> None:
        told = await (await client.post("/chat/axigen", json={"identity": token(at.clock.now())})).json()
        assert told["identity"]["accepted"] is True
        assert "message_id" not in told
        answer = await client.post("/chat/axigen", json={"text": "  "})
        assert (answer.status, "write something" in await answer.text()) == (400, True)

    visit(tmp_path, what)


@pytest.mark.parametrize("odd", ["{not json", '{"identity": 5}', '{"identity": "x", "more": 1}', '{"text": 5}', "{}"])
def test_what_a_person_types_is_a_line_whatever_it_looks_like(tmp_path: Path, odd: str) -> None:
    async def what(at: House, client: TestClient[Any, Any]) -> None:
        async with client.ws_connect("/chat/axigen/ws") as socket:
            await socket.receive_json()
            await socket.send_str(odd)
            assert set(await answered(socket)) == {"received"}

    visit(tmp_path, what)


def test_a_frame_may_be_the_object_that_http_takes(tmp_path: Path) -> None:
    async def what(at: House, client: TestClient[Any, Any]) -> None:
        async with client.ws_connect("/chat/axigen/ws") as socket:
            session = (await socket.receive_json())["session"]
            await socket.send_json({"text": "How long do you keep my data?"})
            assert set(await answered(socket)) == {"received"}
        heard = await (await client.get(f"/chat/axigen/{session}?after=0")).json()
        assert heard["messages"][0]["text"] == "How long do you keep my data?"

    visit(tmp_path, what)


def test_a_socket_takes_the_identity_in_a_frame_and_never_in_the_address(tmp_path: Path) -> None:
    async def what(at: House, client: TestClient[Any, Any]) -> None:
        async with client.ws_connect("/chat/axigen/ws") as socket:
            assert "session" in await socket.receive_json()
            await socket.send_str(json.dumps({"identity": token(at.clock.now())}))
            assert (await answered(socket))["identity"]["accepted"] is True
            await socket.send_str("Hello")
            assert set(await answered(socket)) == {"received"}
            await socket.send_str(json.dumps({"identity": token(at.clock.now(), exp=1), "text": "And this"}))
            told = await answered(socket)
            assert (told["identity"]["accepted"], set(told)) == (False, {"identity", "received"})

    visit(tmp_path, what)


@pytest.mark.parametrize(
    "body",
    [b"[1]", b"no", b'"text"', b"[" * 20_000, b'{"text": 5}', b'{"text": ["a"]}', b'{"text": "l\xf6schen"}', b""],
)
def test_what_is_no_line_is_refused_with_what_to_send(tmp_path: Path, body: bytes) -> None:
    async def what(at: House, client: TestClient[Any, Any]) -> None:
        answer = await client.post("/chat/axigen", data=body, headers={"Content-Type": "application/json"})
        assert (answer.status, "send a JSON object" in await answer.text()) == (400, True)

    visit(tmp_path, what)


@pytest.mark.parametrize("kind", ["text/plain", "application/json; charset=nonsense", "application/octet-stream"])
def test_a_line_is_taken_whatever_its_headers_call_it(tmp_path: Path, kind: str) -> None:
    async def what(at: House, client: TestClient[Any, Any]) -> None:
        answer = await client.post("/chat/axigen", data=b'{"text": "Hello"}', headers={"Content-Type": kind})
        assert answer.status == 202

    visit(tmp_path, what)


def test_half_a_letter_in_a_line_costs_that_letter_alone(tmp_path: Path) -> None:
    async def what(at: House, client: TestClient[Any, Any]) -> None:
        answer = await client.post("/chat/axigen", data=b'{"text": "my data \\ud800 please"}')
        session = (await answer.json())["session"]
        heard = await (await client.get(f"/chat/axigen/{session}")).json()
        assert [line["text"] for line in heard["messages"]] == ["my data \ufffd please"]

    visit(tmp_path, what)


@pytest.mark.parametrize("after", ["9" * 30, "²", "-1", "x"])
def test_a_number_that_is_none_is_refused(tmp_path: Path, after: str) -> None:
    async def what(at: House, client: TestClient[Any, Any]) -> None:
        answer = await client.get("/chat/axigen/abcdefghijklmnopqrst", params={"after": after})
        assert (answer.status, "whole numbers" in await answer.text()) == (400, True)

    visit(tmp_path, what)


def test_bytes_on_a_socket_are_refused_and_the_socket_stays(tmp_path: Path) -> None:
    async def what(at: House, client: TestClient[Any, Any]) -> None:
        async with client.ws_connect("/chat/axigen/ws?after=99999999999999999999") as socket:
            await socket.receive_json()
            await socket.send_bytes(b"Please delete my data")
            assert "send text" in (await answered(socket))["error"]
            await socket.send_str("Hello")
            assert set(await answered(socket)) == {"received"}

    visit(tmp_path, what)


def test_a_socket_says_when_nothing_can_be_kept_and_takes_the_line_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise DiskFull("the disk is full")

    async def what(at: House, client: TestClient[Any, Any]) -> None:
        async with client.ws_connect("/chat/axigen/ws") as socket:
            await socket.receive_json()
            with monkeypatch.context() as broken:
                broken.setattr(at.front, "chat_line", full)
                await socket.send_str("Hello")
                assert "try again" in (await answered(socket))["error"]
            await socket.send_str("Hello")
            assert set(await answered(socket)) == {"received"}

    visit(tmp_path, what)


def test_a_socket_with_a_session_that_is_none_is_told_and_closed(tmp_path: Path) -> None:
    async def what(at: House, client: TestClient[Any, Any]) -> None:
        async with client.ws_connect("/chat/axigen/ws?session=short") as socket:
            assert "leave it out" in (await answered(socket))["error"]
            assert (await socket.receive()).type is WSMsgType.CLOSE

    visit(tmp_path, what)


def test_a_chat_that_was_opened_and_says_nothing_is_waited_for_and_not_asked_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def what(at: House, client: TestClient[Any, Any]) -> None:
        asked: list[str] = []
        known = at.front.known

        def counted(*names: Any) -> str | None:
            asked.append("once more")
            return known(*names)

        monkeypatch.setattr(at.front, "known", counted)
        async with client.ws_connect("/chat/axigen/ws") as socket:
            await socket.receive_json()
            await asyncio.sleep(0.5)
            assert len(asked) <= 2
            await socket.send_str("Hello")
            assert set(await answered(socket)) == {"received"}
            assert (await asyncio.wait_for(socket.receive_json(), WAIT_SECONDS))["text"] == "Hello"

    visit(tmp_path, what)
