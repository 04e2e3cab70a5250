"""What the rules of messages (notifications/message_kinds) say, each by the district that knows it."""

from collections.abc import Callable

from app.models import Notification
from app.services.bookings import intake_forms
from app.services.consultations import question_words
from app.services.notifications import notices
from app.services.notifications.message_kinds import Rule

ANSWERS: dict[Rule, Callable[[Notification], bool]] = {
    Rule.CAN_BE_ANSWERED: question_words.can_be_answered,
    Rule.CAN_BE_NUDGED: notices.bill_can_be_nudged,
    Rule.FORMS_WAIT: intake_forms.still_wait,
    Rule.IS_UNREAD: question_words.is_unread,
}
