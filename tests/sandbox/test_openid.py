"""The provider of log-ins is as hard as a real one: a code is good once, by whom it was given to and for whoever set out."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from sandbox.credentials import Credentials

_VERIFIER = "v" * 43
_BACK = "http://127.0.0.1:8000/login/with/sandbox/back"
_CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(_VERIFIER.encode()).digest()).rstrip(b"=").decode()
_ASKED = {
    "client_id": "kikao_sandbox",
    "redirect_uri": _BACK,
    "response_type": "code",
    "scope": "openid email profile",
    "state": "s",
    "nonce": "n",
    "code_challenge": _CHALLENGE,
    "code_challenge_method": "S256",
}


@pytest.fixture
def asked(box: Any) -> Iterator[dict[str, str]]:
    """What a log-in asks, with where Kikao is."""
    before, box.sandbox.courier.app_url = box.sandbox.courier.app_url, "http://127.0.0.1:8000"
    yield dict(_ASKED)
    box.sandbox.courier.app_url = before


def _code(box: Any, asked: dict[str, str]) -> str:
    form = asked | {"email": "amina@people.test", "name": "Amina", "verified": "on", "act": "yes"}
    answer = requests.post(f"{box.url}/openid/authorize", data=form, allow_redirects=False, timeout=60)
    assert answer.status_code == 303
    there = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert there["state"] == ["s"]
    return there["code"][0]


def _token(box: Any, code: str, secret: str = Credentials().openid_client_secret, **changes: str) -> requests.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": _BACK,
        "code_verifier": _VERIFIER,
    } | changes
    return requests.post(f"{box.url}/openid/token", data=form, auth=("kikao_sandbox", secret), timeout=60)


def test_a_code_brings_a_token_signed_with_the_key_that_it_shows(box: Any, asked: dict[str, str]) -> None:
    said = _token(box, _code(box, asked)).json()
    keys = requests.get(f"{box.url}/openid/keys", timeout=60).json()
    assert "d" not in keys["keys"][0], "the private half is nobody's"
    claims = jwt.decode(said["id_token"], KeySet.import_key_set(keys), algorithms=["RS256"]).claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (f"{box.url}/openid", "kikao_sandbox", "n")
    assert (claims["email"], claims["email_verified"]) == ("amina@people.test", True)
    more = requests.get(
        f"{box.url}/openid/userinfo", headers={"Authorization": f"Bearer {said['access_token']}"}, timeout=60
    ).json()
    assert more["sub"] == claims["sub"]


def test_a_code_is_good_once_and_only_for_who_set_out(box: Any, asked: dict[str, str]) -> None:
    code = _code(box, asked)
    assert _token(box, code, secret="another").status_code == 401
    assert _token(box, code, code_verifier="w" * 43).json() == {"error": "invalid_grant"}
    assert _token(box, code, redirect_uri="http://127.0.0.1:8000/elsewhere").json() == {"error": "invalid_grant"}
    assert _token(box, code).status_code == 200
    assert _token(box, code).json() == {"error": "invalid_grant"}
    assert _token(box, "made up").status_code == 400


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("redirect_uri", "https://evil.example/back"),
        ("redirect_uri", "http://127.0.0.1:8000.evil.example/"),
        ("code_challenge_method", "plain"),
        ("code_challenge", ""),
        ("client_id", "another"),
        ("response_type", "token"),
        ("scope", "email"),
        ("nonce", ""),
        ("state", ""),
    ],
)
def test_what_was_not_registered_or_leaves_something_out_is_led_nowhere(
    box: Any, asked: dict[str, str], name: str, value: str
) -> None:
    address = f"{box.url}/openid/authorize"
    assert requests.get(address, params=asked, timeout=60).status_code == 200
    assert requests.get(address, params=asked | {name: value}, timeout=60).status_code == 400
