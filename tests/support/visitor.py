"""A person's browser without script: the pages over HTTP, logged in, with every form's token."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import User
from app.services.accounts import logins
from tests.support.world import PASSWORD, Caller, World

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Visitor:
    """One person at one browser."""

    def __init__(self, world: World, caller: Caller) -> None:
        self.http: FlaskClient = world.app.test_client()
        answer = self.post("/login", email=world.email(caller), password=PASSWORD)
        assert answer.status_code == 303, answer.text

    def get(self, path: str) -> TestResponse:
        """The page."""
        return self.http.get(path)

    def main(self, path: str) -> str:
        """What the page, which must open, says between its header and its footer, without tags."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return words(answer)

    def post(self, path: str, **fields: str | list[str]) -> TestResponse:
        """The form, sent with the token of the session."""
        found = _TOKEN.search(self.http.get("/login").text) or _TOKEN.search(self.http.get("/profile").text)
        assert found, "a page with a form"
        return self.http.post(path, data={"csrf_token": found[1], **fields})


def words(answer: TestResponse) -> str:
    """The text of a page's main part."""
    main = re.search(r"<main.*</main>", answer.text, re.DOTALL)
    assert main, answer.text
    text = re.sub(r"<[^>]+>", " ", main[0]).replace("&#39;", "'").replace("\xa0", " ")
    return " ".join(text.split())


def log_in(world: World, caller: Caller) -> FlaskClient:
    """The person's browser, logged in without having proved a password, which is slow on purpose."""
    http = world.app.test_client()
    with world.app.app_context():
        secret = logins.begin_in_browser(db.session.get_one(User, caller.user_id), "Chrome, Android")
    with http.session_transaction() as session:
        session["_user_id"] = secret
    return http


def token_in(page: str) -> str:
    """The CSRF token of a page's first form."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, page
    return found[1]
