"""What fulfil remembers of its own: which claims it may still carry out, and to whom is never written again."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Text

from services.runtime.store import own_table

SERVICE: Final = "fulfil"

CLAIMS: Final = own_table(
    SERVICE,
    "claims",
    Column("claim_id", String(64), primary_key=True),
    Column("case_id", String(64), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("routed_ms", BigInteger, nullable=False),
    Column("stopped_ms", BigInteger, nullable=False),
)
"""When a claim was last routed, and when it was last taken back: the later one counts (Art. 17 cannot be undone)."""

SUPPRESSED: Final = own_table(
    SERVICE,
    "suppressed",
    Column("controller", String(64), primary_key=True),
    Column("entry", String(64), primary_key=True),
    Column("list", String(128), primary_key=True),
    Column("claim_id", String(64), nullable=False),
    Column("since_ms", BigInteger, nullable=False),
)
"""Addresses that asked not to be written to, as keyed hashes that outlive the person's own key; `*` is every list."""

CARRIED: Final = own_table(
    SERVICE,
    "carried",
    Column("claim_id", String(64), primary_key=True),
    Column("attempt", Integer, nullable=False),
    Column("fulfilled", Text, nullable=False),
    Column("asked_ms", BigInteger, nullable=False),
)
"""Claims that are done in the controller's own systems while delegates are still asked: what will be said then."""

DELEGATED: Final = own_table(
    SERVICE,
    "delegated",
    Column("claim_id", String(64), primary_key=True),
    Column("delegate", String(128), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
)
"""How far each delegate is with such a claim, and in which attempt a human was called for it."""

MAILED: Final = own_table(
    SERVICE,
    "mailed",
    Column("claim_id", String(64), primary_key=True),
    Column("delegate", String(128), primary_key=True),
    Column("routed", Text, nullable=False),
    Column("answer", String(64), nullable=False),
)
"""Delegates that were asked by mail: the claim as it was routed, and where the vault keeps what they wrote back."""

TRANSFERS: Final = own_table(
    SERVICE,
    "transfers",
    Column("claim_id", String(64), primary_key=True),
    Column("attempt", Integer, nullable=False),
    Column("recipient", String(128), nullable=False),
    Column("package", String(64), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("fulfilled", Text, nullable=False),
    Column("asked_ms", BigInteger, nullable=False),
)
"""Portable packages on their way to another controller (Art. 20(2) GDPR), and what will be said when it has them."""

ACTS: Final = own_table(
    SERVICE,
    "acts",
    Column("act_id", String(64), primary_key=True),
    Column("controller", String(64), nullable=False),
    Column("claim_id", String(64), nullable=False),
    Column("case_id", String(64), nullable=False),
    Column("right", String(32), nullable=False),
    Column("systems", Text, nullable=False),
    Column("done_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("period", String(32), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("fulfil_acts_by_moment", "controller", "done_ms"),
)
"""What was carried out and would have to be done again after a restore; sealed under a key of its day."""

REAPPLIED: Final = own_table(
    SERVICE,
    "reapplied",
    Column("act_id", String(64), primary_key=True),
    Column("moment_ms", BigInteger, primary_key=True),
    Column("systems", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("receipts", Text, nullable=False),
)
"""When an act was carried out again, and what that left behind: counts and digests."""

MARKERS: Final = own_table(
    SERVICE,
    "markers",
    Column("controller", String(64), primary_key=True),
    Column("system", String(128), primary_key=True),
    Column("moment_ms", BigInteger, nullable=False),
)
"""What the marker of a system was last set to; one that holds less came from a backup."""
