"""What the rules of messages (notifications/message_kinds) say, each by the district that knows it."""

from flask import Flask

from app.services.bookings import intake_forms
from app.services.consultations import question_words
from app.services.ledger import attendance_reviews
from app.services.notifications import message_truth
from app.services.notifications.message_kinds import Rule
from app.services.notifications.message_truth import Answers
from app.services.practice import external_calendars

ANSWERS: Answers = {
    Rule.ATTENDANCE_OPEN: attendance_reviews.awaits_staff,
    Rule.CAN_BE_ANSWERED: question_words.can_be_answered,
    Rule.CAN_BE_NUDGED: message_truth.bill_can_be_nudged,
    Rule.FEED_FAILS: external_calendars.still_fails,
    Rule.FORMS_WAIT: intake_forms.still_wait,
    Rule.IS_UNREAD: question_words.is_unread,
}


def install(app: Flask) -> None:
    """The application knows what every rule says."""
    message_truth.set_answers(app, ANSWERS)
