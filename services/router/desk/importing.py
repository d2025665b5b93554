"""Open cases of another tool, from a CSV file: looked at whole first, then taken in whole, or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError

from services.router import casebook
from services.router.core.cases.decide import decide
from services.router.core.cases.events import LetterRequested
from services.router.core.cases.evolve import evolve
from services.router.core.cases.state import Case
from services.router.core.cases.story import CommandRefused, derived
from services.router.core.cases.values import Assurance, Happened
from services.router.core.importing.columns import Columns, columns_of
from services.router.core.importing.faults import SheetFault
from services.router.core.importing.sheet import Row, Sheet, read_rows
from services.router.desk.base import Refused, day_of, unfit
from services.router.desk.receiving import Receiving, Request, check, known_laws
from services.router.letters import reference
from services.runtime.store import Conflict, Transaction

FILE_BYTES_MAX: Final = 20_000_000
LINES_MAX: Final = 2_000  # taken in by one transaction: other writers wait for it no longer than they can
FIELD_CHARACTERS_MAX: Final = 200_000
NOWHERE: Final = "vault:00000000-0000-4000-8000-000000000000"
_MOVED: Final = {
    "identity_asked": "identity_requested",
    "identity_given": "identity_received",
    "clarification_asked": "clarification_requested",
    "clarification_given": "clarification_received",
    "extension_told": "extension_notified",
}


@dataclass(slots=True)
class Report:
    """What an import found, and what it did or would do."""

    dry_run: bool
    read: int = 0
    ended: int = 0
    unread: tuple[str, ...] = ()
    cases: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)

    def fields(self) -> dict[str, Any]:
        """Return it as JSON shows it."""
        done = [each["how"] for each in self.cases]
        return {
            "dry_run": self.dry_run,
            "lines": self.read,
            "opened": done.count("opened"),
            "known": done.count("known"),
            "not_open_any_more": self.ended,
            "headings_not_read": list(self.unread),
            "letters": sum(each.get("letters", 0) for each in self.cases),
            "cases": self.cases,
            "warnings": self.warnings,
            "faults": self.faults,
        }


class Importing(Receiving):
    """Taking over open cases."""

    __slots__ = ()

    def import_cases(
        self, content: bytes, *, controller: str = "", mapped: Mapping[str, str] | None = None, order: str = "",
        zone: str = "", dry_run: bool = False,
    ) -> dict[str, Any]:  # fmt: skip
        """Take open cases over; with any fault nothing is taken, and a second time changes nothing."""
        report = Report(dry_run)
        try:
            columns, sheet = self._sheet(content, controller, mapped or {}, order)
        except SheetFault as fault:
            report.faults.append(fault.fields())
            return report.fields()
        report.read, report.ended, report.unread = len(sheet.rows) + len(sheet.faults), sheet.ended, columns.unread
        requests = self._requests(sheet, zone)
        report.faults += [fault.fields() for fault in sorted(sheet.faults, key=lambda fault: fault.line)]
        if report.faults:
            return report.fields()
        with self.store.database.look(self.store.service) as transaction:  # nobody waits while we only look
            foreseen = [self._foreseen(transaction, row, request, report) for row, request in requests]
        if not (report.faults or dry_run):
            self._take_all(requests, report)
        else:
            report.cases += [each for each in foreseen if each]
        return report.fields()

    def _sheet(self, content: bytes, controller: str, mapped: Mapping[str, str], order: str) -> tuple[Columns, Sheet]:
        lines = _lines(content)
        try:
            _, headings = next(lines)
        except StopIteration:
            raise SheetFault(1, "file", "is empty", "give a CSV file whose first line names its columns") from None
        columns = columns_of(headings, mapped, controller_given=bool(controller))
        if controller:
            self.known_controller(controller)
        return columns, read_rows(lines, columns, controller=controller, order=order)

    def _requests(self, sheet: Sheet, zone: str) -> list[tuple[Row, Request]]:
        """Return a request for each row; what a row lacks is added to the sheet's faults."""
        found: list[tuple[Row, Request]] = []
        for row in sheet.rows:
            try:
                request = self._request(row, zone)
                check(request, self.clock.now())
                found.append((row, request))
            except Refused as refused:
                sheet.faults.append(SheetFault(row.line, refused.rule, refused.why, "correct the line"))
        return found

    def _request(self, row: Row, zone: str) -> Request:
        def moment(name: str) -> datetime:
            return self.local_moment(row.controller, row.dates[name], name, zone)

        fields = row.fields
        received = moment("received")
        happened = tuple(
            Happened(
                kind=kind, moment=max(moment(name), received),
                ground=_ground(fields["extension_ground"]) if name == "extension_told" else None,
            )
            for name, kind in _MOVED.items()
            if name in row.dates
        )  # fmt: skip
        place = fields["place"]
        return Request(
            controller=row.controller, rights=row.rights, received=received, channel=row.channel,
            email=fields["email"], name=fields["name"], postal=fields["postal"], text=fields["text"],
            language=fields["language"][:2].lower(), laws=self._law_named(place), place=place,
            asker=row.asker, reference=f"import|{row.reference}", ground="verified_before" if row.identified else "",
            assurance=Assurance.LINK if row.identified else Assurance.NONE, acknowledged=row.acknowledged,
            assigned=_officer(fields["assigned"]), note=_note(row), history=happened, separate=True,
        )  # fmt: skip

    def _law_named(self, place: str) -> tuple[str, ...]:
        """Return the law where the column names one; a country is left to the choice of laws by place."""
        try:
            return known_laws(self, (place,)) if place else ()
        except Refused:
            return ()

    def _foreseen(self, transaction: Transaction, row: Row, request: Request, report: Report) -> dict[str, Any] | None:
        """Decide a row without writing anything, and return what would follow."""
        root = self.root_of(request)
        case_id = derived(root, "case")
        before, _ = casebook.load(transaction, case_id)
        if before is not None:
            return _line(row, before, self.zone_of(before), "known", 0)
        command = self.opening(request, case_id, root, "nobody", "nobody", NOWHERE, None)
        knowledge, handled = self.router.tools.knowledge, self.router.tools.handled
        terms = knowledge.terms_at(request.controller, request.received, handled)
        letters = 0
        case: Case | None = None
        try:
            for order in (command, *self.further(request, case_id, command.asked)):
                for event in decide(case, order, terms):
                    case = evolve(case, event)
                    letters += isinstance(event, LetterRequested)
        except CommandRefused as refused:
            report.faults.append(SheetFault(row.line, refused.rule, refused.why, "correct the line").fields())
            return None
        except ValidationError as fault:
            report.faults.append(SheetFault(row.line, "input", unfit(fault), "correct the line").fields())
            return None
        assert case is not None
        self._warn(row, case, report)
        return _line(row, case, terms.zone, "opened", letters if request.email else 0)

    def _warn(self, row: Row, case: Case, report: Report) -> None:
        dues = {(claim.due.day or claim.due.due.date()).isoformat() for claim in case.claims if claim.due}
        if row.due and row.due[:10] not in dues:
            source = next(claim.due.source for claim in case.claims if claim.due)
            said = f"the other tool says due {row.due[:10]}, the law says {', '.join(sorted(dues))} ({source})"
            report.warnings.append({"line": row.line, "warning": said})

    def _take_all(self, requests: Sequence[tuple[Row, Request]], report: Report) -> None:
        line = 0
        taken: list[dict[str, Any]] = []
        try:
            with self.store.begin() as transaction:
                for row, request in requests:
                    line = row.line
                    found = self.take_in(transaction, request)
                    taken.append(_line(row, found.case, self.zone_of(found.case), found.how, len(found.case.letters)))
        except (Refused, CommandRefused) as refused:
            report.faults.append(SheetFault(line, "case", refused.why, "correct the line").fields())
        except (Conflict, IntegrityError):
            report.faults.append(
                SheetFault(line, "case", "the case is being changed at this moment", "import again").fields()
            )
        else:
            report.cases += taken


def _line(row: Row, case: Case, local: tzinfo, how: str, letters: int) -> dict[str, Any]:
    dues = [claim.due for claim in case.claims if claim.due and claim.open]
    return {
        "line": row.line,
        "reference": row.reference,
        "case": case.case_id,
        "habeas": reference(case.case_id),
        "how": how,
        "rights": [claim.right.value for claim in case.claims],
        "due": min((due.due for due in dues), default=case.received).isoformat(),
        "due_day": min((day_of(due, local) for due in dues), default=None),
        "letters": letters,
    }


def _lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines of a CSV file with the number at which each begins."""
    if len(content) > FILE_BYTES_MAX:
        raise SheetFault(1, "file", f"is larger than {FILE_BYTES_MAX} bytes", "split it into several files")
    text = _text(content)
    first = text.partition("\n")[0]
    delimiter = max(",;\t|", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    csv.field_size_limit(FIELD_CHARACTERS_MAX)
    begins = 1
    try:
        for count, cells in enumerate(reader):
            if count > LINES_MAX:
                raise SheetFault(begins, "file", f"has more than {LINES_MAX} cases", "split it into several files")
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as fault:
        raise SheetFault(
            begins, "file", f"is no CSV here: {fault}", "look for a quotation mark that is not closed"
        ) from None


def _text(content: bytes) -> str:
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        raise SheetFault(line, "file", "is not UTF-8 text", "save it as `CSV UTF-8`") from None
    if "\x00" in text:
        raise SheetFault(1, "file", "holds binary content", "save the table as `CSV UTF-8`")
    return text


def _ground(text: str) -> str:
    return "number_of_requests" if "number" in text.lower() else "complexity"


def _officer(text: str) -> str:
    plain = "".join(mark if mark.isascii() and (mark.isalnum() or mark in "._-") else "-" for mark in text.lower())
    return plain.strip("._-")[:100]


def _note(row: Row) -> str:
    own = f"taken over from another tool, where it was {row.reference}"
    words = [own, row.fields["note"]]
    if row.fields["extension_ground"]:
        words.append(f"extension: {row.fields['extension_ground']}")
    return "\n".join(part for part in words if part)
