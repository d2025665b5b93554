"""A package goes to another controller only encrypted and only where the settings say; what counts is its answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from services.cli.connectors import connectors
from services.fulfil.connectors.protocol import Health, SystemDown, SystemRefuses
from services.fulfil.core.transferring import Acknowledged, mentioned, recipient_named
from services.fulfil.sending import send_package, try_recipient
from services.runtime.settings import TransferSettings
from tests.fulfil.receiver import Receiver
from tests.journeys.shop import Shop, home_with

KNOWN = {
    "pens": ("api.penworld.example", ("Pen World Ltd.", "penworld.example")),
    "bank": ("neue-bank.example", ("Neue Bank AG",)),
}
CONTENT = b"PK" + bytes(300_000)
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    found = Receiver(tmp_path)
    yield found
    found.close()


def entry(receiver: Receiver, **more: Any) -> TransferSettings:
    settings: dict[str, Any] = {"url": receiver.url, "ca_file": receiver.ca, "private_network": True}
    return TransferSettings(**settings | {"secret": "Bearer s3cret", "id_field": "receipt.id"} | more)


def send(settings: TransferSettings) -> Acknowledged:
    parts = (CONTENT[start : start + 65_536] for start in range(0, len(CONTENT), 65_536))
    return send_package("pens", settings, parts, len(CONTENT), DIGEST, "step-1", "axigen-1.zip")


def test_a_package_is_streamed_with_its_hash_and_acknowledged(receiver: Receiver) -> None:
    assert send(entry(receiver, digest_field="sha256")) == Acknowledged(201, "PW-77")
    assert receiver.packages == {"step-1": CONTENT}
    (asked,) = receiver.asked
    assert asked["authorization"] == "Bearer s3cret"
    assert asked["content-type"] == "application/zip"
    assert "transfer-encoding" not in asked, "a length that is known is said"


def test_a_secret_comes_from_the_environment(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = entry(receiver, secret=None, secret_env="PENS_TOKEN", header="X-Api-Key")
    with pytest.raises(SystemRefuses, match="PENS_TOKEN is not set"):
        send(settings)
    monkeypatch.setenv("PENS_TOKEN", "from-the-environment")
    send(settings)
    assert receiver.asked[-1]["x-api-key"] == "from-the-environment"


@pytest.mark.parametrize("status", [500, 503, 429])
def test_trouble_that_passes_is_tried_again_later(receiver: Receiver, status: int) -> None:
    receiver.troubles = [status]
    with pytest.raises(SystemDown):
        send(entry(receiver))


@pytest.mark.parametrize(("status", "said"), [(401, "refuses access"), (200, "no acknowledgement"), (404, "HTTP 404")])
def test_what_is_no_acknowledgement_is_none(receiver: Receiver, status: int, said: str) -> None:
    receiver.status = status
    with pytest.raises(SystemRefuses, match=said):
        send(entry(receiver, statuses=(201,)))


def test_an_acknowledgement_of_other_bytes_is_none(receiver: Receiver) -> None:
    receiver.lies = True
    with pytest.raises(SystemRefuses, match="does not confirm the package's hash"):
        send(entry(receiver, digest_field="sha256"))


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.status, receiver.location = 307, "http://169.254.169.254/"
    with pytest.raises(SystemRefuses, match="points elsewhere"):
        send(entry(receiver))
    assert len(receiver.asked) == 1


def test_a_certificate_that_nobody_trusts_is_refused(receiver: Receiver) -> None:
    with pytest.raises(SystemRefuses, match="certificate"):
        send(entry(receiver, ca_file=None))
    assert not receiver.asked


def test_our_own_network_is_no_recipient_unless_the_settings_say_so(receiver: Receiver) -> None:
    with pytest.raises(SystemRefuses, match="private network"):
        send(entry(receiver, private_network=False))
    assert not receiver.asked


def test_a_recipient_that_is_away_is_tried_again_later(receiver: Receiver) -> None:
    receiver.close()
    try:
        with pytest.raises(SystemDown):
            send(entry(receiver))
    finally:
        receiver.server.socket.close()


@pytest.mark.parametrize(
    ("url", "more"),
    [
        ("http://pens.example/in", {}),
        ("http://pens.example/in", {"private_network": True}),
        ("https://user:secret@pens.example/in", {}),
        ("ftp://pens.example/in", {}),
        ("https://pens.example/in", {"statuses": (302,)}),
    ],
)
def test_settings_that_would_send_unsafely_are_refused(url: str, more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TransferSettings(url=url, **more)


@pytest.mark.parametrize(
    ("named", "who"),
    [
        ("Pen World", "pens"), ("PEN WORLD LTD", "pens"), ("penworld.example", "pens"), ("pens", "pens"),
        ("www.penworld.example", "pens"), ("Neue Bank", "bank"), ("neue-bank.example", "bank"), ("Bank", "bank"),
        ("Penguin World", None), ("", None), ("example", None), ("world.example", None),
    ],
)  # fmt: skip
def test_a_recipient_is_known_by_its_names_and_domains_and_by_nothing_like_them(named: str, who: str | None) -> None:
    assert recipient_named(named, KNOWN) == who


def test_a_name_that_two_recipients_have_is_nobody_s() -> None:
    assert recipient_named("Pens", {"a": ("a.example", ("Pens",)), "b": ("b.example", ("Pens",))}) is None


def test_recipients_are_seen_in_a_person_s_words() -> None:
    assert mentioned("Bitte an die Neue Bank übertragen!", KNOWN) == ["bank"]
    assert mentioned("Send it to my own address, please.", KNOWN) == []


def tried(receiver: Receiver, **more: Any) -> Health:
    return try_recipient("pens", entry(receiver, **more))


def test_a_recipient_is_tried_without_sending_anything(receiver: Receiver) -> None:
    for answer in (200, 204, 405, 400, 501):
        receiver.status = answer
        assert tried(receiver) == Health(reachable=True, said=f"it answers (HTTP {answer}); a package would go by POST")
    assert not receiver.packages
    assert {each["authorization"] for each in receiver.asked} == {"Bearer s3cret"}
    assert all("content-digest" not in each for each in receiver.asked)


@pytest.mark.parametrize(
    ("answer", "said"),
    [(401, "correct `secret`"), (403, "correct `secret`"), (302, "points elsewhere"), (404, "nothing is there"),
     (503, "does not work now")],
)  # fmt: skip
def test_what_would_stop_a_package_is_said_beforehand(receiver: Receiver, answer: int, said: str) -> None:
    receiver.status = answer
    health = tried(receiver)
    assert not health.reachable
    assert said in health.said


def test_a_recipient_is_not_tried_where_it_could_not_be_sent_to(receiver: Receiver) -> None:
    assert "certificate is not trusted" in tried(receiver, ca_file=None).said
    assert "private network" in tried(receiver, private_network=False).said
    assert "environment variable NO_SUCH is not set" in tried(receiver, secret=None, secret_env="NO_SUCH").said
    away = tried(receiver, url="https://localhost:1/portability")
    assert (away.reachable, away.said) == (False, "it does not answer (NewConnectionError)")


def test_the_command_tries_systems_delegates_and_recipients_of_the_settings(receiver: Receiver, tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop.db")
    more = (
        f'[controllers.axigen.transfers.pens]\nurl = "{receiver.url}"\nca_file = "{receiver.ca}"\n'
        'private_network = true\nsecret = "Bearer s3cret"\n'
        '[controllers.axigen.delegates.mailer]\nask = "mail:privacy@vendor.example"\n'
    )
    home = home_with(shop, tmp_path, more)
    receiver.status = 405
    found = CliRunner().invoke(connectors, ["test", "--home", str(home)])
    assert found.exit_code == 0, found.output
    assert [line.split(":")[0] for line in found.output.splitlines()] == [
        "ok   axigen.shop", "ok   axigen.mailer", "ok   axigen.pens",
    ]  # fmt: skip
    receiver.status = 403
    found = CliRunner().invoke(connectors, ["transfers", "--home", str(home)])
    assert found.exit_code == 1
    assert found.output.startswith("FAIL axigen.pens: it refuses access (HTTP 403)")
    shop.path.unlink()
    found = CliRunner().invoke(connectors, ["test", "--home", str(home)])
    assert found.exit_code == 1
    assert "FAIL axigen.shop" in found.output
    stray = CliRunner().invoke(connectors, ["test", "--connect", "shop=sqlite:///x"])
    assert stray.exit_code == 2
    assert "--map" in stray.output


@pytest.mark.parametrize("kind", ["delegates", "transfers"])
def test_a_command_that_finds_nothing_to_try_says_so(tmp_path: Path, kind: str) -> None:
    found = CliRunner().invoke(connectors, [kind, "--home", str(tmp_path)])
    assert found.exit_code == 0
    assert "Nothing to try" in found.output
