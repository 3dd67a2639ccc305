"""What a benchmark says, and how two measurements are compared."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Row:
    """
    One line of the table.

    *value* and *floor* are medians in *unit*; *ratio* is the median of the ratios round by round, None where there is
    no floor. *aim* says in words what *met* was judged by. *raw* has every round's figures, *settings* what they
    depend on.
    """

    row: str
    value: float
    unit: str
    floor: float | None
    ratio: float | None
    aim: str
    met: bool
    raw: Mapping[str, Sequence[float]] = field(default_factory=dict[str, Sequence[float]])
    settings: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class Compared:
    """Rounds of two things, measured in turn."""

    values: Sequence[float]
    floors: Sequence[float]

    @property
    def value(self) -> float:
        """The median of what was measured."""
        return median(self.values)

    @property
    def floor(self) -> float:
        """The median of the floor."""
        return median(self.floors)

    @property
    def ratio(self) -> float:
        """The median of the ratios, each of one round: the machine's speed drifts between rounds, not within one."""
        return median(value / floor for value, floor in zip(self.values, self.floors, strict=True))

    def row(self, name: str, unit: str, at_least: float, floor_is: str, settings: Mapping[str, object]) -> Row:
        """The line of a throughput that should reach *at_least* of its floor, which is *floor_is*."""
        return Row(
            row=name,
            value=self.value,
            unit=unit,
            floor=self.floor,
            ratio=self.ratio,
            aim=f">= {at_least:g} of {floor_is}",
            met=self.ratio >= at_least,
            raw={"values": self.values, "floors": self.floors},
            settings=settings,
        )


async def in_turn(
    measured: Callable[[], Awaitable[float]], floor: Callable[[], Awaitable[float]], rounds: int = ROUNDS
) -> Compared:
    """Both, one after the other, *rounds* times; the first round of each is a warm-up and is not counted."""
    values: list[float] = []
    floors: list[float] = []
    for place in range(rounds + 1):
        below, above = await floor(), await measured()
        if place:
            floors.append(below)
            values.append(above)
    return Compared(values, floors)
