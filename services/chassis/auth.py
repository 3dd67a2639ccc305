"""Who asks: bearer tokens verified, and turned into an identity that says which organisations it may enter."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, cast

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from starlette.requests import Request

from services.chassis import tokens
from services.chassis.problems import Problem
from services.chassis.settings import SettingsError, TokenSettings

ActorKind = Literal["person", "service"]

_REMEMBERED = 4096
# It becomes part of events that are never changed: opaque, and therefore no address.
_ACTOR_ID = re.compile(r"[A-Za-z0-9_.:|-]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who acts, for whom, where, as what; from a verified token and nothing else."""

    actor_kind: ActorKind
    actor_id: str
    on_behalf_of: str | None
    """The person for whom a service acts (RFC 8693, claim `act`)."""
    organisations: frozenset[str]
    """`*` among them: all."""
    roles: frozenset[str]

    @property
    def everywhere(self) -> bool:
        """Whether this is an operator, who may enter every organisation and register new ones."""
        return tokens.EVERYWHERE in self.organisations

    def may_enter(self, organisation: str) -> bool:
        """Whether the token names *organisation*; that it exists is not said."""
        return self.everywhere or organisation in self.organisations

    def enter(self, organisation: str) -> None:
        """Raises a Problem (403) unless the token names *organisation*."""
        if not self.may_enter(organisation):
            raise Problem(
                403,
                "organisation_not_yours",
                "Not your organisation",
                "The token does not name this organisation. Ask whoever issues tokens to add it to okr_organisations.",
            )


class Keys(Protocol):
    """Where the key of a token comes from, and what is asked of its claims."""

    async def claims(self, token: str) -> dict[str, object]:
        """The verified claims of *token*. Raises jwt.InvalidTokenError, or Problem if no key can be had."""
        ...


class Verifier:
    """Turns the `Authorization` of a request into an Identity."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._known: dict[str, tuple[float, Identity]] = {}

    async def identify(self, request: Request) -> Identity:
        """Who asks. Raises a Problem (401, or 503 if the issuer's keys cannot be had) that says what to do."""
        return await self.verify(_bearer(request.headers.get("authorization")))

    async def verify(self, token: str) -> Identity:
        """Whom *token* is for. Raises as `identify` does."""
        known = self._known.get(token)
        if known and known[0] > time.time():
            return known[1]
        try:
            claims = await self._keys.claims(token)
        except jwt.ExpiredSignatureError:
            raise _refused("token_expired", "Token expired", "The token has expired. Get a new one.") from None
        except jwt.MissingRequiredClaimError as error:
            raise _claim(error.claim, "is missing") from None
        except jwt.InvalidSignatureError:
            raise _not_valid() from None
        except jwt.DecodeError:
            raise _refused(
                "token_malformed", "Not a token", "What follows Bearer is not a signed JSON Web Token."
            ) from None
        except jwt.PyJWTError:
            raise _not_valid() from None
        identity = _identity(claims)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[token] = (float(cast("int", claims["exp"])), identity)
        return identity


def verifier(settings: TokenSettings) -> Verifier:
    """The verifier that *settings* ask for. Raises SettingsError if they name neither a key nor an issuer."""
    if settings.token_issuer and settings.token_audience:
        from services.chassis.issuer import IssuerKeys  # noqa: PLC0415 - its HTTP client is 5 MB, only where it asks

        return Verifier(IssuerKeys(settings.token_issuer, settings.token_audience, settings.token_jwks_url))
    if settings.token_key_file:
        return Verifier(OwnKey(tokens.read_key(settings.token_key_file).public_key()))
    raise SettingsError(
        "Tokens cannot be verified: set OKR_TOKEN_ISSUER and OKR_TOKEN_AUDIENCE, or OKR_TOKEN_KEY_FILE."
    )


class OwnKey:
    """The key of this installation: tokens are its own."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key

    async def claims(self, token: str) -> dict[str, object]:
        """The verified claims of *token*."""
        return jwt.decode(
            token, self._key, algorithms=["EdDSA"], issuer=tokens.ISSUER, options={"require": list(tokens.REQUIRED)}
        )


def _bearer(header: str | None) -> str:
    if header is None:
        raise _refused("token_missing", "Who are you?", "Send the header `Authorization: Bearer TOKEN`.", error=None)
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _refused(
            "token_missing", "Who are you?", "The header Authorization must read `Bearer TOKEN`.", error=None
        )
    return token.strip()


def _identity(claims: Mapping[str, object]) -> Identity:
    subject = _actor_id(claims, "sub")
    roles = _words(claims, "okr_roles")
    organisations = (
        frozenset({tokens.EVERYWHERE})
        if claims["okr_organisations"] == tokens.EVERYWHERE
        else _words(claims, "okr_organisations")
    )
    if (acting := claims.get("act")) is not None:
        if not isinstance(acting, Mapping):
            raise _claim("act", "must be an object with the claim sub")
        service = _actor_id(cast("Mapping[str, object]", acting), "sub")
        return Identity("service", service, subject, organisations, roles)
    kind = claims.get("okr_actor_kind", "person")
    if kind not in ("person", "service"):
        raise _claim("okr_actor_kind", "must be person or service")
    return Identity("person" if kind == "person" else "service", subject, None, organisations, roles)


def _actor_id(claims: Mapping[str, object], claim: str) -> str:
    found = claims.get(claim)
    if not isinstance(found, str) or not _ACTOR_ID.fullmatch(found):
        raise _claim(claim, "must be an opaque id: 1 to 128 letters, digits or _.:|- (no mail address)")
    return found


def _words(claims: Mapping[str, object], claim: str) -> frozenset[str]:
    found = claims.get(claim)
    if not isinstance(found, list) or not all(isinstance(word, str) for word in cast("list[object]", found)):
        raise _claim(claim, "must be a list of words")
    return frozenset(cast("list[str]", found))


def _claim(claim: str, message: str) -> Problem:
    return _refused("token_claims", "Token incomplete", f"The claim {claim} of the token {message}.")


def _not_valid() -> Problem:
    return _refused(
        "token_not_valid",
        "Token not valid",
        "The token is not signed with a key that is trusted here, or not meant for this service. Get a new one.",
    )


def _refused(code: str, title: str, detail: str, error: str | None = "invalid_token") -> Problem:
    challenge = 'Bearer realm="okr-ledger"' + (f', error="{error}"' if error else "")
    return Problem(401, code, title, detail, headers={"WWW-Authenticate": challenge})
