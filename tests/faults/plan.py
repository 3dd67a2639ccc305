"""Which faults come, in which order and how: from a seed, so that a run can be repeated."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

INSTANCES: Final = {"ledger": 2, "publisher": 2, "projector": 2, "query": 1}
STEPS: Final = {
    "ledger": ("append.before_commit", "append.after_commit"),
    "publisher": ("publish.before_send", "publish.after_send", "publish.before_advance", "publish.after_advance"),
    "projector": ("project.before_rows", "project.before_commit", "project.after_commit"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """
    One fault: its *kind*, the *part* that it is done to, for how many *seconds* it lasts.

    *step* and *times*: where a process dies, and when it comes there for which time. *pause* is how long after the
    fault before it this one comes, in seconds.
    """

    number: int
    kind: str
    part: str
    seconds: float = 0.0
    step: str = ""
    times: int = 1
    pause: float = 0.0

    def __str__(self) -> str:
        lasting = f", {self.seconds:.1f} s" if self.seconds else ""
        at = f" at {self.step}, time {self.times}" if self.step else ""
        return f"{self.part} {self.kind}{at}{lasting}"


# Of a thousand faults about so many are of each kind; those that take long are few.
KINDS: Final = {
    "killed": 260,
    "killed at a step": 170,
    "frozen": 160,
    "stopped politely": 40,
    "frozen past its lease": 6,
    "connections cut": 130,
    "slow": 60,
    "session ended": 70,
    "session killed": 25,
    "requests cut": 60,
    "server killed": 30,
    "server frozen": 40,
    "records deleted": 14,
    "tail lost": 6,
    "topic made anew": 8,
    "disk full": 9,
}
_FILLABLE: Final = "disk full"


def plan(seed: int, faults: int, *, disks: bool = True) -> Sequence[Fault]:
    """*faults* faults, each kind once before any as often as its share; no full disk where *disks* cannot be filled."""
    random = Random(seed)
    kinds = [kind for kind in KINDS if disks or kind != _FILLABLE]
    chosen = [*kinds, *random.choices(kinds, [KINDS[kind] for kind in kinds], k=max(0, faults - len(kinds)))][:faults]
    random.shuffle(chosen)
    return [_fault(number, kind, random) for number, kind in enumerate(chosen, 1)]


def _fault(number: int, kind: str, random: Random) -> Fault:
    pause = round(random.uniform(0, 0.4), 2)
    match kind:
        case "killed at a step":
            target = random.choice(list(STEPS))
            return Fault(
                number, kind, target, step=random.choice(STEPS[target]), times=random.randint(1, 4), pause=pause
            )
        case "killed" | "frozen" | "stopped politely":
            seconds = round(random.uniform(0.2, 2), 1) if kind == "frozen" else 0
            return Fault(number, kind, _service(random, *INSTANCES), seconds, pause=pause)
        case "frozen past its lease":
            return Fault(number, kind, _service(random, "publisher", "projector"), 8, pause=pause)
        case "session ended" | "session killed":
            return Fault(number, kind, "postgres", pause=pause)
        case "connections cut":
            return Fault(number, kind, random.choice(["postgres", "kafka"]), pause=pause)
        case "slow":
            part = random.choice(["postgres", "kafka"])
            return Fault(number, kind, part, round(random.uniform(0.5, 2), 1), pause=pause)
        case "server killed":
            return Fault(number, kind, random.choice(["postgres", "postgres", "kafka"]), pause=pause)
        case "server frozen":
            part = random.choice(["postgres", "kafka"])
            return Fault(number, kind, part, round(random.uniform(0.5, 2.5), 1), pause=pause)
        case "disk full":
            part = random.choice(["postgres", "postgres", "kafka"])
            return Fault(number, kind, part, round(random.uniform(1, 3), 1), pause=pause)
        case "requests cut":
            return Fault(number, kind, "clients", pause=pause)
        case _:
            return Fault(number, kind, "kafka", pause=pause)


def _service(random: Random, *targets: str) -> str:
    target = random.choice(targets)
    return f"{target}-{random.randint(1, INSTANCES[target])}"
