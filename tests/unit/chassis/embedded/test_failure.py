from pathlib import Path

import pytest

from services.chassis.embedded import failure


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('FATAL:  could not write lock file "postmaster.pid": No space left on device', "the disk of .* is full"),
        ("java.io.IOException: No space left on device", "the disk of .* is full"),
        ('LOG:  could not bind IPv4 address "127.0.0.1": Address already in use', "port taken"),
        ("FATAL:  something new", "Its last words: FATAL:  something new"),
    ],
)
def test_the_log_says_why(tmp_path: Path, said: str, told: str) -> None:
    log = tmp_path / "log"
    log.write_text(said)
    with pytest.raises(failure.EmbeddedServerError, match=told):
        raise failure.from_log("PostgreSQL", log, tmp_path)
