"""What the rules of messages (notifications/message_kinds) say, each by the district that knows it."""

from flask import Flask

from app.services.bookings import intake_forms
from app.services.consultations import question_words
from app.services.notifications import notices
from app.services.notifications.message_kinds import Rule
from app.services.notifications.notices import Answers

ANSWERS: Answers = {
    Rule.CAN_BE_ANSWERED: question_words.can_be_answered,
    Rule.CAN_BE_NUDGED: notices.bill_can_be_nudged,
    Rule.FORMS_WAIT: intake_forms.still_wait,
    Rule.IS_UNREAD: question_words.is_unread,
}


def install(app: Flask) -> None:
    """The application knows what every rule says."""
    notices.set_answers(app, ANSWERS)
