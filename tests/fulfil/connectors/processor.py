"""A real HTTP server that plays a vendor: it takes orders, answers when told to, and can be made to fail or to lie."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Said = tuple[int, Any, dict[str, str]]


class Processor:
    """A vendor that speaks both the webhook's words and OpenDSR's."""

    def __init__(self) -> None:
        self.orders: dict[str, dict[str, Any]] = {}
        self.effects = 0
        self.finished = False
        self.refuses = False
        self.trouble: Said | None = None
        self.results = ""
        self.location = ""
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        processor = self

        class Door(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                processor.asked.append((self.command, self.path, headers, body))
                status, said, more = processor.trouble or processor.said(self.command, self.path, headers, body)
                raw = said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(raw)

            do_GET = do_POST = do_HEAD = answer  # noqa: N815 - the library's names

            def log_message(self, *given: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def said(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Said:
        if path.startswith("/v2/"):
            return self._opendsr(method, path, body)
        return self._webhook(method, headers, body)

    def _take(self, key: str, words: dict[str, Any]) -> bool:
        """Take an order; True where it is new."""
        if key in self.orders:
            return False
        self.orders[key] = words
        self.effects += 1
        return True

    def _webhook(self, method: str, headers: dict[str, str], body: bytes) -> Said:
        if method == "HEAD":
            return 200, b"", {}
        if method == "POST":
            self._take(headers["idempotency-key"], json.loads(body))
        if self.refuses:
            return 200, {"status": "refused"}, {}
        if self.finished:
            return 200, {"status": "done", **({"results_url": self.results} if self.results else {})}, {}
        return 202, {}, {"Location": self.location or f"/orders/{headers['idempotency-key']}"}

    def _opendsr(self, method: str, path: str, body: bytes) -> Said:
        if path == "/v2/discovery":
            return 200, {"api_version": "2.0", "supported_subject_request_types": ["erasure"]}, {}
        if method == "POST":
            words = json.loads(body)
            key = words["subject_request_id"]
            if not self._take(key, words):
                return 400, {"error": {"code": 400, "message": "the subject_request_id is known"}}, {}
            return 201, {"subject_request_id": key, "expected_completion_time": "2027-03-20T12:00:00Z"}, {}
        key = path.rpartition("/")[2]
        if key not in self.orders:
            return 404, {}, {}
        status = "cancelled" if self.refuses else "completed" if self.finished else "in_progress"
        more = {"results_url": self.results} if self.results else {}
        return 200, {"subject_request_id": key, "request_status": status, **more}, {}
