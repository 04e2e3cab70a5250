"""Every step that the code writes into the trail has words for people."""

import re
from pathlib import Path

from app import create_app, words
from app.domain import lifecycle

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
        assert words.why("refund", "asked", "too_late:2") == "the payment came after the place was gone"
        assert words.why("review", "open", "amount: 5 EUR") == "Another amount than was asked for: 5 EUR"
        assert words.why("attempt", "abandoned", "no proof of payment") == "no proof of payment came"
        assert words.why("booking", "cancelled", "cancelled: I am ill") == "cancelled: I am ill"
        assert words.why("booking", "declined", "") == ""
