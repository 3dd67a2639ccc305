"""The keys of an OpenID Connect issuer, where tokens are not our own."""

import asyncio
import json
import time

import httpx
import jwt
import structlog

from services.chassis import tokens
from services.chassis.problems import Problem

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

_OF_ISSUERS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
# Clocks of two machines differ; of one they do not.
_LEEWAY_SECONDS = 10
_KEYS_GOOD_SECONDS = 600.0
_KEYS_PAUSE_SECONDS = 10.0
_FETCH_SECONDS = 5.0


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
            options={"require": [*tokens.REQUIRED, "iss", "aud"]},
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


def _issuer_not_reached() -> Problem:
    return Problem(
        503,
        "issuer_not_reached",
        "Tokens cannot be verified now",
        "The keys of the token issuer could not be fetched. Try again in a moment.",
        headers={"Retry-After": "10"},
    )
