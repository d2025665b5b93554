"""Sending requests: with the secret, at the allowed pace, tried again where that may help, and within bounds."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

import urllib3

from services.fulfil.connectors.http.description import PLACE, Api, Call
from services.fulfil.connectors.protocol import SystemDown, SystemRefuses

ATTEMPTS_MAX: Final = 5
PAUSE_SECONDS: Final = 0.5
PAUSE_SECONDS_MAX: Final = 60.0
ANSWER_BYTES_MAX: Final = 64 * 1024 * 1024
PAGES_MAX: Final = 100_000
AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
GONE: Final = frozenset({404, 410})


class Client:
    """A service, and the pace at which it may be asked."""

    def __init__(self, system: str, url: str, api: Api, pause: Callable[[float], None] = time.sleep) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SystemRefuses(
                f"{system}: write https://host/path, with user and secret as https://user:secret@host/."
            )
        port = f":{parts.port}" if parts.port else ""
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        self._system = system
        self._base = f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"
        self._secret = (unquote(parts.username or ""), unquote(parts.password or ""))
        self._api = api
        self._pause = pause
        self._next = 0.0
        timeout = urllib3.Timeout(connect=min(10.0, api.timeout_seconds), read=api.timeout_seconds)
        self._pool = urllib3.PoolManager(timeout=timeout, retries=False)

    def pages(self, call: Call, values: Mapping[str, Any]) -> Iterator[Any]:
        """Yield the answers to a call, page by page."""
        url, query = self._base + _filled_path(call.path, values), _filled(call.query, values)
        paging = call.paging
        place = paging.first if paging else 0
        if paging and paging.size_query:
            query[paging.size_query] = paging.size
        gone: set[str] = set()
        for _ in range(PAGES_MAX):
            if paging and paging.kind in ("page", "offset"):
                query[paging.query] = place
            answer, headers = self._asked(call, url, query, values)
            if answer is None:
                return
            yield answer
            if paging is None:
                return
            if paging.kind in ("page", "offset"):
                place += paging.size if paging.kind == "offset" else 1
            elif paging.kind == "cursor":
                cursor = dig(answer, paging.source)
                if cursor in (None, ""):
                    return
                query[paging.query] = self._new(cursor, gone)
            else:
                following = _link(headers) if paging.kind == "link" else dig(answer, paging.source)
                if not following:
                    return
                url, query = self._same_host(urljoin(url, str(self._new(following, gone)))), {}
        raise SystemRefuses(f"{self._system}: more than {PAGES_MAX} pages; mend `paging` in the map.")

    def _new(self, following: Any, gone: set[str]) -> Any:
        """Return where the next page lies; one that was read already would be read for ever."""
        if str(following) in gone:
            raise SystemRefuses(
                f"{self._system}: the next page is one that was read already; mend `paging` in the map."
            )
        gone.add(str(following))
        return following

    def once(self, call: Call, values: Mapping[str, Any], body: Any = None) -> Any:
        """Send one request and return its answer; None where what it names is gone."""
        url = self._base + _filled_path(call.path, values)
        return self._asked(call, url, _filled(call.query, values), values, body)[0]

    def _asked(
        self, call: Call, url: str, query: Mapping[str, Any], values: Mapping[str, Any], body: Any = None
    ) -> tuple[Any, Mapping[str, str]]:
        said = ""
        for attempt in range(ATTEMPTS_MAX):
            self._wait()
            try:
                status, headers, raw = self._sent(
                    call, url, query, body if body is not None else _filled(call.body, values)
                )
            except urllib3.exceptions.SSLError:
                raise SystemRefuses(f"{self._system}: the service's certificate is not trusted.") from None
            except urllib3.exceptions.HTTPError as fault:
                said = type(fault).__name__
                self._rest(attempt, None)
                continue
            if status in AGAIN:
                said = f"HTTP {status}"
                self._rest(attempt, headers.get("Retry-After"))
                continue
            if status in GONE:
                return None, headers
            if status in (401, 403):
                raise SystemRefuses(
                    f"{self._system}: the service refuses access (HTTP {status}); mend the secret or its rights."
                )
            if status >= 300:
                raise SystemRefuses(
                    f"{self._system}: {call.method} {call.path} was answered HTTP {status}; mend the map."
                )
            return self._read(call, raw), headers
        raise SystemDown(f"{self._system}: the service does not answer ({said}).")

    def _sent(self, call: Call, url: str, query: Mapping[str, Any], body: Any) -> tuple[int, Mapping[str, str], bytes]:
        headers = {"Accept": "application/json", **self._api.headers}
        extra: dict[str, Any] = {}
        user, password = self._secret
        if self._api.auth == "basic":
            headers |= urllib3.make_headers(basic_auth=f"{user}:{password}")
        elif self._api.auth == "bearer":
            headers["Authorization"] = f"Bearer {password or user}"
        elif self._api.auth == "header":
            headers[self._api.auth_name] = password or user
        elif self._api.auth == "query":
            extra[self._api.auth_name] = password or user
        payload = None
        if body is not None and call.method != "GET":
            headers["Content-Type"] = "application/x-www-form-urlencoded" if call.form else "application/json"
            payload = (
                urlencode(body).encode() if call.form else json.dumps(body, ensure_ascii=False, default=str).encode()
            )
        parts = urlsplit(url)
        asked = [*parse_qsl(parts.query, keep_blank_values=True), *query.items(), *extra.items()]
        whole = parts._replace(query=urlencode(asked)).geturl()
        response = self._pool.request(
            call.method, whole, body=payload, headers=headers, preload_content=False, redirect=False
        )
        try:
            raw = response.read(ANSWER_BYTES_MAX + 1)
        finally:
            response.release_conn()
        return response.status, response.headers, raw

    def _read(self, call: Call, raw: bytes) -> Any:
        if len(raw) > ANSWER_BYTES_MAX:
            raise SystemRefuses(f"{self._system}: {call.path} answers with too much; page it with `paging`.")
        if not raw.strip():
            return {}
        try:
            return json.loads(raw)
        except (ValueError, RecursionError):
            raise SystemRefuses(f"{self._system}: {call.path} does not answer in JSON; mend the map.") from None

    def _same_host(self, url: str) -> str:
        """The secret goes to no other host, whatever an answer says."""
        ours, theirs = urlsplit(self._base), urlsplit(url)
        if (ours.scheme, ours.hostname, ours.port) != (theirs.scheme, theirs.hostname, theirs.port):
            raise SystemRefuses(f"{self._system}: the next page lies on another host; mend `paging` in the map.")
        return url

    def _wait(self) -> None:
        """Keep to the pace that the service allows."""
        now = time.monotonic()
        if self._next > now:
            self._pause(self._next - now)
        self._next = max(now, self._next) + 1 / self._api.requests_per_second

    def _rest(self, attempt: int, told: str | None) -> None:
        if attempt + 1 == ATTEMPTS_MAX:
            return
        wait = PAUSE_SECONDS * 2**attempt * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, no secret
        if told and told.strip().isdigit():
            wait = max(wait, float(told))
        self._pause(min(wait, PAUSE_SECONDS_MAX))


def dig(answer: Any, path: tuple[str, ...]) -> Any:
    """Return what stands at a path of an answer, or None."""
    for part in path:
        answer = answer.get(part) if isinstance(answer, Mapping) else None
    return answer


def _link(headers: Mapping[str, str]) -> str:
    """Return the address of the next page as RFC 8288 gives it."""
    for entry in headers.get("Link", "").split(","):
        address, _, about = entry.partition(";")
        if 'rel="next"' in about.replace(" ", "") or "rel=next" in about.replace(" ", ""):
            return address.strip().strip("<>")
    return ""


def _filled_path(path: str, values: Mapping[str, Any]) -> str:
    return PLACE.sub(lambda found: quote(str(values.get(found.group(1), "")), safe=""), path)


def _filled(template: Any, values: Mapping[str, Any]) -> Any:
    """Return a template with its places filled; one that is nothing but a place keeps the value's type."""
    if isinstance(template, Mapping):
        return {name: _filled(below, values) for name, below in template.items()}
    if isinstance(template, list):
        return [_filled(below, values) for below in template]
    if not isinstance(template, str):
        return template
    alone = PLACE.fullmatch(template)
    if alone:
        return values.get(alone.group(1))
    return PLACE.sub(lambda found: str(values.get(found.group(1), "")), template)
