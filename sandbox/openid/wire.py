"""What Kikao asks the provider: where its doors are, its keys, and who has come back with a code."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from functools import cache
from typing import Any

from flask import Blueprint, Response, jsonify, request
from joserfc import jwt
from joserfc.jwk import RSAKey

from sandbox.core import faults
from sandbox.core.clock import new_id, now
from sandbox.core.context import box
from sandbox.core.store import Doc
from sandbox.credentials import OPENID_PATH

api = Blueprint("openid", __name__, url_prefix=OPENID_PATH)
CODES = "openid_code"
_TOKENS = "openid_token"
_LIFE = 300  # seconds that an ID token is good for
_LIES = faults.SPOKEN["openid", "token"]


def issuer() -> str:
    """Who the provider is."""
    return f"{box().base_url}{OPENID_PATH}"


@api.get("/.well-known/openid-configuration")
def configuration() -> Response:
    """The discovery document."""
    return faults.guard("openid", "discovery", _failure, _configuration)


def _configuration() -> Response:
    lie = box().faults.take("openid", "discovery", faults.SPOKEN["openid", "discovery"])
    here = issuer()
    return jsonify(
        issuer="https://accounts.example.net" if lie else here,
        authorization_endpoint=f"{here}/authorize",
        token_endpoint=f"{here}/token",
        userinfo_endpoint=f"{here}/userinfo",
        jwks_uri=f"{here}/keys",
        response_types_supported=["code"],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=["RS256", "none"],
        code_challenge_methods_supported=["S256"],
    )


@api.get("/keys")
def keys() -> Response:
    """What its signatures are checked with."""
    return faults.guard("openid", "keys", _failure, lambda: jsonify(keys=[_key().as_dict(private=False)]))


@api.post("/token")
def token() -> Response:
    """Who has come back with this code, which is good once, by whom it was given to, with the verifier of its challenge."""
    return faults.guard("openid", "token", _failure, _token)


def _token() -> Response:
    keys = box().credentials
    given = request.authorization
    pair = f"{given.username}:{given.password}" if given and given.type == "basic" else ""
    if not hmac.compare_digest(pair.encode(), f"{keys.openid_client_id}:{keys.openid_client_secret}".encode()):
        return _error("invalid_client", 401)
    with box().store.change():
        code = box().store.get(CODES, request.form.get("code", ""))
        if code is None or code["used"] or not _is_for(code):
            return _error("invalid_grant", 400)
        box().store.put(CODES, code["id"], code | {"used": True})
    return _tell(code)


def _is_for(code: Doc) -> bool:
    challenge = urlsafe_b64encode(hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()).rstrip(b"=")
    is_same = hmac.compare_digest(challenge, code["challenge"].encode())
    return is_same and request.form.get("redirect_uri") == code["back"] and now() < code["until"]


def _tell(code: Doc) -> Response:
    lie = box().faults.take("openid", "token", _LIES)
    access = new_id("openid_")
    box().store.put(_TOKENS, access, code["person"])
    return jsonify(
        access_token=access,
        token_type="Bearer",
        expires_in=_LIFE,
        id_token=_signed(code, lie.fault if lie else ""),
    )


@api.get("/userinfo")
def person() -> Response:
    """What it knows of the person whose access token this is."""
    return faults.guard("openid", "person", _failure, _person)


def _person() -> Response:
    found = box().store.get(_TOKENS, request.headers.get("Authorization", "").removeprefix("Bearer "))
    if found is None:
        return _error("invalid_token", 401)
    lie = box().faults.take("openid", "person", faults.SPOKEN["openid", "person"])
    if lie and lie.fault == "not_said_verified":
        return jsonify({name: value for name, value in found.items() if name != "email_verified"})
    return jsonify(found | ({"sub": "somebody-else"} if lie else {}))


# ------------------------------------------------------------------------------------------------ tokens and their lies


def _signed(code: Doc, lie: str) -> str:
    moment = int(now())
    claims: dict[str, Any] = {
        "iss": issuer(),
        "aud": box().credentials.openid_client_id,
        "iat": moment,
        "exp": moment + _LIFE,
        "nonce": code["nonce"],
        **code["person"],
    }
    wrong: dict[str, dict[str, Any]] = {
        "wrong_nonce": {"nonce": "of another log-in"},
        "wrong_audience": {"aud": "another-site"},
        "second_audience": {"aud": [claims["aud"], "another-site"], "azp": "another-site"},
        "expired": {"iat": moment - 2 * _LIFE, "exp": moment - _LIFE},
        "other_issuer": {"iss": "https://accounts.example.net"},
        "unverified": {"email_verified": False},
        "verified_in_words": {"email_verified": "true"},
        "no_subject": {"sub": None},
    }
    claims |= wrong.get(lie, {})
    left_out = {"no_email": ("email", "email_verified", "name"), "verified_nothing": ("email",)}.get(lie, ())
    claims = {name: value for name, value in claims.items() if name not in left_out}
    return _written(claims, lie)


def _written(claims: dict[str, Any], lie: str) -> str:
    if lie == "alg_none":
        return f"{_part({'alg': 'none'})}.{_part(claims)}."
    if lie == "our_own_secret":
        head = f"{_part({'alg': 'HS256'})}.{_part(claims)}"
        secret = box().credentials.openid_client_secret.encode()
        return f"{head}.{_plain(hmac.digest(secret, head.encode(), 'sha256'))}"
    key = RSAKey.generate_key(2048) if lie == "wrong_key" else _key()
    return jwt.encode({"alg": "RS256", "kid": _key().kid}, claims, key)


def _part(value: dict[str, Any]) -> str:
    return _plain(json.dumps(value).encode())


def _plain(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


@cache
def _key() -> RSAKey:
    made = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"})
    made.ensure_kid()
    return made


def _failure(kind: str, message: str) -> Response:
    return _error(message or "server_error", int(kind))


def _error(word: str, status: int) -> Response:
    response = jsonify(error=word)
    response.status_code = status
    return response
