from pathlib import Path

import pytest

from services.chassis import settings
from services.chassis.settings import DatabaseSettings, HttpSettings, Settings, SettingsError, TokenSettings


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (DatabaseSettings, HttpSettings, TokenSettings):
        for name in settings.names(kind):
            monkeypatch.delenv(name, raising=False)


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKR_HTTP_PORT", "9000")
    assert settings.read(HttpSettings).http_port == 9000


def test_what_is_given_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKR_HTTP_PORT", "9000")
    assert settings.read(HttpSettings, http_port=0).http_port == 0


def test_settings_do_not_change() -> None:
    assert HttpSettings.model_config.get("frozen")


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"OKR_HTTP_PORT": "70000"}, "OKR_HTTP_PORT: Input should be less than or equal to 65535."),
        ({"OKR_HTTP_PORT": "secret"}, "OKR_HTTP_PORT: Input should be a valid integer"),
    ],
)
def test_a_wrong_value_is_named_by_its_variable_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], told: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=told) as refused:
        settings.read(HttpSettings)
    assert "secret" not in str(refused.value)


def test_a_missing_one_is_named() -> None:
    with pytest.raises(SettingsError, match="OKR_DATABASE_URL: Field required"):
        settings.read(DatabaseSettings)


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://okr:secret@db/okr\n")
    monkeypatch.setenv("OKR_DATABASE_URL_FILE", str(tmp_path / "url"))
    assert settings.read(DatabaseSettings).database_url == "postgresql://okr:secret@db/okr"


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OKR_DATABASE_URL_FILE", str(tmp_path / "url"))
    with pytest.raises(SettingsError, match=r"OKR_DATABASE_URL_FILE: the file .* cannot be read"):
        settings.read(DatabaseSettings)


def test_a_secret_comes_from_one_place_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OKR_DATABASE_URL_FILE", str(tmp_path / "url"))
    monkeypatch.setenv("OKR_DATABASE_URL", "postgresql://db/okr")
    with pytest.raises(SettingsError, match="exclude each other"):
        settings.read(DatabaseSettings)


def test_a_setting_that_is_a_file_itself_is_not_read_as_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OKR_TOKEN_KEY_FILE", str(tmp_path / "key"))
    assert settings.read(TokenSettings).token_key_file == tmp_path / "key"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"token_key_file": "key", "token_issuer": "https://id"}, "exclude each other"),
        ({"token_issuer": "https://id"}, "needs OKR_TOKEN_AUDIENCE"),
        ({"token_audience": "okr"}, "only make sense with OKR_TOKEN_ISSUER"),
    ],
)
def test_contradictory_ones_stop_the_start(given: dict[str, object], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        settings.read(TokenSettings, **given)


def test_an_unknown_one_stops_the_start_and_the_nearest_is_suggested() -> None:
    with pytest.raises(SettingsError, match=r"Unknown setting OKR_HTP_PORT. Did you mean OKR_HTTP_PORT\?"):
        settings.refuse_unknown([HttpSettings], environment={"OKR_HTP_PORT": "1"})


def test_known_ones_files_of_them_and_other_variables_pass() -> None:
    given = {"OKR_HTTP_PORT": "1", "OKR_DATABASE_URL_FILE": "url", "OKR_URL": "http://here", "PATH": "/bin"}
    settings.refuse_unknown([HttpSettings, DatabaseSettings], ["OKR_URL"], given)


def kinds(base: type[Settings]) -> list[type[Settings]]:
    return [each for kind in base.__subclasses__() for each in (kind, *kinds(kind))]


@pytest.mark.parametrize("kind", kinds(Settings), ids=lambda kind: kind.__name__)
def test_every_setting_is_documented(kind: type[Settings]) -> None:
    assert [name for name, field in kind.model_fields.items() if not field.description] == []
