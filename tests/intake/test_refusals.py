"""A relay that refuses us is told from one that refuses an address: its own words, as relays write them."""

from __future__ import annotations

import pytest

from services.intake.core.refusals import is_about_us

OURS = [
    (554, "5.7.1 <ana@example.org>: Relay access denied"),
    (454, "4.7.1 <ana@example.org>: Relay access denied"),
    (550, "5.7.1 <ana@example.org>... Relaying denied. Proper authentication required."),
    (550, "5.7.1 Unable to relay"),
    (550, "5.7.54 SMTP; Unable to relay recipient in non-accepted domain"),
    (550, "5.7.64 TenantAttribution; Relay Access Denied [ValidationStatus of '' is EmptyCertificate]"),
    (550, "relay not permitted"),
    (550, "Relaying not allowed"),
    (551, "we do not relay"),
    (553, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"),
    (530, "5.7.0 Authentication required"),
    (530, "SMTP authentication is required."),
    (530, "5.7.0 Must issue a STARTTLS command first"),
    (550, "5.7.1 Authentication is required for relay"),
    (550, "5.7.57 Client not authenticated to send mail"),
    (535, "5.7.8 Error: authentication failed"),
    (554, "5.7.1 <gw[192.0.2.7]>: Client host rejected: Access denied"),
    (554, "5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.example.org"),
    (550, "5.7.1 <gw>: Helo command rejected: Host not found"),
    (550, "5.1.8 <dpo@acme.example>: Sender address rejected: Domain not found"),
    (550, "5.7.1 Invalid credentials for relay [192.0.2.7]. The IP address is not registered."),
    (554, "Message rejected: Email address is not verified. The following identities failed the check"),
    (550, "The from address does not match a verified Sender Identity"),
    (550, "5.7.26 This mail is unauthenticated, SPF and DKIM did not pass"),
    (550, "5.7.60 SMTP; Client does not have permissions to send as this sender"),
]
THEIRS = [
    (550, "5.1.1 <ana@example.org>: Recipient address rejected: User unknown in virtual mailbox table"),
    (550, "5.1.1 The email account that you tried to reach does not exist"),
    (550, "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"),
    (550, "No such user here"),
    (550, "Unrouteable address"),
    (553, "5.1.2 We can't find that domain"),
    (554, "5.7.1 <ana@example.org>: Recipient address rejected: Access denied"),
    (550, "5.7.1 Recipient does not accept mail from outside"),
    (552, "5.2.2 Mailbox full"),
    (550, "5.2.1 The mailbox is disabled"),
    (554, "5.4.14 Hop count exceeded"),
    (552, "5.3.4 Message size exceeds fixed limit"),
    (554, "5.7.1 Message rejected as spam"),
    (550, "5.1.1 <a@b.example>: undeliverable address: host mx.b.example said: 554 5.7.1 Relay access denied"),
    (550, "5.1.1 <relay.denied@example.org> user unknown"),
    (550, "<authentication.required@example.org> no such mailbox"),
    (550, ""),
]


@pytest.mark.parametrize(("code", "said"), OURS)
def test_a_relay_that_refuses_whoever_sends_speaks_of_us(code: int, said: str) -> None:
    assert is_about_us(code, said) or code < 500


@pytest.mark.parametrize(("code", "said"), THEIRS)
def test_a_bounce_is_a_bounce(code: int, said: str) -> None:
    assert not is_about_us(code, said)


@pytest.mark.parametrize(("code", "said"), [each for each in OURS if each[0] >= 500])
def test_lines_and_letters_make_no_difference(code: int, said: str) -> None:
    words = said.split(" ")
    assert is_about_us(code, "\n".join((" ".join(words[:3]), " ".join(words[3:]).upper())))
