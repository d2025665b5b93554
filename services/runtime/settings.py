"""Settings: one TOML file, the environment over it, the command line over both; every fault named at once.

`habeas.toml` in the home folder is read when it is there. An environment variable is `HABEAS_` and the path with double
underscores: `HABEAS_BUS__BOOTSTRAP`. Addresses, data maps and retention are settings; what a policy promises is not.
"""

from __future__ import annotations

import os
import re
import tomllib
from base64 import b64decode
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Literal, get_args
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from schemas.rights import Right
from services.runtime import reachable
from services.runtime.environment import Environment
from services.runtime.slips import slips
from services.runtime.words import sentence

FILE_NAME: Final = "habeas.toml"
FILE_BYTES_MAX: Final = 1_000_000
HOME_DEFAULT: Final = "habeas-home"


class SettingsFault(Exception):
    """Settings that cannot be used; the message names every fault and what would be right."""


class Part(BaseModel):
    """A section of the settings; a name that is not known is a fault, because it is usually a slip."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Listen(Part):
    """Where a server listens. Port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = Field(ge=0, le=65535)


class BusSettings(Part):
    """Which bus, and how to reach it. The Kafka security settings are passed through as they are."""

    kind: Literal["embedded", "kafka"] = "embedded"
    bootstrap: str = "127.0.0.1:9092"
    replication: int = Field(default=1, ge=1, le=9)
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    ssl_cafile: Path | None = None
    ssl_certfile: Path | None = None
    ssl_keyfile: Path | None = None

    @field_validator("bootstrap")
    @classmethod
    def bootstrap_names_brokers(cls, bootstrap: str) -> str:
        """Accept one broker or several."""
        return reachable.brokers(bootstrap)

    @model_validator(mode="after")
    def sasl_needs_a_user(self) -> BusSettings:
        """Refuse SASL without credentials before a broker does so less clearly."""
        if self.security_protocol.startswith("SASL") and not (self.sasl_username and self.sasl_password):
            raise ValueError(f"{self.security_protocol} needs sasl_username and sasl_password")
        return self


class SystemSettings(Part):
    """One of the controller's systems: its data map, and how to connect."""

    map: Path
    connect: SecretStr
    writes: bool = True
    restore_marker: str | None = Field(default=None, pattern=r"[A-Za-z_][A-Za-z0-9_]{0,62}")


CARRIED_OUT: Final = frozenset(
    {
        Right.ACCESS, Right.PORTABILITY, Right.ERASURE, Right.RECTIFICATION, Right.RESTRICTION, Right.OBJECTION,
        Right.UNSUBSCRIBE, Right.CONSENT_WITHDRAWAL,
    }
)  # fmt: skip
"""The rights that are carried out in systems, and so may be asked of a delegate."""
OPENDSR_RIGHTS: Final = frozenset({Right.ACCESS, Right.PORTABILITY, Right.ERASURE})
"""What the OpenDSR specification knows (its section 6.2)."""
_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


VENDOR_LANGUAGES: Final = ("en", "de", "es", "fr", "it", "nl", "pl", "pt")
"""The languages in which whoever is asked by mail can be written to."""


class DelegateSettings(Part):
    """Somebody who is asked as a whole and answers later: a processor, a webhook, a person at a vendor."""

    ask: SecretStr
    rights: tuple[Right, ...] = ()
    language: str = "en"

    @model_validator(mode="after")
    def can_be_asked(self) -> DelegateSettings:
        """Refuse an address that could not be asked, or not safely, and rights that it does not know."""
        address = self.ask.get_secret_value()
        kind, _, way = address.partition(":")[0].partition("+")
        if kind == "mail":
            if self.language not in VENDOR_LANGUAGES:
                raise ValueError(f"language: letters to vendors are written in {', '.join(VENDOR_LANGUAGES)}")
            if not re.fullmatch(r"[^@\s<>,;:\"\\]{1,64}@[^@\s<>,;:\"\\]{1,190}", self.mail_address):
                raise ValueError("ask must name one address: mail:privacy@vendor.example")
        elif address != "task:":
            parts = urlsplit(address)
            if kind not in {"opendsr", "webhook"} or way not in {"https", "http"} or not _has_place(parts):
                raise ValueError(
                    "ask must be opendsr+https://user:secret@host/, webhook+https://:secret@host/, mail:address "
                    "or task:"
                )
            if way == "http" and parts.hostname not in _THIS_MACHINE:
                raise ValueError("ask must say https: who a person is leaves this machine only encrypted")
            if kind == "webhook" and not parts.password:
                raise ValueError("a webhook needs the secret that signs what it is sent: webhook+https://:secret@host/")
        able = OPENDSR_RIGHTS if kind == "opendsr" else CARRIED_OUT
        if unknown := [right.value for right in self.rights if right not in able]:
            named = ", ".join(sorted(each.value for each in able))
            raise ValueError(f"rights: it cannot be asked for {', '.join(unknown)}; it can for: {named}")
        return self

    @property
    def mail_address(self) -> str:
        """Return the address of one that is asked by mail; nothing for another."""
        kind, _, address = self.ask.get_secret_value().partition(":")
        return address.strip() if kind == "mail" else ""

    def is_asked_for(self, right: Right) -> bool:
        """Tell whether it is asked for this right; without `rights`, for erasure alone."""
        return right in (self.rights or (Right.ERASURE,))


def _has_place(parts: SplitResult) -> bool:
    """Tell whether an address names a host, and a port that can be one."""
    try:
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


LOW_RISK: Final = frozenset(
    {
        Right.CONSENT_WITHDRAWAL, Right.UNSUBSCRIBE, Right.OPT_OUT_OF_SALE, Right.OBJECTION, Right.COMPLAINT,
        Right.BREACH_REPORT,
    }
)  # fmt: skip
WEAK: Final = frozenset({"none", "aligned_mail"})
ED25519: Final = "ed25519:"
ED25519_BYTES: Final = 32
SECRET_CHARACTERS_MIN: Final = 32
"""As many as the output of SHA-256 has bytes: RFC 7518, 3.2 asks for no shorter key."""
CASE_RETENTION_DAYS: Final = 1096
"""Three years: the regular limitation period of claims for damages (Art. 82 GDPR) in most of the Union, for example
§ 195 BGB and art. 2517 of Romania's Codul civil. Until then the case is the proof that it was answered (Art. 5(2) and
17(3)(e) GDPR); kept longer it would be kept without a purpose (Art. 5(1)(e))."""
CASE_RETENTION_DAYS_MIN: Final = 90
"""As long as backups of the systems are kept: within it an erasure may have to be applied again to who it was for."""

QUESTION_RETENTION_DAYS: Final = 90
"""A question that was answered needs no address; so long a person may come back to it and be known."""

BACKUPS_KEPT_DAYS: Final = 90
"""How long the controller's systems can come back from a backup: until then what was carried out in them may have to be
done again, and it is kept for whom."""


class SessionSettings(Part):
    """Whose word about who is signed in is taken: the keys with which the controller's own site signs it.

    A key is a secret for HMAC, or `ed25519:` and the public key in base64. Several make a change of keys possible.
    """

    keys: tuple[SecretStr, ...] = Field(min_length=1, max_length=4)
    identity: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]{0,39}$")
    longest_seconds: int = Field(default=900, ge=30, le=3_600)

    @field_validator("keys")
    @classmethod
    def are_keys(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        """Refuse what anybody could guess, and what is no key."""
        for key in keys:
            written = key.get_secret_value()
            if written.startswith(ED25519):
                try:
                    public = b64decode(written.removeprefix(ED25519), validate=True)
                except ValueError:
                    public = b""
                if len(public) != ED25519_BYTES:
                    raise ValueError("a key after ed25519: is the 32 bytes of the public key in base64")
            elif written.lstrip().startswith("-----") or len(written) < SECRET_CHARACTERS_MIN:
                raise ValueError(
                    f"a key is a secret of at least {SECRET_CHARACTERS_MIN} characters, or ed25519: and the public key"
                )
        return keys


class FactorSettings(Part):
    """A number that only the person and the controller's systems know, asked for beside the link.

    `where` is a field of a data map, `system.table.field`; every one of the person's numbers there will do.
    """

    asks: Literal["order_number", "customer_number"] = "order_number"
    where: str = Field(pattern=r"^[^.\s]+\.[^.\s]+(?:\.[^.\s]+)*\.[^.\s]+$")

    @property
    def place(self) -> tuple[str, str, str]:
        """Return the system, the table and the field; a table's name may hold a point."""
        system, _, rest = self.where.partition(".")
        table, _, field = rest.rpartition(".")
        return system, table, field


class IdentitySettings(Part):
    """How a person proves who they are (Art. 12(6)): as little as the right needs."""

    expires_days: int = Field(default=14, ge=1, le=60)
    attempts_max: int = Field(default=5, ge=1, le=20)
    code_digits: int = Field(default=8, ge=6, le=12)
    levels: dict[Right, Literal["none", "aligned_mail", "session", "link", "link_and_factor", "document"]] = Field(
        default_factory=dict
    )
    session: SessionSettings | None = None
    factor: FactorSettings | None = None

    @model_validator(mode="after")
    def weak_proof_is_for_low_risk(self) -> IdentitySettings:
        """Refuse to hand out or erase data on the word of a mail's sender alone (Art. 32, 12(6) GDPR)."""
        for right, level in self.levels.items():
            if level in WEAK and right not in LOW_RISK:
                named = ", ".join(sorted(each.value for each in LOW_RISK))
                raise ValueError(f"levels.{right.value} = '{level}' is too weak; it is possible for: {named}")
        if self.session is None and (
            lost := [right.value for right, level in self.levels.items() if level == "session"]
        ):
            raise ValueError(f"levels: {', '.join(lost)} asks for a session, and no identity.session.keys can sign one")
        if self.factor is None and "link_and_factor" in self.levels.values():
            raise ValueError("a level asks for link_and_factor, and identity.factor does not say which number it is")
        return self


class ApprovalSettings(Part):
    """Who must agree before something is done that cannot be undone, and how long it may still be called off.

    With `officers = 2` four eyes look at it; with 0 nobody is asked.
    """

    officers: int = Field(default=1, ge=0, le=3)
    cooling_off_hours: float = Field(default=0.0, ge=0, le=240)


class PackageSettings(Part):
    """How a package reaches its person: for how long by a link, and up to which size by mail as well."""

    days: int = Field(default=14, ge=1, le=60)
    window_hours: float = Field(default=24.0, ge=1, le=240)
    mail_bytes_max: int = Field(default=0, ge=0, le=25_000_000)
    mail_when: Literal["always", "asked"] = "always"


class TransferSettings(Part):
    """Another controller that takes portable packages directly (Art. 20(2) GDPR), and what it answers then."""

    url: str
    names: tuple[str, ...] = ()
    method: Literal["POST", "PUT"] = "POST"
    header: str = "Authorization"
    secret: SecretStr | None = None
    secret_env: str | None = Field(default=None, pattern=r"[A-Za-z_][A-Za-z0-9_]*")
    statuses: tuple[int, ...] = (200, 201, 202, 204)
    id_field: str = "id"
    digest_field: str | None = None
    ca_file: Path | None = None
    private_network: bool = False
    timeout_seconds: float = Field(default=120.0, ge=1, le=3600)

    @model_validator(mode="after")
    def can_be_sent_to(self) -> TransferSettings:
        """Refuse an address that could not be sent to, or not safely."""
        parts = urlsplit(self.url)
        if parts.scheme not in {"https", "http"} or not _has_place(parts) or parts.username or parts.password:
            raise ValueError("url must be https://host/path, with the secret in `secret` or `secret_env`")
        if parts.scheme == "http" and not (self.private_network and parts.hostname in _THIS_MACHINE):
            raise ValueError("url must say https: a person's data leaves this machine only encrypted")
        if not self.header.replace("-", "").isalnum():
            raise ValueError("header must be the name of an HTTP header, such as Authorization")
        if not self.statuses or any(not 200 <= status < 300 for status in self.statuses):
            raise ValueError("statuses are the HTTP statuses that acknowledge a package, from 200 to 299")
        return self

    @property
    def host(self) -> str:
        """Return the host that packages go to."""
        return urlsplit(self.url).hostname or ""


class ControllerSettings(Part):
    """What habeas must know of a controller that its policy does not say."""

    addresses: tuple[str, ...] = Field(min_length=1)
    reply_from: str | None = None
    name: str | None = None
    systems: dict[str, SystemSettings] = Field(default_factory=dict)
    delegates: dict[str, DelegateSettings] = Field(default_factory=dict)
    packages: PackageSettings = PackageSettings()
    transfers: dict[str, TransferSettings] = Field(default_factory=dict)
    identity: IdentitySettings = IdentitySettings()
    case_retention_days: int = Field(default=CASE_RETENTION_DAYS, ge=CASE_RETENTION_DAYS_MIN, le=36_525)
    question_retention_days: int = Field(default=QUESTION_RETENTION_DAYS, ge=7, le=36_525)
    backups_kept_days: int = Field(default=BACKUPS_KEPT_DAYS, ge=1, le=3_660)
    approval: ApprovalSettings = ApprovalSettings()
    role: Literal["controller", "processor"] = "controller"
    customer: str | None = None

    @model_validator(mode="after")
    def a_processor_has_a_customer(self) -> ControllerSettings:
        """Refuse a processor that could tell nobody what it did (Art. 28(3)(e) GDPR)."""
        if self.role == "processor" and "@" not in (self.customer or ""):
            raise ValueError("role = 'processor' needs customer = 'Name <address>', who is told what was carried out")
        return self

    @field_validator("addresses")
    @classmethod
    def are_addresses(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse what no mail could be sent to."""
        for address in addresses:
            local, at, domain = address.rpartition("@")
            if not (local and at and domain) or any(character.isspace() for character in address):
                raise ValueError(f"'{address}' is not an email address")
        return tuple(address.lower() for address in addresses)

    @model_validator(mode="after")
    def a_factor_is_in_a_system(self) -> ControllerSettings:
        """Refuse a number that could be compared with nothing."""
        factor = self.identity.factor
        if factor is not None and factor.place[0] not in self.systems:
            known = ", ".join(sorted(self.systems)) or "none"
            raise ValueError(f"identity.factor.where names {factor.place[0]}, which is no system; there are: {known}")
        return self

    @model_validator(mode="after")
    def receipts_tell_who_acted(self) -> ControllerSettings:
        """Refuse one name for a system and a delegate: a receipt names which of the two it was."""
        if both := sorted(self.systems.keys() & self.delegates.keys()):
            raise ValueError(f"{', '.join(both)} names a system and a delegate; name one of them otherwise")
        return self

    def delegates_for(self, right: Right) -> dict[str, DelegateSettings]:
        """Return who is asked for this right besides the controller's own systems."""
        return {name: entry for name, entry in sorted(self.delegates.items()) if entry.is_asked_for(right)}

    @property
    def sender(self) -> str:
        """Return the address that letters come from."""
        return self.reply_from or self.addresses[0]


class RetrySettings(Part):
    """How often an expected failure is tried again, and when a flood of failures stops a worker.

    A letter that the relay does not take yet is tried for days: "at least 4-5 days" (RFC 5321 section 4.5.4.1).
    """

    tries_max: int = Field(default=8, ge=1, le=50)
    outage_days: float = Field(default=5.0, ge=0, le=30)
    first_wait_seconds: float = Field(default=1.0, gt=0, le=3600)
    longest_wait_seconds: float = Field(default=900.0, gt=0, le=86_400)
    flood_parked_max: int = Field(default=50, ge=1)
    flood_window_events: int = Field(default=200, ge=1)


class AdviserSettings(Part):
    """A language model that may suggest a right where a human decides anyway; without an address there is none."""

    url: str | None = None
    model: str = ""
    key: SecretStr | None = None
    timeout_seconds: float = Field(default=20.0, gt=0, le=120)

    @model_validator(mode="after")
    def has_what_it_needs(self) -> AdviserSettings:
        """Refuse an address that is none, and a model that is not named."""
        if self.url is None:
            return self
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("url must be the base address of an OpenAI-compatible endpoint: https://HOST/v1")
        if not self.model:
            raise ValueError("model must name the endpoint's model")
        return self


class ClockSettings(Part):
    """When an officer is warned, in working days before a due moment."""

    approaching_working_days: tuple[int, ...] = (10, 5, 2)


_DEFAULT_CONTROLLERS: Final[dict[str, ControllerSettings]] = {
    "axigen": ControllerSettings(addresses=("data-protection@axigen.com", "webmaster@axigen.com")),
    "mailigen": ControllerSettings(addresses=("privacy@mailigen.com", "support@mailigen.com", "info@mailigen.com")),
    "mailpro": ControllerSettings(addresses=("legal@maxony.com",)),
    # Hexamail's policy names no address: this one is the operator's to choose.
    "hexamail": ControllerSettings(addresses=("privacy@hexamail.com",)),
}


class Settings(BaseSettings):
    """Everything an operator may choose."""

    model_config = SettingsConfigDict(
        env_prefix="HABEAS_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    home: Path = Path(HOME_DEFAULT)
    bus: BusSettings = BusSettings()
    store: str | None = None
    keys: str | None = None
    master_key_file: Path | None = None
    smtp: Listen = Listen(port=2525)
    http: Listen = Listen(port=8025)
    public_url: str | None = None
    relay: str | None = None
    dkim: bool = True
    mail_bytes_max: int = Field(default=25_000_000, ge=10_000, le=200_000_000)
    controllers: dict[str, ControllerSettings] = Field(default_factory=lambda: dict(_DEFAULT_CONTROLLERS))
    retry: RetrySettings = RetrySettings()
    clock: ClockSettings = ClockSettings()
    adviser: AdviserSettings = AdviserSettings()
    log: Literal["auto", "pretty", "json"] = "auto"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("relay")
    @classmethod
    def relay_is_known(cls, relay: str | None) -> str | None:
        """Accept smtp://, smtps:// and maildir:."""
        return None if relay is None else reachable.relay(relay)

    @field_validator("store", "keys")
    @classmethod
    def store_is_known(cls, url: str | None) -> str | None:
        """Accept sqlite and postgresql."""
        return None if url is None else reachable.database(url)

    @field_validator("public_url")
    @classmethod
    def links_begin_well(cls, url: str | None) -> str | None:
        """Refuse what would make every link in a letter lead nowhere."""
        return None if url is None else reachable.public(url)

    @model_validator(mode="after")
    def addresses_are_of_one_controller(self) -> Settings:
        """A mail's address decides whose it is, so no two controllers may share one."""
        owners: dict[str, str] = {}
        for name, controller in self.controllers.items():
            for address in controller.addresses:
                if owners.setdefault(address, name) != name:
                    raise ValueError(f"{address} belongs to both {owners[address]} and {name}; give it to one")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library calls with five names
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the same
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags first, then the environment, then the file (which `load` hands over)."""
        return (init_settings, Environment(settings_cls), _FileSource(settings_cls))

    def controller_of(self, address: str) -> str | None:
        """Return whose address this is; a `+tag` before the @ is the same mailbox (RFC 5233)."""
        local, _, domain = address.lower().rpartition("@")
        plain = f"{local.partition('+')[0]}@{domain}"
        for name, controller in self.controllers.items():
            if plain in controller.addresses or address.lower() in controller.addresses:
                return name
        return None

    @property
    def store_url(self) -> str:
        """Return the database of record; SQLite in the home folder when none is set."""
        return _sqlalchemy(self.store) if self.store else f"sqlite:///{self.home / 'habeas.db'}"

    @property
    def keys_url(self) -> str:
        """Return where the keys of persons live: outside the database's file and its backups."""
        if self.keys:
            return _sqlalchemy(self.keys)
        shared = self.store is not None and self.store_url.startswith("postgresql")
        return self.store_url if shared else f"sqlite:///{self.home / 'keys.db'}"

    @property
    def master_key(self) -> Path:
        """Return the file of the master key."""
        return self.master_key_file or self.home / "master.key"


class _FileSource(PydanticBaseSettingsSource):
    """The TOML file that `load` read; below flags and environment."""

    content: Mapping[str, Any] = {}

    def get_field_value(self, field: object, field_name: str) -> tuple[Any, str, bool]:
        return self.content.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return dict(self.content)


def load(home: Path | None = None, config: Path | None = None, flags: Mapping[str, Any] | None = None) -> Settings:
    """Return the settings, or raise one readable message that names every fault.

    The home folder comes from the flag, the environment or the default; its `habeas.toml` is read when `config` names
    no other file.
    """
    chosen = home or Path(os.environ.get("HABEAS_HOME") or HOME_DEFAULT)
    path = config or chosen / FILE_NAME
    _FileSource.content = _read(path, must_exist=config is not None)
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    lines = slips(os.environ, Settings.model_fields)
    try:
        settings = Settings(home=chosen, **given)
    except ValidationError as faults:
        lines += [_fault(fault) for fault in faults.errors(include_url=False)]
    if lines:
        raise SettingsFault(sentence(f"the settings cannot be used ({path})", lines))
    return settings


def _read(path: Path, *, must_exist: bool) -> dict[str, Any]:
    if not path.exists():
        if must_exist:
            raise SettingsFault(f"there is no settings file at {path}; check --config")
        return {}
    if path.is_dir():
        raise SettingsFault(f"{path} is a folder; the settings are a file of that name")
    if path.stat().st_size > FILE_BYTES_MAX:
        raise SettingsFault(f"{path} is larger than {FILE_BYTES_MAX} bytes; it cannot be a settings file")
    try:
        # Some editors begin a file with a byte order mark.
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise SettingsFault(f"{path} is not UTF-8 text; save it anew in that encoding") from None
    except tomllib.TOMLDecodeError as fault:
        raise SettingsFault(f"{path} is not valid TOML: {fault}") from None


def _fault(fault: Any) -> str:
    """Say where and what, without the value: it may be a password."""
    where = ".".join(str(part) for part in fault["loc"]) or "settings"
    if fault["type"] == "extra_forbidden":
        near = get_close_matches(str(fault["loc"][-1]), _siblings(fault["loc"]), 1)
        meant = f"is {near[0]} meant?" if near else "look for a slip in its name"
        return f"{where}: there is no such setting; {meant}"
    if fault["type"] == "missing":
        return f"{where}: it is needed; say what it is"
    if fault["type"] in {"tuple_type", "list_type"}:
        return f"{where}: this is a list, written [first, second]"
    if fault["type"] in {"model_type", "dict_type"}:
        return f"{where}: this is a section with settings of its own, not one value; see docs/operations.md"
    if fault["type"] == "too_short":
        return f"{where}: name at least {fault['ctx']['min_length']}"
    return f"{where}: {str(fault['msg']).removeprefix('Value error, ')}"


def _siblings(place: Sequence[Any]) -> list[str]:
    """Return the settings that there are where one was named that is none."""
    model: Any = Settings
    for part in place[:-1]:
        fields = getattr(model, "model_fields", {})
        # Names of a reader's own stand between, as a controller's does: what is settable lies below them.
        model = fields[part].annotation if part in fields else model
        model = next((each for each in (*reversed(get_args(model)), model) if hasattr(each, "model_fields")), None)
    return list(getattr(model, "model_fields", {}))


def _sqlalchemy(url: str) -> str:
    """Name the driver that habeas ships, whatever the operator's tools call the database."""
    scheme, colon, rest = url.partition(":")
    return f"postgresql+psycopg{colon}{rest}" if scheme in {"postgres", "postgresql"} else url


def listen(text: str) -> Listen:
    """Read HOST:PORT, :PORT or PORT."""
    host, _, port = text.rpartition(":")
    if not port.isdigit() or int(port) > 65535:
        raise SettingsFault(f"'{text}' is not HOST:PORT; say for example 127.0.0.1:2525, or port 0 for a free one")
    return Listen(host=host.strip("[]") or "127.0.0.1", port=int(port))
