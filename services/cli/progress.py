"""One line on the terminal of somebody who waits; nothing where nobody looks."""

from __future__ import annotations

import sys
from typing import Final

import click

BAR_WIDTH: Final = 24


def bar(done: int, total: int) -> str:
    """Return how far it is, as a bar."""
    filled = BAR_WIDTH * done // max(total, 1)
    return "#" * filled + "." * (BAR_WIDTH - filled)


class Line:
    """A line that is written over and taken away."""

    def __init__(self) -> None:
        self._looked_at = sys.stderr.isatty()
        self._shown = False

    def show(self, said: str) -> None:
        """Say this in the place of what was said before."""
        if self._looked_at:
            click.echo(f"\r\x1b[K{said}", err=True, nl=False)
            self._shown = True

    def clear(self) -> None:
        """Take the line away, so that the answer stands alone."""
        if self._shown:
            click.echo("\r\x1b[K", err=True, nl=False)
            self._shown = False


class Bar:
    """How many of how many are done."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._line = Line()

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def __call__(self, done: int, total: int) -> None:
        """Say how far it is."""
        self._line.show(f"[{bar(done, total)}] {done} of {total} {self._what}")

    def clear(self) -> None:
        """Take the line away."""
        self._line.clear()
