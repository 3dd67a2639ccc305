"""The key that signs tokens where no issuer is configured: for one machine, and for tests."""

import os
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.chassis.settings import SettingsError, TokenSettings

EVERYWHERE = "*"
"""In place of organisations: an operator, who may enter all of them and register new ones."""
ISSUER = "okr-ledger"
REQUIRED = ("sub", "exp", "okr_organisations", "okr_roles")
"""The claims that every token needs, whoever made it."""
_GOOD_FOR = timedelta(days=30)


class IssuerConfigured(Exception):
    """Tokens come from the configured issuer; none is made here."""

    def __init__(self, issuer: str) -> None:
        super().__init__(f"OKR_TOKEN_ISSUER is set: tokens are made by {issuer}, get one there.")


def key_at(path: Path) -> Ed25519PrivateKey:
    """The key in the file *path*, made first if there is none. Raises SettingsError if it cannot be read."""
    if not path.exists():
        _make(path)
    return read_key(path)


def read_key(path: Path) -> Ed25519PrivateKey:
    """The key in the file *path*. Raises SettingsError if there is none, or none that can be used."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise SettingsError(f"The token key {path} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError) as error:
        raise SettingsError(f"{path} is not an unencrypted private key in PEM form.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingsError(f"{path} is not an Ed25519 key. Make one: openssl genpkey -algorithm ed25519.")
    return key


def issue_token(
    settings: TokenSettings,
    subject: str,
    organisations: Collection[str] | Literal["*"],
    roles: Collection[str],
    *,
    kind: Literal["person", "service"] = "person",
    good_for: timedelta = _GOOD_FOR,
    now: datetime | None = None,
) -> str:
    """
    A token for *subject*, signed with the key that *settings* name.

    Raises IssuerConfigured where tokens come from an issuer, SettingsError where no key is named.
    """
    if settings.token_issuer:
        raise IssuerConfigured(settings.token_issuer)
    if settings.token_key_file is None:
        raise SettingsError("OKR_TOKEN_KEY_FILE is not set: name the key that signs tokens.")
    issued = now or datetime.now(UTC)
    claims = {
        "iss": ISSUER,
        "sub": subject,
        "okr_actor_kind": kind,
        "okr_organisations": EVERYWHERE if organisations == EVERYWHERE else sorted(organisations),
        "okr_roles": sorted(roles),
        "iat": issued,
        "exp": issued + good_for,
    }
    return jwt.encode(claims, read_key(settings.token_key_file), algorithm="EdDSA")


def _make(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        unfinished.unlink()
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    unfinished.replace(path)
