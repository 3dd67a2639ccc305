import json
import stat
from pathlib import Path

import pytest

from services.cli import connection
from services.cli.address import segment
from services.cli.connection import Connection, ConnectionFile
from services.cli.failures import Misused, Unreachable

WRITTEN = ConnectionFile("http://127.0.0.1:8080", "t0ken", "acme", "postgresql://…", "127.0.0.1:9092")


def test_the_file_is_for_its_owner_alone_and_can_be_read_again(tmp_path: Path):
    path = WRITTEN.write(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text()).keys() == {"url", "token", "organisation", "database_url", "kafka_bootstrap"}
    assert connection.written(tmp_path) == WRITTEN


def test_writing_again_replaces_it(tmp_path: Path):
    WRITTEN.write(tmp_path).chmod(0o644)
    assert stat.S_IMODE(WRITTEN.write(tmp_path).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["connection.json"]


def test_removing_it_twice_is_fine(tmp_path: Path):
    WRITTEN.write(tmp_path)
    connection.remove(tmp_path)
    connection.remove(tmp_path)
    assert connection.written(tmp_path) is None


def test_what_is_named_wins_over_the_file(tmp_path: Path):
    WRITTEN.write(tmp_path)
    assert connection.find("http://there/", None, "other", tmp_path) == Connection("http://there", "t0ken", "other")
    assert connection.find(None, None, None, tmp_path) == Connection("http://127.0.0.1:8080", "t0ken", "acme")


def test_without_a_service_the_message_says_how_to_start_one(tmp_path: Path):
    with pytest.raises(Unreachable, match="okr up"):
        connection.find(None, None, None, tmp_path)


def test_without_a_token_the_message_says_where_to_get_one(tmp_path: Path):
    with pytest.raises(Misused, match="okr token"):
        connection.find("http://there", None, "acme", tmp_path)


def test_a_damaged_file_is_named(tmp_path: Path):
    (tmp_path / connection.FILE).write_text("{")
    with pytest.raises(Misused, match="damaged"):
        connection.find(None, None, None, tmp_path)


def test_an_id_is_one_segment_of_a_path_whatever_it_contains():
    assert Connection("http://there", "t", "../x").base == "/v1/organisations/..%2Fx"
    assert segment("k1?known_at=3#a b") == "k1%3Fknown_at%3D3%23a%20b"


@pytest.mark.parametrize("named", ["", ".", ".."])
def test_what_no_quoting_makes_a_segment_is_no_id(named: str):
    with pytest.raises(Misused, match="is no id"):
        segment(named)


def test_a_command_about_no_organisation_says_how_to_name_one():
    with pytest.raises(Misused, match="--organisation"):
        _ = Connection("http://there", "t", None).base
