"""Sending a package to another controller: encrypted, streamed, to the address of the settings and to no other.

The host's address is looked up once and checked, and the connection goes to that very address: a name that later points
into our own network leads nowhere. Redirects are not followed.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import os
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from services.fulfil.connectors.http.client import AGAIN
from services.fulfil.connectors.protocol import Health, SystemDown, SystemRefuses
from services.fulfil.core.transferring import Acknowledged, acknowledged
from services.runtime.settings import TransferSettings

if TYPE_CHECKING:
    import urllib3

CONNECT_SECONDS: Final = 10.0
TRYING_SECONDS: Final = 20.0
NOT_IMPLEMENTED: Final = 501
"""A server that knows no OPTIONS is there all the same (RFC 9110, 15.6.2)."""
ANSWER_BYTES_MAX: Final = 64 * 1024


def send_package(
    name: str, entry: TransferSettings, parts: Iterator[bytes], size_bytes: int, digest: str, step_id: str, file: str
) -> Acknowledged:
    """Send and return the acknowledgement; raise SystemDown where a later try may help, SystemRefuses where not."""
    headers = {
        "Content-Type": "application/zip",
        "Content-Length": str(size_bytes),
        # RFC 9530; the recipient can tell a package that was cut or changed on its way.
        "Content-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(digest)).decode()}:",
        "Content-Disposition": f'attachment; filename="{file}"',
        "Idempotency-Key": step_id,
        "Accept": "application/json",
        **_authorization(name, entry),
    }
    import urllib3  # loaded where something is sent

    parsed = urlsplit(entry.url)
    target = (parsed.path or "/") + (f"?{parsed.query}" if parsed.query else "")
    with _pool(name, entry) as pool:
        try:
            response = pool.urlopen(
                entry.method, target, body=parts, headers={"Host": parsed.netloc, **headers}, redirect=False,
                retries=False, preload_content=False,
            )  # fmt: skip
            try:
                raw = response.read(ANSWER_BYTES_MAX + 1)
            finally:
                response.release_conn()
        except urllib3.exceptions.SSLError:
            raise SystemRefuses(f"{name}: its certificate is not trusted (`ca_file`)") from None
        except (urllib3.exceptions.HTTPError, OSError) as fault:
            raise SystemDown(f"{name}: it does not answer ({type(fault).__name__})") from None
    if response.status in AGAIN:
        raise SystemDown(f"{name}: it does not take the package now (HTTP {response.status})")
    answer = acknowledged(
        response.status, _said(raw), response.headers.get("Location", ""), entry.statuses, entry.id_field,
        entry.digest_field, digest,
    )  # fmt: skip
    if isinstance(answer, str):
        raise SystemRefuses(f"{name}: {answer}")
    return answer


def try_recipient(name: str, entry: TransferSettings) -> Health:
    """Tell whether a recipient can be reached with what the settings say, sending nobody's data: OPTIONS, no body."""
    import urllib3

    parsed = urlsplit(entry.url)
    target = (parsed.path or "/") + (f"?{parsed.query}" if parsed.query else "")
    try:
        headers = {"Host": parsed.netloc, **_authorization(name, entry)}
        with _pool(name, entry, TRYING_SECONDS) as pool:
            response = pool.urlopen("OPTIONS", target, headers=headers, redirect=False, retries=False)
    except (SystemRefuses, SystemDown) as fault:
        return Health(reachable=False, said=str(fault).removeprefix(f"{name}: "))
    except urllib3.exceptions.SSLError:
        return Health(reachable=False, said="its certificate is not trusted (`ca_file`)")
    except (urllib3.exceptions.HTTPError, OSError) as fault:
        return Health(reachable=False, said=f"it does not answer ({type(fault).__name__})")
    status = response.status
    if status in (401, 403):
        return Health(
            reachable=False, said=f"it refuses access (HTTP {status}): correct `secret`, `secret_env` or `header`"
        )
    if 300 <= status < 400:
        return Health(reachable=False, said=f"it points elsewhere (HTTP {status}), where no data goes: correct `url`")
    if status in (404, 410):
        return Health(reachable=False, said=f"nothing is there (HTTP {status}): correct `url`")
    if status >= 500 and status != NOT_IMPLEMENTED:
        return Health(reachable=False, said=f"it does not work now (HTTP {status})")
    return Health(reachable=True, said=f"it answers (HTTP {status}); a package would go by {entry.method}")


def _authorization(name: str, entry: TransferSettings) -> dict[str, str]:
    secret = entry.secret.get_secret_value() if entry.secret else ""
    if entry.secret_env:
        secret = os.environ.get(entry.secret_env, "")
        if not secret:
            raise SystemRefuses(f"{name}: the environment variable {entry.secret_env} is not set (`secret_env`)")
    return {entry.header: secret} if secret else {}


def _pool(name: str, entry: TransferSettings, read_seconds: float | None = None) -> urllib3.HTTPConnectionPool:
    import urllib3

    parsed = urlsplit(entry.url)
    host = parsed.hostname or ""
    address = _address(name, host, parsed.port or (443 if parsed.scheme == "https" else 80), entry.private_network)
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=read_seconds or entry.timeout_seconds)
    if parsed.scheme == "http":
        return urllib3.HTTPConnectionPool(address, parsed.port or 80, timeout=timeout)
    return urllib3.HTTPSConnectionPool(
        address, parsed.port or 443, timeout=timeout, server_hostname=host, assert_hostname=host,
        ca_certs=str(entry.ca_file) if entry.ca_file else None, cert_reqs="CERT_REQUIRED",
    )  # fmt: skip


def _address(name: str, host: str, port: int, private_network: bool) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise SystemDown(f"{name}: its host is not known") from None
    addresses = [str(each[4][0]) for each in found]
    if not private_network and not all(ipaddress.ip_address(each).is_global for each in addresses):
        raise SystemRefuses(f"{name}: its host leads into a private network; say `private_network = true` if it may")
    return addresses[0]


def _said(raw: bytes) -> Any:
    try:
        return json.loads(raw) if len(raw) <= ANSWER_BYTES_MAX else None
    except (ValueError, RecursionError):
        return None
