import json
import os
import subprocess
import sys

import pytest

from services.cli import service
from services.cli.run import Target

# What a service once imported stays in its memory. Of the program there is nothing but what `service` itself needs.
UNUSED = {
    "ledger": ("typer", "httpx", "faststream", "services.cli.migrate", "projections"),
    "publisher": ("typer", "httpx", "faststream", "okr_contracts.events", "projections"),
    "projector": ("typer", "httpx", "services.cli.migrate", "okr_contracts.commands"),
    "query": ("typer", "httpx", "faststream", "services.cli.migrate", "okr_contracts.commands"),
}


@pytest.mark.parametrize("target", Target)
def test_a_service_loads_nothing_that_it_does_not_use(target: Target):
    asked = f"import json, sys, services.cli.service, services.{target}.main; print(json.dumps(list(sys.modules)))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True).stdout)
    assert [module for module in UNUSED[target] if module in loaded] == []


@pytest.mark.parametrize("target", Target)
def test_a_service_that_is_not_told_enough_says_so_and_ends_as_the_program_does(target: Target):
    ran = become(target, as_json=True, OKR_TOKEN_KEY_FILE="none")
    assert ran.returncode == 2
    assert "OKR_DATABASE_URL" in json.loads(ran.stdout)["detail"]
    assert "OKR_DATABASE_URL" in ran.stderr


def test_words_for_people_stay_out_of_stdout():
    ran = become("query", as_json=False, OKR_LOG_LEVEL="LOUD")
    assert ran.returncode == 2
    assert not ran.stdout
    assert "OKR_LOG_LEVEL" in ran.stderr


def become(target: str, *, as_json: bool, **told: str) -> subprocess.CompletedProcess[str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("OKR_")}
    words = [sys.executable, *service.command(target, as_json, [])]
    return subprocess.run(words, env=others | told, check=False, capture_output=True, text=True)
