"""Properties of the clock that no example can show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.router.core.law.choose import choose
from services.router.core.law.clock import earliest, work_out
from services.router.core.law.deadline import AnswerPromise, Matter, Status
from services.router.core.law.model import Law, LawFault, Period, Unit, period
from services.router.core.law.occurrences import Kind, Occurrence
from services.router.laws import calendar, shipped_laws, zone

BOOK = shipped_laws()
SEATS = [("DE-BE", "Europe/Berlin"), ("RO", "Europe/Bucharest"), ("LV", "Europe/Riga"), ("GB-SCT", "Europe/London"),
         ("CH-VD", "Europe/Zurich"), ("US", "America/Los_Angeles"), ("IE", "Europe/Dublin")]  # fmt: skip
SPAN_SECONDS = st.integers(0, 17 * 365 * 86_400)
MOMENTS = SPAN_SECONDS.map(lambda seconds: datetime(2018, 6, 1, tzinfo=UTC) + timedelta(seconds=seconds))
KINDS = st.sampled_from(list(Kind))


@st.composite
def matters(draw: st.DrawFn, right: str = "access", events: bool = True) -> Matter:
    code, tz = draw(st.sampled_from(SEATS))
    received = draw(MOMENTS)
    hours = st.integers(0, 24 * 120).map(lambda count: timedelta(hours=count))
    drawn = draw(st.lists(st.tuples(KINDS, hours, st.sampled_from(["", "complex"])), max_size=6)) if events else []
    happened = tuple(Occurrence(kind, received + after, reasons) for kind, after, reasons in drawn)
    return Matter(received, zone(tz), calendar(code), right, happened)


LAWS = st.sampled_from(sorted(BOOK.laws.values(), key=lambda law: law.id)).filter(lambda law: "access" in law.by_right)


@settings(max_examples=200, deadline=None)
@given(matter=matters(), law=LAWS, days=st.integers(1, 400))
def test_no_promise_buys_more_time_than_the_law(matter: Matter, law: Law, days: int) -> None:
    promise = AnswerPromise(Period(days, Unit.DAYS), "clause c1")
    with_promise = Matter(matter.received, matter.zone, matter.calendar, matter.right, matter.occurrences, (promise,))
    assert work_out(with_promise, law).due <= work_out(matter, law).due


@settings(max_examples=200, deadline=None)
@given(matter=matters())
def test_a_rolled_period_ends_on_a_working_day_and_is_never_rolled_twice(matter: Matter) -> None:
    found = work_out(matter, BOOK.law("eu-gdpr"))
    assert found.due_day is not None
    assert matter.calendar.closed(found.due_day) is None
    assert sum("next working day" in step for step in found.steps) <= 1


@settings(max_examples=200, deadline=None)
@given(matter=matters(), law=LAWS)
def test_nothing_that_happens_brings_an_answer_period_forward(matter: Matter, law: Law) -> None:
    bare = Matter(matter.received, matter.zone, matter.calendar, matter.right)
    assert work_out(matter, law).due >= work_out(bare, law).due


@settings(max_examples=200, deadline=None)
@given(matter=matters())
def test_only_an_extension_or_a_wait_gives_time(matter: Matter) -> None:
    found = work_out(matter, BOOK.law("eu-gdpr"))
    bare = work_out(Matter(matter.received, matter.zone, matter.calendar, matter.right), BOOK.law("eu-gdpr"))
    if not found.extended and not found.suspended_days:
        assert found.due == bare.due


@settings(max_examples=200, deadline=None)
@given(matter=matters(), seconds=st.integers(1, 86_400 * 200))
def test_a_later_receipt_is_never_due_earlier(matter: Matter, seconds: int) -> None:
    first = Matter(matter.received, matter.zone, matter.calendar, matter.right)
    second = Matter(matter.received + timedelta(seconds=seconds), matter.zone, matter.calendar, matter.right)
    law = BOOK.law("eu-gdpr")
    assert work_out(first, law).due <= work_out(second, law).due


@settings(max_examples=100, deadline=None)
@given(matter=matters(right="breach", events=False))
def test_seventy_two_hours_are_seventy_two_hours(matter: Matter) -> None:
    assert work_out(matter, BOOK.law("eu-gdpr")).due - matter.received == timedelta(hours=72)


@settings(max_examples=150, deadline=None)
@given(matter=matters(), laws=st.lists(LAWS, min_size=2, max_size=4))
def test_of_several_laws_the_earliest_binds(matter: Matter, laws: list[Law]) -> None:
    alone = min(work_out(matter, law).due for law in laws)
    assert earliest(matter, laws).due == alone


@settings(max_examples=150, deadline=None)
@given(matter=matters(), law=LAWS)
def test_the_status_agrees_with_the_date(matter: Matter, law: Law) -> None:
    found = work_out(matter, law)
    if found.status is Status.MET:
        assert found.answered is not None
        assert found.answered < found.due
    if found.status is Status.PAUSED:
        assert found.paused_since is not None


@pytest.mark.parametrize(
    ("seat", "person", "promised", "laws"),
    [
        ("RO", None, (), ("eu-gdpr",)),
        ("CH-VD", None, ("eu-gdpr",), ("eu-gdpr", "ch-fadp")),
        ("GB-ENG", "DE", (), ("uk-gdpr", "eu-gdpr")),
        ("LV", "US-CA", (), ("eu-gdpr", "us-ccpa")),
        ("CA-QC", None, (), ("ca-qc-law25",)),
        ("CA-ON", None, (), ("ca-pipeda",)),
        ("RO", "JP", (), ("eu-gdpr",)),
    ],
)
def test_the_law_is_chosen_by_seat_and_person_with_the_reasons(
    seat: str, person: str | None, promised: tuple[str, ...], laws: tuple[str, ...]
) -> None:
    chosen = choose(BOOK, seat, person, promised)
    assert chosen.laws == laws
    assert len(chosen.because) == len(laws)


def test_a_seat_whose_law_is_unknown_is_refused_with_what_to_do() -> None:
    with pytest.raises(LawFault, match="name the controller's law"):
        choose(BOOK, "AQ")


def test_every_shipped_rule_names_its_source_and_every_law_answers_every_ordinary_right() -> None:
    for law in BOOK.laws.values():
        assert all(rule.source for rule in law.rules)
        assert all(rule.extension is None or rule.extension.source for rule in law.rules)
        if law.id not in {"period-arithmetic", "uk-dpa-complaint"}:
            for right in ("access", "rectification", "erasure", "objection", "complaint", "breach"):
                assert law.rule_for(right).period.count > 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1 month", Period(1, Unit.MONTHS)),
        ("P30D", Period(30, Unit.DAYS)),
        ("PT72H", Period(72, Unit.HOURS)),
        ("10 business days", Period(10, Unit.BUSINESS_DAYS)),
        ("10 working days", Period(10, Unit.BUSINESS_DAYS)),
        ("2 weeks", Period(14, Unit.DAYS)),
        ("45 calendar days", Period(45, Unit.DAYS)),
    ],
)
def test_a_period_is_read_as_people_and_machines_write_it(text: str, found: Period) -> None:
    assert period(text) == found
