"""Who the controller's own site says is signed in: a token that the site has signed (JWT, RFC 7519), read and weighed.

Everything that a forger could choose is checked against what the settings fix: the algorithm belongs to the key, so
that neither `none` nor a public key taken for a secret gets anywhere (RFC 8725, 3.1), and a token without an end is
none. Which token was used before is the caller's to know.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.runtime.settings import ED25519, SessionSettings

TOKEN_CHARACTERS_MAX: Final = 4_096
SKEW_SECONDS: Final = 60
"""How far the site's clock may run ahead of ours."""
_CLAIMS: Final = ("sub", "email", "aud", "iat", "exp", "jti")
_NEITHER_NOW_NOR_HERE: Final = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
_EMAIL: Final = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,190}\.[^\s@<>\".]{2,63}")
_NAME_MAX: Final = 120
_ID: Final = re.compile(r"[!-~]{8,128}")
_SUBJECT_MAX: Final = 200


class NotVouched(Exception):
    """A token that is not taken; the message says why, and what the site should do."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """Who is signed in, in the site's word."""

    subject: str
    email: str
    name: str
    token_id: str
    until: datetime


def vouched(token: str, controller: str, settings: SessionSettings, now: datetime) -> Vouched:
    """Return who the site says this is, or say why the token is not taken."""
    if not token or len(token) > TOKEN_CHARACTERS_MAX:
        raise NotVouched(f"the identity must be a signed token of at most {TOKEN_CHARACTERS_MAX} characters")
    claims = _signed(token, settings)
    if missing := [name for name in _CLAIMS if claims.get(name) in (None, "")]:
        raise NotVouched(
            f"the identity token lacks {', '.join(missing)}; the site must sign all of {', '.join(_CLAIMS)}"
        )
    if claims["aud"] not in (controller, [controller]):
        raise NotVouched(f"the identity token is for somebody else: its aud must be {controller}")
    return Vouched(
        subject=_subject(claims["sub"]), email=_email(claims["email"]), name=_name(claims.get("name")),
        token_id=_token_id(claims["jti"]), until=_in_time(claims, settings, now),
    )  # fmt: skip


def _signed(token: str, settings: SessionSettings) -> Mapping[str, Any]:
    """Return what the token says, if one of the site's keys signed it by that key's own algorithm."""
    import jwt  # 3 MB, only where a controller's site signs people in

    for written in settings.keys:
        key, algorithm = _key(written.get_secret_value())
        try:
            options: Any = {**_NEITHER_NOW_NOR_HERE, "verify_aud": False, "verify_sub": False, "verify_jti": False}
            found = jwt.decode(token, key, algorithms=[algorithm], options=options)
        except (jwt.InvalidTokenError, ValueError, RecursionError):
            continue
        return dict(found)
    raise NotVouched("the identity token is not signed with a key of this site's")


@lru_cache(maxsize=64)
def _key(written: str) -> tuple[Any, str]:
    """Return a key and the one algorithm that it is for."""
    if not written.startswith(ED25519):
        return written, "HS256"
    try:
        return Ed25519PublicKey.from_public_bytes(b64decode(written.removeprefix(ED25519), validate=True)), "EdDSA"
    except (ValueError, NotBase64):
        raise NotVouched("the site's key cannot be used; an operator must look at the settings") from None


def _in_time(claims: Mapping[str, Any], settings: SessionSettings, now: datetime) -> datetime:
    """Return until when the token holds."""
    issued, ends = _moment(claims["iat"], "iat"), _moment(claims["exp"], "exp")
    begins = _moment(claims["nbf"], "nbf") if claims.get("nbf") is not None else issued
    if max(issued, begins).timestamp() > now.timestamp() + SKEW_SECONDS:
        raise NotVouched("the identity token is not valid yet: compare the site's clock")
    if ends <= now:
        raise NotVouched("the identity token has expired; the site must give a fresh one")
    if (ends - issued).total_seconds() > settings.longest_seconds:
        raise NotVouched(f"the identity token is valid for too long: at most {settings.longest_seconds} seconds")
    return ends


def _moment(value: object, name: str) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotVouched(f"the identity token's {name} must be a number of seconds since 1970")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise NotVouched(f"the identity token's {name} is out of range") from None


def _subject(value: object) -> str:
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not text or len(text) > _SUBJECT_MAX or not text.isprintable():
        raise NotVouched(f"the identity token's sub must be the customer's id, of at most {_SUBJECT_MAX} characters")
    return text


def _email(value: object) -> str:
    text = value.strip().lower() if isinstance(value, str) else ""
    if not _EMAIL.fullmatch(text):
        raise NotVouched("the identity token's email must be the address that the site has confirmed")
    return text


def _name(value: object) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return text[:_NAME_MAX] if text.isprintable() else ""


def _token_id(value: object) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise NotVouched("the identity token's jti must be 8 to 128 characters, new for each token")
    return value
