"""A site's word about who is signed in is taken only as the site signed it, for us, once, and while it holds."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from services.intake.vouching import NotVouched, vouched
from services.runtime.settings import SessionSettings, SettingsFault, load
from tests.intake.vouched_by import SECRET, token

NOW = datetime(2027, 3, 2, 9, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
SITE = SessionSettings(keys=(SecretStr(SECRET),), identity="customer")
PRIVATE = Ed25519PrivateKey.generate()
PUBLIC = b64encode(PRIVATE.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
SIGNING = SessionSettings(keys=(SecretStr(f"ed25519:{PUBLIC}"),))


def test_a_signed_token_says_who_it_is() -> None:
    who = vouched(token(NOW, email="Ann@Example.org"), "axigen", SITE, NOW)
    assert (who.subject, who.email, who.name) == ("4711", "ann@example.org", "Ann Ash")
    assert who.until == NOW + timedelta(seconds=600)


def test_a_public_key_is_enough_to_read_what_the_site_signs() -> None:
    made = token(NOW, key=PRIVATE, algorithm="EdDSA", aud=["axigen"])
    assert vouched(made, "axigen", SIGNING, NOW).subject == "4711"
    both = SessionSettings(keys=(SecretStr(SECRET), *SIGNING.keys))
    assert vouched(made, "axigen", both, NOW).subject == "4711", "while keys are changed, the old one and the new"


def unsigned(head: dict[str, Any]) -> str:
    """Return a token that nobody signed, as a forger writes it."""
    parts = [head, jwt.decode(token(NOW), options={"verify_signature": False})]
    return ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (unsigned({"alg": "none"}), "not signed with a key"),
        (unsigned({"alg": "None", "typ": "JWT"}), "not signed with a key"),
        (token(NOW, key=f"another secret, {SECRET}"), "not signed with a key"),
        (token(NOW, algorithm="HS512"), "not signed with a key"),
        (token(NOW)[:-6] + "AAAAAA", "not signed with a key"),
        (token(NOW, exp=AT), "has expired"),
        (token(NOW, exp=AT - 3600), "has expired"),
        (token(NOW, exp=None), "lacks exp"),
        (token(NOW, iat=None, jti=None), "lacks iat, jti"),
        (token(NOW, sub="", email=None), "lacks sub, email"),
        (token(NOW, exp=AT + 86_400), "valid for too long: at most 900 seconds"),
        (token(NOW, iat=AT + 3_600, exp=AT + 3_700), "not valid yet"),
        (token(NOW, nbf=AT + 300), "not valid yet"),
        (token(NOW, aud="mailigen"), "its aud must be axigen"),
        (token(NOW, aud=["mailigen", "axigen"]), "its aud must be axigen"),
        (token(NOW, exp="tomorrow"), "exp must be a number"),
        (token(NOW, exp=True), "exp must be a number"),
        (token(NOW, exp=1e300), "exp is out of range"),
        (token(NOW, email="ann"), "email must be the address"),
        (token(NOW, email="ann@example.org\nBcc: bob@example.net"), "email must be the address"),
        (token(NOW, sub={"admin": 1}), "sub must be the customer's id"),
        (token(NOW, jti="short"), "jti must be"),
        ("", "at most 4096 characters"),
        ("x" * 5000, "at most 4096 characters"),
        ("a.b.c", "not signed with a key"),
        ("é.ü.ß", "not signed with a key"),
    ],
)
def test_what_the_site_did_not_sign_for_us_and_now_is_not_taken(made: str, why: str) -> None:
    with pytest.raises(NotVouched, match=why):
        vouched(made, "axigen", SITE, NOW)


def test_a_public_key_taken_for_a_secret_signs_nothing() -> None:
    # RFC 8725, 2.1: whoever knows the public key must not be able to sign with it as if it were a secret.
    for known in (f"ed25519:{PUBLIC}", PUBLIC):
        with pytest.raises(NotVouched, match="not signed with a key"):
            vouched(token(NOW, key=known), "axigen", SIGNING, NOW)


@given(at=st.integers(0, 400), letter=st.sampled_from("ABCxyz019-_."))
def test_no_changed_token_is_taken_for_another_person(at: int, letter: str) -> None:
    made = token(NOW)
    at %= len(made)
    changed = made[:at] + letter + made[at + 1 :]
    try:
        who = vouched(changed, "axigen", SITE, NOW)
    except NotVouched:
        return
    # The last character of base64 has bits that mean nothing: what is said is the same.
    assert (who.subject, who.email) == ("4711", "ann@example.org")


@given(made=st.text(max_size=300))
def test_whatever_is_sent_is_read_or_refused(made: str) -> None:
    with pytest.raises(NotVouched):
        vouched(made, "axigen", SITE, NOW)


SETTINGS = '[controllers.axigen]\naddresses = ["a@axigen.com"]\n[controllers.axigen.identity.session]\n'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('keys = ["too short"]', "at least 32 characters"),
        ("keys = []", "keys"),
        ('keys = ["ed25519:AAAA"]', "32 bytes of the public key"),
        ('keys = ["-----BEGIN PUBLIC KEY-----MCowBQYDK2VwAyEA-----END PUBLIC KEY-----"]', "at least 32 characters"),
        (f'keys = ["{SECRET}"]\nlongest_seconds = 86400', "longest_seconds"),
        (f'keys = ["{SECRET}"]\nidentity = "Customer No"', "identity"),
    ],
)
def test_settings_that_would_let_anybody_in_are_refused(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "habeas.toml").write_text(SETTINGS + text, encoding="utf-8")
    with pytest.raises(SettingsFault, match=why) as fault:
        load(tmp_path)
    assert SECRET not in str(fault.value)


def test_a_level_that_nothing_could_reach_is_refused(tmp_path: Path) -> None:
    text = (
        '[controllers.axigen]\naddresses = ["a@axigen.com"]\n[controllers.axigen.identity.levels]\naccess = "session"\n'
    )
    (tmp_path / "habeas.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsFault, match="access asks for a session"):
        load(tmp_path)
