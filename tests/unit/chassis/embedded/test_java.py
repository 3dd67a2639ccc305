from pathlib import Path

import pytest

from services.chassis.embedded import EmbeddedServerError, java


def home(folder: Path, version: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "java").touch()
    (folder / "release").write_text(f'JAVA_VERSION="{version}"\nMODULES="java.base"\n')
    return folder / "bin" / "java"


def test_the_first_that_is_new_enough_is_taken(tmp_path: Path) -> None:
    found = [home(tmp_path / version, version) for version in ("1.8.0_402", "11.0.2", "17.0.15", "25")]
    assert java.find(found) == found[2]


def test_without_one_the_message_says_what_was_found_and_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedServerError, match=r"needs Java 17 or newer.*version 11") as refused:
        java.find([home(tmp_path, "11.0.2")])
    assert "okr-ledger[embedded]" in refused.value.fix


def test_a_java_without_a_release_file_is_asked(tmp_path: Path) -> None:
    program = tmp_path / "java"
    program.write_text("#!/bin/sh\necho 'openjdk version \"21.0.1\" 2023-10-17' >&2\n")
    program.chmod(0o755)
    assert java.find([program]) == program
