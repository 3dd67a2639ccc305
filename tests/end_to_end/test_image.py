"""
What is in the image, without an engine to build it: the steps of the Dockerfile, with the files that it copies.

The compose file and the Dockerfile themselves are judged by `make check`.
"""

import asyncio
import os
import re
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
DOCKERFILE: Final = (ROOT / "deploy" / "Dockerfile").read_text()


async def ran(*command: str | Path, env: dict[str, str] | None = None) -> tuple[int, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OKR_")}
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd="/",
        env={**inherited, **(env or {})},
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the Dockerfile copies out of this checkout."""
    folder = tmp_path_factory.mktemp("context")
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    for name in " ".join(copied).split():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, target)
    return folder


@pytest.mark.timeout(300)
async def test_the_image_has_every_service_and_no_server(context: Path, tmp_path: Path):
    okr = tmp_path / "okr"
    uv = Path(sys.executable).with_name("uv")
    install = (uv, "pip", "install", "--quiet", "--python", okr / "bin" / "python")
    packages = re.search(r"--no-deps (.+)$", DOCKERFILE, re.MULTILINE)
    assert packages is not None
    for command in (
        (uv, "venv", "--quiet", okr),
        (*install, "--require-hashes", "--requirement", context / "deploy" / "requirements.lock"),
        (*install, "--no-deps", *(context / name for name in packages[1].split())),
    ):
        assert await ran(*command) == (0, "")

    program = okr / "bin" / "okr"
    code, said = await ran(program, "run", "--help")
    assert code == 0, said
    for target in ("ledger", "publisher", "projector", "query"):
        assert target in said
        code, complaint = await ran(program, "run", target)
        assert code == 2, complaint
        assert "OKR_DATABASE_URL" in complaint
    code, complaint = await ran(program, "up", "--data", str(tmp_path / "data"))
    assert code == 3, complaint
    assert "okr-ledger[embedded]" in complaint
    code, _ = await ran(okr / "bin" / "python", "-c", "import pytest")
    assert code == 1, "the image carries the tests' tools"


def test_the_image_runs_as_a_user_that_is_a_number_and_not_root():
    users = re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE)
    assert users
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1])


def test_the_image_has_a_python_that_the_project_supports():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert wanted == ">=3.11"
    for version in re.findall(r"^FROM python:3\.(\d+)-slim", DOCKERFILE, re.MULTILINE):
        assert 11 <= int(version) <= 14
