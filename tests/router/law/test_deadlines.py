"""Deadlines as regulators, courts and statutes work them out. Each case names where its date comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Ask = Callable[..., dict[str, Any]]


def event(kind: str, at: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "t": at, **more}


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-08-31T09:00+02:00", "2026-09-30"),  # Reg. 1182/71 Art. 3(2)(c): no 31 September
        ("2026-01-31T09:00+01:00", "2026-03-02"),  # 28 February is a Saturday
        ("2024-01-31T09:00+01:00", "2024-02-29"),  # a leap year
        ("2026-03-05T10:00+01:00", "2026-04-07"),  # Easter Sunday and Monday, EDPB 01/2022 para. 161
        ("2026-03-03T10:00+01:00", "2026-04-07"),  # Good Friday to Easter Monday: four days on
        ("2026-11-25T23:59+01:00", "2026-12-28"),  # both Christmas days, a Saturday and a Sunday
        ("2026-11-30T10:00+01:00", "2026-12-30"),
        ("2025-12-01T00:00+01:00", "2026-01-02"),  # New Year's Day
        ("2026-02-08T10:00+01:00", "2026-03-09"),  # 8 March is a Sunday and a holiday in Berlin
    ],
)
def test_a_month_ends_on_the_same_date_or_the_next_working_day(ask: Ask, received: str, due: str) -> None:
    assert ask("eu-gdpr", received)["due"] == due


@pytest.mark.parametrize(
    ("calendar", "tz", "received", "due"),
    [
        ("DE-NW", "Europe/Berlin", "2026-05-04", "2026-06-05"),  # Corpus Christi is kept in Cologne
        ("DE-BE", "Europe/Berlin", "2026-05-04", "2026-06-04"),  # and not in Berlin
        ("RO", "Europe/Bucharest", "2026-03-10", "2026-04-14"),  # Orthodox Good Friday 10 to Easter Monday 13 April
        ("LV", "Europe/Riga", "2026-05-22", "2026-06-22"),  # a working day that only state offices moved (ADR 31)
        ("LV", "Europe/Riga", "2026-05-23", "2026-06-25"),  # Ligo and Jani
        ("IE", "Europe/Dublin", "2026-02-17", "2026-03-18"),  # St Patrick
        ("CH-VD", "Europe/Zurich", "2026-08-21", "2026-09-22"),  # Jeune federal, Monday
        ("FR", "Europe/Paris", "2026-06-14", "2026-07-15"),
        ("PL", "Europe/Warsaw", "2026-04-03", "2026-05-04"),  # 3 May is a Sunday
    ],
)
def test_the_seats_own_holidays_roll(ask: Ask, calendar: str, tz: str, received: str, due: str) -> None:
    assert ask("eu-gdpr", received, tz=tz, calendar=calendar)["due"] == due


@pytest.mark.parametrize(
    ("calendar", "received", "due"),
    [
        ("GB-ENG", "2026-03-06", "2026-04-07"),  # Easter Monday
        ("GB-SCT", "2026-03-06", "2026-04-06"),  # a working day in Scotland
        ("GB-NIR", "2026-02-17", "2026-03-18"),  # St Patrick
        ("GB-ENG", "2026-02-17", "2026-03-17"),
        ("GB-SCT", "2025-12-02", "2026-01-05"),  # 2 January, then a weekend
        ("GB-ENG", "2025-12-02", "2026-01-02"),
        ("GB-NIR", "2026-06-13", "2026-07-14"),  # 13 July in lieu of Sunday 12 July
        ("GB-ENG", "2026-11-26", "2026-12-29"),  # Boxing Day is a Saturday: Monday 28 December instead
        ("GB-ENG", "2024-03-31", "2024-04-30"),
        ("GB-ENG", "2025-11-25", "2025-12-29"),
    ],
)
def test_each_nation_of_the_united_kingdom_has_its_own_bank_holidays(
    ask: Ask, calendar: str, received: str, due: str
) -> None:
    assert ask("uk-gdpr", received, calendar=calendar)["due"] == due


def test_an_extension_told_in_time_reaches_three_months_from_receipt(ask: Ask) -> None:
    told = [event("extension_notified", "2026-06-01T09:00+02:00", reasons="complex")]
    found = ask("eu-gdpr", "2026-05-11T08:00+02:00", events=told)
    assert (found["due"], found["extended"], found["status"]) == ("2026-08-11", True, "open")


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (event("extension_notified", "2026-06-12T00:00+02:00", reasons="complex"), "after Thu 11 Jun 2026"),
        (event("extension_notified", "2026-06-01T09:00+02:00"), "no reasons"),
        (event("extension_notified", "2026-06-01T09:00+02:00", reasons="  "), "no reasons"),
        (event("extension_requested", "2026-06-01T09:00+02:00", reasons="complex"), "not told"),
    ],
)
def test_an_extension_that_is_late_reasonless_or_untold_leaves_the_date(
    ask: Ask, told: dict[str, Any], why: str
) -> None:
    found = ask("eu-gdpr", "2026-05-11T08:00+02:00", events=[told])
    assert found["due"] == "2026-06-11"
    assert why in found["warnings"][0]


def test_an_extension_told_in_the_last_minute_of_a_rolled_period_counts(ask: Ask) -> None:
    told = [event("extension_notified", "2026-04-07T23:59+02:00", reasons="many requests")]
    assert ask("eu-gdpr", "2026-03-05T10:00+01:00", events=told)["due"] == "2026-06-05"


def test_suspended_days_and_an_extension_add_up_and_roll_once(ask: Ask) -> None:
    events = [
        event("id_requested", "2026-03-04T09:00+01:00"),
        event("id_received", "2026-03-10T09:00+01:00"),
        event("extension_notified", "2026-03-20T09:00+01:00", reasons="complex"),
    ]
    found = ask("eu-gdpr", "2026-03-02T09:00+01:00", events=events)
    assert (found["due"], found["suspended_days"]) == ("2026-06-08", 6)


def test_identity_asked_on_the_fifth_working_day_suspends_and_on_the_sixth_does_not(ask: Ask) -> None:
    fifth = [event("id_requested", "2026-03-09T23:00+01:00"), event("id_received", "2026-03-12T09:00+01:00")]
    sixth = [event("id_requested", "2026-03-10T09:00+01:00"), event("id_received", "2026-03-12T09:00+01:00")]
    assert ask("eu-gdpr", "2026-03-02T09:00+01:00", events=fifth)["due"] == "2026-04-07"
    late = ask("eu-gdpr", "2026-03-02T09:00+01:00", events=sixth)
    assert late["due"] == "2026-04-02"
    assert "undue delay" in late["warnings"][0]


def test_what_is_undue_delay_is_a_setting(ask: Ask) -> None:
    asked = [event("id_requested", "2026-03-10T09:00+01:00"), event("id_received", "2026-03-12T09:00+01:00")]
    assert ask("eu-gdpr", "2026-03-02T09:00+01:00", events=asked, undue_delay_working_days=10)["suspended_days"] == 2


def test_overlapping_waits_are_not_counted_twice(ask: Ask) -> None:
    events = [
        event("id_requested", "2026-03-03T09:00+01:00"),
        event("clarification_requested", "2026-03-04T09:00+01:00"),
        event("clarification_received", "2026-03-08T09:00+01:00"),
        event("id_received", "2026-03-10T09:00+01:00"),
    ]
    assert ask("eu-gdpr", "2026-03-02T09:00+01:00", events=events)["suspended_days"] == 7


def test_a_clarification_that_was_not_needed_suspends_nothing(ask: Ask) -> None:
    events = [
        event("clarification_requested", "2026-03-04T09:00+01:00", needed=False),
        event("clarification_received", "2026-03-08T09:00+01:00"),
    ]
    assert ask("eu-gdpr", "2026-03-02T09:00+01:00", events=events)["due"] == "2026-04-02"


def test_an_identity_request_that_is_not_answered_leaves_the_clock_standing(ask: Ask) -> None:
    asked = [event("id_requested", "2026-03-04T09:00+01:00")]
    found = ask("eu-gdpr", "2026-03-02T09:00+01:00", events=asked, now="2026-05-01T09:00+02:00")
    assert found["status"] == "paused"


def test_the_uk_clock_starts_when_identity_is_given(ask: Ask) -> None:
    events = [event("id_requested", "2026-03-20T09:00Z"), event("id_received", "2026-03-31T09:00+01:00")]
    assert ask("uk-gdpr", "2026-03-02T09:00Z", events=events)["due"] == "2026-04-30"


def test_the_uk_leaves_out_both_end_days_of_a_clarification_and_only_for_access(ask: Ask) -> None:
    # DUAA 2025 s.76 counts out the period "beginning with the day" of asking and "ending with the day" of receiving,
    # as DPA 2018 s.54(3C) says in the same words: 4 to 10 March are seven days.
    events = [event("clarification_requested", "2026-03-04"), event("clarification_received", "2026-03-10")]
    assert ask("uk-gdpr", "2026-03-02T09:00Z", events=events)["due"] == "2026-04-09"
    assert ask("uk-gdpr", "2026-03-02T09:00Z", right="erasure", events=events)["due"] == "2026-04-02"


def test_uk_complaints_count_the_day_of_receipt(ask: Ask) -> None:
    assert ask("uk-dpa-complaint", "2026-06-22T09:00+01:00", "complaint_ack")["due"] == "2026-07-21"
    assert ask("uk-gdpr", "2026-06-22T09:00+01:00", "complaint_ack")["due"] == "2026-07-21"


def test_breach_hours_elapse_over_a_change_of_clocks_and_never_roll(ask: Ask) -> None:
    spring = ask("eu-gdpr", "2026-03-27T10:00+01:00", "breach")
    autumn = ask("eu-gdpr", "2026-10-23T10:00+02:00", "breach")
    assert spring["due"] == "2026-03-30T11:00:00+02:00"
    assert autumn["due"] == "2026-10-26T09:00:00+01:00"
    assert any("to be safe" in step for step in spring["steps"])


def test_a_breach_counts_from_awareness_once_an_officer_records_it(ask: Ask) -> None:
    aware = [event("awareness", "2026-03-28T08:30+01:00")]
    found = ask("eu-gdpr", "2026-03-27T10:00+01:00", "breach_report", events=aware)
    assert found["due"] == "2026-03-31T09:30:00+02:00"


@pytest.mark.parametrize(
    ("regime", "right", "received", "tz", "due"),
    [
        ("us-ccpa", "opt-out", "2026-05-15T10:00-07:00", "America/Los_Angeles", "2026-06-08"),  # 11 CCR 7026(f)
        ("ccpa", "limit", "2026-05-15T10:00-07:00", "America/Los_Angeles", "2026-06-08"),  # 11 CCR 7027(g)
        ("ccpa", "ack", "2026-06-30T10:00-07:00", "America/Los_Angeles", "2026-07-15"),  # 3 July observed
        ("us-ccpa", "know", "2026-05-15T10:00-07:00", "America/Los_Angeles", "2026-06-29"),
        ("us-ccpa", "correct", "2026-05-15T10:00-07:00", "America/Los_Angeles", "2026-06-29"),
        ("virginia", "delete", "2026-01-06T12:00-05:00", "America/New_York", "2026-02-20"),
        ("us-co", "appeal", "2026-01-06T12:00-07:00", "America/Denver", "2026-02-20"),
        ("us-tx", "appeal", "2026-01-06T12:00-06:00", "America/Chicago", "2026-03-07"),
        ("iowa", "access", "2026-01-06T12:00-06:00", "America/Chicago", "2026-04-06"),
        ("utah", "access", "2026-01-06T12:00-07:00", "America/Denver", "2026-02-20"),
        ("oregon", "consent_withdrawal", "2026-01-06T12:00-08:00", "America/Los_Angeles", "2026-01-21"),
        ("pipeda", "access", "2026-01-06T12:00-05:00", "America/Toronto", "2026-02-05"),
        ("quebec", "access", "2026-04-13T12:00-04:00", "America/Toronto", "2026-05-13"),
        ("lgpd", "access", "2026-09-01T12:00-03:00", "America/Sao_Paulo", "2026-09-16"),
        ("ch-fadp", "access", "2026-06-19T12:00+02:00", "Europe/Zurich", "2026-07-19"),  # a Sunday: no roll
    ],
)
def test_each_regime_counts_as_its_statute_says(
    ask: Ask, regime: str, right: str, received: str, tz: str, due: str
) -> None:
    assert ask(regime, received, right, tz=tz)["due"] == due


@pytest.mark.parametrize(
    ("regime", "received", "told", "due"),
    [
        ("us-ccpa", "2026-05-15T10:00-07:00", "2026-06-20T10:00-07:00", "2026-08-13"),
        ("us-ctdpa", "2026-01-06T12:00-05:00", "2026-02-01T12:00-05:00", "2026-04-06"),
        ("florida", "2026-01-06T12:00-05:00", "2026-02-01T12:00-05:00", "2026-03-07"),
        ("iowa", "2026-01-06T12:00-06:00", "2026-02-01T12:00-06:00", "2026-05-21"),
        ("pipeda", "2026-01-06T12:00-05:00", "2026-02-01T12:00-05:00", "2026-03-07"),
    ],
)
def test_each_regime_extends_as_far_as_its_statute_says(
    ask: Ask, regime: str, received: str, told: str, due: str
) -> None:
    events = [event("extension_notified", told, reasons="many requests")]
    assert ask(regime, received, events=events)["due"] == due


def test_a_california_answer_is_due_whatever_verification_takes(ask: Ask) -> None:
    waits = [event("id_requested", "2026-05-18"), event("id_received", "2026-06-08")]
    found = ask("us-ccpa", "2026-05-15T10:00-07:00", "delete", events=waits)
    assert (found["due"], found["suspended_days"]) == ("2026-06-29", 0)


def test_the_local_day_of_the_controller_counts_wherever_the_mail_was_written(ask: Ask) -> None:
    assert ask("eu-gdpr", "2026-03-31T23:30:00Z")["due"] == "2026-05-04"  # 1 April in Berlin; 1 May is a holiday
    assert ask("eu-gdpr", "2026-03-31T21:59:00Z")["due"] == "2026-04-30"


def test_the_earlier_of_two_laws_wins_and_the_other_is_named(ask: Ask) -> None:
    line = {"regimes": ["eu-gdpr", "ch-fadp"], "tz": "Europe/Zurich", "calendar": "CH-VD"}
    july = ask("", "2026-06-15T12:00+02:00", **line)
    february = ask("", "2026-02-02T12:00+01:00", **line)
    assert (july["law"], july["due"]) == ("eu-gdpr", "2026-07-15")
    assert (february["law"], february["due"]) == ("eu-gdpr", "2026-03-02")
    assert any("ch-fadp" in step for step in february["steps"])
    march = ask("", "2026-03-10T12:00+01:00", **line)
    assert (march["law"], march["due"]) == ("ch-fadp", "2026-04-09")


def test_a_shorter_promise_binds_and_a_longer_one_is_warned_about(ask: Ask) -> None:
    shorter = ask("eu-gdpr", "2026-03-31T09:00+02:00", promise={"period": "14 days", "source": "clause c12"})
    longer = ask("eu-gdpr", "2026-03-31T09:00+02:00", promise="60 days")
    assert (shorter["due"], shorter["source"], shorter["by_promise"]) == ("2026-04-14", "clause c12", True)
    assert longer["due"] == "2026-04-30"
    assert "longer than the law allows" in longer["warnings"][0]


@pytest.mark.parametrize(
    ("promise", "due"),
    [
        ("1 month", "2026-08-11"),  # the law's own words: they give its extension up no more than the law does
        ({"period": "1 month", "extends_with_law": False}, "2026-06-11"),
        ("30 days", "2026-06-10"),
        ({"period": "30 days", "extends_with_law": True}, "2026-08-11"),
    ],
)
def test_an_extension_lengthens_a_promise_that_repeats_the_law_or_reserves_it(ask: Ask, promise: Any, due: str) -> None:
    told = [event("extension_notified", "2026-06-01T09:00+02:00", reasons="complex")]
    assert ask("eu-gdpr", "2026-05-11T08:00+02:00", events=told, promise=promise)["due"] == due


@pytest.mark.parametrize(
    ("events", "now", "status"),
    [
        ([], None, "open"),
        ([], "2026-06-11T23:59:59+02:00", "open"),
        ([], "2026-06-12T00:00:00+02:00", "overdue"),
        ([event("answered", "2026-06-11T23:59+02:00")], None, "met"),
        ([event("ReplySent", "2026-06-12T00:00+02:00")], None, "overdue"),
        ([event("refused", "2026-05-15", reasons="Art. 17(3)")], "2026-07-01", "met"),
        ([event("answered", "2026-06-01"), event("bounced", "2026-06-02")], None, "open"),
        ([event("id_requested", "2026-05-12")], None, "paused"),
    ],
)
def test_the_status_is_told_at_now_or_else_at_the_last_event(
    ask: Ask, events: list[dict[str, Any]], now: str | None, status: str
) -> None:
    more = {} if now is None else {"now": now}
    assert ask("eu-gdpr", "2026-05-11T08:00+02:00", events=events, **more)["status"] == status


def test_the_steps_can_be_followed_by_hand(ask: Ask) -> None:
    assert ask("eu-gdpr", "2026-03-31T09:00+02:00")["steps"] == [
        "received Tue 31 Mar 2026 09:00 Berlin",
        "+1 month = Thu 30 Apr 2026",
        "working day",
        "due Thu 30 Apr 2026 24:00 Berlin",
    ]


def test_a_refusal_cannot_use_the_extended_period(ask: Ask) -> None:
    told = event("extension_notified", "2026-06-01T09:00+02:00", reasons="complex")
    refused = event("refused", "2026-07-01T09:00+02:00", reasons="manifestly excessive")
    found = ask("eu-gdpr", "2026-05-11T08:00+02:00", events=[told, refused])
    assert (found["due"], found["status"]) == ("2026-08-11", "open")
    assert "after the first period" in found["warnings"][0]


@pytest.mark.parametrize(
    ("more", "due"),
    [
        ({}, "1985-05-18"),
        ({"source": "CJEU 152/85 Misset (3 calendar months)"}, "1985-05-18"),
        ({"source": "a judgment on (14 days)"}, "1985-03-04"),
        ({"source": "the two-month period of Art. 263 TFEU"}, "1985-04-18"),
        ({"note": "a period of six weeks"}, "1985-04-01"),
        ({"period": "1 year"}, "1986-02-18"),
    ],
)
def test_plain_arithmetic_takes_its_period_from_the_line(ask: Ask, more: dict[str, Any], due: str) -> None:
    # CJEU 152/85 Misset: three months from 18 February end on 18 May, a Saturday, and no statute rolls it.
    assert ask("period-arithmetic", "1985-02-18T12:00+01:00", "n/a", tz="Europe/Brussels", **more)["due"] == due
