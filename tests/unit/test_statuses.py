"""One status is one row: nothing that a person may see is ever shown as its code."""

import ast
import inspect
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

import app
from app import words
from app.domain import lifecycle
from app.models import Channel, Outcome
from app.services.bookings import booking_words, meetings
from app.services.ledger import money_words
from app.words import statuses
from app.words.statuses import Shown

_TEMPLATES = Path(app.__path__[0]) / "templates"
_ICONS = set(re.findall(r'^  "([\w-]+)":', (_TEMPLATES / "common" / "_icons.html").read_text(), re.MULTILINE))
_COLOURS = {"", "ok", "info", "warn", "bad"}
_ROWS: list[Mapping[str, Shown]] = [statuses.BOOKING_WORDS, statuses.MONEY_WORDS]
_ROWS += [{str(status): shown for status, shown in rows.items()} for rows in (statuses.ATTEMPTS, statuses.REFUNDS)]


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        (statuses.BOOKINGS, lifecycle.BookingStatus),
        (statuses.CHECKOUTS, lifecycle.CheckoutStatus),
        (statuses.ATTEMPTS, lifecycle.AttemptStatus),
        (statuses.REFUNDS, lifecycle.RefundStatus),
        (statuses.PROOFS, lifecycle.ProofStatus),
        (statuses.RESCHEDULES, lifecycle.RescheduleStatus),
        (statuses.WAITS, lifecycle.WaitStatus),
        ({"open": "", **words.ATTENDANCE_DECISIONS}, lifecycle.AttendanceStatus),
        (words.ATTENDANCE_CLAIMS, lifecycle.AttendanceClaim),
        (words.DISPUTES, lifecycle.DisputeStatus),
        (words.PAYOUTS, lifecycle.PayoutStatus),
        (words.GIFTS, lifecycle.GiftStatus),
        (words.QUESTIONS, lifecycle.ConsultationStatus),
    ],
)
def test_every_status_has_its_row(rows: Mapping[str, object], kind: type[lifecycle.BookingStatus]) -> None:
    assert set(rows) == set(kind)


def test_what_is_finer_than_a_status_has_its_row_too() -> None:
    assert set(words.REFUND_STATES) > set(lifecycle.RefundStatus)
    assert set(words.DELIVERIES) == {"", *Outcome}
    assert set(words.CHANNELS) == set(Channel)
    assert set(words.PACKAGES) == {"open", "used_up", *lifecycle.PackageStatus} - {"active"}


def test_every_booking_status_is_in_one_tab_and_has_its_code_on_the_wire() -> None:
    in_tabs = [status for tab in lifecycle.TABS.values() for status in tab]
    assert sorted(in_tabs) == sorted(lifecycle.BookingStatus)
    assert set(words.TABS) == set(lifecycle.TABS)
    assert set(lifecycle.WIRE) == set(lifecycle.BookingStatus)


def test_every_word_of_a_booking_has_a_badge() -> None:
    assert set(words.BOOKING_WORDS) == {*lifecycle.BookingStatus, *_texts(meetings.word)}


def test_every_word_of_a_bookings_money_has_a_badge() -> None:
    said = {*_texts(lifecycle.money_word), *_texts(booking_words.money_shown)}
    said |= {*money_words.FINER.values(), *money_words.ALONE}
    assert said == set(words.MONEY_WORDS)


def test_every_badge_has_a_picture_and_a_colour_that_exist() -> None:
    for word, shown in (row for rows in _ROWS for row in rows.items()):
        assert shown.icon in _ICONS, word
        assert shown.colour in _COLOURS, word


def test_the_timeline_tells_of_real_statuses_in_colours_that_exist() -> None:
    assert {colour for _, colour in words.STORY.values()} == _COLOURS
    assert {subject for subject, _ in words.STORY} <= set(words.STAFF_SUBJECTS)
    assert set(words.STORY) >= words.TOLD_WHY


def _texts(function: object) -> set[str]:
    """The words that a function may give."""
    tree = ast.parse(inspect.getsource(function))  # type: ignore[arg-type]
    docstring = ast.get_docstring(tree.body[0], clean=False)  # type: ignore[arg-type]
    found = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return found - {docstring}
