"""The authorization code flow with PKCE: where a person is sent, and what the provider then says of who they are.

What is signed by whom, for whom and until when is checked by Authlib and joserfc; every call goes out by `lib/fetching`.
https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth and https://datatracker.ietf.org/doc/html/rfc7636
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from app.lib import chance, clock
from app.lib.network import fetching
from app.lib.network.fetching import Ask, Limits, Unfetchable
from app.lib.network.openid.providers import Provider

# Signed with a key that only the provider has: never `none`, never with our own secret (HS256), whatever it offers.
_SIGNED_BY = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
_LEEWAY = 60  # seconds by which its clock and ours may differ
_KNOWN_FOR = timedelta(hours=1)  # until a provider is asked again where its doors are
_LONGEST = 255  # letters of a subject, says the standard
_SIZE = 256 * 1024
_SECONDS = 8.0
_BASIC = "client_secret_basic"
# What an answer of another shape than the documented one raises.
_WRONG_SHAPE = (LookupError, TypeError, ValueError, AttributeError, RecursionError)

_known: dict[Provider, tuple[datetime, "Doors"]] = {}


class Unsaid(Exception):
    """The provider has not said who it is; `args[0]` says why in a word or two, for the log. Quotes nothing it sent."""


@dataclass(frozen=True)
class Journey:
    """What stays with a browser while its person is at the provider: it comes back by this, and nobody else's does."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Claims:
    """Who the provider says it is."""

    issuer: str
    subject: str
    email: str
    is_verified: bool  # whether the provider says that the address is theirs
    name: str


@dataclass(frozen=True)
class Doors:
    """The provider's addresses, by its discovery document."""

    authorization: str
    token: str
    keys: str
    person: str  # where it says more about somebody; empty where it does not
    ways_in: tuple[str, ...]  # how we may show that it is us


def new_journey() -> Journey:
    """Three secrets that nobody has seen."""
    return Journey(chance.token(), chance.token(), chance.token())


def doors_of(provider: Provider) -> Doors:
    """Where the provider is talked to, as it said within the hour. Raises Unsaid."""
    kept = _known.get(provider)
    if kept is not None and clock.now() < kept[0]:
        return kept[1]
    doors = _discovered(provider)
    _known[provider] = (clock.now() + _KNOWN_FOR, doors)
    return doors


def address(provider: Provider, journey: Journey, back: str) -> str:
    """Where the person goes to log in; the provider sends them to `back`. Raises Unsaid."""
    doors = doors_of(provider)
    client = _client(provider, doors, back)
    sent = {"state": journey.state, "nonce": journey.nonce, "code_verifier": journey.verifier}
    found, _ = client.create_authorization_url(doors.authorization, **sent)
    return str(found)


def who(provider: Provider, journey: Journey, back: str, code: str) -> Claims:
    """Who has come back with `code`, checked. Raises Unsaid."""
    doors = doors_of(provider)
    try:
        token = _client(provider, doors, back).fetch_token(doors.token, code=code, code_verifier=journey.verifier)
    except Unsaid:
        raise
    except Exception as error:  # Authlib's, and whatever an odd answer makes it raise
        raise Unsaid(f"token: {type(error).__name__}") from None
    said = _checked(provider, token, journey.nonce, _fetch(provider, doors.keys))
    return _claims(provider, said if "email" in said else said | _more(provider, doors, token, said["sub"]))


def _client(provider: Provider, doors: Doors, back: str) -> Any:
    from authlib.oauth2.client import OAuth2Client  # noqa: PLC0415  (only who logs in by another provider needs it)

    return OAuth2Client(
        _Door(provider),
        provider.client_id,
        provider.client_secret,
        token_endpoint_auth_method=_BASIC if _BASIC in doors.ways_in else "client_secret_post",
        code_challenge_method="S256",
        redirect_uri=back,
        scope="openid email profile",
    )


def _checked(provider: Provider, token: Mapping[str, Any], nonce: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    """What the ID token says: of this issuer, for us, for this journey, signed by one of its keys, and not over."""
    from authlib.oidc.core import CodeIDToken  # noqa: PLC0415  (as above)
    from joserfc import jwt  # noqa: PLC0415
    from joserfc.errors import JoseError  # noqa: PLC0415
    from joserfc.jwk import KeySet  # noqa: PLC0415
    from joserfc.jws import JWSRegistry  # noqa: PLC0415

    must = {"iss": provider.issuer, "aud": provider.client_id}
    options = {name: {"essential": True, "value": value} for name, value in must.items()}
    known = {"nonce": nonce, "client_id": provider.client_id, "access_token": token.get("access_token")}
    registry = JWSRegistry(algorithms=_SIGNED_BY, strict_check_header=False)
    try:
        signed = jwt.decode(token["id_token"], KeySet.import_key_set(keys), registry=registry)  # type: ignore[arg-type]
        claims = CodeIDToken(signed.claims, signed.header, options, known)
        claims.validate(now=int(clock.now().timestamp()), leeway=_LEEWAY)
    except (JoseError, *_WRONG_SHAPE) as error:
        raise Unsaid(f"id token: {type(error).__name__} {getattr(error, 'claim', '')}".strip()) from None
    return dict(claims)


def _more(provider: Provider, doors: Doors, token: Mapping[str, Any], subject: object) -> dict[str, Any]:
    """What the provider says of the person where it is asked, and not in the ID token (5.3.2: of the same one)."""
    if not doors.person:
        return {}
    bearer = {"Authorization": f"Bearer {token.get('access_token')}", "Accept": "application/json"}
    said = _fetch(provider, doors.person, Ask(bearer))
    if said.get("sub") != subject:
        raise Unsaid("somebody else's claims")
    # All of it, also what it does not say: that an address is theirs is said of the address beside it.
    return {name: said.get(name) for name in ("email", "email_verified", "name")}


def _claims(provider: Provider, said: Mapping[str, Any]) -> Claims:
    subject = said["sub"]
    if not isinstance(subject, str) or not subject.isascii() or not subject.isprintable():
        raise Unsaid("subject")
    if not 0 < len(subject) <= _LONGEST:
        raise Unsaid("subject")
    email, name = (_text(said.get(each)) for each in ("email", "name"))
    return Claims(provider.issuer, subject, email, said.get("email_verified") is True, name)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


# ------------------------------------------------------------------------------------------------ calls


def _discovered(provider: Provider) -> Doors:
    said = _fetch(provider, f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    if said.get("issuer") != provider.issuer:
        raise Unsaid("discovery: another issuer")
    ways = said.get("token_endpoint_auth_methods_supported") or [_BASIC]
    try:
        doors = Doors(
            said["authorization_endpoint"],
            said["token_endpoint"],
            said["jwks_uri"],
            said.get("userinfo_endpoint") or "",
            tuple(map(str, ways)),
        )
        urls = (doors.authorization, doors.token, doors.keys, doors.person)
        is_safe = all(_is_safe(provider, url) for url in urls if url)
    except _WRONG_SHAPE:
        raise Unsaid("discovery: incomplete") from None
    if not is_safe:
        raise Unsaid("discovery: an address without https")
    return doors


def _is_safe(provider: Provider, url: str) -> bool:
    return urlsplit(url).scheme in (("https",) if provider.is_strict else ("https", "http"))


def _fetch(provider: Provider, url: str, ask: Ask | None = None) -> dict[str, Any]:
    """The JSON object that is answered there. Raises Unsaid."""
    limits = Limits(size=_SIZE, seconds=_SECONDS, allowed=frozenset({provider.host}), moves=0)
    try:
        said = json.loads(fetching.fetch(url, limits, ask or Ask({"Accept": "application/json"})))
    except Unfetchable as error:
        raise Unsaid(str(error)) from None
    except (ValueError, RecursionError):
        raise Unsaid("no JSON") from None
    if not isinstance(said, dict):
        raise Unsaid("no JSON object")
    return said


class _Door:
    """What Authlib takes for a session: its one call goes where all of ours go."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def post(self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> "_Answer":
        """The answer of the token endpoint. Raises Unsaid."""
        url, headers, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return _Answer(_fetch(self._provider, url, Ask(headers, body.encode())))


@dataclass(frozen=True)
class _Answer:
    said: dict[str, Any]
    status_code: int = 200

    def json(self) -> dict[str, Any]:
        """What was answered."""
        return self.said
