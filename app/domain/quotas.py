"""Quotas, as a table: of what costs the one who asks nothing and somebody else something scarce, how much one may have.

A state (no `within`) is counted from the rows themselves, under the lock that protects the act: holds, requests, waits.
An event (`within` a time) is counted when it happens (services/core/counters): prompts, messages, wrong codes. Reading is
counted by Flask-Limiter (blueprints/common/throttle).
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

_MINUTES = timedelta(minutes=5)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


class Rule(StrEnum):
    """What there is a quota of; stored with what was counted and with who was stopped."""

    OPEN_BOOKINGS = "open_bookings"
    UNANSWERED = "unanswered"
    UNPAID_SESSIONS = "unpaid_sessions"
    SAME_TIME = "same_time"
    WITHDRAWN = "withdrawn"
    OPEN_WAITS = "open_waits"
    OPEN_QUESTIONS = "open_questions"
    PROPOSALS = "proposals"
    MESSAGES = "messages"
    PAYMENT_TRIES = "payment_tries"
    PROMPTS_IN_A_ROW = "prompts_in_a_row"
    PROMPTS_TO_NUMBER = "prompts_to_number"
    PROMPTS_BY_ACCOUNT = "prompts_by_account"
    PROOFS = "proofs"
    RECEIPTS = "receipts"
    GIFT_GUESSES = "gift_guesses"
    SMS_TO_PERSON = "sms_to_person"
    SMS_TO_NUMBER = "sms_to_number"
    GUESSES = "guesses"
    GUESSES_BY_NETWORK = "guesses_by_network"
    GUESSES_AT_ACCOUNT = "guesses_at_account"
    OWN_GUESSES = "own_guesses"
    SECOND_GUESSES = "second_guesses"
    SECOND_GUESSES_IN_A_DAY = "second_guesses_in_a_day"
    PASSKEY_TRIES = "passkey_tries"
    TEXTED_CODES = "texted_codes"
    TEXTED_CODES_TO_NUMBER = "texted_codes_to_number"
    TEXTED_CODES_TO_NUMBER_IN_A_DAY = "texted_codes_to_number_in_a_day"
    TEXTED_CODES_BY_NETWORK = "texted_codes_by_network"
    PROVIDERS_BY_NETWORK = "providers_by_network"
    CODES = "codes"
    CODES_BY_NETWORK = "codes_by_network"
    CODES_TO_ADDRESS = "codes_to_address"
    ACCOUNTS_BY_NETWORK = "accounts_by_network"
    GUEST_PLACES = "guest_places"
    GUEST_PLACES_IN_A_DIARY = "guest_places_in_a_diary"
    READS = "reads"
    READS_BY_NETWORK = "reads_by_network"


class Per(StrEnum):
    """Whose share it is."""

    CLIENT = "client"
    CLIENT_AND_PRACTITIONER = "client_and_practitioner"
    PRACTITIONER = "practitioner"
    CLIENT_AND_TIME = "client_and_time"
    PERSON = "person"
    PERSON_AND_BOOKING = "person_and_booking"
    NUMBER = "number"
    NETWORK = "network"
    ADDRESS = "address"
    ADDRESS_AND_NETWORK = "address_and_network"


@dataclass(frozen=True)
class Quota:
    """`most` of it `per` somebody: at once, or `within` a time. `code` is the sentence for who is stopped.

    `trusted` is how much may have who has paid for a session that took place, or earns their living here, instead
    (0: no more than the others).
    """

    most: int
    per: Per
    code: str
    within: timedelta | None = None
    trusted: int = 0

    @property
    def status(self) -> int:
        """What a program is answered: 429 where waiting helps, 409 where something has to be ended first."""
        return 429 if self.within else 409

    def allowed(self, *, trusted: bool) -> int:
        """How much of it this person may have."""
        return max(self.most, self.trusted) if trusted else self.most


COOL_DOWN = _HOUR  # for so long a time that was let go unpaid too often is left to others

QUOTAS: dict[Rule, Quota] = {
    # Whatever the mode: places held, drafts, requests, and sessions agreed but not paid. One free account took 156 of 156.
    Rule.OPEN_BOOKINGS: Quota(3, Per.CLIENT, "too_many_open", trusted=10),
    Rule.UNANSWERED: Quota(3, Per.CLIENT_AND_PRACTITIONER, "too_many_unanswered", trusted=6),
    Rule.UNPAID_SESSIONS: Quota(2, Per.CLIENT_AND_PRACTITIONER, "too_many_unpaid", trusted=6),
    # A time that was had and let go unpaid so often rests for COOL_DOWN, and so does a practitioner, who hears of each of
    # these: one free account asked for eighty sessions in two minutes and took each back.
    Rule.SAME_TIME: Quota(3, Per.CLIENT_AND_TIME, "let_go_too_often", _DAY),
    Rule.WITHDRAWN: Quota(10, Per.CLIENT_AND_PRACTITIONER, "withdrawn_too_often", _DAY),
    Rule.OPEN_WAITS: Quota(5, Per.CLIENT, "too_many_waits", trusted=10),
    Rule.OPEN_QUESTIONS: Quota(3, Per.CLIENT, "too_many_questions"),
    Rule.PROPOSALS: Quota(5, Per.PERSON_AND_BOOKING, "too_many_proposals", _DAY),
    Rule.MESSAGES: Quota(60, Per.PERSON, "too_many_messages", _HOUR),
    Rule.PAYMENT_TRIES: Quota(30, Per.CLIENT, "too_many_payments", _HOUR),
    # Who mistypes the PIN tries again at once, and perhaps once more: four in a row hurt nobody. A place is held for a
    # quarter of an hour, so the fifth comes in time, too. Ten in an hour is what a stranger's phone bears.
    Rule.PROMPTS_IN_A_ROW: Quota(4, Per.NUMBER, "too_many_prompts", timedelta(minutes=10)),
    Rule.PROMPTS_TO_NUMBER: Quota(10, Per.NUMBER, "too_many_prompts", _HOUR),
    Rule.PROMPTS_BY_ACCOUNT: Quota(12, Per.CLIENT, "too_many_prompts", _HOUR),
    Rule.PROOFS: Quota(10, Per.CLIENT, "too_many_proofs", _DAY),
    # Codes of payments can be guessed, and each is a question to a vendor who takes few: what one payer needs, and no more.
    Rule.RECEIPTS: Quota(6, Per.CLIENT, "too_many_receipts", _HOUR),
    # Only wrong ones count; sixteen characters are not guessed, and who tries all the same is slowed down.
    Rule.GIFT_GUESSES: Quota(10, Per.PERSON, "too_often", _MINUTES),
    # A practitioner with twelve sessions a day is reminded of each twice; what is above the quota is mailed alone.
    Rule.SMS_TO_PERSON: Quota(10, Per.PERSON, "too_often", _DAY, trusted=40),
    Rule.SMS_TO_NUMBER: Quota(10, Per.NUMBER, "too_often", _DAY, trusted=40),
    # Passwords and codes; only wrong ones count. At one account from one network hard; from everywhere only for devices that
    # are not known there, so that nobody can lock somebody out; a mobile network has one address for thousands.
    Rule.GUESSES: Quota(10, Per.ADDRESS_AND_NETWORK, "too_often", _MINUTES),
    Rule.GUESSES_BY_NETWORK: Quota(300, Per.NETWORK, "too_often", _MINUTES),
    Rule.GUESSES_AT_ACCOUNT: Quota(50, Per.ADDRESS, "guesses_from_everywhere", _HOUR),
    Rule.OWN_GUESSES: Quota(10, Per.PERSON, "too_often", _MINUTES),
    # Of who has proved the first factor: one in three hundred thousand codes is right.
    Rule.SECOND_GUESSES: Quota(5, Per.PERSON, "too_often", _MINUTES),
    Rule.SECOND_GUESSES_IN_A_DAY: Quota(50, Per.PERSON, "too_often", _DAY),
    Rule.PASSKEY_TRIES: Quota(300, Per.NETWORK, "too_often", _MINUTES),
    # Codes by SMS: whoever has the number is bothered seldom, and each costs.
    Rule.TEXTED_CODES: Quota(5, Per.PERSON, "codes_too_often", _HOUR),
    Rule.TEXTED_CODES_TO_NUMBER: Quota(3, Per.NUMBER, "codes_too_often", _HOUR),
    Rule.TEXTED_CODES_TO_NUMBER_IN_A_DAY: Quota(6, Per.NUMBER, "codes_too_often", _DAY),
    Rule.TEXTED_CODES_BY_NETWORK: Quota(60, Per.NETWORK, "codes_too_often", _HOUR),
    Rule.PROVIDERS_BY_NETWORK: Quota(300, Per.NETWORK, "too_often", _MINUTES),
    # Mails with a code or a link.
    Rule.CODES: Quota(5, Per.ADDRESS_AND_NETWORK, "codes_too_often", _HOUR),
    Rule.CODES_BY_NETWORK: Quota(300, Per.NETWORK, "codes_too_often", _HOUR),
    Rule.CODES_TO_ADDRESS: Quota(10, Per.ADDRESS, "codes_too_often", _HOUR),
    Rule.ACCOUNTS_BY_NETWORK: Quota(100, Per.NETWORK, "too_often", _HOUR),  # where no mail proves the address
    # Places kept for who has no account yet. Above it nobody is stopped: their time is not kept while they prove the address.
    Rule.GUEST_PLACES: Quota(20, Per.NETWORK, "too_often", timedelta(minutes=15)),
    # Only those whose address was never proved count: five, kept anew each quarter of an hour, closed a small diary for good.
    Rule.GUEST_PLACES_IN_A_DIARY: Quota(20, Per.PRACTITIONER, "too_often", _DAY),
    # Calendars and searches. Of who has not logged in the network is counted, and a mobile one shares an address.
    Rule.READS: Quota(120, Per.PERSON, "too_often", timedelta(minutes=1)),
    Rule.READS_BY_NETWORK: Quota(600, Per.NETWORK, "too_often", timedelta(minutes=1)),
}
