"""What `okr doctor` sees on the machine, and the names that stop every other command."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.chassis import tokens
from services.cli.findings.finding import Finding
from services.cli.findings.machine import on_this_machine
from services.cli.main import app


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OKR_URL", "OKR_TOKEN", "OKR_ORGANISATION", "OKR_DATA", "OKR_DATABASE_URL", "OKR_KAFKA_BOOTSTRAP"):
        monkeypatch.delenv(name, raising=False)


def looked(data: Path) -> list[Finding]:
    return list(on_this_machine(data, embedded_database=False, embedded_broker=False))


def wrong(data: Path) -> list[str]:
    return [finding.found for finding in looked(data) if finding.verdict == "wrong"]


def test_nothing_is_wrong_without_settings(tmp_path: Path):
    assert wrong(tmp_path) == []


def test_a_mistyped_name_a_wrong_value_and_a_contradiction_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OKR_HTP_PORT", "1")
    monkeypatch.setenv("OKR_QUERY_CONNECTIONS", "none")
    monkeypatch.setenv("OKR_PUBLISH_BUSY_SECONDS", "0.9")
    monkeypatch.setenv("OKR_TOKEN_AUDIENCE", "okr")
    told = "\n".join(wrong(tmp_path))
    assert "Did you mean OKR_HTTP_PORT?" in told
    assert "OKR_QUERY_CONNECTIONS: Input should be a valid integer" in told
    assert "OKR_PUBLISH_BUSY_SECONDS is longer than OKR_PUBLISH_IDLE_SECONDS" in told
    assert "only make sense with OKR_TOKEN_ISSUER" in told


def test_a_key_that_is_none_is_wrong_and_one_that_all_can_read_is_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    key = tmp_path / "key.pem"
    monkeypatch.setenv("OKR_TOKEN_KEY_FILE", str(key))
    assert any("cannot be read" in each for each in wrong(tmp_path))
    tokens.key_at(key)
    assert wrong(tmp_path) == []
    key.chmod(0o644)
    assert [(each.what, each.verdict) for each in looked(tmp_path) if each.verdict != "ok"] == [("tokens", "note")]


def test_traces_by_a_protocol_that_is_not_spoken_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    assert any("only http/protobuf is spoken here" in each for each in wrong(tmp_path))


def test_a_folder_that_is_a_file_is_told(tmp_path: Path):
    (tmp_path / "file").touch()
    assert wrong(tmp_path / "file") == [f"{tmp_path / 'file'} cannot be written to"]


@pytest.mark.parametrize(
    "command",
    ["tree", "up", "migrate", "run ledger", "run publisher", "run projector", "run query", "projection list"],
)
def test_a_mistyped_name_stops_every_command_and_the_nearest_is_suggested(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OKR_DATABSE_URL", "postgresql://db/okr")
    ran = CliRunner().invoke(app, [*command.split(), "--json"])
    assert ran.exit_code == 2
    assert "Did you mean OKR_DATABASE_URL?" in json.loads(ran.stdout)["detail"]
    assert list(tmp_path.iterdir()) == []
