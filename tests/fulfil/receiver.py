"""Another controller that takes portable packages: a real HTTPS server with a certificate of its own authority."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def certificate(folder: Path, host: str = "localhost") -> tuple[Path, Path]:
    """Write a certificate that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    alternatives = [x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, secret = folder / f"{host}.pem", folder / f"{host}.key"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert, secret


class Receiver:
    """Takes packages, and says what it is told to say."""

    def __init__(self, folder: Path) -> None:
        self.ca, key = certificate(folder)
        self.packages: dict[str, bytes] = {}
        self.asked: list[dict[str, str]] = []
        self.troubles: list[int] = []
        self.status = 201
        self.lies = False
        self.location = ""
        receiver = self

        class Door(BaseHTTPRequestHandler):
            def take(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.asked.append({name.lower(): value for name, value in self.headers.items()})
                digest = hashlib.sha256(body).hexdigest()
                told = self.headers["Content-Digest"].removeprefix("sha-256=:").removesuffix(":")
                assert base64.b64decode(told).hex() == digest, "the package arrived as it was sent"
                status = receiver.troubles.pop(0) if receiver.troubles else receiver.status
                if 200 <= status < 300:
                    receiver.packages[self.headers["Idempotency-Key"]] = body
                said: Any = {"receipt": {"id": "PW-77"}, "sha256": "0" * 64 if receiver.lies else digest}
                raw = json.dumps(said).encode()
                self.send_response(status)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_POST = do_PUT = take  # noqa: N815 - the library's names

            def do_OPTIONS(self) -> None:
                receiver.asked.append({name.lower(): value for name, value in self.headers.items()})
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *given: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"https://localhost:{self.server.server_address[1]}/portability"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
