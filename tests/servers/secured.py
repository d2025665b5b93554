"""A broker that asks who is there, over TLS, and lets one user in and not the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scripts.serving import free_ports
from services.runtime.settings import BusSettings
from tests.servers.kafka import broker

USER, GUEST, PASSWORD = "habeas", "guest", "a-password-of-the-tests"


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


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """One broker for all tests of a session that ask for it: a user who may do all, and a guest who may do nothing."""
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
        "listener.name.secured.plain.sasl.jaas.config": f'{login} user_{USER}="{PASSWORD}" user_{GUEST}="{PASSWORD}";',
        # The broker itself comes through the plain listener, by no name.
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:ANONYMOUS;User:{USER}",
        "listener.name.secured.ssl.keystore.type": "PEM",
        "listener.name.secured.ssl.keystore.location": str(folder / "broker.pem"),
    }
    with broker(extra, port=inner):
        yield Secured(where, trusted, foreign)
