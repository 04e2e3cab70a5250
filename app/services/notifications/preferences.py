"""What people choose about messages: what reaches them by which channel. Everything is shown in the app in any case."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.extensions import db
from app.models import Channel, Role, User
from app.services.core.transaction import transaction

TITLES = "titles"  # whether messages and calendar entries say what a session is about


@dataclass(frozen=True)
class Group:
    """Kinds of messages that are switched together, and how it is while a person has chosen nothing.

    `always` are mailed whatever was chosen: they are about money that moved, or about a time that is not kept any more.
    """

    kinds: frozenset[str]
    texted: frozenset[str]  # those of the kinds that are worth an SMS
    sms: bool = False
    always: frozenset[str] = frozenset()

    @property
    def mail_is_fixed(self) -> bool:
        """Whether nothing in the group can be kept out of the mailbox."""
        return self.always == self.kinds


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MONEY = _words(
    "request_approved payment_due fee_due difference_due debt_waived"
    " due_paid payment_offer payment_returned payment_credited refund_done refund_credited"
    " refund_delayed refund_in_hand question_declined question_unanswered"
    " proof_rejected reservation_lapsed reservation_released topped_up payout_done payout_refused"
    " gift_bought gift_received gift_redeemed package_bought package_expired session_returned"
)
_PRACTICE = "request_received booking_confirmed_practitioner booking_expired_practitioner payment_returned_practitioner give_back"

# What is in no group (passwords, and what staff must know) is always mailed and never an SMS.
GROUPS: dict[str, Group] = {
    "bookings": Group(
        _words(
            "request_sent request_declined request_unanswered booking_confirmed booking_cancelled booking_expired"
            " session_started session_completed session_no_show question_sent question_answered question_message"
            " reschedule_proposed reschedule_rejected reschedule_unanswered booking_moved place_offered wait_over"
            " attendee_away attendee_comes meeting_link_changed forms_to_fill form_signed"
            " rating_received rating_answered"
        ),
        _words(
            "request_declined request_unanswered booking_confirmed booking_cancelled booking_expired session_started"
        ),
        always=_words("booking_confirmed booking_cancelled booking_moved"),
    ),
    "reminders": Group(
        _words("session_reminder session_soon payment_nudge"),
        _words("session_reminder session_soon payment_nudge"),
        sms=True,
    ),
    "money": Group(
        _MONEY,
        _words("request_approved payment_due payment_offer refund_done proof_rejected"),
        sms=True,
        always=_MONEY,
    ),
    "practice": Group(
        _words(
            f"{_PRACTICE} proof_received proof_waiting question_received question_waits question_missed package_sold"
        ),
        _words("request_received booking_confirmed_practitioner proof_received"),
    ),
}
TEXTED = frozenset().union(*(group.texted for group in GROUPS.values()))
_THEIRS: dict[Role, tuple[str, ...]] = {
    Role.CLIENT: ("bookings", "reminders", "money"),
    Role.PRACTITIONER: ("practice", "bookings", "reminders"),
    Role.STAFF: ("practice",),
}
_OF = {kind: name for name, group in GROUPS.items() for kind in group.kinds}


def groups_for(user: User) -> dict[str, Group]:
    """The groups the person has anything of."""
    return {name: GROUPS[name] for name in _THEIRS[user.role]}


def is_on(user: User, group: str, channel: Channel) -> bool:
    """Whether the person has messages of the group by this channel: their choice, else as it comes."""
    chosen = (user.switches or {}).get(_key(group, channel))
    if isinstance(chosen, bool):
        return chosen
    return True if channel is Channel.MAIL else GROUPS[group].sms


def wants(user: User, kind: str, channel: Channel) -> bool:
    """Whether a message of this kind is to reach the person by this channel."""
    group = _OF.get(kind)
    if channel is Channel.SMS:
        return group is not None and kind in TEXTED and bool(user.phone) and is_on(user, group, channel)
    return group is None or kind in GROUPS[group].always or is_on(user, group, channel)


def names_sessions(user: User) -> bool:
    """Whether messages to the person may say what a session is about; they do not unless asked to."""
    return (user.switches or {}).get(TITLES) is True


def choose(user: User, mail: Mapping[str, bool], sms: Mapping[str, bool], *, titles: bool) -> User:
    """The person's choices, by group, are kept; groups that do not exist or cannot be switched are left out."""
    chosen: dict[str, bool] = {TITLES: titles}
    for name, group in GROUPS.items():
        if name in mail and not group.mail_is_fixed:
            chosen[_key(name, Channel.MAIL)] = mail[name]
        if name in sms and group.texted:
            chosen[_key(name, Channel.SMS)] = sms[name]
    with transaction():
        found = db.session.get_one(User, user.id)
        found.switches = (found.switches or {}) | chosen
        return found


def _key(group: str, channel: Channel) -> str:
    return f"{group}.{channel.value}"
