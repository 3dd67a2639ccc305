"""
What a command shows: one JSON document on stdout with ``--json``, tables and words for people without.

Progress bars and failures go to stderr, so that stdout can be piped.
"""

import json
import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.cli.failures import Failure

_WIDTH_IN_A_PIPE = 160


def to_people(*shown: RenderableType) -> None:
    """Shows tables, trees or words on stdout."""
    for each in shown:
        _console(stderr=False).print(each, highlight=False, soft_wrap=isinstance(each, str))


def aside(words: str) -> None:
    """Says something on stderr that is not the answer."""
    _console(stderr=True).print(words, highlight=False, soft_wrap=True, markup=False)


def to_programs(document: object) -> None:
    """Writes the one JSON document on stdout."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n")


@contextmanager
def failures_shown(as_json: bool) -> Generator[None]:
    """Turns a Failure inside into words on stderr, the JSON document if asked for, and the exit code."""
    try:
        yield
    except Failure as failure:
        show(failure, as_json)
        raise typer.Exit(failure.exit_code) from None


def show(failure: Failure, as_json: bool) -> None:
    """The words of *failure* on stderr, and its JSON document if asked for."""
    if as_json:
        to_programs(failure.document())
    console = _console(stderr=True)
    console.print(failure.what, style="bold red", highlight=False, soft_wrap=True, markup=False)
    if failure.fix:
        console.print(failure.fix, highlight=False, soft_wrap=True, markup=False)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> RenderableType:
    """A table with *columns*; None becomes a dash."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False, show_header=any(columns))
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(Text("–" if cell is None else str(cell)) for cell in row))
    return Group(Text(title, style="bold"), made) if title else made


def facts(title: str, named: Mapping[str, object]) -> RenderableType:
    """A table of names and values, the absent left out; true and false in words."""
    words = {True: "yes", False: "no"}
    rows = [
        (name, words[value] if isinstance(value, bool) else value)
        for name, value in named.items()
        if value is not None and value != ""
    ]
    return table(title, ("", ""), rows)


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else _WIDTH_IN_A_PIPE)
