"""What every payment gateway must be able to do: the whole contract between Kikao and a vendor.

An adapter is a translator. It is given plain values and returns plain values; it never sees Flask, the database or
another adapter, and it decides nothing. Sentence 5 of docs/architecture.md binds it: *silence is not failure*.
When a call gives no clear answer the adapter raises GatewayUnavailable or answers Pending, never Failed.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from app.domain.money import Money
from app.lib.refusals import Refusing

if TYPE_CHECKING:
    from app.gateways.settings import GatewaySettings

# ---------------------------------------------------------------------------------------------------- errors


class GatewayError(Exception):
    """Something between us and a vendor went wrong; the subclass names what the caller must do."""


class GatewayRefused(GatewayError):
    """The vendor said no and nothing was started: tell the client. `code` says why in our words."""

    def __init__(self, message: str, code: "FailureCode | None" = None) -> None:
        super().__init__(message)
        self.code = code or FailureCode.PROCESSING_ERROR


class GatewayUnavailable(GatewayError):
    """No clear answer (timeout, reset, 5xx, wrong shape): outcome unknown. Look up later, never mark failed."""


class NothingSent(GatewayUnavailable):
    """The vendor could not be reached, or turned the call away unread (429): for certain this call has begun nothing.

    So the same call, or another way, is safe at once, also where a vendor has no idempotency key. Never raised on a guess.
    """


class CallbackRejected(GatewayError):
    """A callback that is forged or malformed: answer 400, count it, store nothing."""


class SettingsMissing(GatewayError):
    """A gateway is enabled but not all its variables are set; the message names every one."""


# ---------------------------------------------------------------------------------------------------- words


class FailureCode(StrEnum):
    """Why a payment failed, in few words; each has a plain sentence for people in every language."""

    DECLINED = "declined"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    CANCELLED_BY_PAYER = "cancelled_by_payer"
    NO_ANSWER = "no_answer"
    AUTHENTICATION_FAILED = "authentication_failed"
    INVALID_ACCOUNT = "invalid_account"
    SESSION_EXPIRED = "session_expired"
    PROCESSING_ERROR = "processing_error"


# ---------------------------------------------------------------------------------------------------- facts
# What a vendor can tell us about money. An amount of None means the vendor does not state it (an STK query does not).


@dataclass(frozen=True)
class Confirmed:
    """The money is ours. `charge_ref` is the vendor's id of the charge, unique for ever (pi_, pay_, M-Pesa receipt)."""

    money: Money | None
    charge_ref: str | None
    verified: bool = True  # False: unsigned news (an M-Pesa callback); a look-up cross-checks it


@dataclass(frozen=True)
class Authorised:
    """The money is reserved, not ours yet; it lapses at `capture_before` (UTC) unless captured."""

    money: Money
    charge_ref: str
    capture_before: datetime | None = None


@dataclass(frozen=True)
class Failed:
    """This try ended without money, on the vendor's explicit word. It may still turn into Confirmed later."""

    code: FailureCode
    vendor_code: str = ""


@dataclass(frozen=True)
class Pending:
    """Not ended. `in_flight` is False only when the vendor shows that nothing is under way (an untouched page)."""

    in_flight: bool = True
    hint: FailureCode | None = None  # the last try inside a still payable page was declined, say


@dataclass(frozen=True)
class Refunded:
    """The money went back. `refund_key` is our key where the vendor echoes it, `refund_ref` the vendor's id."""

    money: Money | None
    refund_ref: str | None = None
    refund_key: str | None = None
    charge_ref: str | None = None


@dataclass(frozen=True)
class RefundFailed:
    """The money did not go back, on the vendor's explicit word."""

    reason: str
    refund_ref: str | None = None
    refund_key: str | None = None
    charge_ref: str | None = None
    retryable: bool = True


@dataclass(frozen=True)
class Disputed:
    """The payer's bank challenges a charge; a person must look. `stage` is the vendor's word (created, won, lost)."""

    charge_ref: str
    money: Money | None
    stage: str


PaymentOutcome = Confirmed | Authorised | Failed | Pending
RefundOutcome = Refunded | RefundFailed | Pending
Fact = Confirmed | Authorised | Failed | Pending | Refunded | RefundFailed | Disputed


# ---------------------------------------------------------------------------------------------------- in and out


@dataclass(frozen=True)
class CheckoutRequest:
    """One try to pay, as it was stored before the call; a repeated call with the same request starts nothing new.

    Everything that depends on time is frozen here and never computed again (Stripe refuses the same key with other
    parameters). The vendor sends its news to `callback_url` and the browser to `return_url` or `cancel_url`.
    """

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


@dataclass(frozen=True)
class Redirect:
    """Send the browser to `url`."""

    url: str
    provider_ref: str
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Window:
    """How a vendor's script opens its window: what it defines is called with the options, and our functions stand in them.

    Every name may be dotted: "modal.ondismiss". Closing the window is not failing: the payer may open it again.
    """

    opener: str  # what the script defines and we call with the options: "Razorpay", "PayPop.setup"
    paid: str  # the option called with the vendor's answer, an object
    closed: str  # the option called when the payer closes the window
    answers: tuple[str, ...]  # what of that answer is posted to the return page, where read_return proves it
    is_class: bool = False  # the opener is called with `new`
    method: str = ""  # what opens the window on what the opener gave; empty: it is open
    failed: str = ""  # the event, heard by .on() on what the opener gave, of a try that failed in the open window


@dataclass(frozen=True)
class Modal:
    """Load `script_url` and open its `window` with `options`; without script, POST `form_fields` to `form_action`.

    Where the script and its frames come from is said in the gateway's `hosts`, or the page's security policy keeps it out.
    """

    script_url: str
    options: Mapping[str, object]
    form_action: str
    form_fields: Mapping[str, str]
    provider_ref: str
    details: Mapping[str, str] = field(default_factory=dict)
    window: Window | None = None  # None: only the form (so does a step that an earlier version kept)


@dataclass(frozen=True)
class WaitForPush:
    """A prompt is on the payer's phone; `seconds` is how long it may live there."""

    provider_ref: str
    seconds: int
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Instructions:
    """Tell the payer how to pay by other means; a person confirms later."""

    text: str
    provider_ref: str
    details: Mapping[str, str] = field(default_factory=dict)


CheckoutStep = Redirect | Modal | WaitForPush | Instructions


@dataclass(frozen=True)
class InboundCallback:
    """A callback as it came in: raw bytes, headers with lower-case names, and what its signed address said, if any."""

    body: bytes
    headers: Mapping[str, str]
    address: str | None = None  # our reference, proven by the signature of the address


@dataclass(frozen=True)
class GatewayEvent:
    """News about money from a vendor, translated. `event_key` is the same for every repeat of the same news.

    The attempt is found by `reference` (ours) first, else by `provider_ref`. `echo` holds values the vendor repeats
    that must equal what the attempt stored in the `details` of its step (only keys both sides know are compared).
    """

    event_key: str
    kind: str  # the vendor's own name of the event, for the story staff read
    fact: Fact
    reference: str | None = None
    provider_ref: str | None = None
    echo: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RefundRequest:
    """Money to send back for one charge; `refund_key` is ours, committed before the call and the same for ever."""

    refund_key: str  # REFUND_KEYS, then letters, digits, - and _, at least ten characters
    provider_ref: str
    charge_ref: str
    money: Money
    reason: str
    callback_url: str = ""
    timeout_url: str = ""  # where a vendor says that it gave up waiting: no outcome, whatever code comes with it


# How our own keys begin, by which they are told from what others write into the same field.
REFUND_KEYS = "rf_"
# What stands after our key in the address that a vendor tells it gave up waiting.
TIMED_OUT = ".timeout"


@dataclass(frozen=True)
class Reply:
    """What the vendor wants to hear when its callback was understood."""

    body: bytes = b"{}"
    content_type: str = "application/json"


# ---------------------------------------------------------------------------------------------------- capabilities


@dataclass(frozen=True)
class Capabilities:
    """What a gateway can do; the least by default. Services decide by these, never by a gateway's name."""

    currencies: frozenset[str]  # ISO codes it may serve
    minimum: Mapping[str, int] = field(default_factory=dict)  # minor units, per currency
    maximum: Mapping[str, int] = field(default_factory=dict)
    whole_units_only: bool = False  # M-Pesa: no cents
    needs_phone: bool = False
    phone_region: str | None = None  # ISO country whose numbers it can ask, None: any
    repeatable_start: bool = False  # the same key gives the same payment, so an unknown start may be called again
    retryable_step: bool = False  # after Failed the same step can still be paid (a Razorpay order)
    can_expire: bool = False
    manual_capture: bool = False
    refunds: str = "none"  # none | full_only | partial
    failed_refund_is_credit: bool = False  # what it refuses to send back becomes credit at once; else staff decide
    by_hand: bool = False  # a person says whether it was paid: nobody can be asked, and nothing is heard
    retries_callbacks: bool = False  # a 500 makes the vendor send it again
    signs_callbacks: bool = False
    prompt_seconds: int = 0  # how long a push may be alive on a phone

    def why_not(self, money: Money) -> str | None:
        """Why this gateway cannot take `money`, in a word (currency, too_small, too_large, not_whole), or None."""
        if money.currency not in self.currencies:
            return "currency"
        if money.amount < self.minimum.get(money.currency, 1):
            return "too_small"
        if money.amount > self.maximum.get(money.currency, money.amount):
            return "too_large"
        return "not_whole" if self.whole_units_only and not money.is_whole else None


# ---------------------------------------------------------------------------------------------------- the interface


class Gateway(Refusing, ABC):
    """One vendor. Built once at start-up from its Settings; safe to share between threads."""

    code: ClassVar[str]  # the word in GATEWAYS, in addresses and in rows
    label: ClassVar[str]  # what people read: "M-Pesa", "Card", "UPI"
    capabilities: Capabilities  # on the class; an instance may narrow it by its settings (M-Pesa refunds)
    Settings: ClassVar[type["GatewaySettings"]]  # a frozen dataclass: any required field of it switches the gateway on
    hosts: tuple[str, ...] = ()  # origins the browser may be sent to or load from, for the page's security policy
    reply: Reply = Reply()

    @abstractmethod
    def start(self, request: CheckoutRequest) -> CheckoutStep:
        """The payment is under way at the vendor. Raises GatewayRefused, GatewayUnavailable or, of those, NothingSent."""

    @abstractmethod
    def read_callback(self, callback: InboundCallback) -> GatewayEvent | None:
        """The callback, proven and translated; None if genuine but not about us. No network. Or CallbackRejected."""

    @abstractmethod
    def look_up(self, provider_ref: str) -> PaymentOutcome:
        """What the vendor says of the payment now. Raises GatewayUnavailable; an unknown answer is Pending."""

    @abstractmethod
    def refund(self, request: RefundRequest) -> RefundOutcome:
        """The refund is asked for, once per refund_key.

        Raises GatewayUnavailable (outcome unknown: look_up_refund is next) or, of those, NothingSent (refund is next).
        """

    @abstractmethod
    def check(self) -> list[str]:
        """Sentences about what is wrong with keys or reachability, for `flask doctor`; empty when all is well."""

    def look_up_refund(self, request: RefundRequest) -> RefundOutcome:
        """What the vendor says of a refund now. Default: ask again with the same key, as vendors with keys allow."""
        return self.refund(request)

    def expire(self, provider_ref: str) -> PaymentOutcome:
        """The payment can no longer be made, or the answer says that it was. Only with capabilities.can_expire."""
        raise NotImplementedError(f"{self.code} cannot expire a payment")

    def capture(self, provider_ref: str, charge_ref: str, money: Money) -> PaymentOutcome:
        """The reserved money is ours. Only with capabilities.manual_capture."""
        raise NotImplementedError(f"{self.code} cannot capture")

    def void(self, provider_ref: str, charge_ref: str) -> PaymentOutcome:
        """The reserved money is free again. Only with capabilities.manual_capture."""
        raise NotImplementedError(f"{self.code} cannot void")

    def read_return(self, provider_ref: str, form: Mapping[str, str]) -> GatewayEvent | None:  # noqa: ARG002
        """What a browser brought back, if the vendor signed it: proof of a visit, never of money. Default: nothing."""
        return None
