"""The five shipped policies: what each says, and what it does not say, as careful reading found it."""
# ruff: noqa: E501 - one line a promise

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.router.api import policies as api
from services.router.core.policy.lint.findings import Severity
from services.router.core.policy.model import ClauseKind, Policy, PromiseKind

KIND = PromiseKind


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> api.KnowledgeBase:
    return api.knowledge(tmp_path_factory.mktemp("home"))


def version(base: api.KnowledgeBase, name: str) -> Policy:
    controller, _, day = name.partition("/")
    return api.version_of(base, controller, day, api.DocumentKind.PRIVACY_POLICY)


ALL = ["axigen/2018-11-10", "mailigen/2010-10-15", "mailigen/2018-08-02", "mailpro/2019-02-05", "hexamail/unknown"]
DIGESTS = {
    "axigen/2018-11-10": "a63c59cce8b82fe625811690a6327f9738e454ace951f2a81194147eae0ce844",
    "mailigen/2010-10-15": "49f91f422649ab3b1525104ac2435a8e89f926549f98e62a787f893bd0b53d39",
    "mailigen/2018-08-02": "3948aac0576c024cc40124ba3fc1c6394cc71f21ad2a8cc81908a4a751f66266",
    "mailpro/2019-02-05": "5b93d177afd183a334af9a2612069b60af31ca3fb08f3d9c0f6803ac8f2c6698",
    "hexamail/unknown": "60b207aae2dd6bdce63b702d59f5a6777d35ce38b8b22f8e5fdac8de97f2f891",
}


@pytest.mark.parametrize("name", ALL)
def test_the_texts_are_shipped_as_published(base: api.KnowledgeBase, name: str) -> None:
    text = version(base, name).text
    assert hashlib.sha256(text.encode()).hexdigest() == DIGESTS[name]


@pytest.mark.parametrize("name", ALL)
def test_every_promise_is_confirmed_and_quoted_at_its_place(base: api.KnowledgeBase, name: str) -> None:
    policy = version(base, name)
    for promise in policy.promises:
        assert promise.confirmed
        assert policy.text[promise.start : promise.end] == promise.quote
        assert policy.clause(promise.clause) is not None


SEATS = {
    "axigen/2018-11-10": ("Axigen Messaging SRL", "RO", "Europe/Bucharest", "RO", ("eu-gdpr",)),
    "mailigen/2010-10-15": ("iMedia Ltd.", "LV", "Europe/Riga", "LV", ("eu-gdpr",)),
    "mailigen/2018-08-02": ("Mailigen International Ltd.", "HK", "Europe/Riga", "LV", ("eu-gdpr",)),
    "mailpro/2019-02-05": ("Maxony Group", "CH", "Europe/Zurich", "CH-VD", ("eu-gdpr", "ch-fadp")),
    "hexamail/unknown": ("Hexamail Ltd.", "GB", "Europe/London", "GB-ENG", ("uk-gdpr",)),
}


@pytest.mark.parametrize("name", ALL)
def test_each_version_records_who_answers_and_where(base: api.KnowledgeBase, name: str) -> None:
    seat = version(base, name).seat
    assert (seat.entity, seat.country, seat.zone, seat.holidays, seat.laws) == SEATS[name]


SAYS: dict[str, dict[PromiseKind, list[dict[str, Any]]]] = {
    "axigen/2018-11-10": {
        KIND.ANSWER_DEADLINE: [{"amount": 1, "unit": "month", "rights": ("access",)}],
        KIND.CONTACT: [
            {"address": "webmaster@axigen.com", "purpose": "unsubscribe_all"},
            {"address": "data-protection@axigen.com", "purpose": "consent_withdrawal"},
            {"address": "data-protection@axigen.com", "purpose": "rights"},
            {"address": "data-protection@axigen.com", "purpose": "breach"},
            {"address": "https://www.axigen.com/about-us/contact/"},
        ],
        KIND.PORTABILITY_FORMAT: [{"formats": ("CSV", "JSON")}],
        KIND.DIRECT_TRANSFER: [{"offered": True, "condition": "asked and technically possible"}],
        KIND.REFUSAL_GROUND: [
            {"ground": "adverse effect on the rights and freedoms of others", "told": True},
            {"ground": "data about another individual", "rights": ("portability",)},
            {"ground": "another legal basis", "rights": ("consent_withdrawal",)},
        ],
        KIND.RETENTION: [
            {"amount": 3, "unit": "year", "from": "last_use", "action": "archive"},
            {"amount": 10, "unit": "year", "from": "last_use", "action": "delete"},
        ],
        KIND.AUTHORITY: [
            {
                "short": "ANSPDCP",
                "email": "anspdcp@dataprotection.ro",
                "phone": ("+40.318.059.211", "+40.318.059.212"),
                "fax": "+40.318.059.602",
            }
        ],
        KIND.COMPLAINT_FIRST: [{"first": "controller"}],
        KIND.CHILDREN: [{"age_min": 18}, {"not_knowingly_under": 16}],
        KIND.STORAGE_PLACE: [{"place": "Bucharest"}],
        KIND.POLICY_CHANGE: [{"notice": "none"}, {"notice": "email"}],
        KIND.ROLE: [{"role": "controller"}],
        KIND.PURPOSE: [{"purpose": "marketing", "bases": ("consent", "legitimate_interests")}],
        KIND.SALE: [{"sells": False}],
    },
    "mailigen/2010-10-15": {
        KIND.CONTACT: [
            {"address": "support@mailigen.com", "purpose": "unsubscribe"},
            {"address": "info@mailigen.com"},
            {"address": "(+371) 67491059"},
        ],
        KIND.SALE: [{"sells": False}],
        KIND.POLICY_CHANGE: [{"notice": "posted"}],
        KIND.IDENTITY: [{"entity": "iMedia Ltd."}],
    },
    "mailigen/2018-08-02": {
        KIND.ANSWER_DEADLINE: [{"amount": 30, "unit": "day"}],
        KIND.CONTACT: [
            {"address": "support@mailigen.com", "published": "support (at) mailigen.com", "channel": "ticket"},
            {"address": "https://www.mailigen.com/about/contact-us", "purpose": "rights"},
            {"address": "privacy@mailigen.com", "purpose": "dpo"},
            {"address": "Aspazijas Boulevard 30-8, Riga, LV-1050, Latvia", "purpose": "dpo"},
            {"address": "info@mailigen.com"},
            {"address": "+852 580 83721"},
        ],
        KIND.IDENTITY_PROOF: [{"document": "photocopy of proof of identity or authority", "required": "may"}],
        KIND.RETENTION: [{"amount": 3, "unit": "month", "from": "account_closing"}],
        KIND.SELF_SERVICE: [{"rights": ("rectification",)}, {"rights": ("portability",)}],
        KIND.ROLE: [
            {"role": "processor", "scope": "own collection"},
            {"role": "processor", "scope": "customers' contact lists"},
        ],
        KIND.NOTIFICATION: [
            {"event": "recipient_request_honoured", "after": "verification"},
            {"event": "authority_request"},
        ],
        KIND.BREACH_NOTICE: [{"to": "person", "delay": "without undue delay"}],
        KIND.STORAGE_PLACE: [{"country": "LV"}],
        KIND.TRANSFER: [{"allowed": False, "outside": "EEA"}],
        KIND.AUTHORITY: [{"named": False}],
    },
    "mailpro/2019-02-05": {
        KIND.CONTACT: [
            {"address": "legal@maxony.com"},
            {"channel": "post", "address": "Maxony Group, Impasse Champ-Colin 6, 1260 Nyon, Switzerland"},
        ],
        KIND.PORTABILITY_FORMAT: [{"formats": ("XLS", "XLSX", "CSV"), "published": "XLS, XLXS, CSV"}],
        KIND.RETENTION: [
            {"amount_min": 45, "amount": 60, "unit": "day", "from": "account_closing"},
            {"what": "invoices", "action": "keep"},
        ],
        KIND.SELF_SERVICE: [
            {"rights": ("objection",), "closes_account": True},
            {"rights": ("restriction", "unsubscribe")},
        ],
        KIND.NOTIFICATION: [{"event": "data_modified_or_deleted", "channel": ("email",)}],
        KIND.BREACH_NOTICE: [
            {"amount": 72, "unit": "hour", "to": "person_and_authority", "channel": ("email", "in_app")}
        ],
        KIND.STORAGE_PLACE: [{"place": "Geneva, Switzerland"}],
        KIND.COOKIE: [{"do_not_track": "honoured"}],
        KIND.RECIPIENT: [{"name": "Datatrans AG"}, {"name": "Zendesk"}, {"name": "AdRoll"}, {"name": "CloudFlare"}],
    },
    "hexamail/unknown": {
        KIND.RETENTION: [{"what": "sales information", "ground": "tax law"}],
        KIND.DATA_CATEGORY: [{"category": "name, company name, address and contact information in licence keys"}],
        KIND.RECIPIENT: [{"shares": False}, {"category": "UK Customs and Excise"}],
        KIND.COOKIE: [{"name": "PHPSESSID"}, {"name": "HXMCookiesAccepted"}, {"name": "Google Analytics"}],
        KIND.LAW: [{"laws": ("Google API Services User Data Policy, Limited Use",)}],
        KIND.TRANSFER: [{"what": "Google data", "allowed": False}],
    },
}

SILENT: dict[str, set[PromiseKind]] = {
    "axigen/2018-11-10": {KIND.IDENTITY_PROOF, KIND.BREACH_NOTICE},
    "mailigen/2010-10-15": {
        KIND.ANSWER_DEADLINE, KIND.PORTABILITY_FORMAT, KIND.DIRECT_TRANSFER, KIND.RETENTION, KIND.AUTHORITY, KIND.COMPLAINT_FIRST,
        KIND.IDENTITY_PROOF, KIND.NOTIFICATION, KIND.REFUSAL_GROUND, KIND.ROLE, KIND.BREACH_NOTICE, KIND.LEGAL_BASIS, KIND.CHILDREN,
        KIND.STORAGE_PLACE, KIND.TRANSFER, KIND.LAW,
    },
    "mailigen/2018-08-02": {KIND.PORTABILITY_FORMAT, KIND.DIRECT_TRANSFER, KIND.COMPLAINT_FIRST, KIND.REFUSAL_GROUND, KIND.CHILDREN},
    "mailpro/2019-02-05": {
        KIND.ANSWER_DEADLINE, KIND.AUTHORITY, KIND.COMPLAINT_FIRST, KIND.IDENTITY_PROOF, KIND.DIRECT_TRANSFER, KIND.REFUSAL_GROUND,
        KIND.ROLE, KIND.LEGAL_BASIS, KIND.CHILDREN, KIND.TRANSFER,
    },
    "hexamail/unknown": {
        KIND.ANSWER_DEADLINE, KIND.CONTACT, KIND.PORTABILITY_FORMAT, KIND.DIRECT_TRANSFER, KIND.AUTHORITY, KIND.COMPLAINT_FIRST,
        KIND.IDENTITY_PROOF, KIND.SELF_SERVICE, KIND.RIGHT, KIND.REFUSAL_GROUND, KIND.ROLE, KIND.BREACH_NOTICE, KIND.LEGAL_BASIS,
        KIND.CHILDREN, KIND.STORAGE_PLACE, KIND.POLICY_CHANGE, KIND.SECURITY,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_each_policy_says_what_was_read_in_it(base: api.KnowledgeBase, name: str) -> None:
    policy = version(base, name)
    for kind, wanted in SAYS[name].items():
        values = [promise.value for promise in policy.promised(kind)]
        for want in wanted:
            assert any(want.items() <= dict(value).items() for value in values), (kind, want)


@pytest.mark.parametrize("name", ALL)
def test_each_policy_is_silent_where_it_says_nothing(base: api.KnowledgeBase, name: str) -> None:
    assert {promise.kind for promise in version(base, name).promises} & SILENT[name] == set()


@pytest.mark.parametrize(
    ("day", "expected", "warned"),
    [
        (date(2005, 1, 1), "2010-10-15", True),
        (date(2018, 8, 1), "2010-10-15", False),
        (date(2018, 8, 2), "2018-08-02", False),
    ],
)
def test_the_version_in_force_is_the_last_begun(
    base: api.KnowledgeBase, day: date, expected: str, warned: bool
) -> None:
    found = base.policy_in_force("mailigen", day)
    assert found.policy.version == expected
    assert bool(found.warning) is warned


def test_the_merged_cells_of_mailpros_table_are_one_answer(base: api.KnowledgeBase) -> None:
    row = next(
        clause for clause in version(base, "mailpro/2019-02-05").clauses if clause.plain.startswith("Right of Access")
    )
    assert row.kind is ClauseKind.ROW
    assert "Right to Rectification" in row.plain
    assert "closing your account" in row.plain


@pytest.mark.parametrize(
    ("controller", "rule", "severity", "quotes"),
    [
        ("mailpro", "deletion-longer-than-law", Severity.ERROR, "45 to 60 days"),
        ("mailpro", "objection-by-closing-account", Severity.ERROR, "closing your account"),
        ("mailpro", "no-deadline", Severity.WARNING, None),
        ("hexamail", "no-contact", Severity.ERROR, None),
        ("hexamail", "no-deadline", Severity.WARNING, None),
        ("hexamail", "sharing-contradiction", Severity.ERROR, "No-one"),
        ("hexamail", "vague-retention", Severity.WARNING, "retain"),
        ("mailigen", "processor-for-own-collection", Severity.ERROR, "data processor"),
        ("mailigen", "identity-copy", Severity.WARNING, "photocopy"),
        ("mailigen", "entity-changed", Severity.NOTE, None),
        ("axigen", "contradicting-notices", Severity.WARNING, "without notice"),
        ("axigen", "missing-right", Severity.WARNING, None),
    ],
)
def test_the_lint_sees_it(
    base: api.KnowledgeBase, controller: str, rule: str, severity: Severity, quotes: str | None
) -> None:
    found = [finding for finding in api.lint_controller(base, controller) if finding.rule == rule]
    assert found
    assert found[0].severity is severity
    assert found[0].source
    assert found[0].remedy
    if quotes is not None:
        assert any(quotes in (finding.quote or "") for finding in found)


def test_the_lint_finds_no_error_in_axigen_and_no_slow_answer_in_any_of_them(base: api.KnowledgeBase) -> None:
    assert not [finding for finding in api.lint_controller(base, "axigen") if finding.severity is Severity.ERROR]
    assert not [
        f for name in base.controllers for f in api.lint_controller(base, name) if f.rule == "deadline-longer-than-law"
    ]


def test_the_shipped_knowledge_is_found_from_the_installed_package() -> None:
    from services.router.policies import shipped_root

    assert (shipped_root() / "policies" / "axigen" / "controller.toml").is_file()
    assert Path(shipped_root()).name == "knowledge"
