"""Mailboxes as tables of messages: a person's mail is their data too (Art. 4(1) GDPR)."""
