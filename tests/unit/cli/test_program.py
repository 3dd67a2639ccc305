import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.main import app

SMALL = str(Path(__file__).parent / "okrs.csv")
EXAMPLE = re.compile(r"Example:\s+(OKR_\S+\s+)*okr ")
IMPORT = ["import", "okrs", SMALL, "--cycle", "q1", "--starts", "2026-01-01", "--ends", "2026-03-31"]


@pytest.fixture
def okr(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    for name in ("OKR_URL", "OKR_TOKEN", "OKR_ORGANISATION", "OKR_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return CliRunner()


def test_every_command_has_an_example(okr: CliRunner):
    without = [path for path in commands(okr) if not EXAMPLE.search(help_of(okr, path))]
    assert without == []


def test_every_command_answers_in_json(okr: CliRunner):
    without = [path for path in commands(okr) if "--json" not in help_of(okr, path)]
    assert without == []


def test_a_dry_run_needs_no_service(okr: CliRunner):
    ran = okr.invoke(app, [*IMPORT, "--dry-run", "--json"])
    report = json.loads(ran.stdout)
    assert ran.exit_code == 0
    assert report["rows"] == 11
    assert report["events"] == 0
    assert report["figures"]["objectives"] == 6
    assert report["figures"] == report["planned"]


def test_a_refused_row_makes_the_exit_code_1(okr: CliRunner, tmp_path: Path):
    rows = tmp_path / "rows.csv"
    rows.write_text("id,kind,parent,owner,title,result\nO1,goal,,CEO,Grow,\n")
    ran = okr.invoke(app, [*IMPORT[:2], str(rows), *IMPORT[3:], "--dry-run", "--json"])
    assert ran.exit_code == 1
    assert [(item["line"], item["rule"]) for item in json.loads(ran.stdout)["items"]] == [(2, "unknown_kind")]


def test_no_service_makes_the_exit_code_3(okr: CliRunner):
    for asked in ([*IMPORT], ["tree"], ["tree", "--url", "http://127.0.0.1:1", "--token", "t", "--organisation", "o"]):
        assert okr.invoke(app, asked).exit_code == 3


def test_a_failure_is_one_json_document_too(okr: CliRunner):
    ran = okr.invoke(app, ["tree", "--json"])
    assert "okr up" in json.loads(ran.stdout)["detail"]


@pytest.mark.parametrize(
    "asked",
    [
        ["token", "--organisation", "x"],
        ["check-in", "record", "k1", "--confidence", "11"],
        ["tree", "--bogus"],
        ["nothing-like-it"],
        ["--bogus"],
        ["key-result", "redefine", "k1", "--url", "u", "--token", "t", "--target", "3", "--clear", "target"],
        ["key-result", "redefine", "k1", "--url", "u", "--token", "t", "--clear", "title"],
    ],
)
def test_wrong_usage_is_one_json_document_too(okr: CliRunner, asked: list[str]):
    ran = okr.invoke(app, [*asked, "--json"])
    assert ran.exit_code == 2
    assert json.loads(ran.stdout).keys() == {"title", "detail"}
    assert ran.stderr
    assert not okr.invoke(app, asked).stdout


def test_what_follows_two_dashes_asks_for_no_json(okr: CliRunner):
    assert not okr.invoke(app, ["tree", "--", "--json"]).stdout


@pytest.mark.parametrize("organisation", [".", ".."])
def test_an_id_that_means_another_folder_is_wrong_usage(okr: CliRunner, organisation: str):
    asked = ["tree", "--url", "http://127.0.0.1:1", "--token", "t", "--organisation", organisation]
    assert okr.invoke(app, asked).exit_code == 2


def test_wrong_usage_makes_the_exit_code_2(okr: CliRunner):
    for asked in (["tree", "--unknown"], [*IMPORT[:7], "--ends", "2025-01-01"], IMPORT[:5], ["objective", "create"]):
        assert okr.invoke(app, asked).exit_code == 2


def commands(okr: CliRunner, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The paths of all commands, as the help lists them."""
    _, found, listed = help_of(okr, path).partition("\nCommands:\n")
    if not found:
        return [path]
    names = [line.split()[0] for line in listed.splitlines() if line[:3].strip() and not line.startswith("   ")]
    return [each for name in names for each in commands(okr, (*path, name))]


def help_of(okr: CliRunner, path: tuple[str, ...]) -> str:
    return okr.invoke(app, [*path, "--help"]).stdout
