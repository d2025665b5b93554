"""A broker that asks who is there, over TLS: the settings reach it, and what is wrong with them is one clear line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from schemas.topics import TopicSpec
from scripts.serving import free_ports
from services.cli.main import habeas
from services.runtime.bus.kafka.bus import KafkaBus
from services.runtime.bus.port import BusUnusable, Outgoing, Record
from services.runtime.settings import BusSettings
from tests.servers.kafka import broker

pytestmark = pytest.mark.kafka
USER, PASSWORD = "habeas", "a-password-of-the-tests"
TOPIC = TopicSpec("habeas.secured", "a topic of these tests", 1, 1, False)


def authority(folder: Path, name: str) -> tuple[Path, x509.Certificate, ec.EllipticCurvePrivateKey]:
    """Make a certificate authority; return its file, its certificate and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = certificate(subject, key.public_key(), subject, key, x509.BasicConstraints(ca=True, path_length=0))
    path = folder / f"{name}.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return path, made, key


def certificate(
    subject: x509.Name,
    public: ec.EllipticCurvePublicKey,
    issuer: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public)
    builder = builder.serial_number(x509.random_serial_number()).add_extension(extension, critical=True)
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    return builder.sign(signer, hashes.SHA256())


@dataclass(frozen=True)
class Secured:
    """A broker with a listener for SASL over TLS."""

    bootstrap: str
    trusted: Path
    foreign: Path

    def settings(self, **other: object) -> BusSettings:
        said = {
            "kind": "kafka", "bootstrap": self.bootstrap, "security_protocol": "SASL_SSL", "sasl_mechanism": "PLAIN",
            "sasl_username": USER, "sasl_password": PASSWORD, "ssl_cafile": self.trusted,
        }  # fmt: skip
        return BusSettings.model_validate({**said, **other})


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("tls")
    trusted, issuer, signer = authority(folder, "trusted")
    foreign, _, _ = authority(folder, "foreign")
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = certificate(subject, key.public_key(), issuer.subject, signer, names)
    # Kafka takes a private key and its chain from one PEM file.
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + made.public_bytes(serialization.Encoding.PEM)
    (folder / "broker.pem").write_bytes(pem)
    inner, outer = free_ports(2)
    where = f"127.0.0.1:{outer}"
    login = "org.apache.kafka.common.security.plain.PlainLoginModule required"
    extra = {
        "listeners": f"PLAINTEXT://127.0.0.1:{inner},SECURED://{where},CONTROLLER://127.0.0.1:{{controller}}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{inner},SECURED://{where}",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECURED:SASL_SSL",
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.secured.plain.sasl.jaas.config": f'{login} user_{USER}="{PASSWORD}";',
        "listener.name.secured.ssl.keystore.type": "PEM",
        "listener.name.secured.ssl.keystore.location": str(folder / "broker.pem"),
    }
    with broker(extra, port=inner):
        yield Secured(where, trusted, foreign)


def test_what_is_published_with_a_password_over_tls_comes_back(secured: Secured) -> None:
    async def go() -> list[Record]:
        bus = KafkaBus(secured.settings())
        await bus.open()
        try:
            await bus.ensure_topics([TOPIC])
            await bus.publish([Outgoing(TOPIC.name, b"key", b"value")])
            return [record async for record in bus.tail([TOPIC.name], from_beginning=True, follow=False)]
        finally:
            await bus.close()

    (record,) = asyncio.run(go())
    assert (record.key, record.value) == (b"key", b"value")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"sasl_password": "another"}, "bus.sasl_username and bus.sasl_password"),
        ({"sasl_mechanism": "SCRAM-SHA-512"}, "bus.sasl_mechanism"),
        ({"ssl_cafile": "foreign"}, "bus.ssl_cafile"),
    ],
    ids=["wrong password", "mechanism that is off", "untrusted certificate"],
)
def test_what_the_broker_or_we_refuse_is_said_at_once_and_names_the_setting(
    secured: Secured, wrong: dict[str, object], says: str
) -> None:
    if "ssl_cafile" in wrong:
        wrong = {"ssl_cafile": secured.foreign}

    async def go() -> None:
        async with asyncio.timeout(20):
            await KafkaBus(secured.settings(**wrong)).open()

    with pytest.raises(BusUnusable) as refused:
        asyncio.run(go())
    assert says in str(refused.value)
    assert PASSWORD not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_user_is_told_by_the_command_in_one_line(secured: Secured, tmp_path: Path) -> None:
    (tmp_path / "habeas.toml").write_text(
        f'[bus]\nkind = "kafka"\nbootstrap = "{secured.bootstrap}"\nsecurity_protocol = "SASL_SSL"\n'
        f'sasl_username = "{USER}"\nsasl_password = "wrong"\nssl_cafile = {json.dumps(str(secured.trusted))}\n'
    )
    for command in (["topics", "list"], ["doctor"]):
        done = CliRunner().invoke(habeas, [*command, "--home", str(tmp_path)], catch_exceptions=False)
        assert done.exit_code == 1
        said = [line for line in done.output.splitlines() if "bus.sasl_password" in line]
        assert len(said) == 1, done.output
        assert "Traceback" not in done.output
