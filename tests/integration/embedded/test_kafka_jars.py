from pathlib import Path

import pytest

from services.chassis.embedded import EmbeddedServerError, kafka_jars


async def test_without_a_network_the_first_start_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # where nobody listens
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(EmbeddedServerError, match="could not be downloaded") as refused:
        await kafka_jars.find()
    assert "OKR_KAFKA_BOOTSTRAP" in refused.value.fix


async def test_every_part_of_kafka_has_the_same_version() -> None:
    versions = {jar.stem.rpartition("-")[2] for jar in await kafka_jars.find() if jar.name.startswith("kafka")}
    assert versions == {"4.3.0"}
