"""Text that hides, floods or bombs: its plain words' verdict, or a human's; in bounded time, never a crash."""

from __future__ import annotations

import json
import time
import unicodedata

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from services.cli.match import match
from services.router.api.reading import Reading, Tier, as_json, read_message

SECONDS_MAX = 1.5
INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2069\u200e\u200f\u061c"
LOOKALIKES = {"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "x": "х", "i": "і", "s": "ѕ"}
REQUESTS = [
    "Please delete my account and all my personal data.",
    "Please send me a copy of my personal data.",
    "Unsubscribe me from your newsletter.",
    "I withdraw my consent to the use of my data.",
    "Please restrict the processing of my personal data.",
]
FRAGMENTS = [
    "(a+)+", ".*", "a@", "@a.b", "1-", "1 1", "--", "\n", "\n\n", ">", "On 1.1.2020 a@b.c wrote",
    "From: a@b\nTo: b@c\n", "within 14 ", "14 days ", "customer number ", "no. ", "is ", "not ", "from ", "to ",
    "my daughter ", "and me ",
    '"', "«", "regards,\n", "my name is ", "Art. ", "15 ", "https://", "=", "\u202e", "\u200b", "ä", "ß", "漢", "ه",
    "+49 ",
]  # fmt: skip


def settled(reading: Reading) -> set[str]:
    return {claim.right.value for claim in reading.claims if claim.tier in (Tier.ACT, Tier.ASK) and not claim.negated}


def are_inside(reading: Reading, text: str) -> bool:
    spans = [span for claim in reading.claims for span in claim.spans if span.part == "text"]
    spans += [one.span for one in reading.found]
    return all(0 <= span.start <= span.end <= len(text) for span in spans)


def timed(text: str) -> Reading:
    started = time.process_time()
    reading = read_message(text)
    assert time.process_time() - started < SECONDS_MAX
    return reading


def seconds_of(text: str) -> float:
    """Return the best of three: what the machine does besides is not the reader's time."""
    taken = []
    for _ in range(3):
        started = time.process_time()
        read_message(text)
        taken.append(time.process_time() - started)
    return min(taken)


@pytest.mark.parametrize(
    "flood",
    [
        "a@",
        "a_",
        "a ",
        "please delete my data. ",
        "my name is not A but B ",
        "old address: A. new: B. ",
        " - A",
        "a (at) b ",
    ],
)
def test_a_flood_takes_about_the_time_of_a_long_letter(flood: str) -> None:
    prose = "We have been customers of yours for many years and were always content with the service we got. " * 30
    assert seconds_of(flood * 9_000) < max(0.05, 20 * seconds_of(prose))


@pytest.mark.parametrize("text", ["", " ", "\n\n\n", "\t", "\u200b\u200b", "\u202e", "\x00"])
def test_what_says_nothing_goes_to_a_human(text: str) -> None:
    reading = timed(text)
    assert not reading.claims
    assert reading.tier is Tier.REVIEW


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(REQUESTS), st.data())
def test_invisible_signs_between_letters_change_no_verdict(request: str, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(request)), max_size=12))
    hidden = request
    for place in sorted(places, reverse=True):
        hidden = hidden[:place] + data.draw(st.sampled_from(INVISIBLE)) + hidden[place:]
    assert settled(read_message(hidden, language="en")) == settled(read_message(request, language="en"))
    assert are_inside(read_message(hidden), hidden)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(REQUESTS), st.sets(st.sampled_from(sorted(LOOKALIKES)), max_size=3))
def test_letters_of_other_alphabets_hide_no_request(request: str, letters: set[str]) -> None:
    disguised = "".join(LOOKALIKES[letter] if letter in letters else letter for letter in request)
    assert settled(read_message(request, language="en")) <= settled(read_message(disguised, language="en"))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=4_000))
def test_any_bytes_are_read_without_a_fault(content: bytes) -> None:
    for text in (content.decode("latin-1"), content.decode("utf-8", "replace"), content.decode("utf-16", "replace")):
        assert are_inside(timed(text), text)


@settings(max_examples=30, deadline=None)
@given(st.characters(codec="utf-8"), st.sampled_from(["", " delete my account", "delete my account "]))
def test_a_token_of_a_hundred_thousand_letters_is_read_in_time_and_never_ignored(letter: str, words: str) -> None:
    text = letter * 100_000 + words
    reading = timed(text)
    assert reading.tier is not Tier.NONE
    assert are_inside(reading, text)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=4), st.sampled_from([50, 600, 6_000, 120_000]))
def test_no_repetition_makes_a_pattern_slow(fragments: list[str], times: int) -> None:
    text = ("".join(fragments) * times)[:2_000_000]
    assert are_inside(timed(text), text)


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("".join(FRAGMENTS) + "abcXYZ 0123456789"), max_size=600))
def test_every_detail_stands_where_it_is_said_to_stand(text: str) -> None:
    reading = read_message(text)
    assert are_inside(reading, text)
    for one in reading.found:
        if one.kind in ("email", "date", "account_id", "order"):
            shown = "".join(letter for letter in text[one.span.start : one.span.end] if letter not in INVISIBLE)
            assert one.value == shown.strip()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=60), st.just(b'{"id": "x", "text": "delete my account"}')), max_size=6))
def test_every_line_gets_one_answer_in_order_whatever_it_holds(lines: list[bytes]) -> None:
    sent = [line.replace(b"\n", b" ") for line in lines]
    result = CliRunner().invoke(match, ["--jsonl"], input=b"\r\n".join(sent))
    assert result.exit_code == 0
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    asked = [line for line in sent if line.strip()]
    assert len(answers) == len(asked)
    for line, answer in zip(asked, answers, strict=True):
        assert ("claims" in answer) != ("error" in answer)
        if line.startswith(b'{"id": "x"'):
            assert [claim["right"] for claim in answer["claims"]] == ["erasure"]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b'{"id": 1, "text": null}', "string"),
        (b'{"id": 1, "text": "x", "lang": 5}', "strings"),
        (b"[1, 2]", "JSON object"),
        (b"[" * 200_000, "JSON object"),
        (b'{"id": 1, "text": "x"', "JSON object"),
        (b"\xff\xfe\x00", "JSON object"),
    ],
)
def test_a_bad_line_is_answered_with_what_is_wrong_and_the_next_is_read(line: bytes, error: str) -> None:
    good = b'\xef\xbb\xbf{"id": 2, "text": "delete my account"}'
    result = CliRunner().invoke(match, ["--jsonl"], input=good + b"\r\n" + line + b"\n" + good[3:])
    first, bad, last = (json.loads(answer) for answer in result.stdout.splitlines())
    assert error in bad["error"]
    assert first["claims"] == last["claims"] != []


@pytest.mark.parametrize("lang", ["xx", "klingon", "zz-top", "", "-", "EN_us"])
def test_a_language_that_nobody_knows_is_guessed_instead(lang: str) -> None:
    assert as_json(read_message("please delete my account", language=lang))["language"] == "en"


def test_a_lone_surrogate_survives_the_way_through_json() -> None:
    sent = '{"id": "\\ud800", "text": "\\udfff delete my account"}\n'
    answer = json.loads(CliRunner().invoke(match, ["--jsonl"], input=sent).stdout)
    assert [claim["right"] for claim in answer["claims"]] == ["erasure"]


@pytest.mark.parametrize(
    "text",
    ["Bitte löschen Sie mein Konto", "Διαγράψτε τον λογαριασμό μου",
     "Žádám o výmaz mých osobních údajů", "Effacez mes données à caractère personnel"],
)  # fmt: skip
def test_accents_sent_apart_from_their_letters_change_no_verdict(text: str) -> None:
    apart = unicodedata.normalize("NFD", text)
    assert settled(read_message(apart)) == settled(read_message(text)) == {"erasure"}
    assert are_inside(read_message(apart), apart)


def test_a_line_with_a_byte_that_is_no_text_is_read_and_answered_by_its_id() -> None:
    answered = CliRunner().invoke(
        match, ["--jsonl"], input=b'{"id":"a","text":"\xff delete my account"}\n{"id":NaN,"text":"x"}\n'
    )
    first, second = [json.loads(line) for line in answered.output.splitlines()]
    assert (first["id"], [claim["right"] for claim in first["claims"]]) == ("a", ["erasure"])
    assert "error" in second


def test_a_word_that_is_no_file_is_told_how_to_be_read() -> None:
    answered = CliRunner().invoke(match, ["unsubscribe"])
    assert answered.exit_code == 2
    assert "--text" in answered.output


def test_what_stands_behind_a_flood_of_one_sentence_is_read() -> None:
    reading = read_message(
        "Where is my parcel? " * 300 + "Send me a copy of my data. " * 200 + "And delete my account."
    )
    assert {"access", "erasure"} <= settled(reading)
