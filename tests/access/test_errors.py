"""What forms say: each is sent empty and full of nonsense, and every error stands beside its field and names it."""

import re
from collections import defaultdict
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import pytest

from app import words
from tests.access.forms import good
from tests.access.guests import Answer, Guest, guests
from tests.access.table import ROWS
from tests.access.things import Things, address
from tests.access.walk import may
from tests.support.town import Town
from tests.support.world import World

_ID = re.compile(r'\sid="([^"]*)"')
_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")
_LEAVES = ("/logout", "/language", "/login/with/")
_ENDS_LOGINS = ("/profile/security/", "/staff/people/")
_OF_A_KIND = 6  # pages that are looked at: from all of them, as they were made
_LEAST_SENT = {"anonymous": 6, "client": 30, "practitioner": 40, "staff": 20}
_GOOD = {
    "email": "somebody@people.test",
    "headline": "Words",
    "about": "Words",
    "role": "client",
    "password": "a short sentence",
}
_NONSENSE = {"email": "nobody", "date": "2027-02-30", "time": "25:00", "number": "many", "url": "nowhere"}
_LONG = "x" * 6_001
# Sentences that would do for any field, so that none is helped by them.
_GENERIC = {
    str(words.PROBLEMS[code]) for code in ("invalid", "bad_request", "too_long", "out_of_range", "date_invalid")
} | {"Fill in this field.", "This field is required.", "Not a valid choice.", "Not a valid integer value."}
_TWO_TOGETHER = {"Enter a price above zero and a currency code such as KES."}  # a price is both
_KINDS_SKIPPED = ("file", "checkbox", "select")


@dataclass
class Field:
    """A field of a form that people see."""

    name: str
    kind: str
    first: str = ""  # the value of a list's first choice


class Forms(HTMLParser):
    """The forms of a page, the labels of their fields, and the errors beside them."""

    def __init__(self, body: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str], dict[str, Field]]] = []
        self.errors: list[tuple[str, str]] = []  # the id of the field, what is said
        self.summary: list[tuple[str, str]] = []  # what it leads to, what is said
        self.labels: dict[str, str] = {}
        self.ids: dict[str, str] = {}
        self._into: tuple[Any, ...] = ()
        self._in_summary = False
        self.feed(body)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A part of a form begins."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method") == "post":
            self.forms.append((given.get("action", ""), {}, {}))
        elif tag in ("input", "select", "textarea") and self.forms and given.get("name"):
            self._take(tag, given)
        elif tag == "option" and self.forms and self.forms[-1][2]:
            field = list(self.forms[-1][2].values())[-1]
            field.first = field.first or given.get("value", "")
        elif tag == "label" and given.get("for"):
            self._into = ("label", given["for"], [])
        elif tag == "legend":
            self._into = ("legend", "", [])
        elif tag == "p" and given.get("class") == "error":
            self._into = ("error", given.get("id", "").removesuffix("-error"), [])
        elif given.get("class") == "error-summary":
            self._in_summary = True
        elif tag == "li" and self._in_summary:
            self._into = ("li", "", [])
        elif tag == "a" and self._into and self._into[0] == "li":
            self._into = ("li", given.get("href", ""), self._into[2])

    def _take(self, tag: str, given: dict[str, str]) -> None:
        _, hidden, seen = self.forms[-1]
        kind = given.get("type", "text") if tag == "input" else tag
        if kind == "hidden":
            hidden[given["name"]] = given.get("value", "")
        elif kind not in ("submit", "button"):
            seen.setdefault(given["name"], Field(given["name"], kind))
            self.ids[given.get("id", "")] = given["name"]

    def handle_data(self, data: str) -> None:
        """Words."""
        if self._into:
            self._into[2].append(data.strip())

    def handle_endtag(self, tag: str) -> None:
        """A part ends."""
        if tag == "ul":
            self._in_summary = False
        if not self._into or tag not in ("label", "legend", "p", "li"):
            return
        what, whose, words = self._into
        text = " ".join(filter(None, words)).removeprefix("Error: ")
        if what == "label":
            self.labels[whose] = text
        elif what == "error":
            self.errors.append((whose, text))
        elif what == "li":
            self.summary.append((whose, text))
        self._into = ()


class Sender:
    """Somebody who sends every form that they are shown, wrongly, and notes what they read then."""

    def __init__(self, guest: Guest, good: dict[str, Any]) -> None:
        self._guest, self._good = guest, good
        self._done: set[tuple[str, ...]] = set()
        self.sent = 0
        self.wrong: list[str] = []

    def look(self, where: str, **query: str) -> None:
        """Every form of the page that was not sent yet is sent."""
        body = self._guest.ask("GET", where, **query).body
        for action, hidden, seen in Forms(body).forms if "<form" in body else []:
            path = action or where
            key = (_IDS.sub("*", path), *sorted(seen))
            if seen and key not in self._done and not path.startswith(_LEAVES):
                self._done.add(key)
                # What was sent before may have ended what this form is about.
                if action in [each[0] for each in Forms(self._guest.ask("GET", where, **query).body).forms]:
                    self._send(path, hidden, seen)

    def _send(self, path: str, hidden: dict[str, str], seen: dict[str, Field]) -> None:
        kept = hidden | {name: each.first for name, each in seen.items() if each.kind == "select"}
        kinds = {name: each.kind for name, each in seen.items() if each.kind not in _KINDS_SKIPPED}
        ways = [{name: _NONSENSE.get(kind, _LONG) for name, kind in kinds.items()}, dict.fromkeys(kinds, "")]
        # Nonsense before nothing, which may be enough; what helps comes last of all, as the form may be gone then.
        said = [self._read(path, kept | typed) for typed in ways]
        for typed, first in zip(ways, said, strict=True):
            if first:
                self._mend(path, kept, typed, first)

    def _mend(self, path: str, kept: dict[str, str], typed: dict[str, str], said: dict[str, str]) -> None:
        """What is wrong is put right: whatever is said then could have been said at once."""
        mended = typed | {name: str(self._good.get(name, "")) for name in said if name in typed}
        answer = self._ask(path, kept | mended)
        page = Forms(answer.body)
        late = {page.ids.get(whose, whose) for whose, _ in page.errors} - said.keys() if answer.status == 422 else set()
        if late & typed.keys():
            self._note(path, f"{sorted(late)} only once {sorted(said)} are right")

    def _read(self, path: str, form: dict[str, Any]) -> dict[str, str]:
        """What is said beside the fields, by their names; it is looked at whether it helps."""
        answer = self._ask(path, form)
        if answer.status != 422:
            return {}
        page = Forms(answer.body)
        ids = set(_ID.findall(answer.body))
        if not page.errors and not page.summary:
            self._note(path, "says nothing")
        for leads_to, text in page.summary:
            is_beside = leads_to[1:] in ids if leads_to else any(said in text for _, said in page.errors)
            if not is_beside:
                self._note(path, f"says beside no field: {text}")
        for text in {text for _, text in page.errors} & _GENERIC:
            self._note(path, f"would say of any field: {text}")
        self._look_for_twins(path, page)
        return {page.ids.get(whose, whose.removesuffix("-0")): text for whose, text in page.errors}

    def _ask(self, path: str, form: dict[str, Any]) -> Answer:
        self.sent += 1
        answer = self._guest.ask("POST", path, form)
        if self._guest.role and path.startswith(_ENDS_LOGINS):
            self._guest.enter(self._guest.email)
        return answer

    def _look_for_twins(self, path: str, page: Forms) -> None:
        by_text: defaultdict[str, set[str]] = defaultdict(set)
        for whose, text in page.errors:
            by_text[text].add(page.labels.get(whose, whose))
        for text, labels in by_text.items():
            if len(labels) > 1 and text not in _TWO_TOGETHER:
                self._note(path, f"says the same of {sorted(labels)}: {text}")

    def _note(self, path: str, what: str) -> None:
        self.wrong.append(f"{self._guest.name} {_IDS.sub('*', path)} {what}")


@pytest.mark.in_turn
@pytest.mark.parametrize("name", ["anonymous", "client", "practitioner", "staff"])
def test_every_form_says_all_that_is_wrong_at_once_beside_the_field(world: World, name: str) -> None:
    """Issue 16 points 8 and 9, finding pages 19: sent empty, and with nonsense in every field."""
    town = Town(world)
    things, pair = Things(town), town.pairs[0]
    [guest] = [each for each in guests(town) if each.name == name]
    sender = Sender(guest, good("/", pair) | _GOOD)
    rules = {rule.rule: rule for rule in world.app.url_map.iter_rules()}
    start = world.slots(pair.services["group"], 30)[-1]["start"]
    sender.look(f"/services/{pair.services['group']}/book", start=start)
    for row in ROWS:
        if "GET" in row.verbs and not row.rule.startswith(("/api/", "/callbacks/", "/login/link/")):
            found = [thing for thing in things.of(rules[row.rule]) if may(guest, row, thing)]
            for thing in found[:: max(1, len(found) // _OF_A_KIND)]:
                sender.look(address(rules[row.rule], thing.values))
    assert sender.sent > _LEAST_SENT[name]
    assert not sender.wrong, "\n".join(sorted(set(sender.wrong)))
