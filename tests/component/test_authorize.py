# ruff: noqa: E501, one forged token a line
"""Who is let in: one good token of each kind, and every bad one we know of."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from jwt.algorithms import RSAAlgorithm

from functions.authorize.handler import handler
from plume.aws import wiring
from plume.aws.jwks import FLOOR_SECONDS, Jwks
from plume.errors import Unavailable
from plume.memory.world import MemoryPeople
from plume.model.person import Role
from plume.usecases.recognise_person import BadToken, Issuer, NoSuchPerson, recognise_person
from tests.component.api_world import PEOPLE

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
AT = int(NOW.timestamp())
ISSUER = Issuer("https://idp.example/pool", "client-1")
OPEN_ID = replace(ISSUER, audience="plume-api")
ADMIN = PEOPLE[Role.CITY_CENTRE]


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def signed(header: str, payload: str, key: str = "ours") -> str:
    text = f"{b64(header.encode())}.{b64(payload.encode())}"
    signature = rsa_key(key).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{b64(signature)}"


HEADER = {"alg": "RS256", "kid": "k1", "typ": "JWT"}
CLAIMS: dict[str, Any] = {
    "sub": ADMIN.id,
    "iss": ISSUER.url,
    "token_use": "access",
    "client_id": "client-1",
    "exp": AT + 600,
    "iat": AT - 10,
}


def token(header: dict[str, Any] | None = None, key: str = "ours", **claims: Any) -> str:
    said = {name: value for name, value in (CLAIMS | claims).items() if value is not ...}
    return signed(json.dumps(HEADER | (header or {})), json.dumps(said), key)


def open_id(**claims: Any) -> str:
    return token(token_use=..., client_id=..., **({"aud": "plume-api"} | claims))


def public_pem() -> bytes:
    return (
        rsa_key("ours")
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def hs256(secret: bytes) -> str:
    text = (
        f"{b64(json.dumps(HEADER | {'alg': 'HS256'}).encode())}.{b64(json.dumps(CLAIMS).encode())}"
    )
    return f"{text}.{b64(hmac.digest(secret, text.encode(), hashlib.sha256))}"


def unsigned(alg: object) -> str:
    header = json.dumps(HEADER | {"alg": alg})
    return f"{b64(header.encode())}.{b64(json.dumps(CLAIMS).encode())}."


class OurKeys:
    """The issuer's one key."""

    def key(self, kid: str) -> Any:
        return rsa_key("ours").public_key() if kid == "k1" else None


def people() -> MemoryPeople:
    made = MemoryPeople()
    made.put(ADMIN)
    made.put(replace(ADMIN, id="gone", disabled=True))
    return made


def recognise(text: str, issuer: Issuer = ISSUER) -> str:
    return recognise_person(text, issuer=issuer, keys=OurKeys(), people=people(), now=NOW).id


def test_a_good_access_token_of_either_kind_is_let_in() -> None:
    assert recognise(token()) == ADMIN.id
    assert recognise(open_id(), OPEN_ID) == ADMIN.id
    assert recognise(open_id(aud=["other", "plume-api"], azp="client-1"), OPEN_ID) == ADMIN.id


good, parts = token, lambda: token().split(".")
BAD: dict[str, Callable[[], str]] = {
    "empty": lambda: "",
    "one word": lambda: "token",
    "two parts": lambda: ".".join(parts()[:2]),
    "four parts": lambda: token() + ".x",
    "five parts, as a JWE": lambda: token() + ".x.y",
    "no signature": lambda: ".".join([*parts()[:2], ""]),
    "not base64": lambda: "!!!." + ".".join(parts()[1:]),
    "header is no JSON": lambda: signed("{", json.dumps(CLAIMS)),
    "header is a list": lambda: signed("[]", json.dumps(CLAIMS)),
    "payload is no JSON": lambda: signed(json.dumps(HEADER), "{"),
    "payload is a list": lambda: signed(json.dumps(HEADER), "[]"),
    "too long": lambda: token(pad="x" * 9_000),
    "beyond ASCII": lambda: token() + "é",
    "alg none": lambda: unsigned("none"),
    "alg None": lambda: unsigned("None"),
    "alg empty": lambda: unsigned(""),
    "alg null": lambda: unsigned(None),
    "alg a list": lambda: unsigned(["RS256"]),
    "HS256 with the public key": lambda: hs256(public_pem()),
    "HS256 with nothing": lambda: hs256(b""),
    "RS512 in the header": lambda: token({"alg": "RS512"}),
    "PS256 in the header": lambda: token({"alg": "PS256"}),
    "ES256 in the header": lambda: token({"alg": "ES256"}),
    "rs256 in small letters": lambda: token({"alg": "rs256"}),
    "a login of the future": lambda: token(auth_time=AT + 60),
    "a login at no time": lambda: token(auth_time="yesterday"),
    "alg twice": lambda: signed('{"alg":"RS256","alg":"RS256","kid":"k1"}', json.dumps(CLAIMS)),
    "another key": lambda: token(key="theirs"),
    "unknown kid": lambda: token({"kid": "k2"}),
    "kid empty": lambda: token({"kid": ""}),
    "kid a number": lambda: token({"kid": 1}),
    "kid a path": lambda: token({"kid": "../../dev/null"}),
    "jku": lambda: token({"jku": "https://evil.example/jwks"}),
    "x5u": lambda: token({"x5u": "https://evil.example/cert"}),
    "x5c": lambda: token({"x5c": ["MII"]}),
    "jwk": lambda: token({"jwk": {"kty": "RSA"}}),
    "crit": lambda: token({"crit": ["exp"]}),
    "b64 false": lambda: token({"b64": False}),
    "payload changed": lambda: ".".join([parts()[0], b64(json.dumps(CLAIMS | {"sub": "x"}).encode()), parts()[2]]),
    "signature changed": lambda: token()[:-6] + "AAAAAA",
    "another issuer": lambda: token(iss="https://evil.example"),
    "issuer with a slash more": lambda: token(iss=ISSUER.url + "/"),
    "no issuer": lambda: token(iss=...),
    "id token": lambda: token(token_use="id", aud="client-1"),
    "no token_use": lambda: token(token_use=...),
    "another client": lambda: token(client_id="client-2"),
    "no client": lambda: token(client_id=...),
    "client a list": lambda: token(client_id=["client-1"]),
    "expired a second ago": lambda: token(exp=AT - 1),
    "expires now": lambda: token(exp=AT),
    "no exp": lambda: token(exp=...),
    "exp as text": lambda: token(exp=str(AT + 600)),
    "exp true": lambda: token(exp=True),
    "exp Infinity": lambda: signed(json.dumps(HEADER), json.dumps(CLAIMS).replace(str(AT + 600), "Infinity")),
    "exp NaN": lambda: signed(json.dumps(HEADER), json.dumps(CLAIMS).replace(str(AT + 600), "NaN")),
    "not yet": lambda: token(nbf=AT + 60),
    "nbf as text": lambda: token(nbf="0"),
    "issued in the future": lambda: token(iat=AT + 60),
    "no sub": lambda: token(sub=...),
    "sub empty": lambda: token(sub=""),
    "sub a number": lambda: token(sub=1),
    "sub twice": lambda: signed(
        json.dumps(HEADER), json.dumps(CLAIMS)[:-1] + f',"sub":"{ADMIN.id}"}}'
    ),
}  # fmt: skip
BAD_OPEN_ID: dict[str, Callable[[], str]] = {
    "no audience": lambda: open_id(aud=...),
    "another audience": lambda: open_id(aud="other"),
    "audience a part": lambda: open_id(aud="plume-api-2"),
    "another client": lambda: open_id(azp="client-2"),
    "id token by nonce": lambda: open_id(nonce="n"),
    "id token by at_hash": lambda: open_id(at_hash="h"),
    "id token by typ": lambda: open_id(typ="ID"),
    "refresh token by typ": lambda: open_id(typ="Refresh"),
}


@pytest.mark.parametrize("case", sorted(BAD))
def test_a_bad_token_is_refused(case: str) -> None:
    with pytest.raises(BadToken):
        recognise(BAD[case]())


@pytest.mark.parametrize("case", sorted(BAD_OPEN_ID))
def test_a_bad_token_of_any_provider_is_refused(case: str) -> None:
    with pytest.raises(BadToken):
        recognise(BAD_OPEN_ID[case](), OPEN_ID)


@pytest.mark.parametrize("subject", ["stranger", "gone"])
def test_a_genuine_token_of_nobody_or_someone_disabled_is_refused(subject: str) -> None:
    with pytest.raises(NoSuchPerson):
        recognise(token(sub=subject))


def key_set(*kids: str) -> bytes:
    entry = json.loads(RSAAlgorithm.to_jwk(rsa_key("ours").public_key()))
    return json.dumps(
        {"keys": [entry | {"kid": k, "use": "sig", "alg": "RS256"} for k in kids]}
    ).encode()


def test_keys_are_fetched_once_and_again_for_a_new_id_but_not_in_a_flood() -> None:
    at, fetches = [0.0], []

    def fetch(url: str) -> bytes:
        fetches.append(url)
        return key_set("k1") if len(fetches) == 1 else key_set("k1", "k2")

    keys = Jwks("https://idp.example/jwks", fetch=fetch, clock=lambda: at[0])
    assert keys.key("k1") is not None
    assert keys.key("k2") is None
    assert len(fetches) == 1
    at[0] = FLOOR_SECONDS
    assert keys.key("k2") is not None
    assert [keys.key("made-up") for _ in range(100)] == [None] * 100
    assert len(fetches) == 2


@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'{"keys":[{"kty":"RSA","kid":"k"}]}'])
def test_a_provider_that_answers_nonsense_is_unavailable(answer: bytes) -> None:
    with pytest.raises(Unavailable):
        Jwks("https://idp.example/jwks", fetch=lambda _: answer).key("k1")


def test_encryption_and_foreign_keys_in_the_set_are_passed_over() -> None:
    entries = json.loads(key_set("k1"))["keys"]
    text = json.dumps(
        {"keys": [entries[0] | {"use": "enc"}, {"kty": "oct", "kid": "s", "k": "AA"}]}
    )
    keys = Jwks("https://idp.example/jwks", fetch=lambda _: text.encode())
    assert keys.key("k1") is None
    assert keys.key("s") is None


class Context:
    """What Lambda says of itself."""

    function_name = "authorize"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:authorize"
    aws_request_id = "r1"


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, Any]]:
    monkeypatch.setenv("OIDC_ISSUER", ISSUER.url)
    monkeypatch.setenv("OIDC_CLIENT_ID", ISSUER.client_id)
    monkeypatch.setattr(wiring, "signing_keys", OurKeys)
    monkeypatch.setattr(wiring, "people", people)
    arn = "arn:aws:execute-api:us-east-1:0:abc/api/GET/outlets/o1"
    return lambda said: handler({"authorizationToken": said, "methodArn": arn}, Context())


def fresh(**claims: Any) -> str:
    at = int(datetime.now(tz=UTC).timestamp())
    return "Bearer " + token(**({"exp": at + 60, "iat": at} | claims))


def test_the_policy_speaks_for_the_whole_stage_and_says_who_it_is(
    ask: Callable[[str], dict[str, Any]],
) -> None:
    answer = ask(fresh())
    (statement,) = answer["policyDocument"]["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Resource"] == "arn:aws:execute-api:us-east-1:0:abc/api/*"
    assert answer["context"]["personId"] == ADMIN.id
    assert json.loads(answer["context"]["scope"])["regions"] == ["1505"]
    assert all(isinstance(value, str) for value in answer["context"].values())


@pytest.mark.parametrize("said", ["", "Bearer", "Basic abc", "Bearer x.y.z"])
def test_a_bad_token_is_the_word_that_the_gateway_turns_into_401(
    ask: Callable[[str], dict[str, Any]], said: str
) -> None:
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        ask(said)


def test_the_api_is_told_when_the_person_logged_in_however_often_the_token_was_renewed(
    ask: Callable[[str], dict[str, Any]],
) -> None:
    an_hour_ago = int(datetime.now(tz=UTC).timestamp()) - 3_600
    told = ask(fresh(auth_time=an_hour_ago))["context"]["loggedInAt"]
    assert datetime.fromisoformat(told).timestamp() == an_hour_ago
    assert ask(fresh())["context"]["loggedInAt"] == ""


def test_someone_unknown_is_denied(ask: Callable[[str], dict[str, Any]]) -> None:
    answer = ask(fresh(sub="stranger"))
    assert answer["policyDocument"]["Statement"][0]["Effect"] == "Deny"
    assert "context" not in answer
