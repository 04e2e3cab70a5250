"""No link leads nowhere: everybody follows every link of every page that they can open, and every `#` on it."""

import re
from collections import deque
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urldefrag, urljoin, urlsplit

import pytest

from tests.access.guests import Guest, guests
from tests.access.table import ROWS
from tests.access.things import Things, address
from tests.access.walk import may
from tests.support.town import Town
from tests.support.world import World

_LINK = re.compile(r'<(?:a|link|area)\b[^>]*?\shref="([^"]*)"')
_FORM = re.compile(r'<form\b[^>]*?\saction="([^"]*)"')
_SOURCE = re.compile(r'<(?:img|script|source)\b[^>]*?\ssrc="([^"]*)"')
_ID = re.compile(r'\sid="([^"]*)"')
_NUMBERS = re.compile(r"[0-9a-f-]{36}|\d+")
# Of addresses that differ in their question alone only so many are followed: a calendar has no end.
_QUESTIONS = 2
_TABLE = "the table"  # which names more than everybody has
_SEES_THE_CLOCK = "/readyz"  # that the clock was moved
_ONCE = ("/login/link/", "/invitations/", "/people/reset/")


class Crawl:
    """One person's walk along all links."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest
        self._todo: deque[tuple[str, str]] = deque()  # each with the page that leads there
        self._known: set[str] = set()
        self._asked: dict[str, int] = {}
        self._routes = guest.http.application.url_map.bind("localhost")
        self.wrong: set[str] = set()

    def begin(self, where: str) -> None:
        """This page is one of those that the person comes from."""
        self._follow(where, _TABLE)

    def _follow(self, link: str, page: str) -> None:
        where, _ = urldefrag(urljoin(page, link) if page.startswith("/") else link)
        parts = urlsplit(where)
        if parts.scheme or parts.netloc or where in self._known or where.startswith(_ONCE):
            return
        self._known.add(where)
        if parts.query:
            self._asked[parts.path] = self._asked.get(parts.path, 0) + 1
            if self._asked[parts.path] > _QUESTIONS:
                return
        self._todo.append((where, page))

    def walk(self) -> None:
        """Everything that can be reached has been looked at."""
        while self._todo:
            where, page = self._todo.popleft()
            path, _, query = where.partition("?")
            answer = self._guest.ask("GET", path, **dict(parse_qsl(query)))
            if (answer.status == 404 and page != _TABLE) or (answer.status >= 500 and where != _SEES_THE_CLOCK):
                self._note(f"{page} leads to {where}: {answer.status}")
            if answer.leads_to:
                self._follow(answer.leads_to, page if page == _TABLE else where)
            if answer.body.lstrip().startswith("<!doctype html>"):
                self._read(where, answer.body)

    def _read(self, where: str, body: str) -> None:
        ids = _ID.findall(body)
        for twice in {name for name in ids if ids.count(name) > 1}:
            self._note(f"{where} has two of #{twice}")
        for link in map(unescape, _LINK.findall(body)):
            before, mark = urldefrag(link)
            if mark and before in ("", where) and unquote(mark) not in ids:
                self._note(f"{where} leads to #{mark}, which it does not have")
            if before:
                self._follow(before, where)
        for source in map(unescape, _SOURCE.findall(body)):
            self._follow(source, where)
        for action in map(unescape, _FORM.findall(body)):
            self._check_form(action, where)

    def _check_form(self, action: str, where: str) -> None:
        """There is a door at the address of a form."""
        parts = urlsplit(urljoin(where, action))
        if not parts.netloc and not any(self._routes.test(parts.path, verb) for verb in ("POST", "GET")):
            self._note(f"{where} has a form that goes to {action}, where there is no door")

    def _note(self, what: str) -> None:
        self.wrong.add(f"{self._guest.name}: {_NUMBERS.sub('*', what)}")


def _entrances(things: Things, guest: Guest, rules: dict[str, object]) -> list[str]:
    """Every page of the table that this person may open, by its address: no state of anything is left out."""
    found = []
    for row in ROWS:
        if "GET" in row.verbs and not row.rule.startswith(("/api/", "/callbacks/", *_ONCE)):
            rule = rules[row.rule]
            found += [address(rule, thing.values) for thing in things.of(rule) if may(guest, row, thing)]
    return found


@pytest.mark.in_turn
@pytest.mark.parametrize("name", ["anonymous", "client", "practitioner", "staff"])
def test_no_link_on_any_page_leads_nowhere(world: World, name: str) -> None:
    """Issue 16 point 8, finding pages 3: bookings, proposals, forms, disputes and payments in every state they can have."""
    town = Town(world)
    [guest] = [each for each in guests(town) if each.name == name]
    things = Things(town)
    crawl = Crawl(guest)
    rules = {rule.rule: rule for rule in world.app.url_map.iter_rules()}
    for where in ["/", *_entrances(things, guest, rules)]:
        crawl.begin(where)
    crawl.walk()
    assert not crawl.wrong, "\n".join(sorted(crawl.wrong))


def test_every_page_that_code_names_is_one(world: World) -> None:
    """Also where the branch of a template that names it is hardly ever shown: building its address would be a 500."""
    named = re.compile(r'\b(?:url_for|go|go_next)\(\s*"([a-z_]+(?:\.[a-z_]+)*)"')
    app = Path(world.app.root_path)
    found = {
        (str(file.relative_to(app)), endpoint)
        for file in [*app.glob("templates/**/*.html"), *app.glob("blueprints/**/*.py"), *app.glob("templates/**/*.txt")]
        for endpoint in named.findall(file.read_text())
    }
    assert len(found) > 100
    assert sorted(each for each in found if each[1] not in world.app.view_functions) == []
