"""Everybody goes to every door, and what is not as the table says is written down."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from werkzeug.routing import Rule

from app.models import Role
from tests.access import forms
from tests.access.guests import Answer, Guest, Writes, guests
from tests.access.table import ROWS, Row
from tests.access.things import Thing, Things, address, never, nobodys, odd
from tests.support.town import Town

_ROLES = {"clients": Role.CLIENT, "practitioners": Role.PRACTITIONER, "staff": Role.STAFF}
_IN_PUBLIC = {"slug", "service_id", "offer_id"}  # everybody may know that there is such a one
_SEES_THE_CLOCK = "/readyz"  # that the clock was moved
_EXPECTED = {"rejected_callbacks"}  # how often somebody tried to be a gateway is counted

# Ids of what has just been made, keys of forms, and when a PDF was.
_NEW = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=name=\"request_key\" value=\")[A-Z2-9]+|\(D:\d{14}Z\)|/ID \[[^]]*\]"
)
_Each = TypeVar("_Each")


@dataclass(frozen=True)
class Door:
    """A row of the table, its route, and one of its verbs."""

    row: Row
    rule: Rule
    verb: str


class Walk:
    """One walk through the town. A short one looks at one thing of each kind, another one at each door; a whole one at all."""

    def __init__(self, town: Town, writes: Writes, *, whole: bool) -> None:
        self._town, self._things, self._guests = town, Things(town), guests(town)
        self._hidden = {guest.name: self._hidden_from(guest) for guest in self._guests}
        self._writes, self._whole = writes, whole
        self._turn = 0
        self.wrong: list[str] = []
        assert self._things.missing() == []
        self._writes.take()

    def _hidden_from(self, guest: Guest) -> set[str]:
        """Ids, names and addresses that this person has no business to read; of staff there are none."""
        if guest.role is Role.STAFF:
            return set()
        others = [pair for pair in self._town.pairs if guest.user_id not in pair.people]
        people = {text for pair in others for text in (pair.name, self._town.world.email(pair.client))}
        return people | self._things.hidden_from(guest.user_id)

    def doors(self, *verbs: str) -> Iterator[Door]:
        """All that answer one of these verbs."""
        rules = {rule.rule: rule for rule in self._town.world.app.url_map.iter_rules()}
        for row in ROWS:
            for verb in sorted(row.verbs.intersection(verbs)):
                yield Door(row, rules[row.rule], verb)

    # ------------------------------------------------------------------------------------ who may not

    def refuse(self, door: Door) -> None:
        """Whoever may not is told there what is told about a thing that never existed, and nothing changes."""
        for guest in self._guests:
            closed = [thing for thing in self._some(door.rule) if not _may(guest, door.row, thing)]
            for form in self._forms(door) if closed else ():
                self._refuse(door, guest, closed, form)
            if "link" in door.row.who and door.verb == "GET":
                self._refuse_spoilt(door, guest)

    def _refuse_spoilt(self, door: Door, guest: Guest) -> None:
        """A secret address leads nowhere when one letter of it is another."""
        for thing in self._things.of(door.rule):
            spoilt = {
                name: f"{value[:-2]}{'b' if value[-2] == 'a' else 'a'}{value[-1]}"
                for name, value in thing.values.items()
            }
            if self._ask(door, guest, address(door.rule, spoilt), None, set()).status != 404:
                self._note(door, guest, "is let in with a spoilt secret")

    def _some(self, rule: Rule) -> list[Thing]:
        """Things to look at: all; or one of this pair or that."""
        things, turn = self._things.of(rule), len(rule.rule)
        if self._whole:
            return things
        people = self._town.pairs[turn % 2].people
        found = [thing for thing in things if people & {thing.client, thing.practitioner}] or things
        return [found[(turn // 2) % len(found)]]

    def _forms(self, door: Door) -> list[dict[str, Any] | None]:
        if door.verb != "POST":
            return [None]
        good = forms.good(door.rule.rule, self._town.pairs[0])
        return [good, {}] if self._whole else [good]

    def _refuse(self, door: Door, guest: Guest, closed: Iterable[Thing], form: dict[str, Any] | None) -> None:
        told: dict[str, Answer] = {}
        for thing in closed:
            nothing = never(door.rule, thing)
            nowhere = address(door.rule, nothing.values)
            if nowhere not in told:
                told[nowhere] = self._ask(door, guest, nowhere, form, _EXPECTED).about(nowhere, nothing.ids)
            here = address(door.rule, thing.values)
            answer = self._ask(door, guest, here, form, _EXPECTED).about(here, thing.ids)
            if why := _why_wrong(guest, thing, answer, told[nowhere]):
                self._note(door, guest, why)

    def refuse_named(self, door: Door, field: str, kind: str) -> None:
        """Whoever may come in here, but names a thing of others, is told what is told about one that never existed."""
        for guest in self._guests:
            if guest.role is None or not (own := [t for t in self._things.of(door.rule) if _may(guest, door.row, t)]):
                continue
            others = [thing for thing in self._things.named(kind) if not thing.sides_of(guest.user_id)]
            for thing in own if self._whole else own[:3]:
                where = address(door.rule, thing.values)
                nothing, *told = [self._naming(door, guest, where, field, id_) for id_ in [nobodys(kind), *others[:1]]]
                for answer in told if guest.role is not Role.STAFF else ():
                    if answer != nothing:
                        self._note(door, guest, f"{field}: {answer.unlike(nothing)}")

    def _naming(self, door: Door, guest: Guest, where: str, field: str, thing: Thing) -> Answer:
        """What is answered where the form names this, whatever new things came of it."""
        [value] = thing.values.values()
        query, form = (
            ({field: value}, None) if door.verb == "GET" else ({}, self._naming_form(door, guest, field, value))
        )
        answer = self._ask(door, guest, where, form, None, **query)
        if (
            value.isdigit()
        ):  # the form comes back with it, and so short a number is part of other texts: the status says it
            return replace(answer, body="")
        answer = answer.about(value, [])
        return replace(answer, leads_to=_NEW.sub("*", answer.leads_to), body=_NEW.sub("*", answer.body))

    def _naming_form(self, door: Door, guest: Guest, field: str, value: str) -> dict[str, Any]:
        good = forms.good(door.rule.rule, self._town.pair_of(guest.user_id))
        known = int(value) if value.isdigit() else value
        return good | {field: [known] if field == "services" else known, "gateway": "package"}

    # ------------------------------------------------------------------------------------ who may

    def admit(self, door: Door) -> None:
        """Whoever may is let in to something and reads nothing of others there; all or one of them ask oddly, and nothing fails."""
        found = []
        for guest in self._some_guests(door):
            opened = [thing for thing in self._things.of(door.rule) if _may(guest, door.row, thing)]
            if opened and not any(self._enter(door, guest, thing) for thing in opened):
                self._note(door, guest, "is let in nowhere")
            if opened or self._whole:
                found.append((guest, [address(door.rule, thing.values) for thing in opened[:1]]))
        for guest, addresses in self._turned(found):
            for where in [*addresses, odd(door.rule)]:
                self._try_oddly(door, guest, where)

    def _some_guests(self, door: Door) -> list[Guest]:
        """All; or staff, nobody and the people of this pair or that."""
        others = set() if self._whole else self._town.pairs[len(door.rule.rule) % 2].people
        return [guest for guest in self._guests if guest.user_id not in others]

    def _enter(self, door: Door, guest: Guest, thing: Thing) -> bool:
        form = forms.good(door.rule.rule, self._town.pair_of(guest.user_id)) if door.verb == "POST" else None
        answer = self._ask(door, guest, address(door.rule, thing.values), form, None if form else set())
        read = [text for text in self._hidden[guest.name] if text in answer.body]
        if read and not door.row.who & {"anybody", "link"}:
            self._note(door, guest, f"reads what is not theirs: {read[:3]}")
        return answer.lets_in or ("anybody" in door.row.who and answer.status not in (403, 404))

    def _try_oddly(self, door: Door, guest: Guest, where: str) -> None:
        if door.verb == "POST":
            for form in self._turned(({}, forms.ODD)):
                self._ask(door, guest, where, form, None)
            return
        for query in self._turned(forms.QUERIES):
            self._ask(door, guest, where, None, set(), **query)
        self._ask(replace(door, verb="HEAD"), guest, where, None, set())

    def _turned(self, each: Sequence[_Each]) -> Sequence[_Each]:
        """All of them; or the next one each time."""
        self._turn += 1
        return each if self._whole or not each else [each[self._turn % len(each)]]

    # ------------------------------------------------------------------------------------ asking

    def _ask(
        self,
        door: Door,
        guest: Guest,
        where: str,
        form: dict[str, Any] | None,
        may_write: set[str] | None,
        **query: str,
    ) -> Answer:
        """The answer; that it is a failure is noted, and that more was written than `may_write` (None: anything)."""
        answer = guest.ask(door.verb, where, form, **query)
        wrote = self._writes.take()
        if answer.status >= 500 and door.rule.rule != _SEES_THE_CLOCK:
            self._note(door, guest, f"{answer.status} at {where} {query or form}")
        if may_write is not None and wrote - may_write:
            self._note(door, guest, f"has changed {sorted(wrote)}")
        return answer

    def _note(self, door: Door, guest: Guest, why: str) -> None:
        self.wrong.append(f"{door.verb} {door.rule.rule} by {guest.name}: {why}")


def _may(guest: Guest, row: Row, thing: Thing) -> bool:
    """Whether the table lets them in."""
    words = {"anybody", "link"} | thing.sides_of(guest.user_id)
    if guest.role is not None:
        words |= {"members"} | {word for word, role in _ROLES.items() if role is guest.role}
    return bool(row.who & words)


def _why_wrong(guest: Guest, thing: Thing, answer: Answer, nothing: Answer) -> str:
    """Why this is not how somebody may be sent away; empty if it is."""
    knows = bool(thing.sides_of(guest.user_id)) or guest.role is Role.STAFF or thing.values.keys() <= _IN_PUBLIC
    if knows and answer.status >= 300:
        return ""  # the other side may be told what is in the way, or be led to where they can do something
    return answer.unlike(nothing) if answer != nothing else ("is let in" if answer.status < 300 else "")
