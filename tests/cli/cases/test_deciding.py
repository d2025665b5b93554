"""Every order of an officer, and every one that is forbidden: refused in one line, the case unchanged."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from services.router.core.cases import commands as c
from services.runtime.clock import Clock
from tests.cli.cases.office import Office, days_ago


def refused_and_unchanged(office: Office, name: str, *words: str) -> str:
    before = office.show(name)
    said = office.refused(*words)
    assert office.show(name) == before
    return said


def entry(office: Office, name: str, event: str) -> dict[str, object]:
    return [each for each in office.show(name)["timeline"] if each["event"] == event][-1]


@pytest.fixture
def promised_nothing(office: Office) -> str:
    """The same at a controller whose policy promises no deadline, so that the law alone sets it."""
    return str(office.open("access", controller="hexamail", identified="known_customer")["case"])


@pytest.fixture
def known(office: Office) -> str:
    """A case of somebody known, whose access waits for its handler."""
    return str(office.open("access", identified="known_customer")["case"])


def test_an_extension_counts_once_its_letter_arrived_in_time(office: Office, promised_nothing: str) -> None:
    due = office.show(promised_nothing)["claims"][0]["due"]
    office.run("extend", promised_nothing, "--ground", "complexity", "--reasons", "Four archives must be searched.")
    assert office.show(promised_nothing)["claims"][0]["due"] == due, "deciding is not telling"
    assert "already" in refused_and_unchanged(
        office, promised_nothing, "extend", promised_nothing, "--ground", "complexity", "--reasons", "x"
    )
    office.deliver(promised_nothing, "extension")
    extended = office.show(promised_nothing)["claims"][0]
    assert extended["extended"] is True
    assert extended["due"] > due
    told = entry(office, promised_nothing, "ExtensionDecided")
    assert (told["who"], told["words"]) == ("officer olga", ["Four archives must be searched."])
    assert "12A" in str(told["why"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--reasons", "Because."], "an extension needs its ground and its reasons"),
        (["--ground", "complexity"], "an extension needs its ground and its reasons"),
        (["--ground", "holidays", "--reasons", "We are away."], "holidays"),
    ],
)
def test_an_extension_needs_reasons_and_a_ground_of_the_law(
    office: Office, promised_nothing: str, words: list[str], said: str
) -> None:
    told = refused_and_unchanged(office, promised_nothing, "extend", promised_nothing, *words)
    assert said in told
    assert "Art. 12A(3)" in told


EXTENDING = ["--ground", "complexity", "--reasons", "Much to do."]


def test_a_promise_that_repeats_the_law_is_extended_with_it(office: Office, known: str) -> None:
    due = office.show(known)["claims"][0]["due"]
    office.run("extend", known, *EXTENDING)
    office.deliver(known, "extension")
    claim = office.show(known)["claims"][0]
    assert (claim["extended"], claim["due"] > due) == (True, True)
    assert any("the law's extension lengthens too (policy:axigen/2018-11-10#" in step for step in claim["steps"])


def test_a_shorter_promise_that_reserves_no_extension_binds_where_the_law_would_extend(office: Office) -> None:
    name = office.open("access", controller="mailigen", identified="known_customer")["case"]
    said = refused_and_unchanged(office, name, "extend", name, *EXTENDING)
    assert "promises 30 days and reserves no extension, so that still binds (policy:mailigen/2018-08-02#" in said


def test_where_the_law_sets_no_limit_an_extension_names_its_day(office: Office, promised_nothing: str) -> None:
    office.run("law", promised_nothing, "--law", "ch-fadp", "--because", "The branch in Basel answers.")
    said = refused_and_unchanged(office, promised_nothing, "extend", promised_nothing, *EXTENDING)
    assert "it must name the day by which the answer will come (DPO (SR 235.11) Art. 18(2)" in said
    day = days_ago(-60)
    office.run("extend", promised_nothing, *EXTENDING, "--until", day)
    office.deliver(promised_nothing, "extension")
    claim = office.show(promised_nothing)["claims"][0]
    assert (claim["due_day"], claim["extended"]) == (day, True)
    assert "soon" in office.refused("extend", promised_nothing, *EXTENDING, "--until", "soon")


def test_an_extension_may_be_shorter_than_the_law_allows(office: Office, promised_nothing: str) -> None:
    day = days_ago(-45)
    office.run("extend", promised_nothing, *EXTENDING, "--until", day)
    office.deliver(promised_nothing, "extension")
    assert office.show(promised_nothing)["claims"][0]["due_day"] == day


def test_an_extension_or_a_refusal_after_the_first_period_is_too_late(office: Office) -> None:
    given = {"controller": "hexamail", "identified": "known_customer"}
    name = office.open("access", received=days_ago(50), **given)["case"]
    told = refused_and_unchanged(office, name, "extend", name, "--ground", "complexity", "--reasons", "Much to do.")
    assert "Art. 12A(3)" in told
    refusal = ["refuse", name, "--ground", "excessive", "--reasons", "The tenth time this year."]
    told = refused_and_unchanged(office, name, *refusal)
    assert "Art. 12(4) GDPR" in told
    assert "first period, which ended" in told
    office.run(*refusal, "--late")
    assert office.show(name)["claims"][0]["outcome"] == "refused"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--ground", "excessive"], "Art. 12(4) GDPR"),
        (["--ground", "no_mood", "--reasons", "No."], "unknown ground no_mood; known are:"),
        (["--reasons", "No."], "Missing option '--ground'"),
        (["--ground", "excessive", "--reasons", "No.", "--right", "erasure"], "there is no open claim of erasure here"),
        (["--ground", "excessive", "--reasons", "No.", "--right", "levitation"], "unknown right 'levitation'"),
    ],
)
def test_a_refusal_needs_its_ground_and_reasons(office: Office, known: str, words: list[str], said: str) -> None:
    assert said in refused_and_unchanged(office, known, "refuse", known, *words)


def test_a_refusal_is_told_with_its_ground_and_source(office: Office, known: str) -> None:
    office.run("refuse", known, "--ground", "rights of others", "--reasons", "The file speaks of your brother.")
    told = entry(office, known, "ClaimRefused")
    assert told["who"] == "officer olga"
    assert "Art. 15(4) GDPR" in str(told["why"])
    assert told["words"] == ["The file speaks of your brother."]
    assert [each["ground"] for each in office.json("grounds", "--right", "portability")].count("rights_of_others") <= 1


def test_a_clock_is_paused_and_resumed_where_the_law_lets_it_wait(office: Office) -> None:
    name = office.open("access", identified="known_customer", received=days_ago(1))["case"]
    told = refused_and_unchanged(office, name, "pause", name, "--for", "clarification", "--ground", "scope_unclear")
    assert "a pause needs its ground and its reasons" in told
    office.run("pause", name, "--for", "clarification", "--ground", "scope_unclear", "--reasons", "Which account?")
    shown = office.json("list")[0]
    assert (shown["paused"], shown["due"]) == (True, None)
    assert "already being waited for" in refused_and_unchanged(
        office, name, "pause", name, "--for", "clarification", "--ground", "scope_unclear", "--reasons", "Which?"
    )
    assert "nobody waits for identity here" in refused_and_unchanged(office, name, "resume", name, "--for", "identity")
    office.run("resume", name)
    assert office.json("list")[0]["paused"] is False
    assert "nobody waits for the person" in refused_and_unchanged(office, name, "resume", name)


def test_no_clock_waits_where_its_law_does_not(office: Office) -> None:
    name = office.open("access", law="us-ccpa", identified="known_customer", received=days_ago(1))["case"]
    said = refused_and_unchanged(
        office, name, "pause", name, "--for", "identity", "--ground", "identity_in_doubt", "--reasons", "Who?"
    )
    assert "CCR" in said or "Civ. Code" in said


def test_a_question_is_asked_and_its_answer_by_telephone_recorded(office: Office, known: str) -> None:
    assert "asked nothing" in refused_and_unchanged(office, known, "answered", known)
    office.run("ask", known, "--question", "Which of your two accounts?", "--ground", "which_account")
    assert office.show(known)["claims"][0]["waits"] == ["clarification"]
    assert "asked already" in refused_and_unchanged(
        office, known, "ask", known, "--question", "Which?", "--ground", "which_account"
    )
    office.run("answered", known, "--note", "Both of them.")
    shown = office.show(known)
    assert shown["claims"][0]["waits"] == []
    assert any(each["words"] == ["Both of them."] for each in shown["timeline"])
    assert "to officer olga" in str(entry(office, known, "ClarificationReceived")["what"])


def test_a_document_is_asked_for_only_with_the_reason(office: Office) -> None:
    name = office.open("access")["case"]
    assert "Art. 5(1)(c), 12(6) GDPR" in refused_and_unchanged(office, name, "identify", name, "--by", "document")
    office.run("identify", name, "--by", "document", "--reasons", "The address on file was changed yesterday.")
    office.run("confirm", name, "--ground", "passport_seen")
    assert office.show(name)["assurance"] == "document"


def test_the_law_is_corrected_and_every_date_worked_out_again(office: Office, known: str) -> None:
    before = office.show(known)["claims"][0]
    assert "unknown law lex-rhodia; known are" in refused_and_unchanged(
        office, known, "law", known, "--law", "lex-rhodia", "--because", "It is old."
    )
    assert "say why" in refused_and_unchanged(office, known, "law", known, "--law", "br-lgpd")
    office.run("law", known, "--law", "br-lgpd", "--because", "The person lives in Brazil.")
    after = office.show(known)["claims"][0]
    assert after["due"] < before["due"]
    assert after["law"] == "br-lgpd"
    corrected = entry(office, known, "LawCorrected")
    assert "from eu-gdpr to br-lgpd" in str(corrected["what"])
    assert corrected["words"] == ["The person lives in Brazil."]


def test_the_seventy_two_hours_run_from_the_recorded_awareness(office: Office) -> None:
    name = office.open("breach_report", received=f"{days_ago(2)}T10:00")["case"]
    before = datetime.fromisoformat(office.show(name)["claims"][0]["due"])
    for words, said in (
        (["--at", days_ago(1)], "needs the hour"),
        (["--at", days_ago(-3) + "T09:00"], "lies in the future"),
        (["--at", f"{days_ago(1)}T09:00", "--zone", "Middle/Earth"], "unknown time zone"),
    ):
        assert said in refused_and_unchanged(office, name, "aware", name, *words)
    office.run("aware", name, "--at", f"{days_ago(1)}T10:00")
    assert datetime.fromisoformat(office.show(name)["claims"][0]["due"]) - before == timedelta(hours=24)
    assert office.json("list", "--task", "breach")[0]["case"] == name
    other = office.open("access", person_email="bob@example.org")["case"]
    assert "Art. 33(1) GDPR" in refused_and_unchanged(office, other, "aware", other, "--at", f"{days_ago(1)}T10:00")


def test_an_agents_mandate_is_accepted_or_not(office: Office) -> None:
    first = office.open("access", asker="agent", identified="known_customer")["case"]
    assert office.show(first)["tasks"] == ["authority_agent"]
    assert "its own command" in refused_and_unchanged(office, first, "complete", first)
    office.run("approve", first, "--ground", "mandate_seen")
    assert office.show(first)["claims"][0]["stage"] == "routed"
    second = office.open("access", asker="parent", person_email="bob@example.org", identified="known_customer")["case"]
    office.run("authority", second, "--denied", "--ground", "no_birth_certificate")
    claim = office.show(second)["claims"][0]
    assert (claim["outcome"], claim["ground"]) == ("refused", "no_authority")


def test_a_task_is_done_with_its_note_and_the_claim_answered(office: Office) -> None:
    name = office.open("complaint", "breach_report", received=days_ago(1))["case"]
    assert "say which claim with --right; open are: complaint, breach_report" in refused_and_unchanged(
        office, name, "complete", name, "--note", "Done."
    )
    assert "ends the claim: say with which outcome" in refused_and_unchanged(
        office, name, "approve", name, "--right", "breach_report", "--ground", "checked"
    )
    office.run("complete", name, "--right", "breach_report", "--note", "Nothing was exposed.")
    office.deliver(name, "fulfilled")
    claim = next(each for each in office.show(name)["claims"] if each["right"] == "breach_report")
    assert claim["outcome"] == "fulfilled"
    assert claim["completed"]


def test_an_answer_given_by_post_completes_at_its_own_moment(office: Office, known: str) -> None:
    for words, said in (
        (["--answered", days_ago(1)], "belong together"),
        (["--answered", days_ago(9), "--evidence", "RR 123"], "before the receipt or in the future"),
        (["--answered", "2100-01-01", "--evidence", "RR 123"], "before the receipt or in the future"),
        (["--answered", "soon", "--evidence", "RR 123"], "is no date"),
    ):
        assert said in refused_and_unchanged(office, known, "complete", known, *words)
    office.run("complete", known, "--answered", f"{days_ago(1)}T15:00", "--evidence", "registered letter RR 123")
    shown = office.show(known)
    assert shown["state"] == "completed"
    assert entry(office, known, "DeadlineMet")["local"].startswith(f"{date.fromisoformat(days_ago(1)):%a}")
    assert "No claim" in refused_and_unchanged(office, known, "complete", known).replace("no claim", "No claim")


def test_a_claim_is_handed_to_the_controller_who_must_answer(office: Office, known: str) -> None:
    office.run("transfer", known, "--to", "Shop Ltd., privacy@shop.example", "--ground", "not the controller")
    assert entry(office, known, "ClaimTransferred")["words"] == ["Shop Ltd., privacy@shop.example"]
    assert "no open claim" not in office.show(known)["claims"][0]["stage"]
    office.deliver(known, "transferred")
    assert office.show(known)["state"] == "completed"


def test_a_completed_claim_is_reopened_and_its_deadline_is_what_it_was(office: Office, known: str) -> None:
    due = office.show(known)["claims"][0]["due"]
    assert "completed" in refused_and_unchanged(office, known, "reopen", known, "--ground", "answer_incomplete")
    office.run("withdraw", known)
    assert "to officer olga" in str(entry(office, known, "ClaimWithdrawn")["what"])
    office.run("reopen", known, "--ground", "withdrawn_by_mistake")
    shown = office.show(known)
    assert (shown["state"], shown["claims"][0]["due"], shown["tasks"]) == ("open", due, ["reopened"])


def test_a_right_that_was_overlooked_counts_from_the_first_receipt(office: Office, known: str) -> None:
    office.run("correct", known, "--add", "erasure", "--ground", "misread")
    claims = {each["right"]: each for each in office.show(known)["claims"]}
    assert claims["erasure"]["received"] == claims["access"]["received"]
    assert claims["erasure"]["stage"] == "waiting_turn", "a copy goes before an erasure"
    assert "already open here: erasure" in refused_and_unchanged(
        office, known, "correct", known, "--add", "erasure", "--ground", "misread"
    )
    office.run("correct", known, "--drop", "access", "--ground", "misread")
    assert {each["right"]: each["stage"] for each in office.show(known)["claims"]} == {
        "access": "completed",
        "erasure": "routed",
    }
    assert "needs one of the grounds" in refused_and_unchanged(
        office, known, "correct", known, "--drop", "erasure", "--ground", "tired"
    )


def test_a_repeat_is_joined_to_the_earlier_case_and_nothing_is_lost(office: Office) -> None:
    first = office.open("access", received=days_ago(5))["case"]
    later = office.open("access", "erasure", received=days_ago(1), separate_="")["case"]
    assert later == first, "the same person's letter joins by itself"
    call = {"channel": "call", "person_email": "", "name": "Ann Ash"}
    second = office.open("access", "objection", received=days_ago(1), **call)["case"]
    told = refused_and_unchanged(office, first, "join", first, second)
    assert "so that the earlier deadline stays" in told
    assert "joined to itself" in refused_and_unchanged(office, first, "join", first, first)
    other = office.open("access", controller="mailpro", person_email="ann@example.net")["case"]
    assert "is mailpro's" in refused_and_unchanged(office, first, "join", first, other)
    office.run("join", second, first)
    assert office.show(second)["state"] == "joined"
    assert sorted(each["right"] for each in office.show(first)["claims"]) == ["access", "erasure", "objection"]
    assert office.show(second)["joined_into"] == first
    said = refused_and_unchanged(office, second, "correct", second, "--add", "access", "--ground", "misread")
    assert "the case lives on in" in said


def test_an_answer_that_bounced_is_sent_again(office: Office, known: str) -> None:
    assert "there is no answer to send again" in refused_and_unchanged(office, known, "resend", known)
    office.run("refuse", known, "--ground", "excessive", "--reasons", "The tenth time.")
    office.deliver(known, "refused")
    office.run("returned", known, "refused", "--status", "moved away")
    assert office.show(known)["tasks"] == ["answer_bounced"]
    office.run("resend", known)
    assert office.show(known)["letters"][-1]["template"] == "refused"
    bounced = entry(office, known, "LetterBounced")
    assert (bounced["who"], "moved_away" in str(bounced["what"])) == ("officer olga", True)


def test_a_parked_claim_is_sent_to_its_handler_again(office: Office, known: str) -> None:
    assert "not parked" in refused_and_unchanged(office, known, "replay", known)
    with office.desk() as at, at.store.begin() as transaction:
        case = at.found(transaction, known)
        parked = c.ParkClaim(
            case_id=case.case_id, cause="p", at=Clock().now(), claim_id=case.claims[0].claim_id, reason="broken"
        )
        at.router.carry_out(transaction, parked, None)
    assert office.show(known)["claims"][0]["stage"] == "parked"
    office.run("replay", known)
    assert office.show(known)["claims"][0]["stage"] == "routed"


def test_notes_and_assignments_are_kept_with_who_made_them(office: Office, known: str) -> None:
    office.run("note", known, "Called back, nobody there.", officer="Per Ås")
    office.run("assign", known, "Per Ås")
    noted = entry(office, known, "NoteAdded")
    assert (noted["who"], noted["words"]) == ("officer per-s", ["Called back, nobody there."])
    assert [each["case"] for each in office.json("list", "--assigned", "me", officer="Per Ås")] == [
        office.show(known)["case"]
    ]
    assert office.json("list", "--assigned", "me") == []
    assert "a note needs words" in refused_and_unchanged(office, known, "note", known, " ")


@pytest.mark.parametrize(
    "words",
    [
        ["show"], ["withdraw"], ["resend"], ["replay"], ["letters"], ["resume"], ["note", "text"], ["assign", "per"],
        ["join", "HB-00000000"], ["confirm", "--ground", "x"], ["refuse", "--ground", "x", "--reasons", "y"],
        ["extend"], ["pause", "--for", "fee"], ["reopen", "--ground", "x"], ["read"],
        ["correct", "--ground", "x", "--add", "access"], ["transfer", "--to", "x", "--ground", "y"],
        ["approve", "--ground", "x"], ["deny", "--ground", "x"], ["aware", "--at", "2026-03-31T09:00"],
        ["law", "--law", "eu-gdpr", "--because", "x"], ["identify"], ["ask", "--question", "x", "--ground", "y"],
        ["answered"], ["posted", "receipt", "--on", "2026-03-31"], ["returned", "receipt"],
        ["authority", "--accepted", "--ground", "x"], ["complete"],
    ],
)  # fmt: skip
def test_a_case_that_is_not_there_is_named(office: Office, words: list[str]) -> None:
    for name in ("HB-12345678", "%%%%", "ab"):
        said = office.refused(words[0], name, *words[1:])
        assert name in said
        assert "habeas case" in said


def test_a_message_that_is_not_there_cannot_be_decided(office: Office) -> None:
    assert "is no review" in office.refused("decide", "nothing", "--none")
    assert "say --right" in office.refused("decide", "nothing")
