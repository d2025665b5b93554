"""What is wrong with a line of a table, where, and what to do about it."""

from __future__ import annotations


class SheetFault(ValueError):
    """A fault in a table; `line` counts from 1, as an editor shows it. It never quotes what names a person."""

    def __init__(self, line: int, column: str, fault: str, remedy: str) -> None:
        super().__init__(f"line {line}, {column}: {fault}; {remedy}")
        self.line = line
        self.column = column
        self.fault = fault
        self.remedy = remedy

    def fields(self) -> dict[str, object]:
        """Return it as JSON shows it."""
        return {"line": self.line, "column": self.column, "fault": self.fault, "remedy": self.remedy}
