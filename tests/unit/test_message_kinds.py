"""One kind of message is one row: nothing of it is forgotten, and nothing is told that has none."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import app
from app import words
from app.blueprints.notifications import notices as door
from app.domain.lifecycle import PayoutStatus
from app.services.backoffice import message_rules
from app.services.notifications import message_kinds, message_truth, preferences
from app.services.notifications.message_kinds import ALWAYS_TRUE, KINDS, Group, Page, Rule

_ROOT = Path(app.__path__[0])
_TOLD_BY = {"tell": 1, "tell_staff": 0, "Message": 1}  # where the kind stands among the arguments
_OWN_FILE = "message_kinds.py"
_PUT_TOGETHER = {f"payout_{status}" for status in PayoutStatus} - {"payout_asked"}  # by backoffice/repair


def _templates(folder: str) -> set[str]:
    return {path.stem for path in (_ROOT / "templates" / folder).glob("*.txt") if not path.name.startswith("_")}


def test_every_kind_has_its_mail_and_every_mail_its_kind() -> None:
    assert _templates("mail") == set(KINDS)


def test_every_kind_that_is_texted_has_its_sms_and_every_sms_its_kind() -> None:
    assert _templates("sms") == {kind for kind, row in KINDS.items() if row.texted}


def test_every_kind_has_its_words_and_all_words_their_kind() -> None:
    assert set(words.NOTICES) == set(words.MESSAGES) == set(KINDS)


def test_every_group_has_its_words_and_kinds_and_all_but_one_their_switch() -> None:
    assert set(words.MESSAGE_GROUPS) == set(Group) == {row.group for row in KINDS.values()}
    assert set(preferences.GROUPS) == set(Group) - {Group.ALWAYS}


def test_what_nobody_switches_is_never_an_sms() -> None:
    assert not [kind for kind, row in KINDS.items() if row.group is Group.ALWAYS and row.texted]


def test_every_page_a_message_leads_to_has_one_address() -> None:
    assert set(door._OF_ITS_BOOKING) | set(door._BY_ITSELF) == set(Page) == {row.page for row in KINDS.values()}
    assert not set(door._OF_ITS_BOOKING) & set(door._BY_ITSELF)


def test_a_kind_without_a_booking_leads_to_no_page_of_one() -> None:
    of_a_booking = {Page.ROOM, Page.RATE}
    assert not [kind for kind, row in KINDS.items() if row.page in of_a_booking and not row.of_booking]


def test_every_rule_is_needed_and_answered() -> None:
    needed = {row.still_true.rule for row in KINDS.values()} - {None}
    assert needed == set(Rule) == set(message_rules.ANSWERS)


def test_an_application_that_cannot_answer_a_rule_does_not_start() -> None:
    answers = {rule: answer for rule, answer in message_rules.ANSWERS.items() if rule is not Rule.IS_UNREAD}
    with pytest.raises(LookupError, match="is_unread"):
        message_truth.set_answers(Flask(__name__), answers)


def test_what_a_kind_needs_can_come_true() -> None:
    for kind, row in KINDS.items():
        assert row.still_true.bookings, kind
        assert row.still_true.row is None or row.still_true.row.statuses, kind


def test_a_kind_that_is_told_no_more_is_still_read() -> None:
    assert message_kinds.of("told_last_year").group is Group.ALWAYS
    assert message_kinds.of("told_last_year").still_true == ALWAYS_TRUE


def test_every_kind_that_is_told_is_known() -> None:
    told = {kind for path in _ROOT.rglob("*.py") for kind in _told_in(ast.parse(path.read_text()))}
    assert len(told) > len(KINDS) // 2, "the test still finds them"
    assert told <= set(KINDS)


def test_every_kind_is_told_somewhere() -> None:
    spoken = set()
    for path in [*(_ROOT / "services").rglob("*.py"), *(_ROOT / "domain").rglob("*.py")]:
        if path.name != _OWN_FILE:
            spoken |= {each for node in ast.walk(ast.parse(path.read_text())) for each in _literals(node)}
    assert set(KINDS) - spoken == _PUT_TOGETHER


def _told_in(tree: ast.Module) -> Iterator[str]:
    """Every kind that a call of this file writes out: to `notices`, or to a function that passes it on."""
    passing_on = _TOLD_BY | {
        name: at for node in tree.body if isinstance(node, ast.FunctionDef) for name, at in _at(node)
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and (at := _place(call.func, passing_on)) is not None:
            given = [*call.args[at : at + 1], *(each.value for each in call.keywords if each.arg == "kind")]
            yield from (kind for arg in given for kind in _kinds(arg))


def _at(function: ast.FunctionDef) -> Iterator[tuple[str, int]]:
    names = [arg.arg for arg in function.args.args]
    if "tell" in function.name and "kind" in names:
        yield function.name, names.index("kind")


def _place(called: ast.expr, passing_on: dict[str, int]) -> int | None:
    if isinstance(called, ast.Attribute):
        of_notices = isinstance(called.value, ast.Name) and called.value.id == "notices"
        return _TOLD_BY.get(called.attr) if of_notices else None
    return passing_on.get(called.id) if isinstance(called, ast.Name) else None


def _kinds(given: ast.expr) -> Iterator[str]:
    """The kinds that an argument may be; one that is put together is none."""
    if isinstance(given, ast.IfExp):
        yield from (*_kinds(given.body), *_kinds(given.orelse))
    yield from _literals(given)


def _literals(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
