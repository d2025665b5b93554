"""A service behind an HTTP API, described in its map: on a server of our own, which can be made to fail or to lie."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import yaml

from services.fulfil.connectors.http.client import Client
from services.fulfil.connectors.http.connector import HttpConnector, http_connector
from services.fulfil.connectors.http.description import described
from services.fulfil.connectors.protocol import Change, Find, Hit, Match, SystemDown, SystemRefuses
from services.fulfil.core.maps.model import DataMap, Field, Table
from tests.fulfil.connectors.contract import FIELDS, PEOPLE, ConnectorContract, World

SETTINGS = """
auth: bearer
requests_per_second: 10000
timeout_seconds: 5
tables:
  people:
    list: {get: /people, rows: result.people, paging: {kind: page, size: 2, size_query: size}}
    find:
      email: {get: /people, query: {search: "{email}"}, rows: result.people}
    one: {get: "/people/{id}"}
    change: {patch: "/people/{id}"}
    delete: {delete: "/people/{id}"}
"""
TABLE = Table(
    "people",
    fields=(
        Field("id", primary_key=True, data_type="integer"),
        Field("email"),
        Field("name"),
        Field("boss", data_type="integer"),
        Field("profile", data_type="object"),
    ),
)
Answer = tuple[int, Any, dict[str, str]]


class Service:
    """A service with people in it. `trouble` answers instead of it, when it answers at all."""

    def __init__(self) -> None:
        self.people = {row[0]: dict(zip(FIELDS, row, strict=True)) for row in PEOPLE}
        self.trouble: Callable[[str], Answer | None] = lambda _: None
        self.asked: list[str] = []
        service = self

        class Door(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                service.asked.append(f"{self.command} {self.path}")
                status, said, headers = service.answered(self.command, self.path, self.headers, body)
                raw = said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_PATCH = do_DELETE = do_PUT = do_POST = answer  # noqa: N815 - the library's names

            def log_message(self, *given: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def url(self, secret: str = "s3cret") -> str:
        return f"http://:{secret}@127.0.0.1:{self.server.server_port}/"

    def answered(self, method: str, path: str, headers: Any, body: bytes) -> Answer:
        trouble = self.trouble(path)
        if trouble is not None:
            return trouble
        if headers["Authorization"] != "Bearer s3cret":
            return 401, {"error": "ann@example.org may not"}, {}
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        one = re.fullmatch(r"/people/([^/]+)", unquote(parts.path))
        if one is None:
            return 200, {"result": {"people": self.listed(query)}}, {}
        number = int(one.group(1)) if one.group(1).isdigit() else 0
        if number not in self.people:
            return 404, {}, {}
        if method == "PATCH":
            self.people[number] |= json.loads(body)
        if method == "DELETE":
            del self.people[number]
            return 204, b"", {}
        return 200, self.people[number], {}

    def listed(self, query: dict[str, str]) -> list[dict[str, Any]]:
        rows = list(self.people.values())
        if "search" in query:  # loosely, as services do
            return [row for row in rows if query["search"].lower()[:3] in str(row["email"]).lower()]
        page, size = int(query["page"]), int(query["size"])
        return rows[(page - 1) * size : page * size]

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.stop()


def connected(service: Service, settings: str = SETTINGS, secret: str = "s3cret") -> HttpConnector:
    data_map = DataMap("crm", (TABLE,), settings=yaml.safe_load(settings))
    connector = http_connector("crm", service.url(secret), data_map)
    connector.client = Client("crm", service.url(secret), connector.api, pause=lambda _: None)
    return connector


def look(connector: HttpConnector, *values: str, by: str = "email", fields: tuple[str, ...] = ("id",)) -> list[Hit]:
    with connector.session(write=False) as session:
        return list(session.find(Find("people", fields, (Match(((by,),), [(v,) for v in values]),))))


class TestHttp(ConnectorContract):
    """The contract, over the wire."""

    @pytest.fixture
    def world(self, service: Service) -> World:
        return World(connected(service), lambda: service.people)


def test_a_field_with_its_own_question_costs_one_request_a_value(service: Service) -> None:
    assert [hit.row for hit in look(connected(service), "ann@example.org")] == [(1,)]
    assert service.asked == ["GET /people?search=ann%40example.org"]


def test_a_service_that_is_briefly_down_is_asked_again(service: Service) -> None:
    answers: list[Answer | None] = [(503, {}, {"Retry-After": "1"}), (429, {}, {}), None]
    service.trouble = lambda _: answers.pop(0)
    assert len(look(connected(service), "ann@example.org")) == 1


def test_a_service_that_stays_down_is_said_to_be_down(service: Service) -> None:
    service.trouble = lambda _: (500, {"error": "ann@example.org"}, {})
    with pytest.raises(SystemDown) as caught:
        look(connected(service), "ann@example.org")
    assert "ann@" not in str(caught.value)
    assert len(service.asked) == 5


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((403, {"who": "ann@example.org"}, {}), "secret"),
        ((302, {}, {"Location": "http://elsewhere.example/"}), "HTTP 302"),
        ((200, b"<html>ann@example.org", {}), "JSON"),
        ((400, {}, {}), "HTTP 400"),
    ],
)
def test_an_answer_that_is_none_is_refused_without_repeating_it(service: Service, answer: Answer, said: str) -> None:
    service.trouble = lambda _: answer
    with pytest.raises(SystemRefuses, match=said) as caught:
        look(connected(service), "ann@example.org")
    assert "ann@" not in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_wrong_secret_is_told_by_the_check(service: Service) -> None:
    health = connected(service, secret="guessed").check()
    assert not health.reachable
    assert "guessed" not in health.said


def test_the_secret_goes_to_no_other_host(service: Service) -> None:
    settings = SETTINGS.replace("paging: {kind: page, size: 2, size_query: size}", "paging: {kind: next, from: next}")
    service.trouble = lambda _: (200, {"next": "http://127.0.0.2:1/people", "result": {"people": []}}, {})
    with pytest.raises(SystemRefuses, match="another host"):
        look(connected(service, settings), "Ann", by="name")


@pytest.mark.parametrize(
    "paging",
    [
        "{kind: offset, query: from, size: 2, first: 0}",
        "{kind: cursor, query: after, from: meta.after}",
        "{kind: next, from: meta.next}",
        "link",
    ],
)
def test_every_way_of_paging_reads_all_pages_and_ends(service: Service, paging: str) -> None:
    rows = list(service.people.values())

    def paged(path: str) -> Answer:
        query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        start = int(query.get("from") or query.get("after") or 0)
        following = start + 2 if start + 2 < len(rows) else None
        here = f"/people?after={following}"
        meta = {"after": following, "next": here if following else None}
        link = {"Link": f'</people?after=0>; rel="first", <{here}>; rel="next"'} if following else {}
        return 200, {"result": {"people": rows[start : start + 2]}, "meta": meta}, link

    service.trouble = paged
    settings = SETTINGS.replace("{kind: page, size: 2, size_query: size}", paging)
    assert [hit.row for hit in look(connected(service, settings), "Cat", "Bob", by="name")] == [(2,), (3,)]


def test_a_service_that_ignores_the_page_does_not_keep_us_for_ever(service: Service) -> None:
    rows = list(service.people.values())[:2]
    service.trouble = lambda _: (200, {"result": {"people": rows}}, {})
    assert len(look(connected(service), "Ann", by="name")) == 1
    assert len(service.asked) == 2


def test_what_cannot_be_asked_is_said_with_the_line_to_add(service: Service) -> None:
    settings = "\n".join(line for line in SETTINGS.splitlines() if "list:" not in line and "delete:" not in line)
    connector = connected(service, settings)
    with pytest.raises(SystemRefuses, match=re.escape("connector.tables.people.find.name")):
        look(connector, "Ann", by="name")
    with connector.session(write=True) as session, pytest.raises(SystemRefuses, match=re.escape("people.delete")):
        session.change(Change("s", "people", ("id",), [((1,), ())], delete=True))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("{}", "connector.tables"),
        ("tables: {people: {lst: {get: /x}}}", "did you mean `list`"),
        ("tables: {people: {list: {get: x}}}", "begins with /"),
        ("tables: {people: {list: {get: /x, post: /y}}}", "one of get"),
        ("tables: {people: {list: {get: /x, paging: {kind: turn}}}}", "page, offset"),
        ("tables: {people: {list: {get: /x, paging: {kind: cursor}}}}", "needs `query`"),
        ("tables: {people: {list: {get: /x, paging: {kind: offset}}}}", "needs `size`"),
        ("{auth: {password: x}, tables: {people: {list: {get: /x}}}}", "connector.auth"),
        ("{requests_per_second: 0, tables: {people: {list: {get: /x}}}}", "above zero"),
        ("tables: {people: [1]}", "mapping"),
    ],
)
def test_a_wrong_description_is_named_by_its_place(settings: str, said: str) -> None:
    with pytest.raises(SystemRefuses, match=said):
        described("crm", yaml.safe_load(settings))


def test_a_described_table_needs_a_key_and_the_url_a_host() -> None:
    settings = yaml.safe_load(SETTINGS)
    with pytest.raises(SystemRefuses, match="key"):
        http_connector("crm", "https://host/", DataMap("crm", (), settings=settings))
    with pytest.raises(SystemRefuses, match="https://host"):
        http_connector("crm", "https://", DataMap("crm", (TABLE,), settings=settings))
