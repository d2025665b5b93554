"""Speaking S3, through botocore, which is an optional extra (`habeas[s3]`): it knows every way to be given credentials.

What a service answers becomes one of our faults; its own texts repeat keys, which may name a person, so they are never
passed on.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from services.fulfil.connectors.protocol import ConnectorError, SystemDown, SystemRefuses

try:
    import botocore.session
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, ParamValidationError
    from botocore.exceptions import ConnectionError as Unreachable
except ImportError:  # pragma: no cover - the test installation has it
    raise SystemRefuses("S3 storage needs an extra library: pip install 'habeas[s3]'.") from None

HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
AGAIN: Final = frozenset({408, 429, 500, 502, 503, 504})
CHANGED: Final = frozenset({409, 412})
ABSENT: Final = frozenset({404})
LACKING: Final = frozenset({"NotImplemented", "MethodNotAllowed", "XNotImplemented"})
DELETED_AT_ONCE: Final = 1000
KEPT_HEADERS: Final = (
    "ContentType", "ContentEncoding", "ContentDisposition", "ContentLanguage", "CacheControl", "StorageClass",
)  # fmt: skip
USAGE: Final = "write s3://bucket/prefix or s3+https://KEY:SECRET@host/bucket/prefix"
_SESSION: Final = botocore.session.Session()
_MAKING: Final = threading.Lock()


class Changed(SystemDown):
    """An object is not as it was read: another program wrote or removed it meanwhile."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One object of a listing."""

    key: str
    etag: str
    size: int
    modified: Any


@dataclass(frozen=True, slots=True)
class Address:
    """A connection URL, read."""

    endpoint: str | None
    region: str
    bucket: str
    prefix: str
    key: str
    secret: str


def address_of(system: str, url: str) -> Address:
    """Read `s3://bucket/prefix`, which is Amazon's, or `s3+https://host/bucket/prefix`, which is anybody's."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    except ValueError:
        raise SystemRefuses(f"{system}: the connection is no address; {USAGE}.") from None
    region = (parse_qs(parts.query).get("region") or [""])[0]
    given = unquote(parts.username or ""), unquote(parts.password or "")
    path = unquote(parts.path.strip("/"))
    if parts.scheme == "s3":
        endpoint, bucket, prefix = None, host, path
    else:
        transport = parts.scheme.partition("+")[2]
        if transport not in ("http", "https") or (transport == "http" and host not in HERE):
            raise SystemRefuses(f"{system}: {USAGE}; without TLS only on this machine.")
        endpoint = f"{transport}://{f'[{host}]' if ':' in host else host}{port}"
        bucket, _, prefix = path.partition("/")
    if not bucket:
        raise SystemRefuses(f"{system}: the connection names no bucket; {USAGE}.")
    return Address(endpoint, region, bucket, f"{prefix}/" if prefix else "", *given)


class Bucket:
    """One bucket, and the prefix below which everything lies."""

    def __init__(self, system: str, address: Address, *, conditional: bool = True) -> None:
        self.system: Final = system
        self.prefix: Final = address.prefix
        self._bucket = address.bucket
        self._conditional = conditional
        logging.getLogger("botocore").setLevel(logging.WARNING)  # its finer words hold keys, which may name a person
        config = Config(
            connect_timeout=10, read_timeout=60, retries={"mode": "standard", "max_attempts": 4},
            max_pool_connections=16, signature_version="s3v4", user_agent_appid="habeas",
            request_checksum_calculation="when_required", response_checksum_validation="when_required",
            s3={"addressing_style": "path" if address.endpoint else "auto"},
        )  # fmt: skip
        keys: dict[str, str] = {}
        if address.key:
            keys = {"aws_access_key_id": address.key, "aws_secret_access_key": address.secret}
        region = address.region or (None if address.endpoint is None else "us-east-1")
        with _MAKING, self._named("connect"):
            self._client = _SESSION.create_client(
                "s3", endpoint_url=address.endpoint, region_name=region, config=config, **keys
            )

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def reach(self) -> None:
        """See that the bucket is there and may be listed."""
        with self._named("ListBucket"):
            self._client.list_objects_v2(Bucket=self._bucket, Prefix=self.prefix, MaxKeys=1)

    def listed(self, prefix: str) -> Iterator[Entry]:
        """Yield the objects below a prefix, page by page."""
        with self._named("ListBucket"):
            for page in self._pages("list_objects_v2", Prefix=prefix):
                for entry in page.get("Contents", ()):
                    yield Entry(entry["Key"], entry.get("ETag", ""), entry.get("Size", 0), entry.get("LastModified"))

    def folders(self) -> tuple[list[str], list[str]]:
        """Return the names right below the prefix: of objects, and of folders."""
        files: list[str] = []
        folders: list[str] = []
        with self._named("ListBucket"):
            for page in self._pages("list_objects_v2", Prefix=self.prefix, Delimiter="/"):
                files += [entry["Key"].removeprefix(self.prefix) for entry in page.get("Contents", ())]
                folders += [e["Prefix"].removeprefix(self.prefix).strip("/") for e in page.get("CommonPrefixes", ())]
        return files, folders

    def head(self, entry: Entry) -> Mapping[str, Any]:
        """Return what an object says of itself, as it was when it was listed."""
        with self._named("GetObject"):
            found: Mapping[str, Any] = self._client.head_object(Bucket=self._bucket, Key=entry.key, IfMatch=entry.etag)
            return found

    def content(self, entry: Entry) -> tuple[bytes, Mapping[str, Any]]:
        """Return an object's bytes and what it says of itself, as it was when it was listed."""
        with self._named("GetObject"):
            found = self._client.get_object(Bucket=self._bucket, Key=entry.key, IfMatch=entry.etag)
            with closing(found["Body"]) as body:
                return body.read(), found

    def fetch(self, entry: Entry, into: Path) -> None:
        """Write an object into a file, as it was when it was listed."""
        with self._named("GetObject"), into.open("wb") as file:
            found = self._client.get_object(Bucket=self._bucket, Key=entry.key, IfMatch=entry.etag)
            with closing(found["Body"]) as body:
                for chunk in body.iter_chunks(1024 * 1024):
                    file.write(chunk)

    def put(self, entry: Entry, body: Any, metadata: Mapping[str, str] | None = None) -> str:
        """Replace an object that is still as it was read; return the name of its new version, where there is one."""
        head = self.head(entry)
        kept = {name: head[name] for name in KEPT_HEADERS if head.get(name)}
        if head.get("ServerSideEncryption") == "aws:kms":
            kept |= {name: head[name] for name in ("ServerSideEncryption", "SSEKMSKeyId") if head.get(name)}
        if self._conditional:
            kept["IfMatch"] = entry.etag
        said = dict(head.get("Metadata", {}) if metadata is None else metadata)
        with self._named("PutObject"):
            done = self._client.put_object(Bucket=self._bucket, Key=entry.key, Body=body, Metadata=said, **kept)
        return str(done.get("VersionId") or "")

    def relabel(self, entry: Entry, metadata: Mapping[str, str]) -> str:
        """Replace an object's metadata by copying it onto itself; return its new version, where there is one."""
        head = self.head(entry)
        kept = {name: head[name] for name in KEPT_HEADERS if head.get(name)}
        with self._named("PutObject"):
            done = self._client.copy_object(
                Bucket=self._bucket, Key=entry.key, CopySource={"Bucket": self._bucket, "Key": entry.key},
                CopySourceIfMatch=entry.etag, MetadataDirective="REPLACE", Metadata=dict(metadata), **kept,
            )  # fmt: skip
        return str(done.get("VersionId") or "")

    def versioned(self) -> bool:
        """Whether the bucket keeps, or has kept, old versions; a service without versions keeps none."""
        try:
            with self._named("GetBucketVersioning"):
                return bool(self._client.get_bucket_versioning(Bucket=self._bucket).get("Status"))
        except _Lacking:
            return False

    def delete(self, entry: Entry) -> None:
        """Delete an object that is still as it was read, in a bucket without versions."""
        self.head(entry)
        condition = {"IfMatch": entry.etag} if self._conditional else {}
        with self._named("DeleteObject"):
            self._client.delete_object(Bucket=self._bucket, Key=entry.key, **condition)

    def for_good(self, entry: Entry, write: Callable[[], str]) -> None:
        """Write an object anew and delete its old versions; where those may not go, what it was stands there again.

        Otherwise a repetition would find the object clean, and the person would stay in what is underneath.
        """
        before = str(self.head(entry).get("VersionId") or "")
        version = write()
        try:
            self.forget_versions(entry.key, but=version)
        except ConnectorError:
            source = {"Bucket": self._bucket, "Key": entry.key, "VersionId": before}
            with contextlib.suppress(ConnectorError), self._named("PutObject"):
                self._client.copy_object(Bucket=self._bucket, Key=entry.key, CopySource=source)
            raise

    def forget_versions(self, key: str, but: str = "") -> None:
        """Delete every version of an object and every mark of its deletion, except one."""
        with self._named("ListBucketVersions"):
            pages = [
                (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
                for page in self._pages("list_object_versions", Prefix=key)
            ]
        named = ((one["Key"], one["VersionId"]) for page in pages for one in page)
        found = [{"Key": key, "VersionId": version} for name, version in named if name == key and version != but]
        with self._named("DeleteObjectVersion"):
            for start in range(0, len(found), DELETED_AT_ONCE):
                some = found[start : start + DELETED_AT_ONCE]
                done = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": some, "Quiet": True})
                if done.get("Errors"):
                    code = str(done["Errors"][0].get("Code", ""))
                    raise SystemRefuses(
                        f"{self.system}: {len(done['Errors'])} old versions of an object may not be deleted ({code}): "
                        "a lock, a legal hold or missing rights keep them."
                    )

    def _pages(self, operation: str, **asked: Any) -> Iterator[Mapping[str, Any]]:
        yield from self._client.get_paginator(operation).paginate(Bucket=self._bucket, **asked)

    @contextmanager
    def _named(self, right: str) -> Iterator[None]:
        """Turn what botocore raises into our faults; `right` is the permission that is needed."""
        try:
            yield
        except ClientError as fault:
            raise self._fault(fault.response, right) from None
        except (HTTPClientError, Unreachable) as fault:
            raise SystemDown(f"{self.system}: the storage does not answer ({type(fault).__name__}).") from None
        except ParamValidationError:
            raise SystemRefuses(
                f"{self.system}: the storage cannot hold this value; metadata holds ASCII text only."
            ) from None
        except BotoCoreError as fault:
            said = f"{self.system}: the connection to the storage is incomplete ({type(fault).__name__}); name"
            raise SystemRefuses(f"{said} key, secret and ?region= in its URL, or in the environment.") from None

    def _fault(self, response: Mapping[str, Any], right: str) -> SystemDown | SystemRefuses:
        code = str(response.get("Error", {}).get("Code", ""))[:60]
        status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if code in LACKING:
            return _Lacking(f"{self.system}: the storage does not know {right}, or not with a condition ({code}).")
        if code == "NoSuchBucket":
            return SystemRefuses(f"{self.system}: there is no such bucket; mend the connection.")
        if status in CHANGED or status in ABSENT:
            said = f"{self.system}: an object was changed or removed by another program meanwhile."
            return Changed(f"{said} It was left as it is; try again.")
        if status in AGAIN:
            return SystemDown(f"{self.system}: the storage cannot answer now ({code or status}).")
        if status in (401, 403):
            return SystemRefuses(f"{self.system}: the storage refuses {right} ({code or status}); mend key or rights.")
        return SystemRefuses(f"{self.system}: the storage refuses {right} ({code or status}).")


class _Lacking(SystemRefuses):
    """The service does not implement what was asked."""
