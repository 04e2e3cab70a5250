"""What people choose about messages: what reaches them by which channel. The app shows everything in any case."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.extensions import db
from app.models import Channel, Role, User
from app.services.core.transaction import transaction
from app.services.notifications import message_kinds
from app.services.notifications.message_kinds import KINDS
from app.services.notifications.message_kinds import Group as MessageGroup

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


def _group(name: MessageGroup, *, sms: bool = False) -> Group:
    mine = {kind: row for kind, row in KINDS.items() if row.group is name}
    return Group(
        kinds=frozenset(mine),
        texted=frozenset(kind for kind, row in mine.items() if row.texted),
        sms=sms,
        always=frozenset(kind for kind, row in mine.items() if row.is_always_mailed),
    )


# What is in no group (passwords, and what staff must know) is always mailed and never an SMS.
GROUPS: dict[str, Group] = {
    MessageGroup.BOOKINGS.value: _group(MessageGroup.BOOKINGS),
    MessageGroup.REMINDERS.value: _group(MessageGroup.REMINDERS, sms=True),
    MessageGroup.MONEY.value: _group(MessageGroup.MONEY, sms=True),
    MessageGroup.PRACTICE.value: _group(MessageGroup.PRACTICE),
}
_THEIRS: dict[Role, tuple[str, ...]] = {
    Role.CLIENT: ("bookings", "reminders", "money"),
    Role.PRACTITIONER: ("practice", "bookings", "reminders"),
    Role.STAFF: ("practice",),
}


def groups_for(user: User) -> dict[str, Group]:
    """The groups the person has anything of."""
    return {name: GROUPS[name] for name in _THEIRS[user.role]}


def is_on(user: User, group: str, channel: Channel) -> bool:
    """Whether the person has messages of the group by this channel: their choice, else as it comes."""
    chosen = (user.switches or {}).get(_key(group, channel))
    if isinstance(chosen, bool):
        return chosen
    return channel is Channel.MAIL or GROUPS[group].sms or not user.email


def wants(user: User, kind: str, channel: Channel) -> bool:
    """Whether a message of this kind is to reach the person by this channel."""
    row = message_kinds.of(kind)
    if not user.email:  # what others are mailed goes to their phone
        return channel is Channel.SMS and (row.is_always_mailed or is_on(user, row.group, channel))
    if channel is Channel.SMS:
        return row.texted and bool(user.phone) and is_on(user, row.group, channel)
    return row.is_always_mailed or is_on(user, row.group, channel)


def names_sessions(user: User) -> bool:
    """Whether messages to the person may say what a session is about; they do not unless asked to."""
    return (user.switches or {}).get(TITLES) is True


def choose(user: User, mail: Mapping[str, bool], sms: Mapping[str, bool], *, titles: bool) -> User:
    """The person's choices are stored by group, without groups that do not exist or cannot be switched."""
    chosen: dict[str, bool] = {TITLES: titles}
    for name, group in GROUPS.items():
        if name in mail and user.email and not group.mail_is_fixed:
            chosen[_key(name, Channel.MAIL)] = mail[name]
        if name in sms and (group.texted if user.email else not group.mail_is_fixed):
            chosen[_key(name, Channel.SMS)] = sms[name]
    with transaction():
        found = db.session.get_one(User, user.id)
        found.switches = (found.switches or {}) | chosen
        return found


def _key(group: str, channel: Channel) -> str:
    return f"{group}.{channel.value}"
