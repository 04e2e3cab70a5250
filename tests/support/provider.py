"""The way by another provider and back, as a browser without script goes it."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox.server import create_app
from tests.support.visitor import token_in
from tests.support.world import World

NAME = "sandbox"


class Traveller:
    """One browser, with us and at the stand-in."""

    def __init__(self, world: World) -> None:
        self.http: FlaskClient = world.app.test_client()
        self._there = create_app(world.sandbox.sandbox).test_client()

    def set_out(self, next_page: str = "") -> str:
        """The provider's address, where our page leads at once."""
        answer = self.press(next_page)
        assert answer.status_code == 200, answer.text
        found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', answer.text)
        assert found, answer.text
        return unescape(found[1])

    def press(self, next_page: str = "") -> TestResponse:
        """What the button on the log-in page answers."""
        token = token_in(self.http.get("/login").text)
        return self.http.post(f"/login/with/{NAME}", data={"csrf_token": token, "next": next_page})

    def say(self, address: str, email: str, name: str, *, act: str = "yes", is_verified: bool = True) -> str:
        """What the person says there, at the address they were led to; where the provider then sends them."""
        parts = urlsplit(address)
        page = self._there.get(f"{parts.path}?{parts.query}")
        assert page.status_code == 200, page.text
        asked = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        form = {name: unescape(value) for name, value in asked.items()} | {"email": email, "name": name, "act": act}
        answer = self._there.post(parts.path, data=form | ({"verified": "on"} if is_verified else {}))
        assert answer.status_code == 303, answer.text
        return str(answer.location)

    def come_back(self, address: str) -> TestResponse:
        """What our page answers once its form has sent itself."""
        parts = urlsplit(address)
        page = self.http.get(f"{parts.path}?{parts.query}")
        if "data-at-once" not in page.text:
            return page
        form = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        return self.http.post(parts.path, data={name: unescape(value) for name, value in form.items()})

    def log_in(
        self, email: str, name: str = "Amina Otieno", *, is_verified: bool = True, next_page: str = ""
    ) -> TestResponse:
        """All of it."""
        return self.come_back(self.say(self.set_out(next_page), email, name, is_verified=is_verified))

    @property
    def is_in(self) -> bool:
        """Whether somebody is logged in here."""
        return self.http.get("/profile").status_code == 200


def query(address: str) -> dict[str, str]:
    """What an address asks, each once."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
