"""Entering and leaving: what a browser keeps of a login, and which browsers somebody has logged in with before."""

from contextlib import suppress
from datetime import datetime, timedelta

from flask import Request, Response, after_this_request, current_app, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer

from app import words
from app.blueprints.common.access import person
from app.blueprints.common.redirects import go, go_next, page_asked_for, safe_path
from app.extensions import login
from app.lib import clock
from app.lib.network import cookies
from app.lib.network.addresses import network_of
from app.models import Login, User
from app.services.accounts import logins, people, second_factors
from app.services.accounts.guessing import Origin
from app.services.accounts.passkeys import Challenge, Purpose
from app.services.backoffice import erasure
from app.services.core import counters, signed_urls
from app.services.core.errors import Refused

_KEPT = ("language", "zone")  # what a session keeps over logging in and out
_START = {"client": "booking.mine", "practitioner": "practice.today", "staff": "staff.money"}
_SECRET = "_user_id"  # noqa: S105  (where Flask-Login looks for who it is)
_HALF = "half_in"  # in the session: who has proved the first factor here, and until when the second is waited for
_CHALLENGES = "challenges"  # in the session: what a passkey is to sign, by purpose
_HALF_LIFE = timedelta(minutes=10)
_DEVICE = "kikao_device"
_DEVICE_LIFE = timedelta(days=365)
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Macintosh", "Linux")
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))


def load(secret: str) -> User | None:
    """Return the person who is logged in with this secret, for Flask-Login."""
    found = logins.of_browser(secret)
    g.login = found
    return found.user if found else None


def ask_to_log_in() -> ResponseReturnValue:
    """Whoever is not logged in logs in, and comes back to the page they were on.

    A page whose script asks (it waits for news) is loaded anew, which leads there; a field that asks while somebody types
    leaves the page as it is.
    """
    if "HX-Request" in request.headers:
        by_field = "HX-Trigger-Name" in request.headers
        return Response(status=401, headers={} if by_field else {"HX-Refresh": "true"})
    # who was in learns that it is over: it ended on another device, by staff, or with time
    flash(str(words.PROBLEMS["login_over" if _SECRET in session else "login_needed"]))
    if request.method == "POST":
        flash(_("What you sent was not carried out. Log in, then do it again."))
    return redirect(url_for("people.login", next=page_asked_for() or None))


def login_here() -> Login:
    """The login by which this request acts."""
    person()  # loads it
    found: Login = g.login
    return found


def admit(user: User, said: str = "") -> ResponseReturnValue:
    """Who has just proved a password, or that they read the person's mail, is in, or goes on to the second step if they have one.

    `said` is told once they are in. Every door that a first factor opens goes through here.
    """
    if not second_factors.has_any(user):
        return welcome(user, said)
    following = next_page()
    if _SECRET in session:
        leave()
    start_afresh()
    until = clock.now() + _HALF_LIFE
    session[_HALF] = {"user": user.id, "version": user.session_version, "until": until.isoformat(), "said": said}
    return go("second_step.ask", next=following or None)


def half_in() -> User | None:
    """Who has proved the first factor with this browser a moment ago, and has a second one to prove."""
    kept = session.get(_HALF)
    if kept is None or clock.now() >= datetime.fromisoformat(kept["until"]):
        return None
    return second_factors.who_waits(kept["user"], kept["version"])


def welcome(user: User, said: str = "") -> ResponseReturnValue:
    """The person, who has proved all there is to prove, is in."""
    said = said or session.get(_HALF, {}).get("said", "")
    enter(user)
    if said:
        flash(said, "success")
    return first_page()


def ask_passkey(asked: Challenge, options: str) -> Response:
    """The browser has the challenge, one for each purpose, and its script what to ask the device for."""
    kept = {**vars(asked), "made_at": asked.made_at.isoformat()}
    session[_CHALLENGES] = session.get(_CHALLENGES, {}) | {asked.purpose.value: kept}
    return Response(options, content_type="application/json")


def take_challenge(purpose: Purpose) -> Challenge | None:
    """The challenge that this browser was given for the purpose, which it has no more; None without one."""
    kept = dict(session.get(_CHALLENGES, {}))
    found = kept.pop(purpose.value, None)
    session[_CHALLENGES] = kept
    if found is None:
        return None
    return Challenge(**{**found, "purpose": purpose, "made_at": datetime.fromisoformat(found["made_at"])})


def enter(user: User) -> None:
    """The person, who has just proved who they are, is logged in with this browser, in a session nobody prepared beforehand."""
    stays = erasure.stay(user)
    secret = logins.begin_in_browser(user, browser_name(request), str(session.get(_SECRET, "")))
    start_afresh()
    if stays:
        flash(_("Your account stays as it is."), "success")
    session[_SECRET] = secret
    session.permanent = True
    g._login_user = user
    g.login = logins.of_browser(secret)
    _know_device(user)


def leave() -> None:
    """Nobody is logged in here any more, and the login is worthless to whoever has a copy of the cookie."""
    with suppress(Refused):  # the account has ended, and every login with it
        logins.end_of(str(session.get(_SECRET, "")))
    start_afresh()
    g._login_user = login.anonymous_user()
    g.login = None


def leave_others() -> None:
    """Nobody is logged in elsewhere as the person, nor here by a copy of the cookie."""
    session[_SECRET] = logins.end_others(login_here())


def prove_again() -> None:
    """Who is logged in has just proved again who they are; a copy of the cookie from before is worthless."""
    session[_SECRET] = logins.prove_again(login_here())


def start_afresh() -> None:
    """The session holds nothing but language and zone."""
    kept = {name: session[name] for name in _KEPT if name in session}
    session.clear()
    session.update(kept)


def first_page() -> ResponseReturnValue:
    """Where the person goes who has just logged in."""
    return go_next(_START[person().role])


def next_page() -> str:
    """Where the person wanted to go; empty for nowhere."""
    return safe_path(request.values.get("next", ""))


def origin(address: str) -> Origin:
    """Where this try to log in as whoever has the address comes from."""
    return Origin(network_of(request.remote_addr or ""), _mark(people.as_kept(address)) in _known_here())


def _know_device(user: User) -> None:
    """This browser is known for the person's address from now on, also after they have logged out."""
    mark = _mark(user.address)
    known = [*(each for each in _known_here() if each != mark), mark][-5:]
    value = _devices().dumps(known)

    @after_this_request
    def _tell(response: Response) -> Response:
        cookies.put(response, _DEVICE, value, _DEVICE_LIFE)
        return response


def _mark(email: str) -> str:
    """What stands for an account in the cookie: who looks over a shoulder reads no address."""
    return counters.digest("device", email)[:20]


def _known_here() -> list[str]:
    try:
        return [str(each) for each in _devices().loads(cookies.given(_DEVICE) or "")]
    except (BadSignature, TypeError):
        return []


def _devices() -> URLSafeSerializer:
    return signed_urls.signer(current_app, "device")


def browser_name(asked: Request) -> str:
    """The browser as its owner would call it: "Chrome, Android"."""
    agent = asked.headers.get("User-Agent", "")
    system = next((each for each in _SYSTEMS if each in agent), "")
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    return ", ".join(filter(None, (browser, system.replace("Macintosh", "Mac"))))
