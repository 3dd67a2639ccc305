"""Who asks: bearer tokens verified, and turned into an identity that says which organisations it may enter."""

import asyncio
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, cast

import httpx
import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from starlette.requests import Request

from services.chassis import tokens
from services.chassis.problems import Problem
from services.chassis.settings import SettingsError, TokenSettings

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

ActorKind = Literal["person", "service"]

_REQUIRED = ("sub", "exp", "okr_organisations", "okr_roles")
_OF_ISSUERS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
# Clocks of two machines differ; of one they do not.
_LEEWAY_SECONDS = 10
_KEYS_GOOD_SECONDS = 600.0
_KEYS_PAUSE_SECONDS = 10.0
_FETCH_SECONDS = 5.0
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
            token, self._key, algorithms=["EdDSA"], issuer=tokens.ISSUER, options={"require": list(_REQUIRED)}
        )


class IssuerKeys:
    """The keys of an OpenID Connect issuer, fetched when a token names one that is not known yet."""

    def __init__(self, issuer: str, audience: str, url: str | None, http: httpx.AsyncClient | None = None) -> None:
        self._issuer = issuer
        self._audience = audience
        self._url = url
        self._http = http or httpx.AsyncClient(timeout=_FETCH_SECONDS)
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._asked_at = float("-inf")
        self._fetched_at = float("-inf")
        self._fetching = asyncio.Lock()

    async def claims(self, token: str) -> dict[str, object]:
        """The verified claims of *token*. Raises Problem (503) if the issuer cannot be reached."""
        header = jwt.get_unverified_header(token)
        if header.get("alg") not in _OF_ISSUERS:
            raise jwt.InvalidAlgorithmError
        key = await self._key(header.get("kid"))
        return jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name] if key.algorithm_name in _OF_ISSUERS else [],
            issuer=self._issuer,
            audience=self._audience,
            leeway=_LEEWAY_SECONDS,
            options={"require": [*_REQUIRED, "iss", "aud"]},
        )

    async def _key(self, kid: str | None) -> jwt.PyJWK:
        async with self._fetching:
            now = time.monotonic()
            wanted = kid not in self._keys or now - self._fetched_at > _KEYS_GOOD_SECONDS
            # Invented key ids must not make us ask the issuer for each of them.
            if wanted and now - self._asked_at > _KEYS_PAUSE_SECONDS:
                self._asked_at = now
                await self._fetch()
        if not self._keys:
            raise _issuer_not_reached()
        if kid is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        if kid not in self._keys:
            raise jwt.InvalidSignatureError
        return self._keys[kid]

    async def _fetch(self) -> None:
        try:
            url = self._url or await self._discovered()
            answer = (await self._http.get(url)).raise_for_status()
            keys = [key for key in jwt.PyJWKSet.from_json(answer.text).keys if key.public_key_use in (None, "sig")]
        except (httpx.HTTPError, jwt.PyJWTError, ValueError, KeyError, TypeError) as error:
            # Keys that were fetched before stay good: an issuer that is away must not lock everybody out.
            log.warning("issuer_keys_not_fetched", issuer=self._issuer, cause=type(error).__name__)
            return
        self._keys = {key.key_id: key for key in keys}
        self._fetched_at = time.monotonic()

    async def _discovered(self) -> str:
        url = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        answer = (await self._http.get(url)).raise_for_status()
        found: dict[str, str] = json.loads(answer.text)
        return found["jwks_uri"]


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


def _issuer_not_reached() -> Problem:
    return Problem(
        503,
        "issuer_not_reached",
        "Tokens cannot be verified now",
        "The keys of the token issuer could not be fetched. Try again in a moment.",
        headers={"Retry-After": "10"},
    )


def _refused(code: str, title: str, detail: str, error: str | None = "invalid_token") -> Problem:
    challenge = 'Bearer realm="okr-ledger"' + (f', error="{error}"' if error else "")
    return Problem(401, code, title, detail, headers={"WWW-Authenticate": challenge})
