"""
`.env.example`: every setting with its meaning, unit and default, written from the fields that are read.

``python -m services.cli.env_example`` writes it; ``--check`` fails where the committed one says something else.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic.fields import FieldInfo

from services.chassis import tracing
from services.chassis.settings import PREFIX, Settings
from services.cli.environment import SETTINGS

_FILE: Final = Path(__file__).parents[2] / ".env.example"
_HEAD: Final = """\
# Every setting of okr-ledger. Those that are commented out show their default, or an example where there is none.
# Of each NAME the value may also come from a file: set NAME_FILE to its path. An unknown OKR_ name stops the start.
# This file is read by `docker compose` as .env; a shell reads it with `set -a; . ./.env`.
"""
_EXAMPLES: Final = {
    "database_url": "postgresql://okr:password@localhost:5432/okr",
    "kafka_bootstrap": "localhost:9092",
    "token_key_file": "/run/secrets/okr-token-key.pem",
    "token_issuer": "https://id.example.org/realms/okr",
    "token_audience": "okr-ledger",
    "token_jwks_url": "https://id.example.org/realms/okr/protocol/openid-connect/certs",
    "instance_id": "okr-0",
    "log_format": "json",
}
OF_THE_PROGRAM: Final = {
    "OKR_DATA": (".okr", "Folder in which `okr up` keeps everything, and in which other commands look for it."),
    "OKR_URL": (
        "http://localhost:8080",
        "Where commands such as `okr tree` find the services. Default: what the folder says.",
    ),
    "OKR_TOKEN": ("", "The token that they send. Default: what the folder says."),
    "OKR_ORGANISATION": ("acme", "The organisation that they ask for. Default: what the folder says."),
}


def text() -> str:
    """The whole file."""
    groups: dict[type[Settings], dict[str, FieldInfo]] = {}
    for kind in SETTINGS:
        for owner in reversed(kind.__mro__):
            if issubclass(owner, Settings):
                own = {name: kind.model_fields[name] for name in owner.__annotations__ if name in kind.model_fields}
                groups.setdefault(owner, own)
    lines = [_HEAD]
    for owner, fields in groups.items():
        if fields:
            lines += [_title(owner), *(_entry(name, field) for name, field in fields.items())]
    lines.append("# ---- The program okr\n")
    lines += [f"# {meaning}\n# {name}={value}\n" for name, (value, meaning) in OF_THE_PROGRAM.items()]
    lines.append("# ---- Traces, by the standard variables of OpenTelemetry\n")
    lines += [f"# {meaning}\n# {name}={value}\n" for name, (value, meaning) in tracing.SETTINGS.items()]
    return "\n".join(lines)


def _title(owner: type[Settings]) -> str:
    return f"# ---- {(owner.__doc__ or '').strip().splitlines()[0].rstrip('.')}\n"


def _entry(name: str, field: FieldInfo) -> str:
    return "\n".join([*_wrapped(field.description or ""), f"# {PREFIX}{name.upper()}={_shown(name, field)}\n"])


def _shown(name: str, field: FieldInfo) -> str:
    default: object = field.default
    if field.is_required() or default is None:
        return _EXAMPLES.get(name, "")
    return "[]" if default == () else str(default)


def _wrapped(description: str) -> Iterator[str]:
    for line in description.strip().splitlines():
        yield f"# {line.strip()}"


def main() -> int:
    """The exit code: 1 if the committed file is not what the settings say."""
    if "--check" not in sys.argv:
        _FILE.write_text(text())
        return 0
    if _FILE.exists() and _FILE.read_text() == text():
        return 0
    sys.stderr.write(".env.example is not what the settings say: run `make schemas`.\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
