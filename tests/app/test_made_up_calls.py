"""Calls made up from the description, in a Kikao that has been lived in: whatever is sent, the answer is one it describes.

That the code of each refusal is declared for its call is looked at with every call of every test: tests/support/declared.py.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any
from unicodedata import category

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.routing import Rule

from app.blueprints.api.calls import CALLS
from app.blueprints.api.declarations import Call
from app.models import User
from app.services.accounts import logins
from tests.access import forms
from tests.access.things import Thing, Things
from tests.support.rounds import whose_turn
from tests.support.town import Pair, Town
from tests.support.world import PASSWORD, Caller, World

_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_ENOUGH = 0.8  # of the operations must have done once what they are for
_LAST = ("withdraw_package_offer", "end_token", "log_out", "erase_me")  # after them others find nothing any more
_NOT_AS_DESCRIBED = {"bad_request", "invalid", "too_long", "too_many"}
_DEPENDENT = {"choose_offer"}  # a time is needed with one of two choices, which the description says in words
_PUBLIC = {"slug", "service_id", "offer_id"}
_MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@dataclass(frozen=True)
class Who:
    """Somebody who calls, and the pair whose things they know."""

    name: str
    caller: Caller
    email: str
    pair: Pair
    is_staff: bool = False

    def knows(self, thing: Thing) -> bool:
        """Whether it is theirs, or for all to see."""
        return self.is_staff or bool(thing.sides_of(self.caller.user_id)) or set(thing.values) <= _PUBLIC


@dataclass
class Trial:
    """Everybody makes every call, sensibly and not; what was wrong is written down."""

    town: Town
    whole: bool
    half: str
    wrong: list[str] = field(default_factory=list)
    seen: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        world, pair = self.town.world, self.town.pairs[0]
        callers = {
            "newcomer": world.person(name="Asha Newcomer"),
            "client": pair.client,
            "practitioner": pair.owner,
            "staff": self.town.staff,
        }
        self.people = [
            Who(name, caller, world.email(caller), pair, is_staff=name == "staff") for name, caller in callers.items()
        ]
        self._things = Things(self.town)
        self._rules = {rule.endpoint: rule for rule in world.app.url_map.iter_rules()}
        self._schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", world.app)
        self._free = iter([slot["start"] for slot in world.slots(pair.services["card"], 7)[20:]])
        self._turns = cycle(self.people)

    # ------------------------------------------------------------------------------------ sensibly

    def use(self, call: Call) -> None:
        """Everybody asks for what the call is for: of their own things until it was done, and of one that is none."""
        for who in self.people if call.login else self.people[:1]:
            for thing in self._some(call, who):
                case = self._case(call, thing.values, **self._sensible(call, who))
                if self._send(call, who, case) < 300 and not self.whole:
                    break

    def _some(self, call: Call, who: Who) -> list[Thing]:
        if not call.path_parts:
            return [Thing({})]
        things = self._things.of(self._rule(call))
        own = [thing for thing in things if who.knows(thing)]
        others = [thing for thing in things if not who.knows(thing)]
        return [*own, *others[:1]]

    def _sensible(self, call: Call, who: Who) -> dict[str, Any]:
        given: dict[str, Any] = {}
        if call.query is not None:
            given["query"] = _QUERIES.get(call.name, {})
        if call.takes is not None and call.takes.model_fields:
            known = forms.good(f"/api/v1{call.path}", who.pair) | self._known(call, who)
            body = {name: known[name] for name in call.takes.model_fields if name in known}
            given |= {"body": body | self._files(call), "media_type": _media(call)}
        return given

    def _known(self, call: Call, who: Who) -> dict[str, Any]:
        """What only this call, or only this moment, can tell."""
        email = "somebody@people.test" if call.name == "register" else who.email
        start: dict[str, Any] = (
            {"start": next(self._free)} if call.name in ("create_booking", "propose_reschedule") else {}
        )
        return {"password": PASSWORD, "gateway": "stripe", "email": email} | start | _BODIES.get(call.name, {})

    def _files(self, call: Call) -> dict[str, Any]:
        files = [name for name, field in call.takes.model_fields.items() if field.annotation is bytes]
        return dict.fromkeys(files, _PDF)

    # ------------------------------------------------------------------------------------ not so sensibly

    def make_up(self, call: Call) -> None:
        """What the description allows is sent, and what it does not; mostly of things that there are."""
        for mode in _MODES:
            for n, case in enumerate(self._made_up(call, mode)):
                for who in self.people if self.whole else [next(self._turns)]:
                    self._try(call, who, case, n)

    def _try(self, call: Call, who: Who, case: Any, n: int) -> None:
        values = case.path_parameters
        own = self._some(call, who) if call.path_parts else []
        if own and n % 4 != 3:
            values = own[n % len(own)].values
        told = {"query": case.query, "headers": case.headers, "body": case.body, "media_type": case.media_type}
        self._send(call, who, self._case(call, values, **told), is_good=_is_good(case))

    def _made_up(self, call: Call, mode: GenerationMode) -> list[Any]:
        operation = self._operation(call)
        if mode is GenerationMode.NEGATIVE and not (call.path_parts or call.query or operation.body):
            return []
        found: list[Any] = []

        @seed(f"{self.half} {call.name}")
        @settings(
            max_examples=10 if self.whole else 2,
            derandomize=not self.whole,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(generation_mode=mode, feedback=NO_FEEDBACK))
        def gather(case: Any) -> None:
            found.append(case)

        try:
            gather()
        except Unsatisfiable:  # nothing can be sent that is not as described: one path part that takes any text, say
            assert mode is GenerationMode.NEGATIVE, call.name
        return found

    # ------------------------------------------------------------------------------------ asking

    def _rule(self, call: Call) -> Rule:
        return self._rules[f"api.{call.name}"]

    def _operation(self, call: Call) -> Any:
        return self._schema[call.path][call.method]

    def _case(self, call: Call, values: dict[str, Any], **told: Any) -> Any:
        return self._schema.make_case(operation=self._operation(call), path_parameters=dict(values), **told)

    def _send(self, call: Call, who: Who, case: Any, *, is_good: bool | None = None) -> int:
        """The status; that the answer is not as described is noted, and that the call is not, where `is_good` says what it is."""
        plain = {"Accept-Encoding": "identity"}  # what checks the answers reads no Brotli
        answer = case.call(headers=plain | ({"Authorization": f"Bearer {who.caller.token}"} if call.token else {}))
        self.seen[call.name].add(answer.status_code)
        if call.name in _LAST:
            who.caller.token = self._new_token(who)
        try:
            case.validate_response(answer, checks=_CHECKS)
        except FailureGroup as failures:
            self.wrong.append(f"{call.name} by {who.name}: {failures} {case.as_curl_command()[:600]}")
        code = answer.json().get("code") if 400 <= answer.status_code < 500 else None
        if is_good and code in _NOT_AS_DESCRIBED and call.name not in _DEPENDENT and not _is_odd(case.body):
            self.wrong.append(f"{call.name}: {answer.text} though it is as described: {case.as_curl_command()[:600]}")
        if is_good is False and answer.status_code < 300 and not _is_untidy(case.body):
            self.wrong.append(f"{call.name}: done though it is not as described: {case.as_curl_command()[:600]}")
        return int(answer.status_code)

    def _new_token(self, who: Who) -> str:
        """Another one: the one they had may have been ended."""
        with self.town.world.rows() as session:
            return logins.begin_program(session.get_one(User, who.caller.user_id))


_PDF = b"%PDF-1.4\n%%EOF\n"
_QUERIES = {"list_slots": {"from": "2026-12-10", "to": "2026-12-11"}, "show_statement": {}, "list_statements": {}}
_BODIES: dict[str, dict[str, Any]] = {"mark_read": {"number": 1}}


def _is_odd(value: Any) -> bool:
    """Whether it has what JSON's schema takes and we do not: 1.0 for a whole number, and NUL, which no table keeps."""
    if isinstance(value, dict):
        return any(_is_odd(each) for pair in value.items() for each in pair)
    if isinstance(value, list):
        return any(_is_odd(each) for each in value)
    return "\x00" in value if isinstance(value, str) else isinstance(value, float)


def _is_untidy(value: Any) -> bool:
    """Whether it has letters that nobody sees: they are taken out before a text is measured, and may be all that is too much."""
    if isinstance(value, dict):
        return any(_is_untidy(each) for each in value.values())
    if isinstance(value, list):
        return any(_is_untidy(each) for each in value)
    return isinstance(value, str) and any(category(letter) in ("Cc", "Cf") for letter in value)


def _media(call: Call) -> str:
    return "multipart/form-data" if call.upload else "application/json"


def _is_good(case: Any) -> bool | None:
    """Whether the body is as described; None where something else is not, or there is none."""
    modes = {place: part.mode for place, part in case.meta.components.items()}
    if GenerationMode.NEGATIVE not in modes.values():
        return True
    return False if modes.get(ParameterLocation.BODY) is GenerationMode.NEGATIVE else None


# Schemathesis closes no answer, and the archive of one's data is a file.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_whatever_is_called_however_is_answered_as_described(
    world: World, all_rounds: bool, request: pytest.FixtureRequest
) -> None:
    trial = Trial(Town(world), whole=all_rounds, half=request.config.option.half)
    turn = whose_turn(request, "made up", [call.name for call in CALLS])
    last = [call for name in _LAST for call in CALLS if call.name == name]
    for calls in ([call for call in CALLS if call not in last], *([call] for call in last)):
        for call in calls:
            trial.use(call)
        for call in calls:
            if call.name in turn:
                trial.make_up(call)
    never = sorted(call.name for call in CALLS if not any(status < 300 for status in trial.seen[call.name]))
    assert not trial.wrong, "\n".join(trial.wrong)
    assert len(never) <= len(CALLS) * (1 - _ENOUGH), " ".join(never)
