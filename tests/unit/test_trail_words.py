"""Every step that the code writes into the trail has words for people."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from app import create_app, words
from app.domain import lifecycle
from app.services.payments.receipt_checks import check_verdicts

SOURCES = list((Path(__file__).parents[2] / "app" / "services").rglob("*.py"))
STATUSES = {
    "booking": lifecycle.BookingStatus,
    "checkout": lifecycle.CheckoutStatus,
    "attempt": lifecycle.AttemptStatus,
    "refund": lifecycle.RefundStatus,
    "payout": lifecycle.PayoutStatus,
    "proof": lifecycle.ProofStatus,
    "receipt_check": lifecycle.ReceiptCheckStatus,
    "dispute": lifecycle.DisputeStatus,
    "consultation": lifecycle.ConsultationStatus,
    "gift": lifecycle.GiftStatus,
    "package": lifecycle.PackageStatus,
    "rating": lifecycle.RatingStatus,
    "reschedule": lifecycle.RescheduleStatus,
    "wait": lifecycle.WaitStatus,
}


def _recorded() -> list[tuple[str, str]]:
    """Subject and, where it is written out, the status of every record() there is."""
    calls = [call for source in SOURCES for call in re.findall(r"\brecord\(([^)]*)\)", source.read_text("utf-8"))]
    found = [re.findall(r'"(\w*)"', call) for call in calls]
    return [(names[0], names[-1] if len(names) > 2 else "") for names in found if names and names[0]]


def test_every_subject_has_a_name() -> None:
    """S3-34: nothing in the trail is shown as a code."""
    subjects = {subject for subject, _ in _recorded()}
    assert len(subjects) > 15
    assert subjects <= set(words.STAFF_SUBJECTS)


def test_every_step_has_a_word() -> None:
    steps = {(subject, str(each)) for subject, kind in STATUSES.items() for each in kind}
    steps |= {(subject, status) for subject, status in _recorded() if status and status != "replay"}
    with create_app().test_request_context():
        assert [(subject, status) for subject, status in sorted(steps) if words.step(subject, status) == status] == []


def test_reasons_of_ours_are_told_in_words_and_those_of_people_as_they_are() -> None:
    with create_app().test_request_context():
        assert words.why("refund", "asked", "too_late:2") == "the payment came too late"
        assert words.why("review", "open", "amount: 5 EUR") == "Different amount from the one requested: 5 EUR"
        assert words.why("attempt", "abandoned", "no proof of payment") == "no proof of payment arrived"
        assert words.why("booking", "cancelled", "cancelled: I am ill") == "cancelled: I am ill"
        assert words.why("booking", "declined", "") == ""


# ------------------------------------------------------------------------------------------------ verdicts

_PAYMENTS = [source for source in SOURCES if "payments" in source.parts]
# What a call of this name writes down, and where among its arguments the word stands.
_SAYS = {"refuse": 1, "doubt": 1, "abandon": 2, "Verdict": 1}
_NAMES = {"words", "wrong", "_EARLY", "TO_LOOK_UP"}  # what such an argument is called where it was put together before


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _texts(node: ast.expr) -> Iterator[str]:
    """Every text that the expression may be, with 7 for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))
    elif isinstance(node, ast.JoinedStr):
        parts = [list(_texts(each)) if isinstance(each, ast.Constant) else list(_filled(each)) for each in node.values]
        yield from _joined(parts)


def _filled(node: ast.expr) -> Iterator[str]:
    value = node.value if isinstance(node, ast.FormattedValue) else node
    is_reason = isinstance(value, ast.Name) and value.id == "reason"
    yield from list(_texts(value)) or ["too_late" if is_reason else "7"]


def _joined(parts: list[list[str]]) -> list[str]:
    found = [""]
    for part in parts:
        found = [before + each for before in found for each in part]
    return found


def _said(name: str) -> set[str]:
    trees = [node for source in _PAYMENTS for node in ast.walk(ast.parse(source.read_text("utf-8")))]
    calls = [node for node in trees if isinstance(node, ast.Call) and _called(node) == name]
    at = _SAYS[name]
    return {text for call in calls if len(call.args) > at for text in _texts(call.args[at])}


def _put_together() -> set[str]:
    """What news is said to have come to, where it is put together before it is given on."""
    found: set[str] = set()
    for source in _PAYMENTS:
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.Assign) and {getattr(each, "id", "") for each in node.targets} & _NAMES:
                found |= set(_texts(node.value))
            if isinstance(node, ast.FunctionDef) and node.name == "_contradiction":
                found |= {
                    text for each in ast.walk(node) if isinstance(each, ast.Return) for text in _texts(each.value)
                }
    return found - {""}


def _codes() -> set[str]:
    """Why a code is refused or doubted: the rows of the two tables, and what is written out elsewhere."""
    rows = {code for code, _ in (*check_verdicts._REFUSALS, *check_verdicts._DOUBTS)}
    return rows | _said("refuse") | _said("doubt") | {"staff"}


def test_every_verdict_about_a_code_is_told_in_words() -> None:
    codes = _codes()
    assert codes >= {"receipt_unknown", "payer", "silent", "not_asked", "staff"}
    with create_app().test_request_context():
        for code in codes:
            told = words.why("receipt_check", "review", f"QK12AB34CD {code}")
            assert told == f"QK12AB34CD: {words.receipt(code)}", code
            assert words.receipt(code), code
            assert words.why("review", "close", code) == words.receipt(code), code
            opened = words.why("review", "open", f"receipt: QK12AB34CD (client): {code} R000001")
            assert words.receipt(code) in opened, code
            assert f": {code}" not in opened, code
            assert words.receipt(code) in words.detail("receipt", f"QK12AB34CD (menu): {code}"), code


def test_every_reason_to_give_up_a_try_is_told_in_words() -> None:
    reasons = _said("abandon")
    assert len(reasons) > 5
    with create_app().test_request_context(headers={"Accept-Language": "sw"}):
        for reason in reasons:
            assert words.why("attempt", "abandoned", reason) != reason, reason


def test_what_became_of_news_is_told_in_words() -> None:
    """What the payment's page says of news, whatever it came to."""
    told = _said("Verdict") | _put_together()
    assert len(told) > 20
    with create_app().test_request_context(headers={"Accept-Language": "sw"}):
        assert [text for text in sorted(told) if words.verdict(text) == text] == []
