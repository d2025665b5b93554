"""What a user is told when the ground gives way under `habeas up`: a full disk, a damaged file, a wrong key."""

from __future__ import annotations

import json
import os
import resource
import smtplib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from services.runtime.vault.master import new_master_key
from tests.journeys.product import Product, eventually, free_port, running

BODY = "Please correct my name. " + "It is Anne, not Ann. " * 20_000


def allow(product: Product, file_bytes: int) -> None:
    """Let no file of the running product grow beyond this: to a program, a disk that takes no more."""
    assert product.process is not None
    resource.prlimit(product.process.pid, resource.RLIMIT_FSIZE, (file_bytes, resource.RLIM_INFINITY))


def refused(habeas: Product) -> int:
    """Send a mail and return the code that refuses it; 0 where it is taken."""
    try:
        habeas.mail("legal@maxony.com", BODY, sender=f"ann{os.urandom(4).hex()}@example.org")
    except smtplib.SMTPDataError as refusal:
        return refusal.smtp_code
    return 0


def received(home: Path) -> int:
    with sqlite3.connect(home / "habeas.db") as database:
        (count,) = database.execute("SELECT count(*) FROM intake_messages").fetchone()
    database.close()
    return int(count)


def test_a_full_disk_refuses_mail_for_now_says_so_once_and_is_over_when_there_is_room(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(home) as habeas:
        assert refused(habeas) == 0
        allow(habeas, max(path.stat().st_size for path in home.iterdir()) + 300_000)
        codes = [refused(habeas) for _ in range(8)]
        taken = 1 + codes.count(0)
        assert set(codes) - {0} == {452}, codes
        assert codes[-3:] == [452] * 3, codes
        print(habeas.get("/readyz"), habeas.get('/chat/axigen','POST', json.dumps({'text': BODY}).encode()))
        print(habeas.log.read_text())
        allow(habeas, resource.RLIM_INFINITY)
        eventually(lambda: refused(habeas) == 0)
        taken += 1
        eventually(lambda: len(habeas.events("MessageReceived")) == taken)
        eventually(lambda: len(habeas.events("CaseOpened")) == taken)
    assert received(home) == taken
    print(habeas.log.read_text())
    assert 0
