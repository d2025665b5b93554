"""A person asks for a copy of their data, from the mail to the completion on its topic."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.journeys.product import Product, connect, eventually, link_in, running

MAP = """\
dataset:
  - fides_key: shop
    collections:
      - name: customers
        fields:
          - name: id
            fides_meta: {primary_key: true}
          - name: email
            data_categories: [user.contact.email]
            fides_meta: {identity: email}
          - name: name
            data_categories: [user.name]
      - name: orders
        fields:
          - name: id
            fides_meta: {primary_key: true}
          - name: customer_id
            fides_meta:
              references:
                - {dataset: shop, field: customers.id, direction: from}
          - name: item
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as database:
        database.executescript(
            """
            CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, name TEXT);
            CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), item TEXT);
            INSERT INTO customers VALUES (1, 'ann@example.org', 'Ann Ash'), (2, 'bob@example.org', 'Bob Bay');
            INSERT INTO orders VALUES (10, 1, 'a red pen'), (11, 2, 'blue ink'), (12, 1, 'paper');
            """
        )
    database.close()
    return path


def connected_home(tmp_path: Path, shop: Path) -> Path:
    home = tmp_path / "a home"
    (tmp_path / "shop.yml").write_text(MAP, encoding="utf-8")
    system = f'[controllers.axigen.systems.shop]\nmap = "{tmp_path}/shop.yml"\nconnect = "sqlite:///{shop}"\n'
    connect(home, "axigen", ["data-protection@axigen.com"], system)
    return home


def test_a_mail_becomes_a_verified_answered_and_completed_claim(tmp_path: Path, shop: Path) -> None:
    with running(connected_home(tmp_path, shop)) as habeas:
        habeas.mail("data-protection@axigen.com", "Hello, please send me a copy of my data. Thanks, Ann")
        receipt = habeas.letter("please confirm that you")
        link = link_in(receipt, "v")

        assert habeas.get(link)[0] == 200, "a scanner that opens the link"
        assert not habeas.events("ClaimRouted"), "opening a link does nothing"
        assert habeas.get(link, "POST")[0] == 200
        answer = habeas.letter("here is the answer")
        package = link_in(answer, "d")
        assert habeas.get(package)[0] == 200, "a scanner opens this link too"
        files = habeas.package(package)
        content = "".join(held.decode() for held in files.values())
        page = files["index.html"].decode()
        assert "We collect such information solely for statistical purposes" in page, "the policy's purposes, verbatim"
        assert "anspdcp@dataprotection.ro" in page, "whom to complain to"
        assert "a red pen" in content
        assert "Ann Ash" in content
        assert "blue ink" not in content
        assert "bob@example.org" not in content
        assert habeas.get(package)[0] == habeas.get(package, "POST")[0] == 410, "a package is taken once"

        (claim,) = eventually(lambda: habeas.events("ClaimCompleted"))
        (case,) = eventually(lambda: habeas.events("CaseCompleted"))
    fields = claim["data"]
    assert claim["topic"] == "habeas.completions"
    received, due, completed = (datetime.fromisoformat(fields[name]) for name in ("received", "due", "completed"))
    assert received < completed < due <= received + timedelta(days=35)
    assert fields["margin_seconds"] == int((due - completed).total_seconds())
    assert fields["outcome"] == "fulfilled"
    assert fields["citation"]["source"] or fields["citation"]["clause"]
    assert [each["right"] for each in case["data"]["claims"]] == ["access"]


def test_the_code_in_an_answer_is_as_good_as_the_link(tmp_path: Path, shop: Path) -> None:
    with running(connected_home(tmp_path, shop)) as habeas:
        habeas.mail("data-protection@axigen.com", "Please send me a copy of my data.")
        code = habeas.letter("with this code").partition("with this code: ")[2].split()[0]
        wrong = str((int(code) + 1) % 10 ** len(code)).zfill(len(code))
        habeas.mail("data-protection@axigen.com", f"Here is the code you sent me: {wrong}")
        assert habeas.letter("is not the one we sent")
        assert not habeas.events("ClaimRouted")
        habeas.mail("data-protection@axigen.com", code)
        assert habeas.letter("here is the answer")


def test_a_chat_walks_the_same_way_to_the_address_on_file(tmp_path: Path, shop: Path) -> None:
    with running(connected_home(tmp_path, shop)) as habeas:
        said = habeas.say("axigen", "Please send me a copy of my data. My address is ann@example.org")
        session = said["session"]
        eventually(lambda: [line for line in habeas.hear("axigen", session) if line["from"] == "controller"])
        link = link_in(habeas.letter("please confirm that you", "ann@example.org"), "v")
        habeas.get(link, "POST")
        assert habeas.letter("here is the answer", "ann@example.org")
        (claim,) = eventually(lambda: habeas.events("ClaimCompleted"))
    assert claim["data"]["right"] == "access"


def test_state_survives_a_kill_and_nothing_is_done_twice(tmp_path: Path, shop: Path) -> None:
    home = connected_home(tmp_path, shop)
    product = Product(home)
    product.start()
    try:
        product.mail("data-protection@axigen.com", "Please send me a copy of my data.")
        product.stop(9)  # type: ignore[arg-type]
        product.start()
        link = link_in(product.letter("please confirm that you"), "v")
        product.get(link, "POST")
        product.stop(9)  # type: ignore[arg-type]
        product.start()
        assert product.letter("here is the answer")
        eventually(lambda: product.events("CaseCompleted"))
        for name in (
            "MessageReceived",
            "CaseOpened",
            "ClaimRouted",
            "ClaimFulfilled",
            "ClaimCompleted",
            "CaseCompleted",
        ):
            # The bus delivers at least once; the same event again has the same id and changes nothing.
            assert len({event["id"] for event in product.events(name)}) == 1, name
        assert len(product.letters()) == 2
    finally:
        assert product.stop() == 0


def test_a_right_without_a_handler_is_a_task_that_an_officer_completes(tmp_path: Path) -> None:
    with running(tmp_path / "home") as habeas:
        habeas.mail("legal@maxony.com", "Please correct my name: it is Anne, not Ann.")
        habeas.get(link_in(habeas.letter("please confirm that you"), "v"), "POST")

        def task() -> list[dict[str, object]]:
            return [case for case in json.loads(habeas.habeas("case", "list", "--json")) if case["tasks"]]

        (case,) = eventually(task)
        assert case["rights"] == ["rectification"]
        habeas.habeas("case", "complete", str(case["reference"]), "--note", "Your name is Anne now.")
        assert habeas.letter("Your name is Anne now.")
        (completed,) = eventually(lambda: habeas.events("CaseCompleted"))
    assert completed["data"]["claims"][0]["outcome"] == "fulfilled"


def test_a_question_is_answered_with_the_clause_that_says_so(tmp_path: Path) -> None:
    policy = Path("knowledge/policies/axigen/2018-11-10.md").read_text(encoding="utf-8")
    with running(tmp_path / "home") as habeas:
        habeas.mail("data-protection@axigen.com", "Hello, how long do you keep my data? Kind regards, Ann")
        answer = " ".join(habeas.letter("10 years").split())
        (event,) = eventually(lambda: habeas.events("QuestionAnswered"))
    (citation, *_) = event["data"]["citations"]
    quoted = " ".join(policy[citation["start"] : citation["end"]].split())
    assert quoted in answer
    assert citation["version"] == "2018-11-10"


def test_mail_for_nobody_here_is_refused_and_a_machine_is_not_answered(tmp_path: Path) -> None:
    import smtplib

    with running(tmp_path / "home") as habeas:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            habeas.mail("nobody@example.com", "Hello")
        assert refused.value.recipients["nobody@example.com"][0] == 550
        with smtplib.SMTP("127.0.0.1", habeas.smtp) as client:
            client.sendmail(
                "",
                ["legal@maxony.com"],
                b"From: a@example.org\r\nAuto-Submitted: auto-replied\r\nSubject: Re\r\n\r\nDelete my account.\r\n",
            )
        reviews = eventually(lambda: json.loads(habeas.habeas("case", "reviews", "--json")))
        assert reviews[0]["reason"] == "automatic"
        assert reviews[0]["suggestions"] == ["erasure"]
        assert habeas.letters() == []
