"""The contract that every delegate keeps, against a real HTTP server; and what is particular to each."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from services.cli.connectors import connectors
from services.fulfil.connectors.delegates.making import delegate_for
from services.fulfil.connectors.delegates.opendsr import OpenDsr
from services.fulfil.connectors.delegates.webhook import Webhook
from services.fulfil.connectors.protocol import Delegate, Order, Standing, SystemDown, SystemRefuses
from services.runtime.settings import ControllerSettings, DelegateSettings
from tests.fulfil.connectors.processor import Processor

STEP = "6b1f7c1a-2d3e-4f50-8a6b-0c1d2e3f4a5b"
ORDER = Order(
    step_id=STEP, right="erasure", identities={"email": ("ann@example.org",)},
    asked=datetime(2027, 3, 2, 9, 0, tzinfo=UTC),
)  # fmt: skip
Making = Callable[[Processor], Delegate]


def webhook(at: Processor) -> Delegate:
    return Webhook(
        "vendor", f"webhook+http://:s3cret@{at.host}/hook", pause=lambda _: None, clock=lambda: 1_800_000_000
    )


def opendsr(at: Processor) -> Delegate:
    return OpenDsr("vendor", f"opendsr+http://user:s3cret@{at.host}/v2", pause=lambda _: None)


@pytest.fixture
def vendor() -> Iterator[Processor]:
    found = Processor()
    yield found
    found.close()


@pytest.fixture(params=[webhook, opendsr], ids=["webhook", "opendsr"])
def delegate(request: pytest.FixtureRequest, vendor: Processor) -> Delegate:
    making: Making = request.param
    return making(vendor)


def looked(delegate: Delegate, order: Order = ORDER) -> Order:
    """Return the order as it is looked after: with the place that the first reply named."""
    return replace(order, place=delegate.ask(order).place)


class TestEveryDelegate:
    def test_it_is_a_delegate_that_can_be_tried_without_asking_for_anything(
        self, vendor: Processor, delegate: Delegate
    ) -> None:
        assert isinstance(delegate, Delegate)
        assert delegate.check().reachable
        assert vendor.effects == 0

    def test_it_waits_and_then_it_is_done(self, vendor: Processor, delegate: Delegate) -> None:
        order = looked(delegate)
        assert delegate.answer(order).standing is Standing.WAITING
        vendor.finished = True
        assert delegate.answer(order).standing is Standing.DONE

    def test_asking_twice_has_one_effect(self, vendor: Processor, delegate: Delegate) -> None:
        first = delegate.ask(ORDER)
        assert delegate.ask(ORDER).standing is first.standing
        assert (vendor.effects, list(vendor.orders)) == (1, [STEP])

    def test_a_refusal_is_told_as_one(self, vendor: Processor, delegate: Delegate) -> None:
        order = looked(delegate)
        vendor.refuses = True
        assert delegate.answer(order).standing is Standing.REFUSED

    def test_where_the_results_are_is_handed_on(self, vendor: Processor, delegate: Delegate) -> None:
        order = looked(delegate)
        vendor.finished, vendor.results = True, "https://vendor.example/results/1"
        assert delegate.answer(order).results == "https://vendor.example/results/1"

    def test_one_that_is_down_may_be_asked_again_later(self, vendor: Processor, delegate: Delegate) -> None:
        vendor.trouble = (503, {}, {})
        with pytest.raises(SystemDown):
            delegate.ask(ORDER)
        assert not delegate.check().reachable
        vendor.trouble = None
        assert delegate.ask(ORDER).standing is Standing.WAITING

    @pytest.mark.parametrize(
        "trouble",
        [
            (200, b"<html>ok</html>", {}),
            (200, {"status": "maybe", "request_status": "maybe", "subject_request_id": STEP}, {}),
            (200, {"status": ["done"], "subject_request_id": "another"}, {}),
            (200, b"[" * 100_000, {}),
            (302, b"", {"Location": "https://elsewhere.example/"}),
            (401, {}, {}),
            (404, {}, {}),
            (418, {}, {}),
        ],
    )
    def test_what_the_protocol_does_not_know_is_never_taken_for_done(
        self, vendor: Processor, delegate: Delegate, trouble: tuple[int, object, dict[str, str]]
    ) -> None:
        order = looked(delegate)
        vendor.trouble = trouble
        for ask in (delegate.ask, delegate.answer):
            with pytest.raises(SystemRefuses) as fault:
                ask(order)
            assert "ann@" not in str(fault.value)
            assert "s3cret" not in str(fault.value)

    def test_nobody_at_the_address_is_a_system_that_is_down(self, delegate: Delegate, vendor: Processor) -> None:
        vendor.server.server_close()
        vendor.server.shutdown()
        with pytest.raises(SystemDown) as fault:
            delegate.ask(ORDER)
        assert "s3cret" not in str(fault.value)


def test_a_webhook_can_see_who_asks_and_that_nothing_was_changed(vendor: Processor) -> None:
    webhook(vendor).ask(ORDER)
    _, path, headers, body = vendor.asked[-1]
    made = hmac.new(b"s3cret", b"1800000000." + body, hashlib.sha256).hexdigest()
    assert headers["habeas-signature"] == f"t=1800000000,v1={made}"
    assert headers["idempotency-key"] == STEP
    assert path == "/hook"
    words = json.loads(body)
    assert (words["step_id"], words["right"]) == (STEP, "erasure")
    assert words["identities"] == {"email": ["ann@example.org"]}


@pytest.mark.parametrize(
    "place", ["https://elsewhere.example/1", "//elsewhere.example/1", "http://127.0.0.1:1/1", "http://[bad/"]
)
def test_an_answer_on_another_host_is_not_fetched(vendor: Processor, place: str) -> None:
    vendor.location = place
    with pytest.raises(SystemRefuses, match="it points to"):
        webhook(vendor).ask(ORDER)


def test_a_webhook_that_names_no_place_is_asked_again_and_acts_once(vendor: Processor) -> None:
    delegate = webhook(vendor)
    delegate.ask(ORDER)
    vendor.finished = True
    assert delegate.answer(ORDER).standing is Standing.DONE
    assert vendor.effects == 1


def test_an_opendsr_request_says_what_the_specification_asks(vendor: Processor) -> None:
    opendsr(vendor).ask(ORDER)
    method, path, headers, body = vendor.asked[-1]
    assert (method, path) == ("POST", "/v2/requests")
    assert headers["authorization"] == "Basic dXNlcjpzM2NyZXQ="
    assert json.loads(body) == {
        "regulation": "gdpr",
        "subject_request_id": STEP,
        "subject_request_type": "erasure",
        "submitted_time": "2027-03-02T09:00:00Z",
        "subject_identities": [
            {"identity_type": "email", "identity_value": "ann@example.org", "identity_format": "raw"}
        ],
        "api_version": "2.0",
    }


def test_an_account_is_sent_in_opendsrs_word_for_it(vendor: Processor) -> None:
    opendsr(vendor).ask(replace(ORDER, identities={"account_id": ("A-17",), "phone": ("+40 21 555 0100",)}))
    assert json.loads(vendor.asked[-1][3])["subject_identities"] == [
        {"identity_type": "controller_customer_id", "identity_value": "A-17", "identity_format": "raw"}
    ]


def test_an_address_may_name_the_resource_as_its_processor_calls_it(vendor: Processor) -> None:
    OpenDsr("vendor", f"opendsr+http://:token@{vendor.host}/v2/opendsr_requests").ask(ORDER)
    _, path, headers, _ = vendor.asked[-1]
    assert path == "/v2/opendsr_requests"
    assert headers["authorization"] == "Bearer token"


def test_a_person_for_whom_opendsr_has_no_word_is_a_refusal_and_nothing_is_sent(vendor: Processor) -> None:
    with pytest.raises(SystemRefuses, match="known by nothing"):
        opendsr(vendor).ask(replace(ORDER, identities={"phone": ("+40 21 555 0100",)}))
    assert not vendor.asked


@pytest.mark.parametrize(
    ("fields", "remedy"),
    [
        ({"ask": "ftp://host/"}, "ask must be opendsr"),
        ({"ask": "opendsr+https://u:s@host:99999/"}, "ask must be opendsr"),
        ({"ask": "webhook+https://host/"}, "needs the secret"),
        ({"ask": "webhook+http://:s@vendor.example/"}, "https"),
        ({"ask": "opendsr+https://u:s@vendor.example/", "rights": ["rectification"]}, "cannot be asked"),
        ({"ask": "task:", "rights": ["complaint"]}, "cannot be asked"),
    ],
)
def test_settings_that_could_not_be_asked_say_what_would_be_right(fields: dict[str, object], remedy: str) -> None:
    with pytest.raises(ValidationError, match=remedy):
        DelegateSettings.model_validate(fields)


def test_only_a_human_can_ask_where_there_is_no_interface() -> None:
    assert delegate_for("vendor", DelegateSettings.model_validate({"ask": "task:"})) is None


def test_a_system_and_a_delegate_have_different_names() -> None:
    with pytest.raises(ValidationError, match="a system and a delegate"):
        ControllerSettings.model_validate(
            {
                "addresses": ["a@b.example"],
                "systems": {"crm": {"map": "m.yml", "connect": "sqlite:///x"}},
                "delegates": {"crm": {"ask": "task:"}},
            }
        )


def test_an_operator_can_try_the_delegates_and_no_secret_is_shown(vendor: Processor, tmp_path: Path) -> None:
    entry = "[controllers.axigen]\naddresses = ['a@axigen.com']\n[controllers.axigen.delegates.{}]\nask = '{}'\n"
    (tmp_path / "habeas.toml").write_text(entry.format("mailer", f"webhook+http://:s3cret@{vendor.host}/hook"))
    found = CliRunner().invoke(connectors, ["delegates", "--home", str(tmp_path)])
    assert (found.exit_code, found.output) == (0, "ok   axigen.mailer: it answers (HTTP 200)\n")
    assert vendor.effects == 0
    (tmp_path / "habeas.toml").write_text(entry.format("mailer", "webhook+http://:s3cret@127.0.0.1:1/hook"))
    down = CliRunner().invoke(connectors, ["delegates", "--home", str(tmp_path)])
    assert down.exit_code == 1
    assert "FAIL axigen.mailer" in down.output
    assert "s3cret" not in down.output
