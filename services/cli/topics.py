"""`habeas topics`: which topics there are, how far each group is behind, and each event as it passes."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from schemas.topics import all_topics
from services.cli import positions
from services.runtime.bus.factory import DATABASE_NAME, bus_for
from services.runtime.bus.port import Bus, BusUnavailable, BusUnusable, Lag, Record, TopicMismatch
from services.runtime.settings import Settings, SettingsFault, load
from services.runtime.store import StoreFault
from services.runtime.telemetry import set_up_logging

REACH_SECONDS: Final = 10.0
_FAULTS: Final = (BusUnavailable, BusUnusable, TopicMismatch, SettingsFault, StoreFault)

Command = Callable[..., None]


def _where(command: Command) -> Command:
    """Add the options that say which bus is meant; what is not said comes from the settings."""
    options = (
        click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="The home folder."),
        click.option("--bus", "kind", type=click.Choice(["embedded", "kafka"]), help="Which bus."),
        click.option("--bootstrap", help="HOST:PORT of a Kafka broker."),
        click.option("--json", "as_json", is_flag=True, help="One JSON object a line."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _store(command: Command) -> Command:
    return click.option("--store", metavar="URL", help="The database, if it is not in the home.")(command)


@click.group()
def topics() -> None:
    """Show the topics of the bus, and each event as it passes."""


@topics.command("list")
@_where
@click.option("--group", "groups", multiple=True, help="Show how far this group is behind; may be repeated.")
def list_(home: Path | None, kind: str | None, bootstrap: str | None, as_json: bool, groups: tuple[str, ...]) -> None:
    """List every documented topic, what the bus holds of it, and where it is not as documented."""

    async def show(bus: Bus) -> None:
        for line in await _lines(bus, groups):
            click.echo(json.dumps(line, ensure_ascii=False) if as_json else _listed(line))

    _on_the_bus(_settings(home, kind, bootstrap), show)


async def _lines(bus: Bus, groups: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return a line for each documented topic, with few questions to the bus."""
    documented = all_topics()
    names = [topic.name for topic in documented]
    differences = await bus.compare_topics(documented)
    # The lag of a group that never was is the whole log: what was ever published.
    published = _by_topic(await bus.lag("habeas-topics-list", names))
    behind = {group: _by_topic(await bus.lag(group, names)) for group in groups}
    return [
        {
            "topic": topic.name,
            "purpose": topic.purpose,
            "partitions": topic.partitions,
            "kept": "the latest of each key" if topic.compacted else f"{topic.kept_days} days",
            "events": published[topic.name],
            "behind": {group: lag[topic.name] for group, lag in behind.items()},
            "differences": [said for said in differences if said.startswith(f"{topic.name} ")],
        }
        for topic in documented
    ]


def _by_topic(lags: Sequence[Lag]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for lag in lags:
        counted[lag.partition.topic] += lag.end - lag.position
    return counted


def _listed(line: dict[str, Any]) -> str:
    first = f"{line['topic']:<32} {line['events']:>8} published   {line['partitions']} partitions, kept: {line['kept']}"
    behind = [f"    {group} is {count} behind" for group, count in line["behind"].items()]
    return "\n".join([first, f"    {line['purpose']}", *behind, *(f"    ! {said}" for said in line["differences"])])


@topics.command()
@_where
@click.option("--topic", "names", multiple=True, help="Only this topic; may be repeated. `habeas.` may be left out.")
@click.option("--from-beginning", is_flag=True, help="Show what the bus still keeps first.")
@click.option("--no-follow", is_flag=True, help="End when the present end is reached.")
def tail(
    home: Path | None,
    kind: str | None,
    bootstrap: str | None,
    as_json: bool,
    names: tuple[str, ...],
    from_beginning: bool,
    no_follow: bool,
) -> None:
    """Show each event as it passes, until Ctrl-C."""
    wanted = _chosen(names)
    say = _as_json if as_json else _as_text

    async def show(bus: Bus) -> None:
        async for record in bus.tail(wanted, from_beginning=from_beginning, follow=not no_follow):
            click.echo(say(record))

    _on_the_bus(_settings(home, kind, bootstrap), show)


def _chosen(names: tuple[str, ...]) -> list[str]:
    known = [topic.name for topic in all_topics()]
    if not names:
        return known
    chosen = [name if name.startswith("habeas.") else f"habeas.{name}" for name in names]
    for name in chosen:
        if name not in known:
            raise click.UsageError(f"there is no topic {name}; there are {', '.join(known)}")
    return chosen


def _settings(home: Path | None, kind: str | None, bootstrap: str | None, store: str | None = None) -> Settings:
    """Read the settings, with what the command line says of the bus over them."""
    said = {"kind": kind or ("kafka" if bootstrap else None), "bootstrap": bootstrap}
    flags = {name: value for name, value in said.items() if value is not None}
    try:
        settings = load(home, flags={"store": store})
    except SettingsFault as fault:
        raise click.UsageError(str(fault)) from None
    return settings.model_copy(update={"bus": settings.bus.model_copy(update=flags)})


def _on_the_bus(settings: Settings, show: Callable[[Bus], Coroutine[Any, Any, None]]) -> None:
    """Open the bus, show, and close it; an ended pipe or Ctrl-C is how a tail ends."""
    if settings.bus.kind == "embedded" and not (settings.home / DATABASE_NAME).exists():
        raise click.UsageError(
            f"nothing runs in {settings.home} yet; start `habeas up`, or name its folder with --home"
        )
    set_up_logging(settings.log, "warning")
    try:
        asyncio.run(_opened(settings, show))
    except KeyboardInterrupt:
        pass
    except TimeoutError:
        raise click.ClickException(
            f"Kafka at {settings.bus.bootstrap} does not answer; check that it runs and takes these settings"
        ) from None
    except _FAULTS as fault:
        raise click.ClickException(str(fault)) from None


async def _opened(settings: Settings, show: Callable[[Bus], Coroutine[Any, Any, None]]) -> None:
    bus = bus_for(settings.bus, settings.home)
    async with asyncio.timeout(REACH_SECONDS):
        await bus.open()
    try:
        await show(bus)
    finally:
        await bus.close()


@topics.command("positions")
@_where
@_store
@click.option("--group", type=click.Choice(positions.GROUPS), help="Only this group.")
@click.option("--topic", "names", multiple=True, help="Only this topic; may be repeated.")
def positions_(
    home: Path | None, kind: str | None, bootstrap: str | None, as_json: bool, store: str | None, group: str | None,
    names: tuple[str, ...],
) -> None:  # fmt: skip
    """Show where each group stands in each partition, as it is stored with its work."""
    settings, wanted = _settings(home, kind, bootstrap, store), _chosen(names)

    async def show(bus: Bus) -> None:
        for one in await positions.standings(settings, bus, [group] if group else positions.GROUPS, wanted):
            click.echo(positions.said(one, as_json=as_json))

    _on_the_bus(settings, show)


@topics.command("reset")
@_where
@_store
@click.option("--group", required=True, type=click.Choice(positions.GROUPS), help="The group, which must be stopped.")
@click.option("--to", required=True, metavar="beginning|end|TIME", help="Where it shall go on.")
@click.option("--topic", "names", multiple=True, help="Only this topic; may be repeated.")
@click.option("--yes", "sure", is_flag=True, help="Do it; otherwise only say what would be done.")
def reset_(
    home: Path | None, kind: str | None, bootstrap: str | None, as_json: bool, store: str | None, group: str, to: str,
    names: tuple[str, ...], sure: bool,
) -> None:  # fmt: skip
    """Put a stopped group somewhere else. Read again, an event changes nothing: it is known by its id."""
    settings, wanted = _settings(home, kind, bootstrap, store), _chosen(names)
    positions.moment_of(to)

    async def put(bus: Bus) -> None:
        for line in await positions.reset(settings, bus, group, to, wanted, sure=sure):
            click.echo(json.dumps({"says": line}) if as_json else line)

    _on_the_bus(settings, put)


def _as_text(record: Record) -> str:
    headers = {name: value.decode(errors="replace") for name, value in record.headers}
    moment = datetime.fromtimestamp(record.timestamp_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    name = headers.get("ce_type", "?").removeprefix("habeas.")
    place = f"{record.partition.topic}/{record.partition.number}@{record.offset}"
    value = "(forgotten)" if record.value is None else record.value.decode(errors="replace")
    return f"{moment}  {name:<20} {place:<36} {record.key.decode(errors='replace')}  {value}"


def _as_json(record: Record) -> str:
    """Say an event as CloudEvents do in JSON, with its place on the bus as an extension attribute of its own."""
    headers = {name: value.decode(errors="replace") for name, value in record.headers}
    attributes = {name.removeprefix("ce_"): value for name, value in headers.items() if name.startswith("ce_")}
    return json.dumps(
        {
            **attributes,
            "datacontenttype": headers.get("content-type", "application/json"),
            "topic": record.partition.topic,
            "partition": record.partition.number,
            "offset": record.offset,
            "key": record.key.decode(errors="replace"),
            "data": _parsed(record.value),
        },
        ensure_ascii=False,
    )


def _parsed(value: bytes | None) -> Any:
    if value is None:
        return None
    try:
        return json.loads(value)
    except ValueError:
        return value.decode(errors="replace")
