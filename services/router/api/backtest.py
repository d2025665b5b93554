"""The public door of the backtest: old messages in, a report out."""

from __future__ import annotations

from services.router.backtest import Report, as_html, as_text, report_json, run
from services.router.old_mail import TEXT_CHARACTERS_MAX, BacktestError, OldMessage, count_messages, messages_in

__all__ = [
    "TEXT_CHARACTERS_MAX",
    "BacktestError",
    "OldMessage",
    "Report",
    "as_html",
    "as_text",
    "count_messages",
    "messages_in",
    "report_json",
    "run",
]
