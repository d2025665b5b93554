"""Reach a broker: the settings passed through, patience where it is absent, one clear line about it."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from aiokafka.conn import AIOKafkaConnection, collect_hosts
from aiokafka.errors import (
    AuthenticationFailedError,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
)

from services.runtime.bus.kafka.noise import digest_the_clients_log
from services.runtime.bus.port import BusUnavailable, BusUnusable
from services.runtime.logs import Log
from services.runtime.settings import BusSettings

CLIENT_ID: Final = "habeas"
METADATA_AGE_SECONDS: Final = 60
REQUEST_SECONDS_MAX: Final = 15
WAIT_SECONDS_FIRST: Final = 0.2
WAIT_SECONDS_MAX: Final = 5.0
CLOSING_SECONDS: Final = 0.1
REFUSALS: Final = (ClusterAuthorizationFailedError, TopicAuthorizationFailedError, GroupAuthorizationFailedError)

_Client = TypeVar("_Client")
_LOG = Log()


def client_options(settings: BusSettings) -> dict[str, Any]:
    """Return what every client of aiokafka is given."""
    digest_the_clients_log()
    password = settings.sasl_password
    return {
        "bootstrap_servers": settings.bootstrap,
        "client_id": CLIENT_ID,
        "security_protocol": settings.security_protocol,
        "ssl_context": _ssl_context(settings),
        "sasl_mechanism": settings.sasl_mechanism,
        "sasl_plain_username": settings.sasl_username,
        "sasl_plain_password": password.get_secret_value() if password else None,
        "metadata_max_age_ms": METADATA_AGE_SECONDS * 1000,
        "request_timeout_ms": REQUEST_SECONDS_MAX * 1000,
    }


def _ssl_context(settings: BusSettings) -> ssl.SSLContext | None:
    if not settings.security_protocol.endswith("SSL"):
        return None
    try:
        context = ssl.create_default_context(cafile=settings.ssl_cafile)
        if settings.ssl_certfile:
            context.load_cert_chain(settings.ssl_certfile, settings.ssl_keyfile)
    except OSError as fault:
        raise BusUnusable(
            "the TLS files of the bus cannot be read; check bus.ssl_cafile, bus.ssl_certfile and bus.ssl_keyfile"
        ) from fault
    return context


async def reach(
    settings: BusSettings, make: Callable[[], _Client], start: Callable[[_Client], Awaitable[object]]
) -> _Client:
    """Start a client, waiting with backoff and jitter for a broker that is not up; say so once, and once when it is."""
    wait_seconds = WAIT_SECONDS_FIRST
    said = False
    while True:
        client = make()
        try:
            await start(client)
        except REFUSALS as fault:
            await release(client)
            raise refused(settings, fault) from fault
        except (KafkaError, OSError, TimeoutError) as fault:
            await release(client)
            if not said and (unusable := await _unusable(settings)) is not None:
                raise unusable from fault
            if not said:
                _LOG.warning("bus_waits_for_broker", reason=str(unavailable(settings, fault)))
                said = True
            # Full jitter: workers that lost a broker together do not come back together.
            await asyncio.sleep(wait_seconds * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, hides nothing
            wait_seconds = min(wait_seconds * 2, WAIT_SECONDS_MAX)
        except BaseException:
            await release(client)
            raise
        else:
            if said:
                _LOG.info("bus_reached_broker", bootstrap=settings.bootstrap)
            return client


async def release(client: Any, seconds_max: float = 3.0) -> None:
    """Close a client, not waiting long for a broker that may be gone."""
    # In a task of its own: aiokafka's close can end in a CancelledError that nobody here asked for.
    closing = _closing(client)
    await asyncio.wait([closing], timeout=seconds_max)
    if closing.done() and not closing.cancelled() and closing.exception() is None:
        return
    closing.cancel()
    await asyncio.wait([closing], timeout=seconds_max)
    inner = getattr(client, "client", None) or getattr(client, "_client", None)
    if inner is not None:
        await inner.close()


def _closing(client: Any) -> asyncio.Task[None]:
    close = getattr(client, "stop", None) or client.close
    return asyncio.ensure_future(close())


def unavailable(settings: BusSettings, fault: BaseException) -> BusUnavailable:
    """Say what to check when a broker does not answer."""
    return BusUnavailable(
        f"Kafka at {settings.bootstrap} does not answer ({type(fault).__name__}); check that the broker runs, that "
        f"bus.bootstrap names it, and that it takes {settings.security_protocol} with these credentials"
    )


async def _unusable(settings: BusSettings) -> BusUnusable | None:
    """Return what no waiting will mend: a password, a mechanism or a certificate that is not the right one.

    The client only logs why each broker turned it away, so one is asked once more, alone.
    """
    options = client_options(settings)
    for name in ("bootstrap_servers", "metadata_max_age_ms"):
        del options[name]
    for host, port, _ in collect_hosts(settings.bootstrap):
        connection = AIOKafkaConnection(host, port, **options)
        try:
            await connection.connect()
        except (KafkaError, OSError, TimeoutError) as fault:
            if (said := _mend(settings, fault)) is not None:
                return BusUnusable(said)
        finally:
            connection.close()
            # A transport whose handshake failed closes some turns of the loop later.
            await asyncio.sleep(CLOSING_SECONDS)
    return None


def _mend(settings: BusSettings, fault: BaseException) -> str | None:
    """Return what to do about a fault that stays as it is."""
    broker = f"Kafka at {settings.bootstrap}"
    if isinstance(fault, ssl.SSLCertVerificationError):
        return (
            f"the certificate of {broker} is not trusted ({fault.verify_message}); set bus.ssl_cafile to the authority "
            "that signed it, and name the host as the certificate does"
        )
    if isinstance(fault, UnsupportedSaslMechanismError):
        return f"{broker} does not take {settings.sasl_mechanism}; set bus.sasl_mechanism to what its listener enables"
    if isinstance(fault, SaslAuthenticationFailed | AuthenticationFailedError):
        return f"{broker} does not let this user in; check bus.sasl_username and bus.sasl_password"
    return None


def refused(settings: BusSettings, fault: BaseException) -> BusUnusable:
    """Say what to do when the broker knows us and says no."""
    return BusUnusable(
        f"Kafka at {settings.bootstrap} refuses this user ({type(fault).__name__}); grant it Read, Write, Describe and "
        "Create on topics habeas.*, Read on groups habeas.*, and IdempotentWrite on the cluster"
    )
