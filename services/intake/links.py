"""Signed links: what they name cannot be changed, they expire, and they act only on POST (mail scanners open GETs)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from itsdangerous import BadData, URLSafeSerializer

TOKEN_CHARACTERS_MAX: Final = 600


class BadLink(Exception):
    """A link that is forged, damaged or expired. All three look the same from outside."""


@dataclass(frozen=True, slots=True)
class CheckLink:
    """A link by which a person confirms that they wrote."""

    controller: str
    case_id: str
    check_id: str
    expires: datetime
    factor: str = ""  # the number that is asked for behind it


@dataclass(frozen=True, slots=True)
class PackageLink:
    """A link to a package's page, or to its archive, good once."""

    controller: str
    case_id: str
    package: str
    expires: datetime

    @property
    def file_name(self) -> str:
        """Return what a browser calls the file."""
        return f"{self.controller}-{self.case_id[:8]}.zip"


@dataclass(frozen=True, slots=True)
class AskedLink:
    """A link by which a vendor acknowledges what was asked of them by mail."""

    controller: str
    reference: str
    language: str = "en"


class Links:
    """Makes and reads links with one key; no kind of link is good as another."""

    def __init__(self, key: bytes, public_url: str) -> None:
        self._check = URLSafeSerializer(key, salt="habeas.check")
        self._package = URLSafeSerializer(key, salt="habeas.package")
        self._archive = URLSafeSerializer(key, salt="habeas.archive")
        self._asked = URLSafeSerializer(key, salt="habeas.asked")
        self._url = public_url.rstrip("/")

    def check(self, link: CheckLink) -> str:
        fields: list[object] = [link.controller, link.case_id, link.check_id, int(link.expires.timestamp())]
        token = self._check.dumps([*fields, link.factor] if link.factor else fields)
        return f"{self._url}/v/{_text(token)}"

    def package(self, link: PackageLink) -> str:
        fields = [link.controller, link.case_id, link.package, int(link.expires.timestamp())]
        return f"{self._url}/d/{_text(self._package.dumps(fields))}"

    def archive(self, link: PackageLink) -> str:
        """Return where the archive itself is, for the page behind the button: no letter holds it."""
        fields = [link.controller, link.case_id, link.package, int(link.expires.timestamp())]
        return f"/a/{_text(self._archive.dumps(fields))}"

    def asked(self, link: AskedLink) -> str:
        """Return where a vendor acknowledges; it does not expire, and does nothing for a claim that is answered."""
        return f"{self._url}/p/{_text(self._asked.dumps([link.controller, link.reference, link.language]))}"

    def read_asked(self, token: str) -> AskedLink:
        controller, reference, *language = _fields(self._asked, token, 2, 3)
        return AskedLink(str(controller), str(reference), *map(str, language))

    def read_check(self, token: str, now: datetime) -> CheckLink:
        controller, case_id, check_id, expires, *factor = _fields(self._check, token, 4, 5)
        return CheckLink(
            str(controller), str(case_id), str(check_id), _unexpired(expires, now), "".join(map(str, factor))
        )

    def read_package(self, token: str) -> PackageLink:
        """Read a link to a package; whether its time is over, the package itself knows."""
        return _package(_fields(self._package, token, 4))

    def read_archive(self, token: str) -> PackageLink:
        return _package(_fields(self._archive, token, 4))


def _fields(serializer: URLSafeSerializer, token: str, *counts: int) -> list[object]:
    if len(token) > TOKEN_CHARACTERS_MAX:
        raise BadLink("too long")
    try:
        fields = serializer.loads(token)
    except BadData:
        raise BadLink("not signed by us") from None
    if _text(serializer.dumps(fields)) != token:
        # The last letter of a base64 holds bits that mean nothing: with another one in them it is not the link we sent.
        raise BadLink("not as we signed it")
    if not isinstance(fields, list) or len(fields) not in counts:
        raise BadLink("not of this kind")
    return fields


def _package(fields: list[object]) -> PackageLink:
    controller, case_id, package, expires = fields
    return PackageLink(str(controller), str(case_id), str(package), datetime.fromtimestamp(int(str(expires)), UTC))


def _unexpired(expires: object, now: datetime) -> datetime:
    moment = datetime.fromtimestamp(int(str(expires)), UTC)
    if now >= moment:
        raise BadLink("expired")
    return moment


def _text(token: str | bytes) -> str:
    return token.decode() if isinstance(token, bytes) else token
