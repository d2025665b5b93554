"""The Faust app: two agents that bring two tables forward, and the picture that is read off them.

At least once, never `exactly_once`: what is kept is the latest revision of each case and the messages by their ids, so
a record that comes again after a kill -9 changes nothing. Each entry holds its offset too: whoever takes a partition
over reads on from there (`services.watch.places`). Faust passes over a message whose agent raised; therefore nothing
leaves an agent: a failure is tried again, and then counted.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import faust
import structlog
from faust.types import TP
from prometheus_client import CollectorRegistry, Counter

from schemas.envelope import UnreadableEvent
from schemas.topics import PARTITIONS
from services.runtime.clock import Clock
from services.runtime.settings import BusSettings
from services.watch.core.arrivals import MINUTE_SECONDS, WINDOW_MINUTES, in_window, minute_of
from services.watch.core.entry import from_json, newer, seconds, to_json
from services.watch.core.picture import Picture
from services.watch.kept import KeptTable
from services.watch.places import PlacedConsumer, Places
from services.watch.reading import CASES, MESSAGES, case_of, message_of

APP_ID: Final = "habeas-watch"
TRIES_MAX: Final = 5
TRY_WAIT_SECONDS: Final = 0.1
SESSION_SECONDS: Final = 10.0
READ_BACK_SECONDS: Final = 2 * WINDOW_MINUTES * MINUTE_SECONDS

_LOG = structlog.get_logger()


class Drawing:
    """One member of the group that draws: its share of the partitions, its tables and its picture."""

    def __init__(self, settings: BusSettings, clock: Clock, left_out: Counter, folder: Path) -> None:
        self.app: Final = _app(settings, folder)
        self.app.transport.Consumer = partial(PlacedConsumer, places=self._places)
        self.picture = Picture()
        self.recovered = False
        self._drawn: set[int] = set()
        self._clock = clock
        self._left_out = left_out
        self._cases = self.app.Table("cases", partitions=PARTITIONS, help="The latest state of each case.")
        self._messages = self.app.Table(
            "messages",
            partitions=PARTITIONS,
            help="Messages of the last hour by the minute of their arrival.",
            extra_topic_configs={"segment.ms": WINDOW_MINUTES * MINUTE_SECONDS * 1000},
        ).tumbling(MINUTE_SECONDS, expires=WINDOW_MINUTES * MINUTE_SECONDS)
        self.app.agent(self._topic(CASES), name="cases")(self._draw_cases)
        self.app.agent(self._topic(MESSAGES), name="messages")(self._draw_messages)
        self._cases.on_recover(self._draw_anew)

    @staticmethod
    def counter(registry: CollectorRegistry) -> Counter:
        """Return the count of events that the figures leave out."""
        return Counter("habeas_watch_left_out", "Events the figures leave out, by cause.", ["cause"], registry=registry)

    def partitions(self) -> set[int]:
        """Return the partitions whose cases the picture shows: none while shares have changed and it is not redrawn."""
        return self._drawn if self._drawn == self._assigned() else set()

    def recovering(self) -> Mapping[Any, int] | None:
        """Return how far each changelog of a recovery was read, or None where none is under way."""
        recovery = self.app.tables.recovery
        return dict(recovery.active_offsets) if recovery.in_recovery else None

    def _assigned(self) -> set[int]:
        return {place.partition for place in self.app.assignor.assigned_actives() if place.topic == CASES}

    def _topic(self, name: str) -> Any:
        return self.app.topic(name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    async def _draw_cases(self, stream: Any) -> None:
        async for event in stream.events():
            await self._surely(self._draw_case, event)

    async def _draw_messages(self, stream: Any) -> None:
        async for event in stream.events():
            await self._surely(self._draw_message, event)

    async def _surely(self, draw: Callable[[Any], None], event: Any) -> None:
        """Draw an event; try again where it fails for a reason that may pass, and count it where none does."""
        for tried in range(1, TRIES_MAX + 1):
            try:
                draw(event)
            except UnreadableEvent as fault:
                self._left_out.labels("unreadable").inc()
                _LOG.warning("watch_left_out_an_event", reason=str(fault), offset=event.message.offset)
            except Exception:  # noqa: BLE001 - what leaves an agent is an event that Faust drops in silence
                if tried < TRIES_MAX:
                    await asyncio.sleep(TRY_WAIT_SECONDS * 2**tried)
                    continue
                self._left_out.labels("failed").inc()
                _LOG.exception("watch_left_out_an_event", offset=event.message.offset)
            return

    def _draw_case(self, event: Any) -> None:
        case_id, place = _key(event), event.message.partition
        if event.value is None:
            self._cases.pop(case_id, None)
            self.picture.forget(case_id)
            return
        entry = case_of(_headers(event), event.value)
        if entry is None:
            return
        kept = self._cases.get(case_id)
        if newer(from_json(kept) if kept else None, entry):
            self._cases[case_id] = {**to_json(entry), "partition": place, "offset": event.message.offset}
        # Even where the table knows it: a try that stopped between the two is made whole by the next.
        self.picture.put(case_id, entry)

    def _draw_message(self, event: Any) -> None:
        now = seconds(self._clock.now())
        if event.message.timestamp < now - READ_BACK_SECONDS:
            return
        message = message_of(_headers(event), event.value)
        if message is None:
            return
        received = seconds(message.received)
        key = (message.message_id, _minute(received))
        if key not in self._messages.table:
            place = {"partition": event.message.partition, "offset": event.message.offset}
            self._messages.table[key] = {"controller": message.controller, "received": received, **place}
        self.picture.arrivals.put(message.message_id, message.controller, received, now)

    async def _draw_anew(self) -> None:
        """Draw from the tables after each change of partitions: only what this member holds now."""
        picture = Picture()
        mine = self._assigned()
        for case_id, kept in list(self._cases.items()):
            if kept["partition"] in mine:
                picture.put(case_id, from_json(kept))
            else:
                # Faust takes out only what came from the changelog; what was set here would outlive the case elsewhere.
                self._cases.data.pop(case_id, None)
        now = seconds(self._clock.now())
        for key, kept in list(self._messages.table.items()):
            if kept["partition"] in mine and in_window(minute_of(kept["received"]), now):
                picture.arrivals.put(key[0], kept["controller"], kept["received"], now)
            else:
                # Faust expires only what it set itself, not what came back from the changelog.
                self._messages.table.data.pop(key, None)
        self.picture, self._drawn = picture, mine
        self.recovered = True

    def _places(self) -> Places:
        """Return where the tables stand: behind the last record of each partition that changed them."""
        following: dict[TP, int] = {}
        for topic, table in ((CASES, self._cases), (MESSAGES, self._messages.table)):
            for kept in table.values():
                place = TP(topic, kept["partition"])
                following[place] = max(following.get(place, 0), kept.get("offset", -1) + 1)
        return Places(following, {MESSAGES: (seconds(self._clock.now()) - READ_BACK_SECONDS) * 1000})


def _minute(received: int) -> tuple[float, float]:
    """Return the window of a moment as Faust's tumbling windows are written."""
    start = float(received // MINUTE_SECONDS * MINUTE_SECONDS)
    return (start, start + MINUTE_SECONDS - 0.1)


def _key(event: Any) -> str:
    return bytes(event.message.key or b"").decode("ascii", "replace")


def _headers(event: Any) -> list[tuple[str, bytes]]:
    headers = event.message.headers or ()
    return list(headers.items() if isinstance(headers, dict) else headers)


def _app(settings: BusSettings, folder: Path) -> Any:
    return faust.App(
        APP_ID,
        broker=f"kafka://{settings.bootstrap.replace(',', ';')}",
        broker_credentials=_credentials(settings),
        broker_session_timeout=SESSION_SECONDS,
        broker_heartbeat_interval=SESSION_SECONDS / 4,
        consumer_auto_offset_reset="earliest",
        datadir=str(folder),
        processing_guarantee="at_least_once",
        Table=KeptTable,
        # A standby in memory would be read from the changelog's start again when it takes over: it saves nothing.
        table_standby_replicas=0,
        store="memory://",  # the tables' own memory, rebuilt from their changelogs; the broker is never in memory
        topic_allow_declare=True,
        topic_disable_leader=True,
        topic_partitions=PARTITIONS,
        topic_replication_factor=settings.replication,
        web_enabled=False,
        autodiscover=False,
    )


def _credentials(settings: BusSettings) -> Any:
    """Pass the bus's security settings through to Faust."""
    context = None
    if settings.security_protocol.endswith("SSL"):
        context = ssl.create_default_context(cafile=settings.ssl_cafile)
        if settings.ssl_certfile:
            context.load_cert_chain(settings.ssl_certfile, settings.ssl_keyfile)
    if settings.security_protocol.startswith("SASL"):
        password = settings.sasl_password.get_secret_value() if settings.sasl_password else None
        return faust.SASLCredentials(
            username=settings.sasl_username, password=password, ssl_context=context, mechanism=settings.sasl_mechanism
        )
    return None if context is None else faust.SSLCredentials(context=context)
