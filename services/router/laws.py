"""The laws as files and the calendars as a library keeps them: the shell around the clock.

`knowledge/laws/*.toml` is read once; a second root (an operator's own) may add a law or correct one. Public holidays
come from the `holidays` library, one year of one seat at a time, and are kept.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.router.core.law.book import law, lawbook
from services.router.core.law.calendars import Calendar, weekends_only
from services.router.core.law.model import Law, Lawbook, LawFault

LAW_BYTES_MAX: Final = 256 * 1024
ZONE_CHARS_MAX: Final = 64
_NO_PLACES: Final = frozenset({"localtime", "posixrules", "Factory"})
"""Files beside the zones: what they hold hangs on the machine."""
_COUNTRY: Final = re.compile(r"[A-Z]{2,3}")
_SAME: Final = {"UK": "GB", "EL": "GR", "GB-EAW": "GB-ENG", "GB-WAL": "GB-WLS", "GB-SCO": "GB-SCT", "UK-EAW": "GB-ENG"}


def shipped_root() -> Path:
    """Return where the laws that habeas ships with are kept."""
    return Path(__file__).resolve().parents[2] / "knowledge" / "laws"


@cache
def shipped_laws() -> Lawbook:
    """Return the laws that habeas ships with."""
    return read_laws([shipped_root()])


def read_laws(roots: Iterable[Path]) -> Lawbook:
    """Return the laws of these folders; a later folder's law replaces an earlier one of the same id."""
    return lawbook([_read(path) for root in roots for path in sorted(root.glob("*.toml"))])


def _read(path: Path) -> Law:
    raw = path.read_bytes()
    if len(raw) > LAW_BYTES_MAX:
        raise LawFault(f"{path.name} holds {len(raw)} bytes, more than {LAW_BYTES_MAX}")
    try:
        return law(tomllib.loads(raw.decode()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise LawFault(f"{path.name} is not TOML: {fault}") from None
    except ValueError as fault:
        raise LawFault(f"{path.name}: {fault}") from None


@cache
def zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name."""
    unknown = LawFault(f"unknown time zone {name[:40]!r}: give an IANA name such as Europe/Berlin")
    if not name or len(name) > ZONE_CHARS_MAX or name in _NO_PLACES:
        raise unknown
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise unknown from None


@cache
def calendar(code: str) -> Calendar:
    """Return the calendar of a seat, by ISO 3166 country and subdivision (`RO`, `DE-BE`, `GB-SCT`, `CH-VD`)."""
    wanted = code.strip().upper().replace("_", "-")
    if not wanted:
        return weekends_only()
    wanted = _SAME.get(wanted, wanted)
    country, _, region = wanted.partition("-")
    country = _SAME.get(country, country)
    regions = _regions(country)
    if regions is None:
        raise LawFault(
            f"unknown calendar {code[:40]!r}: give an ISO 3166 country, with its region after a hyphen, such as DE-BE"
        )
    if region and region not in regions:
        known = ", ".join(regions[:40]) or "none"
        raise LawFault(f"unknown region {region[:20]!r} in calendar {code[:40]!r}; {country} has: {known}")
    return Calendar(f"{country}-{region}" if region else country, lambda year: _holidays(country, region or None, year))


def _regions(country: str) -> list[str] | None:
    """Return a country's subdivisions; None where the library knows no such country."""
    if not _COUNTRY.fullmatch(country):
        return None
    try:
        found = _library().country_holidays(country)
    except (NotImplementedError, TypeError):  # a name of the library that is none of a country's
        return None
    return sorted(found.subdivisions) if getattr(found, "country", None) else None


@cache
def _library() -> Any:
    """Return the library, loaded with the first country that is asked for."""
    _one_country_at_a_time()
    import holidays

    return holidays


def _one_country_at_a_time() -> None:
    """Keep the library from reading 250 countries for one: 8 MB, and half of the time.

    It imports the module of the country that is asked for, but the package around these modules imports them all. A
    bare package of the same name and place in its stead imports none; where the library is built otherwise, nothing is
    changed.
    """
    found = find_spec("holidays")
    places = (found and found.submodule_search_locations) or ()
    folders = [Path(place) / "countries" for place in places]
    if "holidays" in sys.modules or not any(folder.is_dir() for folder in folders):
        return
    package = ModuleType("holidays.countries")
    package.__path__ = [str(folder) for folder in folders]
    sys.modules["holidays.countries"] = package


def _holidays(country: str, region: str | None, year: int) -> Mapping[date, str]:
    found = _library().country_holidays(country, subdiv=region, years=year, language=_language(country), expand=False)
    named = {day: _without_swaps(found, name) for day, name in found.items() if day.year == year}
    return {day: name for day, name in named.items() if name}


def _without_swaps(found: Any, names: str) -> str:
    """Return a day's holidays without the day off that was given for a working Saturday.

    Reg. 1182/71 Art. 2: a holiday is a day that the state designates as one. Latvia's Cabinet moves working days of the
    institutions that its budget pays, and recommends it to others; Hungary's minister moves rest days. A deadline that
    rolled over such a day would be later than the law's; one that does not is never too late.
    """
    label = getattr(found, "substituted_label", None)
    if label is None:
        return names
    before, _, after = found.tr(label).partition("%s")
    written = found.tr(found.substituted_date_format)
    kept = []
    for name in names.split("; "):
        if name.startswith(before) and name.endswith(after):
            text = name[len(before) : len(name) - len(after)]
            swapped_for = datetime.strptime(text, written).date()  # noqa: DTZ007 - a date, not a moment
            if swapped_for not in found:
                continue
        kept.append(name)
    return "; ".join(kept)


@cache
def _language(country: str) -> str | None:
    """Return English where the library names this country's holidays in it, so that the words never hang on a
    locale."""
    languages = getattr(_library(), country, None)
    spoken = getattr(languages, "supported_languages", ())
    return next((each for each in ("en_US", "en_GB", "en") if each in spoken), None)
