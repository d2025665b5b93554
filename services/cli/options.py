"""Options that say which habeas is meant: many commands take them, in the same words."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from services.runtime.settings import FILE_NAME

F = TypeVar("F", bound=Callable[..., Any])


def with_options(command: F, *options: Callable[[F], F]) -> F:
    """Add options and arguments to a command, listed in this order by its help."""
    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), command)


def settings_options(command: F) -> F:
    """Add the options that say where the home and its settings are."""
    return with_options(
        command,
        click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Where state lives."),
        click.option(
            "--config", type=click.Path(path_type=Path, dir_okay=False), help=f"Settings; else HOME/{FILE_NAME}."
        ),
    )
