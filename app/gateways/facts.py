"""What travels between Kikao and a vendor and is kept in rows: the request, the step that answers it, facts about money.

Each class says in `type_code` the word it is stored by (services/core/fact_json), which is also what tables are keyed by.
The word is forever; the name of the class is not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from app.domain.lifecycle import DisputePhase
from app.domain.money import Money


class Storable:
    """What rows keep as JSON, by its type code."""

    type_code: ClassVar[str]


class FailureCode(StrEnum):
    """Why a payment failed, in few words; each has a plain sentence for people in every language."""

    DECLINED = "declined"  # the bank or operator said no, and not why, or why is none of the others
    INSUFFICIENT_FUNDS = "insufficient_funds"  # not enough on the account, or more than its limit allows now
    CANCELLED_BY_PAYER = "cancelled_by_payer"  # the payer said no, or closed the prompt
    NO_ANSWER = "no_answer"  # the prompt did not reach the payer, or nobody answered it in time
    AUTHENTICATION_FAILED = "authentication_failed"  # wrong PIN or code, or the bank's own check was not passed
    INVALID_ACCOUNT = "invalid_account"  # no such card, number or account, or it is no longer valid
    SESSION_EXPIRED = "session_expired"  # the vendor's page, order or reservation ended before it was paid
    PROCESSING_ERROR = "processing_error"  # something broke at the vendor or the bank: not the payer's doing


class RefundFailureCode(StrEnum):
    """Why money did not go back, where that decides what happens next."""

    WENT_BACK_BEFORE = (
        "went_back_before"  # the vendor says that it went back before: nobody may send it once more unseen
    )
    DISPUTED = "disputed"  # the payer's bank challenges the charge, and decides
    NO_BALANCE = "no_balance"  # our account at the vendor has too little: it is tried again for some days
    NO_ACCESS = "no_access"  # keys or rights of ours are not accepted, or are no longer
    UNCLEAR = "unclear"  # a word that we do not know: it may be under way all the same, and a person must look
    OTHER = "other"


# ---------------------------------------------------------------------------------------------------- facts
# What a vendor can tell us about money. An amount of None means the vendor does not state it (an STK query does not).
# Every fact answers to `money`, `charge_ref` and `refund_key`, so that nobody has to know which of them it has.


class _NoMoney:
    """A fact that names no amount."""

    money: ClassVar[None] = None


class _NoCharge:
    """A fact that names no charge."""

    charge_ref: ClassVar[None] = None


class _NoRefundKey:
    """A fact that is about no refund of ours."""

    refund_key: ClassVar[None] = None


@dataclass(frozen=True)
class Confirmed(Storable, _NoRefundKey):
    """The money is ours. `charge_ref` is the vendor's id of the charge, unique for ever: pi_, pay_, a receipt.

    `taken_at` (UTC) is when the vendor took it, or the payer began, as the news says; None where it does not.
    """

    type_code: ClassVar[str] = "confirmed"

    money: Money | None
    charge_ref: str | None
    verified: bool = True  # False: unsigned news (an M-Pesa callback); a look-up cross-checks it
    taken_at: datetime | None = None


@dataclass(frozen=True)
class Authorised(Storable, _NoRefundKey):
    """The money is reserved, not ours yet; it lapses at `capture_before` (UTC) unless captured."""

    type_code: ClassVar[str] = "authorised"

    money: Money
    charge_ref: str
    capture_before: datetime | None = None


@dataclass(frozen=True)
class Failed(Storable, _NoMoney, _NoCharge, _NoRefundKey):
    """This try ended without money, on the vendor's explicit word. It may still turn into Confirmed later."""

    type_code: ClassVar[str] = "failed"

    code: FailureCode
    vendor_code: str = ""


@dataclass(frozen=True)
class Pending(Storable, _NoMoney, _NoCharge, _NoRefundKey):
    """Not ended. `in_flight` is False only when the vendor shows that nothing is under way (an untouched page).

    `settles_by` (UTC): the payer has done their part, and their bank may take that long.
    """

    type_code: ClassVar[str] = "pending"

    in_flight: bool = True
    hint: FailureCode | None = None  # the last try inside a still payable page was declined, say
    refund_ref: str | None = None  # of a refund: the vendor's id, by which its later news is known
    settles_by: datetime | None = None


@dataclass(frozen=True)
class Refunded(Storable):
    """The money went back. `refund_key` is ours: without it somebody else sent it back, at the vendor's own site.

    `refund_ref` is the vendor's id of the refund. `taken` is what the charge had brought in: zero where the vendor had
    never captured it and gave it back by itself, None where the news does not say.
    """

    type_code: ClassVar[str] = "refunded"

    money: Money | None
    refund_ref: str | None = None
    refund_key: str | None = None
    charge_ref: str | None = None
    taken: Money | None = None


@dataclass(frozen=True)
class RefundFailed(Storable, _NoMoney):
    """The money did not go back, on the vendor's explicit word."""

    type_code: ClassVar[str] = "refundfailed"

    reason: str
    refund_ref: str | None = None
    refund_key: str | None = None
    charge_ref: str | None = None
    code: RefundFailureCode = RefundFailureCode.OTHER


@dataclass(frozen=True)
class RefundsChanged(Storable, _NoMoney, _NoRefundKey):
    """Something of the charge went back, or is about to, and which refund is not said: all of its refunds are looked up."""

    type_code: ClassVar[str] = "refundschanged"

    charge_ref: str


@dataclass(frozen=True)
class Disputed(Storable, _NoRefundKey):
    """The payer's bank challenges a charge; a person must look.

    `stage` is the vendor's own word, of which there are more than we know; ledger/disputes reads those that end one.
    `dispute_ref` is the vendor's id of the dispute: one charge may have several. Empty where a vendor names none, and then
    the charge has one. Evidence must be in by `respond_by` (UTC). `deducted` is what the vendor has taken for it, `fee` what
    it costs; None where it does not say.
    """

    type_code: ClassVar[str] = "disputed"

    charge_ref: str
    money: Money | None
    stage: str
    dispute_ref: str = ""
    phase: DisputePhase = DisputePhase.CHARGEBACK
    respond_by: datetime | None = None
    deducted: Money | None = None
    fee: Money | None = None


PaymentOutcome = Confirmed | Authorised | Failed | Pending
RefundOutcome = Refunded | RefundFailed | Pending
Fact = Confirmed | Authorised | Failed | Pending | Refunded | RefundFailed | RefundsChanged | Disputed


# ---------------------------------------------------------------------------------------------------- in and out


@dataclass(frozen=True)
class CheckoutRequest(Storable):
    """One try to pay, as it was stored before the call; called again with it, nothing new is started.

    Everything that depends on time is frozen here and never computed again (Stripe refuses the same key with other
    parameters). The vendor sends its news to `callback_url` and the browser to `return_url` or `cancel_url`.
    """

    type_code: ClassVar[str] = "checkoutrequest"

    reference: str  # ours: 12 characters A-Z2-9, fits M-Pesa's AccountReference
    idempotency_key: str
    money: Money
    description: str  # discreet: what the payer's statement may show
    expires_at: datetime  # UTC; when our own hold ends (an adapter stretches it to its vendor's minimum)
    created_at: datetime  # UTC
    callback_url: str
    return_url: str
    cancel_url: str
    email: str = ""
    phone: str = ""  # E.164
    name: str = ""
    manual_capture: bool = False
    slow_methods: tuple[str, ...] = ()  # of the gateway's own (Capabilities.slow_methods), those that settle in time
    # Which Kikao asks, and its checkout: told to a vendor that keeps notes. Empty in what was stored before there were names.
    installation: str = ""
    checkout: str = ""


@dataclass(frozen=True)
class Redirect(Storable):
    """Send the browser to `url`."""

    type_code: ClassVar[str] = "redirect"

    url: str
    provider_ref: str
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Window(Storable):
    """How a vendor's script opens its window: what it defines is called with options that hold our functions.

    Every name may be dotted: "modal.ondismiss". Closing the window is not failing: the payer may open it again.
    """

    type_code: ClassVar[str] = "window"

    opener: str  # what the script defines and we call with the options: "Razorpay", "PayPop.setup"
    paid: str  # the option called with the vendor's answer, an object
    closed: str  # the option called when the payer closes the window
    answers: tuple[str, ...]  # what of that answer is posted to the return page, where read_return proves it
    is_class: bool = False  # the opener is called with `new`
    method: str = ""  # what opens the window on what the opener gave; empty: it is open
    failed: str = ""  # the event, heard by .on() on what the opener gave, of a try that failed in the open window
    timeout: str = ""  # the option that says after how many seconds the window closes by itself, as `closed` then hears


@dataclass(frozen=True)
class Modal(Storable):
    """Load `script_url`, open its `window` with `options`; without script, POST `form_fields` to `form_action`.

    Where the script and its frames come from is said in the gateway's `hosts`, and what else they ask of the page in its
    `window_policy`, or the page's security policy keeps them out.
    """

    type_code: ClassVar[str] = "modal"

    script_url: str
    options: Mapping[str, object]
    form_action: str
    form_fields: Mapping[str, str]
    provider_ref: str
    details: Mapping[str, str] = field(default_factory=dict)
    window: Window | None = None  # None: only the form (so does a step that an earlier version kept)


@dataclass(frozen=True)
class WaitForPush(Storable):
    """A prompt is on the payer's phone; `seconds` is how long it may live there."""

    type_code: ClassVar[str] = "waitforpush"

    provider_ref: str
    seconds: int
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Instructions(Storable):
    """Tell the payer how to pay by other means; a person confirms later."""

    type_code: ClassVar[str] = "instructions"

    text: str
    provider_ref: str
    details: Mapping[str, str] = field(default_factory=dict)


CheckoutStep = Redirect | Modal | WaitForPush | Instructions
