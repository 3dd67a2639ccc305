"""
Settings from the environment: read once, typed, frozen, each documented at its field.

A variable that starts with OKR_ and that nobody knows stops the start: a mistyped name would otherwise be ignored. Any
setting may also be read from a file that OKR_<NAME>_FILE names, for secrets that must not stand in the environment.
"""

import difflib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "OKR_"
_FILE = "_FILE"
Port = Annotated[int, Field(ge=0, le=65535)]


class SettingsError(Exception):
    """The environment does not make sense; the message names each variable and the fix."""


class Settings(BaseSettings):
    """What one process is told by its environment; its subclasses have the fields."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )


class LogSettings(Settings):
    """How a process logs."""

    log_format: Literal["console", "json"] | None = None
    """`console` for people, `json` for machines. Default: console at a terminal, otherwise json."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """The least important lines that are written."""


class DatabaseSettings(Settings):
    """Where PostgreSQL is."""

    database_url: str
    """`postgresql://user:password@host:5432/name`. No default: a forgotten variable must not write somewhere else."""


class KafkaSettings(Settings):
    """Where Apache Kafka is."""

    kafka_bootstrap: str
    """Brokers as `host:9092`, separated by commas. No default."""
    events_partitions: int = Field(4, ge=1, le=1000)
    """Partitions of okr.events.v1 when it is made; later changes have no effect."""
    events_replication: int = Field(1, ge=1, le=7)
    """Copies of each partition of okr.events.v1 when it is made: 1 on one machine, 3 in production."""


class HttpSettings(Settings):
    """Where a process listens."""

    http_host: str = "127.0.0.1"
    """Address to listen on; `0.0.0.0` in a container."""
    http_port: Port = 8080
    """Port to listen on; 0: any free one."""


class OperationsSettings(Settings):
    """Where a process without an API says how it is."""

    operations_host: str = "127.0.0.1"
    """Address for /livez, /readyz and /metrics of publisher and projector; `0.0.0.0` in a container."""
    operations_port: Port | None = None
    """Port for /livez, /readyz and /metrics of publisher and projector; 0: any free one. Default: none is opened."""


class TokenSettings(Settings):
    """How tokens are verified: by a key of our own, or by an issuer."""

    token_key_file: Path | None = None
    """The Ed25519 key (PEM) that signs and verifies tokens where no issuer is configured; `okr up` makes one."""
    token_issuer: str | None = None
    """The OpenID Connect issuer, exactly as in the claim `iss`. Excludes OKR_TOKEN_KEY_FILE."""
    token_audience: str | None = None
    """What the claim `aud` must name; needed with an issuer."""
    token_jwks_url: str | None = None
    """Where the issuer's keys are. Default: what its /.well-known/openid-configuration says."""

    @model_validator(mode="after")
    def one_way_to_verify(self) -> Self:
        """Raises ValueError if the four contradict each other."""
        if self.token_key_file and self.token_issuer:
            raise ValueError("OKR_TOKEN_KEY_FILE and OKR_TOKEN_ISSUER exclude each other: remove one")
        if self.token_issuer and not self.token_audience:
            raise ValueError("OKR_TOKEN_ISSUER needs OKR_TOKEN_AUDIENCE, which says what tokens for this service name")
        if not self.token_issuer and (self.token_audience or self.token_jwks_url):
            raise ValueError("OKR_TOKEN_AUDIENCE and OKR_TOKEN_JWKS_URL only make sense with OKR_TOKEN_ISSUER")
        return self


S = TypeVar("S", bound=Settings)


def read(kind: type[S], **given: object) -> S:
    """
    The settings of *kind*, from the environment and from files that it names; *given* ones win over both.

    Raises SettingsError.
    """
    try:
        return kind(**(_from_files(kind) | given))
    except ValidationError as error:
        raise SettingsError("\n".join(_sentences(error))) from None


def refuse_unknown(
    kinds: Iterable[type[Settings]], others: Iterable[str] = (), environment: Mapping[str, str] = os.environ
) -> None:
    """Raises SettingsError if *environment* has an OKR_ variable that neither *kinds* nor *others* name."""
    known = {*others, *(name for kind in kinds for name in names(kind))}
    complaints = [
        _complaint(name, known)
        for name in sorted(environment)
        if name.upper().startswith(PREFIX)
        and name.upper() not in known
        and name.upper().removesuffix(_FILE) not in known
    ]
    if complaints:
        raise SettingsError("\n".join(complaints))


def names(kind: type[Settings]) -> list[str]:
    """The variables of *kind*, in upper case."""
    return [f"{PREFIX}{field}".upper() for field in kind.model_fields]


def _complaint(name: str, known: Iterable[str]) -> str:
    nearest = difflib.get_close_matches(name.upper(), list(known), n=1)
    return f"Unknown setting {name}." + (f" Did you mean {nearest[0]}?" if nearest else " Remove it.")


def _sentences(error: ValidationError) -> Iterable[str]:
    for found in error.errors(include_url=False, include_input=False):
        variable = "_".join(str(part) for part in found["loc"]).upper()
        message = found["msg"].removeprefix("Value error, ")
        yield f"{PREFIX}{variable}: {message}." if variable else f"{message}."


def _from_files(kind: type[Settings]) -> dict[str, str]:
    """The fields `x` of *kind* that files named by OKR_X_FILE hold."""
    found: dict[str, str] = {}
    for field in kind.model_fields:
        variable = f"{PREFIX}{field}".upper()
        named = os.environ.get(variable + _FILE)
        if named is None or f"{field}_file" in kind.model_fields:
            continue
        if variable in os.environ:
            raise SettingsError(f"{variable} and {variable}{_FILE} exclude each other: remove one.")
        try:
            found[field] = Path(named).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{variable}{_FILE}: the file {named} cannot be read.") from error
    return found
