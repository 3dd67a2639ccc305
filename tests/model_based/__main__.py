"""
`python -m tests.model_based --commands 10000 --seed N`: random commands, and everything that is then said of them.

The seed decides what clients send; the order in which they come depends on the machine. Exit code 1 if anything differs
from the plain recomputation, if a command of the contracts was never accepted, or if too few explanations were
computed again from their JSON.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from logging import CRITICAL, getLogger
from pathlib import Path

from rich.console import Console
from rich.table import Table

from okr_contracts.commands import COMMANDS
from services.chassis import logging
from tests.benchmarks.servers import kafka_server, ledger_database, postgres_server
from tests.model_based.explained import EXPLAINED
from tests.model_based.run import Result, run, system


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="default: the time, printed")
    parser.add_argument("--commands", type=int, default=10_000)
    parser.add_argument("--moments", type=int, default=45, help="asked about at random, for each organisation")
    asked = parser.parse_args()
    logging.configure(None, "WARNING")
    getLogger("aiokafka").setLevel(CRITICAL)
    print(f"seed {asked.seed}, {asked.commands} commands", flush=True)
    result = asyncio.run(_run(asked.seed, asked.commands, asked.moments))
    show(result, Console(width=120))
    wrong = (result.differences, result.never_accepted, result.never_explained, result.too_few_explained)
    sys.exit(any(map(bool, wrong)))


async def _run(seed: int, commands: int, moments: int) -> Result:
    with tempfile.TemporaryDirectory(prefix="okr-model-") as folder:
        async with (
            postgres_server() as server,
            ledger_database(server) as database,
            kafka_server() as bootstrap,
            system(database, bootstrap, Path(folder)) as told,
        ):
            return await run(told, seed, commands, moments, lambda line: print(line, flush=True))


def show(result: Result, console: Console) -> None:
    """The figures of a run, and what is wrong."""
    table = Table("command", "accepted", "refused")
    for command in COMMANDS:
        table.add_row(command, str(result.accepted[command]), str(result.refused[command]))
    console.print(table)
    codes = ", ".join(f"{code} {count}" for code, count in result.codes.most_common())
    console.print(f"seed {result.seed}: {result.accepted.total()} commands accepted, {result.refused.total()} refused")
    console.print(f"refused with {codes}")
    console.print(f"{result.events} events; {result.compared} answers compared with the plain recomputation")
    console.print(f"{result.as_they_were} live answers asked for again, as known then")
    console.print(
        f"{result.explanations['explanations']} explanations, {result.measured} of them measured, in {result.explained}"
        " answers computed again from their JSON alone"
    )
    console.print("of these " + ", ".join(f"{each} {result.explanations[each]}" for each in EXPLAINED))
    console.print(f"never explained: {', '.join(result.never_explained) or 'none'}")
    if result.too_few_explained:
        console.print(result.too_few_explained)
    console.print(f"never accepted: {', '.join(result.never_accepted) or 'none'}")
    console.print(f"differences: {len(result.differences)}")
    for each in result.differences[:50]:
        console.print(f"  {each}"[:2000])


if __name__ == "__main__":
    main()
