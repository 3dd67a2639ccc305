"""The report of an import: what was read, sent and made, and every row that somebody should look at."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from rich.console import Group, RenderableType

from services.cli.imports.figures import figures
from services.cli.imports.planned import Plan, PlannedCommand
from services.cli.imports.remarks import Remark, still_true
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
        """All remarks, in the order of the file; those on no single row first. Of a refused row only why it is."""
        made = still_true((*self.plan.remarks, *self.sent.remarks))
        return sorted(made, key=lambda remark: remark.line or 0)

    @property
    def refused(self) -> int:
        """How many rows were refused."""
        return self._rows("refused")

    @property
    def taken(self) -> Sequence[PlannedCommand]:
        """The commands that the ledger has, of this import or of an earlier one; in a dry run all that are planned."""
        commands = self.plan.commands
        return commands if self.dry_run else [each for each in commands if each.command_id in self.sent.taken]

    @property
    def figures(self) -> Mapping[str, int]:
        """How many of each were taken; what was planned and not taken counts 0."""
        taken = figures((command.figure for command in self.taken), self.remarks)
        return {**dict.fromkeys(self.plan.figures, 0), **taken}

    @property
    def assumptions(self) -> Mapping[str, int]:
        """What was assumed, and for how many of the commands that were taken."""
        return self.plan.assumptions(self.taken)

    def document(self) -> dict[str, object]:
        """The report as JSON."""
        return {
            "import": self.plan.import_name,
            **self.plan.about,
            "dry_run": self.dry_run,
            **self._numbers(),
            "planned": dict(self.plan.figures),
            "figures": dict(self.figures),
            "assumptions": [{"what": what, "count": count} for what, count in self.assumptions.items()],
            "items": [asdict(remark) for remark in self.remarks],
        }

    def for_people(self) -> RenderableType:
        """The report as tables; of each rule the first few rows."""
        title = "Dry run: nothing was sent" if self.dry_run else "Imported"
        planned, remarks = self.plan.figures, self.remarks
        counted = [(name.replace("_", " "), planned[name], taken) for name, taken in self.figures.items()]
        shown: list[RenderableType] = [facts(title, self._numbers())]
        if self.dry_run:
            shown.append(table("In the file", ("", ""), [(name, count) for name, count, _ in counted]))
        else:
            shown.append(table("In the file", ("", "planned", "taken"), counted))
        if self.assumptions:
            shown.append(facts("Assumed", self.assumptions))
        shown.extend(
            table(outcome.capitalize(), ("line", "record", "rule", "what", "fix"), _some(chosen))
            for outcome in _OUTCOMES
            if (chosen := [remark for remark in remarks if remark.outcome == outcome])
        )
        return Group(*shown)

    def _numbers(self) -> Mapping[str, int]:
        assumed = sum(command.data.get("effective_basis") == "assumed" for command in self.taken)
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
