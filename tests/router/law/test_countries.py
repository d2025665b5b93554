"""The calendars of one country are read without those of all others, and are the same."""

from __future__ import annotations

import itertools
import json
import string
import subprocess
import sys

import holidays

from services.router.laws import _regions

SHOWN = """
import json, sys
from datetime import date, timedelta
from services.router.laws import calendar
days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
found = {code: [calendar(code).holiday(day) for day in days] for code in sys.argv[1:]}
print(json.dumps([found, len([name for name in sys.modules if name.startswith("holidays.countries.")])]))
"""
CODES = ("RO", "LV", "CH-VD", "GB-ENG", "DE-BY", "US-CA", "HK")


def shown(before: str) -> tuple[object, int]:
    run = subprocess.run([sys.executable, "-c", before + SHOWN, *CODES], capture_output=True, text=True, check=True)
    found, modules = json.loads(run.stdout)
    return found, modules


def test_a_few_countries_are_read_alone_and_hold_the_same_days() -> None:
    alone, few = shown("")
    among_all, many = shown("import holidays.countries\n")
    assert alone == among_all
    assert few < 30 < many


def test_every_country_and_region_of_the_library_is_known_and_nothing_else() -> None:
    known = holidays.list_supported_countries(include_aliases=True)
    letters = string.ascii_uppercase
    codes = ["".join(code) for length in (2, 3) for code in itertools.product(letters, repeat=length)]
    accepted = {code: regions for code in codes if (regions := _regions(code)) is not None}
    assert accepted == {code: sorted(regions) for code, regions in known.items()}
