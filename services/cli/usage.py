"""Wrong usage that the argument parser finds, before any command runs: with ``--json`` it is a JSON document too."""

from collections.abc import Generator
from contextlib import contextmanager
from itertools import takewhile
from typing import Any, Final

from typer.core import TyperGroup
from typer.exceptions import TyperException
from typing_extensions import override

from services.cli import output
from services.cli.failures import Misused

_AS_JSON: Final = "services.cli.as_json"


class Program(TyperGroup):
    """The commands of the program; the parser's own words go to stderr as ever."""

    @override
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        # Whoever is refused by the parser has not had `--json` read by it: the words themselves are looked at.
        ctx.meta[_AS_JSON] = "--json" in takewhile(lambda word: word != "--", args)
        with _told(ctx.meta[_AS_JSON]):
            return super().parse_args(ctx, args)

    @override
    def invoke(self, ctx: Any) -> Any:
        with _told(ctx.meta[_AS_JSON]):
            return super().invoke(ctx)


def as_json(context: Any) -> bool:
    """Whether the command was called with ``--json``."""
    return bool(context.meta[_AS_JSON])


@contextmanager
def _told(as_json: bool) -> Generator[None]:
    try:
        yield
    except TyperException as error:
        if as_json:
            what = f"{error.format_message().rstrip('.')}."
            output.to_programs(Misused(what, "Call it with --help to see what it takes.").document())
        raise
