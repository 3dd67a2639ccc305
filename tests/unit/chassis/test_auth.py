from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import ECAlgorithm
from starlette.requests import Request

from services.chassis import auth, settings, tokens
from services.chassis.auth import Identity, Verifier
from services.chassis.issuer import IssuerKeys
from services.chassis.problems import Problem
from services.chassis.settings import SettingsError, TokenSettings

ISSUER = "https://id.example"


def claims(**changed: object) -> dict[str, object]:
    given = {
        "iss": tokens.ISSUER,
        "sub": "p1",
        "okr_organisations": ["acme"],
        "okr_roles": ["member"],
        "exp": datetime.now(UTC) + timedelta(minutes=5),
        **changed,
    }
    return {name: value for name, value in given.items() if value is not None}


@pytest.fixture
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture
def verifier(key: Ed25519PrivateKey) -> Verifier:
    return Verifier(auth.OwnKey(key.public_key()))


def signed(key: Ed25519PrivateKey, **changed: object) -> str:
    return jwt.encode(claims(**changed), key, algorithm="EdDSA")


def asked(authorization: str | None) -> Request:
    headers = [] if authorization is None else [(b"authorization", authorization.encode())]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": headers})


async def refused(verifier: Verifier, authorization: str | None) -> Problem:
    with pytest.raises(Problem) as found:
        await verifier.identify(asked(authorization))
    assert found.value.headers["WWW-Authenticate"].startswith("Bearer ")
    return found.value


async def test_a_token_says_who_where_and_as_what(verifier: Verifier, key: Ed25519PrivateKey) -> None:
    assert await verifier.identify(asked(f"Bearer {signed(key)}")) == Identity(
        "person", "p1", None, frozenset({"acme"}), frozenset({"member"})
    )


async def test_a_service_may_act_for_a_person(verifier: Verifier, key: Ed25519PrivateKey) -> None:
    identity = await verifier.verify(signed(key, act={"sub": "hris"}))
    assert (identity.actor_kind, identity.actor_id, identity.on_behalf_of) == ("service", "hris", "p1")


async def test_a_service_may_act_for_itself(verifier: Verifier, key: Ed25519PrivateKey) -> None:
    identity = await verifier.verify(signed(key, sub="hris", okr_actor_kind="service"))
    assert (identity.actor_kind, identity.actor_id, identity.on_behalf_of) == ("service", "hris", None)


async def test_one_organisation_opens_no_other(verifier: Verifier, key: Ed25519PrivateKey) -> None:
    identity = await verifier.verify(signed(key))
    identity.enter("acme")
    with pytest.raises(Problem, match="403 organisation_not_yours"):
        identity.enter("other")
    assert not identity.everywhere


async def test_a_star_opens_all(verifier: Verifier, key: Ed25519PrivateKey) -> None:
    identity = await verifier.verify(signed(key, okr_organisations="*"))
    identity.enter("acme")
    assert identity.everywhere


async def test_an_operator_is_not_made_by_an_organisation_whose_name_contains_a_star(
    verifier: Verifier, key: Ed25519PrivateKey
) -> None:
    identity = await verifier.verify(signed(key, okr_organisations=["**", "a*"]))
    assert not identity.may_enter("acme")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic cDE6cA==", "abc"])
async def test_without_a_token_the_answer_says_which_header_to_send(verifier: Verifier, header: str | None) -> None:
    problem = await refused(verifier, header)
    assert (problem.status, problem.code) == (401, "token_missing")
    assert "Bearer TOKEN" in problem.detail


@pytest.mark.parametrize("token", ["abc", "a.b", "a.b.c", "...", "é.é.é", "e30.e30.e30", "a" * 20_000])
async def test_what_is_no_token_is_malformed(verifier: Verifier, token: str) -> None:
    problem = await refused(verifier, f"Bearer {token}")
    assert (problem.status, problem.code) in {(401, "token_malformed"), (401, "token_not_valid")}


def unsigned(_: Ed25519PrivateKey) -> str:
    return jwt.encode(claims(), "", algorithm="none")


def signed_by_another(_: Ed25519PrivateKey) -> str:
    return signed(Ed25519PrivateKey.generate())


def signed_with_a_password(_: Ed25519PrivateKey) -> str:
    return jwt.encode(claims(), "p" * 32, algorithm="HS256")


def changed_afterwards(key: Ed25519PrivateKey) -> str:
    head, _, signature = signed(key).split(".")
    return ".".join([head, signed(key, okr_organisations="*").split(".")[1], signature])


def of_another_issuer(key: Ed25519PrivateKey) -> str:
    return signed(key, iss="https://elsewhere")


def not_yet_good(key: Ed25519PrivateKey) -> str:
    return signed(key, nbf=datetime.now(UTC) + timedelta(minutes=1))


FORGERIES = [unsigned, signed_by_another, signed_with_a_password, changed_afterwards, of_another_issuer, not_yet_good]


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
async def test_a_forged_token_is_not_valid(
    verifier: Verifier, key: Ed25519PrivateKey, forge: Callable[[Ed25519PrivateKey], str]
) -> None:
    problem = await refused(verifier, f"Bearer {forge(key)}")
    assert (problem.status, problem.code) == (401, "token_not_valid")


async def test_an_expired_token_is_told_apart(verifier: Verifier, key: Ed25519PrivateKey) -> None:
    problem = await refused(verifier, f"Bearer {signed(key, exp=datetime.now(UTC) - timedelta(seconds=1))}")
    assert (problem.status, problem.code) == (401, "token_expired")


async def test_a_token_that_was_good_is_not_good_for_ever(
    key: Ed25519PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = Verifier(auth.OwnKey(key.public_key()))
    token = signed(key, exp=datetime.now(UTC) + timedelta(seconds=60))
    await verifier.verify(token)
    monkeypatch.setattr("time.time", lambda: datetime.now(UTC).timestamp() + 61)
    monkeypatch.setattr(auth.OwnKey, "claims", expired)
    with pytest.raises(Problem, match="token_expired"):
        await verifier.verify(token)


async def expired(*_: object) -> dict[str, object]:
    raise jwt.ExpiredSignatureError


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("sub", None),
        ("exp", None),
        ("okr_organisations", None),
        ("okr_roles", None),
        ("sub", "ada@example.org"),
        ("sub", "a/b"),
        ("sub", ""),
        ("sub", "x" * 129),
        ("okr_organisations", "acme"),
        ("okr_organisations", {"acme": True}),
        ("okr_organisations", [1]),
        ("okr_roles", "member"),
        ("okr_actor_kind", "robot"),
        ("act", "hris"),
        ("act", {}),
    ],
)
async def test_a_claim_that_is_missing_or_wrong_is_named(
    verifier: Verifier, key: Ed25519PrivateKey, claim: str, value: object
) -> None:
    problem = await refused(verifier, f"Bearer {signed(key, **{claim: value})}")
    assert (problem.status, problem.code) == (401, "token_claims")
    assert ("sub" if claim == "act" and value == {} else claim) in problem.detail


def test_a_key_is_made_once_and_for_its_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "token.key"
    made = tokens.key_at(path)
    assert tokens.key_at(path).private_bytes_raw() == made.private_bytes_raw()
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


async def test_what_is_issued_is_accepted(tmp_path: Path) -> None:
    tokens.key_at(tmp_path / "token.key")
    given = settings.read(TokenSettings, token_key_file=tmp_path / "token.key")
    token = tokens.issue_token(given, "operator", "*", ["admin"], kind="service")
    identity = await auth.verifier(given).verify(token)
    assert identity == Identity("service", "operator", None, frozenset({"*"}), frozenset({"admin"}))


def test_nothing_is_issued_where_an_issuer_is_configured() -> None:
    given = settings.read(TokenSettings, token_issuer=ISSUER, token_audience="okr")
    with pytest.raises(tokens.IssuerConfigured, match=ISSUER):
        tokens.issue_token(given, "p1", ["acme"], ["member"])


def test_a_service_without_key_and_issuer_does_not_start() -> None:
    with pytest.raises(SettingsError, match="OKR_TOKEN_KEY_FILE"):
        auth.verifier(settings.read(TokenSettings))


@pytest.mark.parametrize(
    "content", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_key_file_that_is_none_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "token.key").write_bytes(content)
    with pytest.raises(SettingsError, match=r"token\.key"):
        tokens.read_key(tmp_path / "token.key")


class Issuer:
    """An OpenID Connect issuer in memory; it counts what it is asked."""

    def __init__(self) -> None:
        self.keys: dict[str, EllipticCurvePrivateKey] = {"k1": generate_private_key(SECP256R1())}
        self.away = False
        self.asked = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            return httpx.Response(503)
        if request.url.path == "/.well-known/openid-configuration":
            return httpx.Response(200, json={"jwks_uri": f"{ISSUER}/keys"})
        self.asked += 1
        keys = [
            {**ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "alg": "ES256"}
            for kid, key in self.keys.items()
        ]
        return httpx.Response(200, json={"keys": keys})

    def token(self, kid: str = "k1", **changed: object) -> str:
        given = claims(**{"iss": ISSUER, "aud": "okr", **changed})
        key = self.keys.get(kid) or generate_private_key(SECP256R1())
        return jwt.encode(given, key, algorithm="ES256", headers={"kid": kid})

    def verifier(self) -> Verifier:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self.answer))
        return Verifier(IssuerKeys(ISSUER, "okr", None, http))


async def test_an_issuers_token_is_accepted_and_its_keys_fetched_once() -> None:
    issuer = Issuer()
    verifier = issuer.verifier()
    for person in ("p1", "p2", "p3"):
        assert (await verifier.verify(issuer.token(sub=person))).actor_id == person
    assert issuer.asked == 1


@pytest.mark.parametrize("changed", [{"aud": "another"}, {"iss": "https://elsewhere"}], ids=["audience", "issuer"])
async def test_a_token_for_somebody_else_is_not_valid(changed: dict[str, object]) -> None:
    issuer = Issuer()
    assert (await refused(issuer.verifier(), "Bearer " + issuer.token("k1", **changed))).code == "token_not_valid"


async def test_a_password_made_of_the_public_key_is_no_signature() -> None:
    issuer = Issuer()
    forged = jwt.encode(claims(iss=ISSUER, aud="okr"), "k" * 32, algorithm="HS256", headers={"kid": "k1"})
    assert (await refused(issuer.verifier(), f"Bearer {forged}")).code == "token_not_valid"


async def test_invented_keys_do_not_make_us_ask_the_issuer_each_time() -> None:
    issuer = Issuer()
    verifier = issuer.verifier()
    for number in range(5):
        assert (await refused(verifier, f"Bearer {issuer.token(f'invented-{number}')}")).code == "token_not_valid"
    assert issuer.asked == 1


async def test_an_issuer_that_is_away_is_a_503_and_asked_again_later() -> None:
    issuer = Issuer()
    issuer.away = True
    with pytest.raises(Problem) as found:
        await issuer.verifier().verify(issuer.token())
    assert (found.value.status, found.value.code) == (503, "issuer_not_reached")
    assert found.value.headers["Retry-After"].isdigit()
