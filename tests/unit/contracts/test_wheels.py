"""What others install: both wheels are built without a network and work beside pydantic, or beside nothing, alone."""

import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

CONTRACTS = Path(__file__).parents[3] / "contracts"

READS_A_GOLDEN_FILE = """
import json, pathlib, sys
from okr_contracts import cloud_events, commands, envelope, events
golden = json.loads(pathlib.Path(sys.argv[1]).read_text("utf-8"))["examples"][0]
recorded = envelope.decode(golden["entry"].encode(), golden["data"].encode(), golden["text"].encode())
assert cloud_events.headers(recorded) == [(name, text.encode()) for name, text in golden["headers"].items()]
assert commands.COMMANDS and events.EVENTS
print(recorded.type, sorted(name for name in sys.modules if name.startswith("okr_") and "." not in name))
"""
READS_ITS_VERSION = """
import sys, okr_rules
print(okr_rules.RULE_VERSION, sorted(name for name in sys.modules if name.startswith("okr_") and "." not in name))
"""


def built(package: str, into: Path) -> Path:
    """The folder with the contents of the wheel, as an installation lays them out."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(into / "dist")]
    subprocess.run(command, cwd=CONTRACTS / package, check=True, capture_output=True, text=True, timeout=60)
    (wheel,) = (into / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(into / "installed")
    return into / "installed"


def requirements_of(name: str) -> set[str]:
    """The distribution and what it needs, as installed here, without extras."""
    needed = [Requirement(text) for text in distribution(name).requires or []]
    always = [one.name for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    return {name}.union(*map(requirements_of, always))


def with_only(names: set[str], folder: Path) -> Path:
    """A folder that holds these distributions and no other, by links to the ones installed here."""
    folder.mkdir()
    for name in names:
        files = distribution(name).files or []
        for top in {file.parts[0] for file in files if file.parts[0] != ".."}:
            if not (folder / top).exists():
                (folder / top).symlink_to(Path(str(distribution(name).locate_file(top))))
    return folder


def run_alone(code: str, path: list[Path], *arguments: str) -> str:
    """What *code* prints in an interpreter without environment variables, site-packages or this checkout."""
    start = f"import sys; sys.path += {[str(folder) for folder in path]!r}; exec({code!r})"
    command = [sys.executable, "-I", "-S", "-B", "-c", start, *arguments]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def okr_contracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("okr_contracts", tmp_path_factory.mktemp("okr_contracts"))


@pytest.fixture(scope="module")
def okr_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("okr_rules", tmp_path_factory.mktemp("okr_rules"))


def test_the_contracts_need_pydantic_and_nothing_else(okr_contracts: Path, tmp_path: Path) -> None:
    pydantic = with_only(requirements_of("pydantic"), tmp_path / "pydantic")
    golden = CONTRACTS / "golden" / "KeyResultAdded.v1.json"
    assert run_alone(READS_A_GOLDEN_FILE, [okr_contracts, pydantic], str(golden)) == "KeyResultAdded ['okr_contracts']"


def test_the_rules_need_nothing(okr_rules: Path) -> None:
    assert run_alone(READS_ITS_VERSION, [okr_rules]) == "1 ['okr_rules']"


def test_a_wheel_holds_its_package_whole_and_nothing_beside_it(okr_contracts: Path, okr_rules: Path) -> None:
    for name, installed in (("okr_contracts", okr_contracts), ("okr_rules", okr_rules)):
        source = {file.relative_to(CONTRACTS) for file in (CONTRACTS / name).rglob("*.py")} | {Path(name, "py.typed")}
        packed = {file.relative_to(installed) for file in installed.rglob("*") if file.is_file()}
        assert {file for file in packed if not file.parts[0].endswith(".dist-info")} == source
