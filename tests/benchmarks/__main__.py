"""
`python -m tests.benchmarks [NAME …]`: runs all benchmarks, or those named, and prints the table.

Each runs in a process of its own. The rows are also written to `okr-bench.json`. The exit code is 0 when every
benchmark ran, also where an aim was missed: the table says which.
"""

import asyncio
import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Final, cast

from rich.console import Console
from rich.table import Table

from services.chassis.logging import configure
from tests.benchmarks.row import Row

BENCHMARKS: Final[tuple[str, ...]] = (
    "append",
    "http",
    "publisher",
    "read_models",
    "rebuild",
    "deep",
    "health",
    "visible",
    "idle",
    "growth",
    "memory",
    "starting",
)
"""The modules of this folder that measure, in the order of the table."""

_RESULT: Final = Path("okr-bench.json")
_CHILD: Final = "--child"

Measured = dict[str, object]


def main(arguments: list[str]) -> int:
    """Run what was asked for; the exit code."""
    if arguments[:1] == [_CHILD]:
        configure("console", "WARNING")
        measured: list[Row] = asyncio.run(import_module(f"tests.benchmarks.{arguments[1]}").measure())
        Path(arguments[2]).write_text(json.dumps([asdict(row) for row in measured]), encoding="utf-8")
        return 0
    if unknown := [name for name in arguments if name not in BENCHMARKS]:
        print(f"No benchmark is called {', '.join(unknown)}. There are: {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    people = Console(stderr=True)
    rows: list[Measured] = []
    failed: list[str] = []
    for name in arguments or BENCHMARKS:
        people.print(f"[dim]{name} …[/dim]")
        if (result := _run(name)) is None:
            failed.append(name)
        else:
            rows += result
    machine = _machine()
    _RESULT.write_text(json.dumps([{**row, "machine": machine} for row in rows], indent=1) + "\n", encoding="utf-8")
    _print(rows, machine)
    if failed:
        people.print(f"[red]Did not run to the end: {', '.join(failed)}.[/red]")
    return 1 if failed else 0


def _run(name: str) -> list[Measured] | None:
    """The rows of one benchmark, measured in a process of its own."""
    result = _RESULT.with_name(f".okr-bench-{name}.json")
    try:
        done = subprocess.run([sys.executable, "-m", "tests.benchmarks", _CHILD, name, str(result)], check=False)
        return cast("list[Measured]", json.loads(result.read_text(encoding="utf-8"))) if done.returncode == 0 else None
    finally:
        result.unlink(missing_ok=True)


def _print(rows: list[Measured], machine: str) -> None:
    table = Table(title=f"okr-ledger on {machine}", title_justify="left")
    for heading in ("row", "value", "unit", "floor", "ratio", "aim", "met"):
        table.add_column(heading, justify="right" if heading in {"value", "floor", "ratio"} else "left")
    for row in rows:
        table.add_row(
            str(row["row"]),
            _figure(row["value"]),
            str(row["unit"]),
            _figure(row["floor"]),
            _figure(row["ratio"]),
            str(row["aim"]),
            "yes" if row["met"] else "NO",
        )
    # Wide enough for every row in one piece, whatever the terminal: the table is copied into notes.
    Console(width=200).print(table)


def _figure(value: object) -> str:
    return "" if value is None else f"{value:,.4g}" if abs(cast("float", value)) < 1000 else f"{value:,.0f}"


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GB, {system}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
