"""
The Java archives of Apache Kafka: downloaded once, then found without a network.

They are fetched by `kafka_download`; where they lie is noted in a small file of ours, so that a later start reads that
file and nothing else.
"""

import asyncio
import hashlib
import importlib.util
import os
import shutil
import sys
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from pathlib import Path

import structlog

from services.chassis.embedded.failure import EmbeddedServerError

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

_CHECKSUMS = Path(__file__).with_name("kafka_jars.sha256")
_OWN_BROKER = "or set OKR_KAFKA_BOOTSTRAP to a broker of your own."


async def find() -> list[Path]:
    """
    The archives for the class path, downloaded first if they are not here yet.

    Raises EmbeddedServerError if they cannot be downloaded, or are not the ones that this release was tried with.
    """
    if here := known():
        return here
    log.info("kafka_download_started", size_mb=45, fix="wait: only the first start on this machine does this")
    jars = await _download()
    if _wrong(jars):
        # A download that was broken off stays in the shared caches, and is taken for good there.
        shutil.rmtree(private := _cache() / "kafka", ignore_errors=True)
        jars = await _download(private)
    if wrong := _wrong(jars):
        raise EmbeddedServerError(
            f"The download of Apache Kafka is not what this release was tried with: {', '.join(wrong)}.",
            f"Check what stands between this machine and Maven Central, {_OWN_BROKER}",
        )
    note = _note()
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        unfinished = note.with_name(f"{note.name}.{os.getpid()}")
        unfinished.write_text("".join(f"{jar}\n" for jar in jars))
        unfinished.replace(note)
    except OSError:
        return jars  # the next start asks jgo again, nothing worse
    return jars


def known() -> list[Path]:
    """The archives that are on this machine already; none where they are still to be downloaded."""
    try:
        jars = [Path(line) for line in _note().read_text().splitlines()]
    except OSError:
        return []
    return jars if all(jar.is_file() for jar in jars) else []


def _note() -> Path:
    return _cache() / f"kafka-jars-{hashlib.sha256(_CHECKSUMS.read_bytes()).hexdigest()[:16]}"


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "okr-ledger"


async def _download(private: Path | None = None) -> list[Path]:
    if importlib.util.find_spec("jgo") is None:
        raise EmbeddedServerError(
            "The package jgo, which downloads Apache Kafka, is not installed.",
            f"Install the extra: pip install 'okr-ledger[embedded]', {_OWN_BROKER}",
        )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"{__package__}.kafka_download", *([private] if private else []), stdout=PIPE, stderr=PIPE
    )
    output, errors = await process.communicate()
    if process.returncode:
        reason = errors.decode(errors="replace").strip().splitlines()[-1:]
        raise EmbeddedServerError(
            f"Apache Kafka is not on this machine yet and could not be downloaded: {' '.join(reason)}",
            f"Check the network (only the first start needs it), {_OWN_BROKER}",
        )
    return [Path(line) for line in output.decode().splitlines()]


def _wrong(jars: Sequence[Path]) -> list[str]:
    """The names of those that are missing, or not those that this release was tried with, to the byte."""
    lines = (line.split() for line in _CHECKSUMS.read_text().splitlines())
    expected = {name: digest for digest, name in lines}
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in jars}
    return sorted({name for name, _ in expected.items() ^ found.items()})
