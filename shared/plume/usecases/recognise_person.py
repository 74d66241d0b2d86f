"""Tell who asks, from an access token: signature, issuer, purpose, time, and a known person."""

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import jwt
from jwt.exceptions import PyJWTError

from plume.errors import Refused
from plume.model.person import Person
from plume.ports.people import People
from plume.ports.signing_keys import SigningKeys

ALGORITHM = "RS256"
MAX_TOKEN_LENGTH = 8_192
FOREIGN_HEADERS = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64"})
"""A token may not bring, point to, or redefine the means of its own verification."""
CLOCK_SKEW_SECONDS = 5.0
"""How far the issuer's clock may be ahead; a token past its `exp` is refused at once."""
ID_TOKEN_MARKS = frozenset({"nonce", "at_hash", "c_hash"})
"""Claims that only ID tokens carry (OpenID Connect Core 1.0, 2 and 3.3.2.11)."""


class BadToken(Refused):
    """Not an access token of this issuer for this application: log in again."""


class NoSuchPerson(Refused):
    """A genuine token of someone who is unknown here, or disabled."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens count.

    With `audience`, access tokens name it in `aud` (any OpenID provider); without, they carry
    `token_use` access and `client_id` (Amazon Cognito, whose access tokens have no `aud`).
    """

    url: str
    client_id: str
    audience: str = ""


def recognise_person(
    token: str, *, issuer: Issuer, keys: SigningKeys, people: People, now: datetime
) -> Person:
    """Give the person an access token speaks for, with role and scope as they are now.

    Raises:
        BadToken: log in again.
        NoSuchPerson: known to the issuer, but not to the platform, or disabled.
        Unavailable: the issuer's keys or the store did not answer.
    """
    claims = _verified(token, keys)
    _check_times(claims, now)
    _check_purpose(claims, issuer)
    person = people.get(_text(claims, "sub"))
    if person is None or person.disabled:
        raise NoSuchPerson("unknown here, or disabled", zh="账号不存在或已停用")
    return replace(person, logged_in_at=_logged_in_at(claims, now))


def _logged_in_at(claims: dict[str, Any], now: datetime) -> datetime | None:
    """Tell when the person proved who they are; a renewed token keeps that time.

    Source:
        `auth_time`, OpenID Connect Core 1.0, 2; in access tokens RFC 9068, 2.2.1.
    """
    if "auth_time" not in claims:
        return None
    at = _number(claims, "auth_time")
    if at > now.timestamp() + CLOCK_SKEW_SECONDS:
        raise BadToken("auth_time lies in the future")
    return datetime.fromtimestamp(max(at, 0.0), tz=UTC)


def _verified(token: str, keys: SigningKeys) -> dict[str, Any]:
    """Check shape and signature before a word of the payload is believed."""
    header = _header(token)
    key = keys.key(str(header["kid"]))
    if key is None:
        raise BadToken("signed by an unknown key")
    try:
        body = jwt.api_jws.decode(token, key, algorithms=[ALGORITHM])
    except PyJWTError as fault:
        raise BadToken(f"signature: {fault}") from fault
    return _object(body, "payload")


def _header(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(token) > MAX_TOKEN_LENGTH or len(parts) != 3 or not token.isascii():  # noqa: PLR2004, RFC 7515: three parts
        raise BadToken("not a compact JWS")
    header = _object(_decoded(parts[0]), "header")
    if header.get("alg") != ALGORITHM:
        raise BadToken("not signed with RS256")
    if FOREIGN_HEADERS & header.keys():
        raise BadToken("brings its own key")
    if not isinstance(header.get("kid"), str) or not header["kid"]:
        raise BadToken("names no key")
    return header


def _decoded(part: str) -> bytes:
    try:
        return urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as fault:
        raise BadToken("not base64url") from fault


def _object(text: bytes, where: str) -> dict[str, Any]:
    """Read a JSON object; a name said twice is refused, for readers differ on which counts."""
    try:
        found = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
    except (ValueError, RecursionError) as fault:
        raise BadToken(f"{where} is no JSON object") from fault
    if not isinstance(found, dict):
        raise BadToken(f"{where} is no JSON object")
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError("a name occurs twice")
    return dict(pairs)


def _no_number(word: str) -> float:
    """Refuse NaN and Infinity, which are no JSON: nothing is ever later than them."""
    raise ValueError(f"{word} is no number")


def _check_times(claims: dict[str, Any], now: datetime) -> None:
    at = now.timestamp()
    if _number(claims, "exp") <= at:
        raise BadToken("expired")
    for name in ("nbf", "iat"):
        if name in claims and _number(claims, name) > at + CLOCK_SKEW_SECONDS:
            raise BadToken(f"{name} lies in the future")


def _check_purpose(claims: dict[str, Any], issuer: Issuer) -> None:
    if claims.get("iss") != issuer.url or not issuer.url:
        raise BadToken("another issuer")
    if issuer.audience:
        _check_audience(claims, issuer)
        return
    if claims.get("token_use") != "access":
        raise BadToken("not an access token")
    if not issuer.client_id or claims.get("client_id") != issuer.client_id:
        raise BadToken("for another application")


def _check_audience(claims: dict[str, Any], issuer: Issuer) -> None:
    named = claims.get("aud")
    audiences = named if isinstance(named, list) else [named]
    if issuer.audience not in audiences:
        raise BadToken("for another audience")
    if ID_TOKEN_MARKS & claims.keys() or claims.get("typ") in {"ID", "Refresh"}:
        raise BadToken("not an access token")
    client = claims.get("azp", claims.get("client_id", issuer.client_id))
    if issuer.client_id and client != issuer.client_id:
        raise BadToken("for another application")


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise BadToken(f"{name} is missing")
    return value


def _number(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadToken(f"{name} is no number")
    return float(value)
