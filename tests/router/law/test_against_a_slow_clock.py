"""The clock against a second one that counts on a wall calendar, and every state's law against a lawyer's table."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.router.api.deadlines import answer_lines
from tests.router.law import slowly

SEATS = {
    "eu-gdpr": [("DE-BE", "Europe/Berlin"), ("DE-NW", "Europe/Berlin"), ("RO", "Europe/Bucharest"),
                ("LV", "Europe/Riga"), ("IE", "Europe/Dublin"), ("FR", "Europe/Paris"), ("ES-MD", "Europe/Madrid"),
                ("PT", "Europe/Lisbon"), ("BG", "Europe/Sofia"), ("FI", "Europe/Helsinki"), ("AT", "Europe/Vienna")],
    "uk-gdpr": [("GB-ENG", "Europe/London"), ("GB-SCT", "Europe/London"), ("GB-NIR", "Europe/London")],
    "uk-dpa-complaint": [("GB-ENG", "Europe/London")],
    "br-lgpd": [("BR", "America/Sao_Paulo")],
    "ca-qc-law25": [("CA-QC", "America/Toronto")],
    "ca-pipeda": [("CA-ON", "America/St_Johns")],
}  # fmt: skip
STATES = [("US", "America/Los_Angeles"), ("US", "America/New_York"), ("US-CA", "Pacific/Honolulu")]
FIRST = datetime(2018, 6, 1, tzinfo=UTC)
SECONDS = st.integers(0, 15 * 365 * 86_400)
KINDS = ["identity_requested", "identity_received", "clarification_requested", "clarification_received"]
EVENTS = st.lists(
    st.tuples(
        st.sampled_from([*KINDS, "extension_notified"]), st.integers(0, 100 * 86_400), st.sampled_from(["", "complex"])
    ),
    max_size=7,
)


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    law, right = draw(st.sampled_from(sorted(slowly.CARDS)))
    calendar, zone = draw(st.sampled_from(SEATS.get(law, STATES)))
    received = FIRST + timedelta(seconds=draw(SECONDS))
    happened = sorted((received + timedelta(seconds=after), kind, why) for kind, after, why in draw(EVENTS))
    return {
        "id": "x", "regime": law, "right": right, "calendar": calendar, "tz": zone, "received": received.isoformat(),
        "events": [{"t": at.isoformat(), "type": kind, "reasons": why} for at, kind, why in happened],
    }  # fmt: skip


def line(law: str, right: str, seat: tuple[str, str], received: str, *events: tuple[str, str]) -> dict[str, Any]:
    happened = [{"t": at, "type": kind, "reasons": "complex"} for at, kind in events]
    return {"id": "x", "regime": law, "right": right, "calendar": seat[0], "tz": seat[1], "received": received,
            "events": happened}  # fmt: skip


BERLIN, LONDON = ("DE-BE", "Europe/Berlin"), ("GB-ENG", "Europe/London")


@settings(max_examples=600, deadline=None)
@given(asked=questions())
@example(line("eu-gdpr", "access", BERLIN, "2024-01-31T23:30:00+00:00"))  # 1 February in Berlin
@example(line("eu-gdpr", "access", BERLIN, "2024-02-29T12:00:00+00:00"))
@example(line("eu-gdpr", "access", BERLIN, "2026-03-29T00:59:59+00:00"))  # a second before the clocks change
@example(
    line(
        "uk-gdpr",
        "access",
        LONDON,
        "2027-01-29T23:59:59+00:00",
        ("2027-02-01T00:00:00+00:00", KINDS[0]),
        ("2027-02-27T10:00:00+00:00", KINDS[1]),
        ("2027-03-01T10:00:00+00:00", "extension_notified"),
    )
)
@example(
    line(
        "eu-gdpr",
        "erasure",
        BERLIN,
        "2026-12-01T10:00:00+00:00",
        ("2026-12-02T10:00:00+00:00", KINDS[0]),
        ("2026-12-03T10:00:00+00:00", KINDS[2]),
        ("2026-12-20T10:00:00+00:00", KINDS[1]),
        ("2027-01-05T10:00:00+00:00", KINDS[3]),
        ("2027-01-30T10:00:00+00:00", "extension_notified"),
    )
)
@example(  # asked when the answer was overdue already
    line(
        "uk-gdpr",
        "access",
        LONDON,
        "2018-06-01T00:00:00+00:00",
        ("2018-07-03T10:00:00+00:00", KINDS[0]),
        ("2018-07-20T10:00:00+00:00", KINDS[1]),
    )
)
def test_the_clock_agrees_with_one_that_counts_day_by_day(asked: dict[str, Any]) -> None:
    (answered,) = answer_lines([json.dumps(asked)])
    found = json.loads(answered)
    events = [(each["type"], datetime.fromisoformat(each["t"]), each["reasons"]) for each in asked["events"]]
    received = datetime.fromisoformat(asked["received"])
    counted = slowly.due(asked["regime"], asked["right"], received, asked["tz"], asked["calendar"], events)
    assert found["due"] == counted.isoformat(), (found["steps"], found["warnings"])


# What each state gives, from its statute: days to answer, and in all with an extension, and days for an appeal.
STATUTES = {
    "us-ccpa": (45, 90, None),
    "us-vcdpa": (45, 90, 60),
    "us-cpa": (45, 90, 45),
    "us-ctdpa": (45, 90, 60),
    "us-ucpa": (45, 90, None),
    "us-icdpa": (90, 135, 60),
    "us-incdpa": (45, 90, 60),
    "us-tipa": (45, 90, 60),
    "us-mcdpa": (45, 90, 60),
    "us-tdpsa": (45, 90, 60),
    "us-ocpa": (45, 90, 45),
    "us-dpdpa": (45, 90, 60),
    "us-njdpa": (45, 90, 45),
    "us-nhpa": (45, 90, 60),
    "us-kcdpa": (45, 90, 60),
    "us-nebraska": (45, 90, 60),
    "us-modpa": (45, 90, 60),
    "us-mncdpa": (45, 90, 45),
    "us-ridtppa": (45, 90, 60),
    "us-fdbr": (45, 60, 60),
    "us-wa-mhmda": (45, 90, 45),
}
RECEIVED = date(2026, 2, 2)


@pytest.mark.parametrize("law", sorted(STATUTES))
def test_every_state_gives_the_days_of_its_statute(ask: Callable[..., dict[str, Any]], law: str) -> None:
    days, longest, appeal = STATUTES[law]
    at = f"{RECEIVED}T12:00"
    told = [{"t": "2026-03-01T12:00", "type": "extension_notified", "reasons": "many requests"}]
    late = [{**told[0], "t": (RECEIVED + timedelta(days + 1)).isoformat()}]
    waits = [{"t": "2026-02-03T12:00", "type": "id_requested"}, {"t": "2026-02-20T12:00", "type": "id_received"}]
    for events, expected in (((), days), (told, longest), (late, days), (waits, days)):
        found = ask(law, at, "delete", events=list(events))
        assert found["due"] == (RECEIVED + timedelta(expected)).isoformat(), (law, events, found["warnings"])
    if appeal is not None:
        assert ask(law, at, "appeal")["due"] == (RECEIVED + timedelta(appeal)).isoformat()
