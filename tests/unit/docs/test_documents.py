"""
What the documents say can be found where they say it, and what must be documented is.

The tables of settings (docs/settings.md), of metrics (docs/metrics.md) and of queries (docs/http.md) are written from
the code: ``python -m tests.unit.docs.test_documents`` writes them anew.
"""

import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Final, cast

import pytest
from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase
from pydantic.fields import FieldInfo

from okr_contracts.commands import COMMANDS
from okr_contracts.commands.answers import ANSWERS
from okr_contracts.events import EVENTS
from services.chassis import tracing
from services.chassis.settings import PREFIX
from services.cli import env_example
from services.cli.environment import SETTINGS
from services.ledger.policies import ROLES, roles_for
from services.ledger.statuses import STATUSES
from services.query.routes import QUERIES

ROOT: Final = Path(__file__).parents[3]
DOCS: Final = ROOT / "docs"
PAGES: Final = sorted(
    page for pattern in ("*.md", "docs/**/*.md", "contracts/*.md", "projections/*/*.md") for page in ROOT.glob(pattern)
)
OPERATING: Final = DOCS / "operating.md"
SETTINGS_PAGE: Final = DOCS / "settings.md"
METRICS_PAGE: Final = DOCS / "metrics.md"
HTTP: Final = DOCS / "http.md"
PROCESSES: Final = ("ledger", "publisher", "projector", "query")
MEASURED: Final = {
    "chassis.observed": "all",
    "chassis.health": "all",
    "chassis.postgres": "ledger, query",
    **{f"{process}.metrics": process for process in PROCESSES},
}
# Labels whose values are few, whatever people send: ours in number, not those of organisations, people or subjects.
BOUNDED: Final = {
    "cause", "dependency", "lane", "method", "outcome", "partition", "pool", "projection", "query", "reason", "route",
    "status",
}  # fmt: skip
ROLES_OF_THE_DATABASE: Final = {"okr_ledger", "okr_publisher", "okr_projector", "okr_query"}

_LINK: Final = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\)")
_TEST: Final = re.compile(r"`(test_\w+)`")
_FENCE: Final = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_TABLE: Final = r"(?<=<!-- {0} -->\n).*?(?=<!-- end of {0} -->)"
# A path that only one machine has, and where packages come from: both differ at every reader's.
_OF_A_MACHINE: Final = re.compile(r"(?<![\w.}])/(?:home|root|tmp|Users|work)/")
_OF_A_REGISTRY: Final = re.compile(r"\b(?:pypi|pythonhosted|mvn\w*|maven|npm\w*|registry)[\w.-]*\.(?:org|com|io|net)\b")
_PER_PAGE: Final = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def prose(page: Path) -> str:
    """The page without its fenced examples."""
    return _FENCE.sub("", page.read_text("utf-8"))


@_PER_PAGE
def test_every_link_leads_somewhere(page: Path):
    for link in _LINK.finditer(prose(page)):
        target, _, anchor = link["target"].partition("#")
        if "://" in target:
            continue
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), f"{link['target']} is not there"
        assert path.is_relative_to(ROOT), f"{link['target']} is outside"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", each).strip().lower().replace(" ", "-") for each in headings}
        if test := _TEST.fullmatch(link["text"]):
            assert f"def {test[1]}(" in path.read_text("utf-8"), f"there is no {test[1]} in {target}"


@_PER_PAGE
def test_nothing_belongs_to_one_machine(page: Path):
    assert _OF_A_MACHINE.findall(page.read_text("utf-8")) == []
    assert _OF_A_REGISTRY.findall(page.read_text("utf-8")) == []


@_PER_PAGE
def test_every_page_is_led_to(page: Path):
    led_to = {
        (other.parent / link["target"].partition("#")[0]).resolve()
        for other in PAGES
        if other != page
        for link in _LINK.finditer(prose(other))
    }
    assert page == ROOT / "README.md" or page in led_to


def settings_table() -> str:
    """The settings of all processes, one row a variable."""
    fields: dict[str, dict[str, FieldInfo]] = {}
    for kind in SETTINGS:
        for name, field in kind.model_fields.items():
            fields.setdefault(name, {})[kind.__module__.split(".")[1]] = field
    lines = [
        f"| `{PREFIX}{name.upper()}` | {_default(by)} | {', '.join(by)} | {_meaning(by)} |"
        for name, by in fields.items()
    ]
    traced = [f"| `{name}` | none | all | {meaning} |" for name, (_, meaning) in tracing.SETTINGS.items()]
    program = [
        f"| `{name}` | {'none' if 'Default:' in meaning else _shown(value)} | commands | {meaning} |"
        for name, (value, meaning) in env_example.OF_THE_PROGRAM.items()
    ]
    return "\n".join(["| variable | default | read by | meaning |", "|---|---|---|---|", *lines, *program, *traced, ""])


def _default(by_process: Mapping[str, FieldInfo]) -> str:
    defaults = {
        process: "required" if field.is_required() else _shown(field.default) for process, field in by_process.items()
    }
    if len(set(defaults.values())) == 1:
        return next(iter(defaults.values()))
    return ", ".join(f"{process}: {default}" for process, default in defaults.items())


def _meaning(by_process: Mapping[str, FieldInfo]) -> str:
    meanings = {process: " ".join((field.description or "").split()) for process, field in by_process.items()}
    if len(set(meanings.values())) == 1:
        return next(iter(meanings.values()))
    return " ".join(f"{process.capitalize()}: {meaning}" for process, meaning in meanings.items())


def _shown(default: object) -> str:
    return "none" if default is None else "`[]`" if default == () else f"`{default}`"


def test_every_setting_is_documented_as_it_is():
    assert table_in(SETTINGS_PAGE, "settings") == settings_table(), (
        "write it anew: python -m tests.unit.docs.test_documents"
    )


def queries_table() -> str:
    """The queries, one row an address."""
    lines = [
        f"| `…{query.path}` | {query.summary} | {', '.join(f'`{name}`' for name in query.parameters)} |"
        for query in QUERIES
    ]
    return "\n".join(["| address | answer | parameters of its own |", "|---|---|---|", *lines, ""])


def test_every_query_is_documented():
    assert table_in(HTTP, "queries") == queries_table(), "write it anew: python -m tests.unit.docs.test_documents"


def table_in(page: Path, name: str) -> str:
    found = re.search(_TABLE.format(name), page.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[0]


def test_every_setting_is_in_the_example_of_an_environment():
    example = (ROOT / ".env.example").read_text("utf-8")
    for kind in SETTINGS:
        for name in kind.model_fields:
            assert f"{PREFIX}{name.upper()}=" in example
    assert example == env_example.text(), "write it anew: make schemas"


def metrics_by_module() -> dict[str, list[Mapping[str, object]]]:
    """What each module counts, as its metrics hold it."""
    found: dict[str, list[Mapping[str, object]]] = {}
    for name in MEASURED:
        module = import_module(f"services.{name}")
        of_module = [
            {**vars(each), "kind": type(each).__name__.lower()}
            for each in vars(module).values()
            if isinstance(each, MetricWrapperBase)
        ]
        # A child, bound to its labels, is not a metric of its own.
        found[name] = [each for each in of_module if not each["_labelvalues"]]
    return found


def metrics_table() -> str:
    """Every metric, one row each, process by process."""
    lines = ["| metric | kind | labels | what it counts or measures | process |", "|---|---|---|---|---|"]
    for module, metrics in metrics_by_module().items():
        process = MEASURED[module]
        for each in metrics:
            name = f"{each['_name']}_total" if each["kind"] == "counter" else each["_name"]
            labels = ", ".join(f"`{label}`" for label in cast("tuple[str, ...]", each["_labelnames"]))
            lines.append(f"| `{name}` | {each['kind']} | {labels} | {each['_documentation']} | {process} |")
    return "\n".join([*lines, ""])


def test_every_metric_is_documented_as_it_is():
    assert table_in(METRICS_PAGE, "metrics") == metrics_table(), (
        "write it anew: python -m tests.unit.docs.test_documents"
    )


def test_no_metric_is_missing_from_the_modules_that_are_documented():
    registered = {metric.name for metric in REGISTRY.collect() if metric.name.startswith("okr_")}
    known = {each["_name"] for metrics in metrics_by_module().values() for each in metrics}
    assert registered <= known


def test_every_metric_is_named_by_the_rules_and_has_bounded_labels():
    for metrics in metrics_by_module().values():
        for each in metrics:
            name = str(each["_name"])
            assert name.startswith("okr_"), name
            assert not name.endswith(("_ms", "_milliseconds", "_kb", "_megabytes")), f"{name}: base units"
            assert set(cast("tuple[str, ...]", each["_labelnames"])) <= BOUNDED, name


@pytest.mark.parametrize("process", PROCESSES)
def test_every_metric_is_set_somewhere(process: str):
    module = import_module(f"services.{process}.metrics")
    code = "".join(
        page.read_text("utf-8") for page in (ROOT / "services" / process).glob("*.py") if page.name != "metrics.py"
    )
    names = [name for name, each in vars(module).items() if isinstance(each, MetricWrapperBase) and name[0] != "_"]
    assert [name for name in names if f"metrics.{name}" not in code] == []


def test_every_metric_that_a_page_names_is_one():
    names = {row.split("`")[1] for row in metrics_table().splitlines()[2:]}
    for page in PAGES:
        mentioned = set(
            re.findall(rf"`(okr_(?:{'|'.join(PROCESSES)}|http|dependency|database)_\w+)`", page.read_text("utf-8"))
        )
        parts = {re.sub(r"_(count|sum|bucket)$", "", each) for each in mentioned}
        assert sorted(parts - names - ROLES_OF_THE_DATABASE) == [], page


def test_every_event_and_command_is_documented():
    reference = (DOCS / "commands.md").read_text("utf-8").splitlines()
    names = {*COMMANDS, *(name for name, _ in EVENTS)}
    assert sorted(name for name in names if f"### {name}" not in reference) == []
    table = (DOCS / "events.md").read_text("utf-8")
    assert sorted(name for name in names if f"`{name}`" not in table) == []


def test_every_command_says_which_events_answer_it():
    assert set(ANSWERS) == set(COMMANDS)
    answering = {event for events in ANSWERS.values() for event in events}
    # It is written after a restore, by nobody's command.
    assert {name for name, _ in EVENTS} - answering == {"EpochBegun"}


def test_the_roles_are_those_that_are_asked_for():
    rows = {
        cells[1].strip(): set(re.findall(r"`(\w+)`", cells[2]))
        for line in (DOCS / "choices.md").read_text("utf-8").splitlines()
        if len(cells := line.split("|")) == 4
    }
    for name, command in COMMANDS.items():
        assert rows.get(f"`{name}`", rows["every other command"]) == roles_for(command), name
    assert all(f"`{role}`" in (DOCS / "choices.md").read_text("utf-8") for role in ROLES)


def test_every_refusal_is_listed_with_its_status():
    table = (DOCS / "choices.md").read_text("utf-8")
    for refusal, status in STATUSES.items():
        assert re.search(rf"^\| {status} \|.*`{refusal.code}`", table, re.MULTILINE), refusal.code


def test_the_subscriber_on_the_page_is_the_one_that_is_tested():
    subscriber = (ROOT / "contracts" / "examples" / "subscriber.py").read_text("utf-8")
    assert f"```python\n{subscriber}```" in (DOCS / "events.md").read_text("utf-8")


def write_tables() -> None:
    for page, name, table in (
        (SETTINGS_PAGE, "settings", settings_table()),
        (METRICS_PAGE, "metrics", metrics_table()),
        (HTTP, "queries", queries_table()),
    ):
        whole = page.read_text("utf-8")
        page.write_text(whole.replace(f"<!-- {name} -->\n{table_in(page, name)}", f"<!-- {name} -->\n{table}"), "utf-8")


if __name__ == "__main__":
    write_tables()
