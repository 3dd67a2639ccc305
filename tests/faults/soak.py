"""
Many faults under load, and what became of the history: `python -m tests.faults.soak --seed N --faults 1000`.

The seed decides the faults, their order and what clients send; moments depend on the machine. Exit code 1 if anything
differs from what was promised; the folder with the logs is kept then.
"""

import argparse
import asyncio
import faulthandler
import shutil
import statistics
import sys
import tempfile
import time
from logging import CRITICAL, getLogger
from pathlib import Path
from signal import SIGUSR1

from services.chassis import logging
from tests.faults.bout import Result, run
from tests.faults.plan import plan


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="default: the time, printed")
    parser.add_argument("--faults", type=int, default=1000)
    parser.add_argument("--keep", action="store_true", help="keep the folder with the logs in any case")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="okr-soak-"))
    folder.chmod(0o711)
    logging.configure(None, "WARNING")
    # The broker is killed on purpose.
    getLogger("aiokafka").setLevel(CRITICAL)
    say(f"seed {asked.seed}, {asked.faults} faults, logs in {folder}")
    faulthandler.register(SIGUSR1)
    result = asyncio.run(run(folder, asked.seed, lambda disks: plan(asked.seed, asked.faults, disks=disks), say))
    for line in summary(result):
        say(line)
    if not (asked.keep or result.differences):
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(bool(result.differences))


def say(line: str) -> None:
    """A line, seen at once."""
    print(line, flush=True)


def summary(result: Result) -> list[str]:
    """The figures of a run, and what is wrong."""
    counts, reads = result.counts, result.reads
    ended = ", ".join(f"{name} ({count})" for name, count in sorted(result.ended.items()))
    return [
        "",
        f"seed {result.seed}: {sum(result.faults.values())} faults in {result.seconds:.0f} s",
        *(f"  {count:5d} {kind}" for kind, count in sorted(result.faults.items(), key=lambda each: -each[1])),
        f"  ({result.not_reached} processes did not come to the step at which they should die)",
        f"commands: {counts.acknowledged} acknowledged, {counts.refused} refused, none unknown in the end",
        f"  {counts.lost_answers} attempts had no answer, {counts.busy} were answered 429 or 503",
        f"  {counts.cut} requests were cut, {counts.repetitions} commands repeated",
        f"  refused with {', '.join(f'{code} {count}' for code, count in sorted(counts.refusals.items()))}",
        f"  {result.overtaken} were taken by an attempt under way when a later one was refused",
        f"history: {result.events} events of {result.worlds} organisations, {result.records} records read from Kafka",
        f"readers: {result.compared} answers compared with the plain recomputation",
        f"  {reads.not_yet} were not there yet, {reads.lost} were lost, and asked for again",
        f"acknowledged again after {_spread(result.acknowledged_after)}",
        f"visible again after {_spread(result.visible_after)}",
        f"ended by themselves, and started again: {ended or 'none'}",
        f"differences: {len(result.differences)}",
        *(f"  {each}" for each in result.differences[:50]),
    ]


def _spread(seconds: list[float]) -> str:
    if not seconds:
        return "-"
    ordered = sorted(seconds)
    late = ordered[int(len(ordered) * 0.95)]
    return f"{statistics.median(ordered):.2f} s, p95 {late:.2f} s, longest {ordered[-1]:.2f} s"


if __name__ == "__main__":
    main()
