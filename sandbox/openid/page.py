"""The provider's own page: who somebody is, or that they would rather not say."""

import hashlib
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, redirect, render_template, request

from sandbox.core.clock import new_id, now
from sandbox.core.context import box
from sandbox.credentials import OPENID_PATH
from sandbox.openid.wire import CODES, issuer

pages = Blueprint("openid_page", __name__, url_prefix=OPENID_PATH)
_ASKED = ("client_id", "redirect_uri", "state", "nonce", "code_challenge")
_LIFE = 60  # seconds that a code is good for


@pages.get("/authorize")
def ask() -> str:
    """Who are you?"""
    _check(request.args)
    return render_template("openid.html", asked={name: request.args[name] for name in _ASKED})


@pages.post("/authorize")
def answer() -> Any:
    """Back to Kikao, with a code or with a no."""
    given = request.form
    if given.get("client_id") != box().credentials.openid_client_id or any(not given.get(name) for name in _ASKED):
        abort(400)
    if given.get("act") != "yes":
        return _back({"error": "access_denied", "error_description": "The person said no."})
    email = given.get("email", "").strip()
    person = {
        "sub": hashlib.sha256(email.lower().encode()).hexdigest()[:20],
        "email": email,
        "email_verified": "verified" in given,
        "name": given.get("name", "").strip(),
    }
    code = new_id("code_")
    kept = {"id": code, "used": False, "person": person, "nonce": given["nonce"], "until": now() + _LIFE}
    box().store.put(CODES, code, kept | {"challenge": given["code_challenge"], "back": given["redirect_uri"]})
    return _back({"code": code, "iss": issuer()})


def _back(said: dict[str, str]) -> Any:
    there = request.form["redirect_uri"]
    return redirect(f"{there}?{urlencode(said | {'state': request.form['state']})}", 303)


def _check(asked: Any) -> None:
    """What the standard and our own registration ask for; a provider shows an error of its own and sends nobody back."""
    wanted = {
        "client_id": box().credentials.openid_client_id,
        "response_type": "code",
        "code_challenge_method": "S256",
    }
    is_known = asked.get("redirect_uri", "").startswith(f"{box().courier.app_url}/")
    if any(asked.get(name) != value for name, value in wanted.items()) or not is_known:
        abort(400)
    if "openid" not in asked.get("scope", "").split() or any(not asked.get(name) for name in _ASKED):
        abort(400)
