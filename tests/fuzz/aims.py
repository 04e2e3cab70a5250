"""Where something may be sent: each POST there is with the names it reads, what gateways have told, and who can be there."""

import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.routing import Rule
from wtforms import Form

from app.blueprints.api.calls import CALLS
from tests.access import forms
from tests.access.guests import Guest
from tests.access.table import ROWS
from tests.access.things import Things, address, odd
from tests.access.walk import may
from tests.support.town import Town

_READ = re.compile(r'request\.form(?:\.get|\.getlist|\.to_dict)?[(\[]"(\w+)"|uploaded\("(\w+)"')
_BROUGHT_BACK = {
    "razorpay_payment_id",
    "razorpay_order_id",
    "razorpay_signature",
}  # by a browser from the vendor's page
_SECRETS = {"password"}  # with the right one people erase themselves, and are there no more
_PLACES_OF_ONE = 4  # of a kind, for one person


@dataclass(frozen=True)
class Aim:
    """A POST, who sends it to which of their own things (and to one that cannot be), and what it might take."""

    rule: str
    guest: Guest
    places: tuple[str, ...]
    names: tuple[str, ...]
    good: dict[str, Any]


@dataclass(frozen=True)
class News:
    """What a gateway has told once, where it told it, and its own name for it."""

    gateway: str
    path: str
    body: bytes
    event_id: str


def aims(town: Town, guests: list[Guest], *, of_programs: bool) -> list[Aim]:
    """All of the API's, or all of the pages'."""
    things, rules = Things(town), {rule.rule: rule for rule in town.world.app.url_map.iter_rules()}
    found = []
    for row in ROWS:
        if "POST" in row.verbs and "gateway" not in row.who and row.rule.startswith("/api/") == of_programs:
            rule = _posting(town.world.app, rules[row.rule])
            names = tuple(sorted(set(_taken(rule)) if of_programs else _read(town.world.app, rule)))
            for guest in guests:
                own = [address(rule, thing.values) for thing in things.of(rule) if may(guest, row, thing)]
                good = forms.good(rule.rule, town.pair_of(guest.user_id))
                known = {name: value for name, value in good.items() if name in names and name not in _SECRETS}
                if own:
                    found.append(Aim(rule.rule, guest, (*own[:_PLACES_OF_ONE], odd(rule)), names, known))
    return found


def _posting(app: Flask, rule: Rule) -> Rule:
    """The one of several with the same words that takes a POST."""
    return next(each for each in app.url_map.iter_rules() if each.rule == rule.rule and "POST" in (each.methods or ()))


def _taken(rule: Rule) -> Iterator[str]:
    """What the body of this call may have, and names that none has."""
    for call in CALLS:
        if rule.endpoint == f"api.{call.name}" and call.takes is not None:
            yield from call.takes.model_fields
    yield from ("amount", "status")


def _read(app: Flask, rule: Rule) -> set[str]:
    """What the page's module reads of a form: the fields of its forms, and those that it asks for by name."""
    module = sys.modules[app.view_functions[rule.endpoint].__module__]
    fields = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, Form)]
    named = {name for found in _READ.findall(inspect.getsource(module)) for name in found if name}
    more = _BROUGHT_BACK if rule.rule.endswith("/return") else {"next", "request_key"}
    with app.test_request_context():  # a form may look at the settings
        return named | {name for form in fields for name in form()._fields} | more


def news(town: Town) -> list[News]:
    """All that the gateways have told in the life of this town."""
    rows = town.world.sandbox.sandbox.courier.log()
    return [
        News(
            row["gateway"],
            urlsplit(row["target"]).path or f"/callbacks/{row['gateway']}",
            row["body"].encode(),
            row["event_id"],
        )
        for row in rows
    ]
