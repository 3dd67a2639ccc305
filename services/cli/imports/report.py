"""The report of an import: what was read, sent and made, and every row that somebody should look at."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from rich.console import Group, RenderableType

from services.cli.imports.okrs import Plan
from services.cli.imports.remarks import Remark
from services.cli.imports.send import Sent
from services.cli.output import facts, table

_SHOWN_OF_EACH_RULE = 5
_OUTCOMES = ("refused", "changed", "reported")


@dataclass(frozen=True)
class Report:
    """What an import did, or with ``dry_run`` would do."""

    plan: Plan
    sent: Sent
    dry_run: bool

    @property
    def remarks(self) -> Sequence[Remark]:
        """All remarks, in the order of the file; those on no single row first."""
        return sorted((*self.plan.remarks, *self.sent.remarks), key=lambda remark: remark.line or 0)

    @property
    def refused(self) -> int:
        """How many rows were refused."""
        return self._rows("refused")

    def document(self) -> dict[str, object]:
        """The report as JSON."""
        return {
            "import": self.plan.options.import_name,
            "cycle": self.plan.options.cycle,
            "dry_run": self.dry_run,
            **self._numbers(),
            "figures": dict(self.plan.figures),
            "assumptions": [{"what": what, "count": count} for what, count in self.plan.assumptions.items()],
            "items": [asdict(remark) for remark in self.remarks],
        }

    def for_people(self) -> RenderableType:
        """The report as tables; of each rule the first few rows."""
        title = "Dry run: nothing was sent" if self.dry_run else "Imported"
        figures = {name.replace("_", " "): count for name, count in self.plan.figures.items()}
        remarks = self.remarks
        shown: list[RenderableType] = [facts(title, self._numbers()), facts("In the file", figures)]
        if self.plan.assumptions:
            shown.append(facts("Assumed", self.plan.assumptions))
        shown.extend(
            table(outcome.capitalize(), ("line", "record", "rule", "what", "fix"), _some(chosen))
            for outcome in _OUTCOMES
            if (chosen := [remark for remark in remarks if remark.outcome == outcome])
        )
        return Group(*shown)

    def _numbers(self) -> Mapping[str, int]:
        assumed = sum("effective_basis" in command.data for command in self.plan.commands)
        return {
            "rows": self.plan.rows,
            "commands": len(self.plan.commands),
            "known": self.sent.known,
            "sent": self.sent.sent,
            "events": self.sent.events,
            "assumed": assumed,
            "reported": sum(remark.outcome == "reported" for remark in self.remarks),
            "changed": self._rows("changed"),
            "refused": self.refused,
        }

    def _rows(self, outcome: str) -> int:
        return len({(remark.line, remark.record) for remark in self.remarks if remark.outcome == outcome})


def _some(remarks: Sequence[Remark]) -> Iterator[Sequence[object]]:
    counts = Counter(remark.rule for remark in remarks)
    shown: Counter[str] = Counter()
    for remark in remarks:
        shown[remark.rule] += 1
        if shown[remark.rule] <= _SHOWN_OF_EACH_RULE:
            yield remark.line, remark.record, remark.rule, remark.message, remark.fix
        elif shown[remark.rule] == counts[remark.rule]:
            more = counts[remark.rule] - _SHOWN_OF_EACH_RULE
            yield None, None, remark.rule, f"and {more} more: --json lists them all", ""
