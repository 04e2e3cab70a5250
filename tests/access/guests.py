"""Who stands at the doors, and what they are told: everything of an answer that could tell one address from another."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any
from urllib.parse import quote

from flask.testing import FlaskClient
from sqlalchemy import Connection, event

from app.extensions import db
from app.models import Role, User
from app.services.accounts import logins
from tests.support.town import Town
from tests.support.world import Caller, World

_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)
_SESSION = "session"
# Where they are logged out, or logged in anew, which ends the login they came with.
_LOGS_OUT = (
    *("/logout", "/profile/security/logins/end", "/api/v1/auth/logout"),
    *("/login", "/register", "/people/reset/", "/invitations/"),
)


@dataclass(frozen=True)
class Answer:
    """What somebody got."""

    status: int
    leads_to: str
    body: str

    @property
    def lets_in(self) -> bool:
        """Whether this was a yes, or a "not like this": neither "who are you?" nor "there is nothing here"."""
        return self.status not in (401, 403, 404) and not self.leads_to.startswith("/login")

    def about(self, address: str, ids: Iterable[str]) -> "Answer":
        """The same without the address and the ids in it: what is left must not depend on whether they exist."""
        texts = [self.leads_to, self.body]
        for said in (address, quote(address, safe=""), *ids):
            texts = [text.replace(said, "*") for text in texts]
        return Answer(self.status, texts[0], texts[1])

    def unlike(self, other: "Answer") -> str:
        """The first thing in which they differ, in words."""
        if (self.status, self.leads_to) != (other.status, other.leads_to):
            return f"{self.status} {self.leads_to} and not {other.status} {other.leads_to}"
        lines = zip_longest(self.body.splitlines(), other.body.splitlines(), fillvalue="")
        return next((f"{one[:90]!r} and not {two[:90]!r}" for one, two in lines if one != two), "")


def _token(world: World, caller: Caller) -> str:
    with world.rows() as session:
        return logins.begin_program(session.get_one(User, caller.user_id))


def _secret(world: World, caller: Caller) -> str:
    with world.rows() as session:
        return logins.begin_in_browser(session.get_one(User, caller.user_id), "Chrome, Android")


@dataclass
class Guest:
    """Somebody with a browser and a program; each request is made as if it were the first."""

    name: str
    http: FlaskClient
    role: Role | None = None
    user_id: int = 0
    email: str = ""
    token: str = ""
    cookie: str = field(default="", repr=False)
    csrf: str = field(default="", repr=False)
    new_token: Callable[[], str] = str  # of a program of theirs
    new_secret: Callable[[], str] = str  # of a browser of theirs, which has proved all there is to prove

    def enter(self, email: str) -> None:
        """They have logged in, unless they are nobody, and have a page with a form before them."""
        self.email, self.token = email, self.new_token()
        self.http.delete_cookie(_SESSION)
        self.csrf = self._form("/login")
        if self.role is not None:
            with self.http.session_transaction() as session:
                session["_user_id"] = self.new_secret()
            self.csrf = self._form("/profile")
        cookie = self.http.get_cookie(_SESSION)
        assert cookie
        self.cookie = cookie.value

    def _form(self, page: str) -> str:
        found = _CSRF.search(self.http.get(page).text)
        assert found, f"no form on {page}"
        return found[1]

    def proof(self, address: str) -> dict[str, str]:
        """What proves there who they are: a program's token; else the cookie they came in with, which their browser has again."""
        self.http.set_cookie(_SESSION, self.cookie)
        return {"Authorization": f"Bearer {self.token}"} if self.token and address.startswith("/api/") else {}

    def ask(self, method: str, address: str, form: dict[str, Any] | None = None, **query: str) -> Answer:
        """What they get there, with whatever proves who they are."""
        sent: dict[str, Any] = {"query_string": query, "headers": self.proof(address)}
        if address.startswith("/api/"):
            sent |= {} if form is None else {"json": form}
        elif form is not None:
            sent |= {"data": form | {"csrf_token": self.csrf}}
        with self.http.open(address, method=method, **sent) as answer:
            body = answer.get_data().decode("utf-8", "replace")
            told = Answer(answer.status_code, answer.headers.get("Location", ""), _CSRF.sub("", body))
        if method == "POST" and self.role and address.startswith(_LOGS_OUT):
            self.enter(self.email)
        return told


def guests(town: Town) -> list[Guest]:
    """Nobody, both clients, both practitioners, and staff, all of them inside."""
    (one, other), app = town.pairs, town.world.app
    callers = {
        "client": (one.client, Role.CLIENT),
        "other client": (other.client, Role.CLIENT),
        "practitioner": (one.owner, Role.PRACTITIONER),
        "other practitioner": (other.owner, Role.PRACTITIONER),
        "staff": (town.staff, Role.STAFF),
    }
    made = [Guest("anonymous", app.test_client())]
    made[0].enter("")
    for name, (caller, role) in callers.items():
        made.append(_known(town.world, name, caller, role))
    return made


def _known(world: World, name: str, caller: Caller, role: Role) -> Guest:
    guest = Guest(name, world.app.test_client(), role, caller.user_id)
    guest.new_token = lambda: _token(world, caller)
    guest.new_secret = lambda: _secret(world, caller)
    guest.enter(world.email(caller))
    return guest


class Writes:
    """Which tables were written to, by what was committed."""

    def __init__(self) -> None:
        self._kept: set[str] = set()

    def take(self) -> set[str]:
        """Those since it was last asked."""
        kept, self._kept = self._kept, set()
        return kept

    def said(self, connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        """A statement goes to the database."""
        if found := _WRITES.match(statement):
            connection.info.setdefault("writes", set()).add(found[1])

    def committed(self, connection: Connection) -> None:
        """What the connection has written stays."""
        self._kept |= connection.info.pop("writes", set())

    def rolled_back(self, connection: Connection) -> None:
        """It does not."""
        connection.info.pop("writes", None)


@contextmanager
def watched(world: World) -> Iterator[Writes]:
    """The database says what is written to it."""
    writes = Writes()
    hooks = (("before_cursor_execute", writes.said), ("commit", writes.committed), ("rollback", writes.rolled_back))
    with world.app.app_context():
        engine = db.engine
    for name, hook in hooks:
        event.listen(engine, name, hook)
    yield writes
    for name, hook in hooks:
        event.remove(engine, name, hook)
