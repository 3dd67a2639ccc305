"""A run: clients and readers at work, faults one after the other, and every organisation judged when it is done."""

import asyncio
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Final

from tests.faults.commands import Made, opening, other_content, random_command
from tests.faults.compare import differences
from tests.faults.journal import Sent, World
from tests.faults.judge import judge, judge_topic, recorded_at
from tests.faults.parts import Parts, address, running
from tests.faults.plan import Fault
from tests.faults.readers import ReadCounts, Reader
from tests.faults.sender import Counts, Sender
from tests.faults.strikes import Strikes

CLIENTS: Final = 5
READERS: Final = 2
WORLDS: Final = 3
# The plain recomputation takes time that grows with the square of it.
EVENTS_A_WORLD: Final = 120
AT_A_TIME: Final = 2
RECOVERED_SECONDS: Final = 90.0
# A run has its end, however slow the machine is.
LONGEST_SECONDS: Final = 75 * 60
_THINKING_SECONDS: Final = 0.1


@dataclass
class Result:
    """What a run did and found."""

    seed: int
    faults: Counter[str] = field(default_factory=Counter[str])
    not_reached: int = 0
    counts: Counts = field(default_factory=Counts)
    reads: ReadCounts = field(default_factory=ReadCounts)
    worlds: int = 0
    events: int = 0
    records: int = 0
    compared: int = 0
    overtaken: int = 0
    """Commands that were taken although a later attempt at them had been refused."""
    ended: Counter[str] = field(default_factory=Counter[str])
    """Processes that ended without being told to."""
    acknowledged_after: list[float] = field(default_factory=list[float])
    visible_after: list[float] = field(default_factory=list[float])
    differences: list[str] = field(default_factory=list[str])
    seconds: float = 0.0


class Bout:
    """One run over running *parts*."""

    def __init__(self, parts: Parts, result: Result, say: Callable[[str], None], pool: ProcessPoolExecutor) -> None:
        self._parts = parts
        self._result = result
        self._say = say
        self._pool = pool
        self._random = Random(f"{result.seed} bout")
        self._worlds: list[World] = []
        self._made = 0
        self._stopping = False
        self._judging: set[asyncio.Task[None]] = set()
        self._locks = {name: asyncio.Lock() for name in (*parts.services, *parts.servers, "clients")}
        self._sender = self._new_sender("bout")
        self._reader = self._new_reader("bout")
        self._began = time.monotonic()

    async def run(self, faults: Sequence[Fault]) -> None:
        """All of *faults*, then the last judgement."""
        self._worlds = [await self._open(self._sender, self._random) for _ in range(WORLDS)]
        working = [asyncio.create_task(self._client(number), name=f"client {number}") for number in range(CLIENTS)]
        working += [asyncio.create_task(self._read(number), name=f"reader {number}") for number in range(READERS)]
        working.append(asyncio.create_task(self._turn_over(), name="turn over"))
        left = list(reversed(faults))
        striking = [asyncio.create_task(self._strike_all(left), name="faults") for _ in range(AT_A_TIME)]
        try:
            await _all_or_first_failure(striking, working)
            # Whatever is under way is brought to its end: an outcome must not stay unknown.
            self._stopping = True
            await _all_or_first_failure(working, [])
        finally:
            for task in (*working, *striking):
                task.cancel()
        if left:
            self._result.differences.append(f"{len(left)} faults were left when the time was up")
        for world in self._worlds:
            self._judge_later(world)
        await asyncio.gather(*self._judging)
        self._result.records = self._parts.listener.records
        self._result.differences += self._parts.listener.differences
        self._result.ended = Counter(f"{each.name}, exit code {each.code}" for each in self._parts.ended)

    # ---- clients

    async def _client(self, number: int) -> None:
        random = Random(f"{self._result.seed} client {number}")
        sender = self._new_sender(f"client {number}")
        try:
            while not self._stopping:
                await self._act(sender, random.choice(self._worlds), random)
                await asyncio.sleep(random.random() * 2 * _THINKING_SECONDS)
        finally:
            await sender.close()

    async def _act(self, sender: Sender, world: World, random: Random) -> None:
        acknowledged = [sent for sent in world.sent[-40:] if sent.outcome == "acknowledged"]
        match random.choices(["one", "repeat", "reuse", "race", "batch", "atomic", "cut"], [70, 7, 4, 5, 5, 5, 4])[0]:
            case "repeat" if acknowledged:
                await sender.repeat(world, random.choice(acknowledged))
            case "reuse" if acknowledged:
                earlier = random.choice(acknowledged)
                await sender.reuse(world, earlier, other_content(earlier))
            case "race":
                await self._race(sender, world, random)
            case "batch":
                await sender.send_batch(world, self._several(world, random, 6), atomic=False)
            case "atomic":
                batch = self._several(world, random, 3)
                for sent in batch:
                    sent.batch = batch[0].command_id
                await sender.send_batch(world, batch, atomic=True)
            case "cut":
                sent = self._command(world, random_command(world, random, today()))
                await sender.cut(world, sent, whole=random.random() < 0.6)
            case _:
                await sender.send(world, self._command(world, random_command(world, random, today())))

    async def _race(self, sender: Sender, world: World, random: Random) -> None:
        """Three change one subject at once, each as it was when they looked: one of them at most may."""
        objective = random.choice(world.ids["objective"])
        version = world.versions.get(f"objectives/{objective}")
        await asyncio.gather(
            *(
                sender.send(
                    world,
                    self._command(
                        world,
                        ("ReviseObjective", {"objective_id": objective, "title": f"Raced {world.next_number()}"}),
                        version,
                    ),
                )
                for _ in range(3)
            )
        )

    def _several(self, world: World, random: Random, most: int) -> list[Sent]:
        return [self._command(world, random_command(world, random, today())) for _ in range(random.randint(2, most))]

    def _command(self, world: World, made: Made, version: int | None = None) -> Sent:
        type_, body = made
        return Sent(f"{world.name}-{world.next_number()}", type_, body, version)

    async def _cut_requests(self) -> None:
        for _ in range(6):
            world = self._random.choice(self._worlds)
            sent = self._command(world, random_command(world, self._random, today()))
            await self._sender.cut(world, sent, whole=self._random.random() < 0.6)

    # ---- readers

    async def _read(self, number: int) -> None:
        random = Random(f"{self._result.seed} reader {number}")
        reader = self._new_reader(f"reader {number}")
        try:
            while not self._stopping:
                await reader.look(random.choice(self._worlds), today())
                await asyncio.sleep(random.random() * 4 * _THINKING_SECONDS)
        finally:
            await reader.close()

    # ---- organisations

    async def _open(self, sender: Sender, random: Random) -> World:
        self._made += 1
        world = World(f"org{self._made}")
        register = {"organisation": world.name, "name": "An organisation", "time_zone": "UTC"}
        await sender.send(world, self._command(world, ("RegisterOrganisation", register)))
        commands = [self._command(world, made) for made in opening(world, today())]
        for sent in commands:
            world.versions.update({f"objectives/o{n}": 1 for n in range(4)})
            sent.batch = None
        if random.random() < 0.5:
            await sender.send_batch(world, commands, atomic=random.random() < 0.5)
        else:
            for sent in commands:
                await sender.send(world, sent)
        refused = [sent for sent in world.sent if sent.outcome != "acknowledged"]
        world.differences += (f"the opening's {each.type}: {each.status} {each.reply!r}" for each in refused)
        return world

    async def _turn_over(self) -> None:
        """Replace each organisation that is large enough by a new one, and judge it."""
        while not self._stopping:
            for place, world in enumerate(self._worlds):
                if world.head >= EVENTS_A_WORLD:
                    self._worlds[place] = await self._open(self._sender, self._random)
                    self._judge_later(world)
            await asyncio.sleep(_THINKING_SECONDS)

    def _judge_later(self, world: World) -> None:
        task = asyncio.create_task(self._judge(world), name=f"judge {world.name}")
        self._judging.add(task)

    async def _judge(self, world: World) -> None:
        await world.all_settled()
        known = await self._known(world)
        written = await self._reader.events(world)
        await self._reader.look_at_all(world, today())
        await self._until_published(world, written)
        found = [*world.differences, *judge(world, written, known), *judge_topic(world, written, self._parts.listener)]
        loop = asyncio.get_running_loop()
        compared, differing = await loop.run_in_executor(self._pool, differences, written, world.answers)
        result = self._result
        result.differences += (f"{world.name}: {each}" for each in (*found, *differing))
        result.worlds += 1
        result.events += len(written)
        result.compared += compared
        world.sent.clear()
        world.answers.clear()

    async def _known(self, world: World) -> set[str]:
        """
        The commands that the ledger knows.

        One that was refused while an earlier attempt was under way may have been taken by that one in the end: whoever
        asks again is told so, and from then on it has to be as if it had been acknowledged at once.
        """
        known = await self._sender.known(world)
        for sent in world.sent:
            if sent.overtaken_perhaps and sent.command_id in known:
                self._result.overtaken += 1
                await self._sender.ask_again(world, sent)
        return known

    async def _until_published(self, world: World, written: Sequence[bytes]) -> None:
        """Wait until the topic has all of it, or until records were taken away that it may have been among."""
        deadline = time.monotonic() + RECOVERED_SECONDS
        recorded = recorded_at(written[-1])
        listener = self._parts.listener
        while not listener.has(world.name, len(written)) and recorded > listener.taken_away_at:
            if time.monotonic() > deadline:
                return
            await asyncio.sleep(0.05)

    # ---- faults

    async def _strike_all(self, left: list[Fault]) -> None:
        strikes = Strikes(self._parts, Random(f"{self._result.seed} strikes"), self._cut_requests)
        while left and time.monotonic() - self._began < LONGEST_SECONDS:
            fault = left.pop()
            await asyncio.sleep(fault.pause)
            await self._strike(strikes, fault)

    async def _strike(self, strikes: Strikes, fault: Fault) -> None:
        lock = self._locks.get(fault.part)
        async with lock or asyncio.Lock():
            began = time.monotonic()
            try:
                async with asyncio.timeout(RECOVERED_SECONDS):
                    async with strikes.strike(fault) as said:
                        probing = asyncio.create_task(self._probe(fault))
                        await asyncio.sleep(fault.seconds)
                    acknowledged, visible = await probing
            except TimeoutError as late:
                self._result.differences.append(f"fault {fault.number}, {fault}: not recovered in time: {late}")
                self._say(f"{fault.number:5d} {began - self._began:7.1f} s  {fault}: NOT RECOVERED in time")
                return
            finally:
                self._result.faults[fault.kind] += 1
        self._result.not_reached += "did not come" in said
        self._result.acknowledged_after.append(acknowledged)
        self._result.visible_after.append(visible)
        self._say(
            f"{fault.number:5d} {began - self._began:7.1f} s  {fault}{f' ({said})' if said else ''}:"
            f" acknowledged after {acknowledged:.2f} s, visible after {visible:.2f} s"
        )

    async def _probe(self, fault: Fault) -> tuple[float, float]:
        """After how many seconds a command was acknowledged, and after how many every read model had it."""
        began = time.monotonic()
        world = self._random.choice(self._worlds)
        service = self._parts.services.get(fault.part)
        struck = address(service) if service is not None and service.target == "ledger" else None
        sent = self._command(world, ("AddUnit", {"unit_id": f"probe{world.next_number()}", "name": "Probe"}))
        await self._sender.send(world, sent, struck)
        acknowledged = time.monotonic() - began
        sequence = world.head
        while not await self._reader.reached(world, sequence):
            await asyncio.sleep(0.02)
        return acknowledged, time.monotonic() - began

    # ---- who asks

    def _new_sender(self, name: str) -> Sender:
        random = Random(f"{self._result.seed} {name}")
        return Sender(self._parts.ledgers, self._parts.token, random, self._result.counts)

    def _new_reader(self, name: str) -> Reader:
        random = Random(f"{self._result.seed} {name}")
        return Reader(self._parts.queries, self._parts.token, random, self._result.reads)


async def _all_or_first_failure(tasks: Sequence[asyncio.Task[None]], others: Sequence[asyncio.Task[None]]) -> None:
    """Wait for *tasks*; raises what one of them, or of the *others*, failed with."""
    waiting = set(tasks)
    while waiting:
        done, _ = await asyncio.wait({*waiting, *others}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        waiting -= done
        others = [task for task in others if task not in done]


def today() -> date:
    """The day of the organisations, whose time zone is UTC."""
    return datetime.now(UTC).date()


async def run(folder: Path, seed: int, plan: Callable[[bool], Sequence[Fault]], say: Callable[[str], None]) -> Result:
    """A whole run in *folder*; *plan* is asked for the faults once it is known whether disks can be filled."""
    began = time.monotonic()
    result = Result(seed)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=os.nice, initargs=(5,)) as pool:
        async with running(folder) as parts:
            if why_not := next((disk.why_not for disk in parts.disks.values() if disk.why_not), ""):
                say(f"no disk is filled: {why_not}")
            say(f"everything runs after {time.monotonic() - began:.1f} s")
            await Bout(parts, result, say, pool).run(plan(not why_not))
    result.seconds = time.monotonic() - began
    return result
