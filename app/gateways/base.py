"""What every payment gateway must be able to do: the whole contract between Kikao and a vendor.

An adapter is a translator. It is given plain values and returns plain values; it never sees Flask, the database or
another adapter, and it decides nothing. Sentence 5 of docs/architecture.md binds it: *silence is not failure*.
When a call gives no clear answer the adapter raises GatewayUnavailable or answers Pending, never Failed.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import BinaryIO, ClassVar

from app.domain.lifecycle import DisputePhase
from app.domain.money import Money
from app.gateways.errors import (
    CallbackRejected,
    GatewayBusy,
    GatewayError,
    GatewayRefused,
    GatewayUnavailable,
    KeysRefused,
    NothingSent,
    SettingsMissing,
)
from app.gateways.events import GatewayEvent, InboundCallback, Listed, Reply
from app.gateways.facts import (
    Authorised,
    CheckoutRequest,
    CheckoutStep,
    Confirmed,
    Disputed,
    Fact,
    Failed,
    FailureCode,
    Instructions,
    Modal,
    PaymentOutcome,
    Pending,
    Redirect,
    Refunded,
    RefundFailed,
    RefundFailureCode,
    RefundOutcome,
    RefundsChanged,
    WaitForPush,
    Window,
)
from app.gateways.receipts import ReceiptDesk
from app.gateways.settings import GatewaySettings
from app.gateways.statements import STATEMENT, Statement, StatementFault, StatementRefused
from app.lib.network import addresses
from app.lib.network.addresses import Networks
from app.lib.network.remarks import Remark, Sight
from app.lib.refusals import Refusing

__all__ = [
    "REFUND_KEYS",
    "STATEMENT",
    "TIMED_OUT",
    "Authorised",
    "CallbackRejected",
    "Capabilities",
    "CheckoutRequest",
    "CheckoutStep",
    "Confirmed",
    "DisputePhase",
    "Disputed",
    "Fact",
    "Failed",
    "FailureCode",
    "Gateway",
    "GatewayBusy",
    "GatewayError",
    "GatewayEvent",
    "GatewayRefused",
    "GatewayUnavailable",
    "InboundCallback",
    "Instructions",
    "KeysRefused",
    "Listed",
    "Modal",
    "NothingSent",
    "PaymentOutcome",
    "Pending",
    "Redirect",
    "RefundFailed",
    "RefundFailureCode",
    "RefundOutcome",
    "RefundRequest",
    "RefundSupport",
    "Refunded",
    "RefundsChanged",
    "Remark",
    "Reply",
    "SettingsMissing",
    "Sight",
    "Statement",
    "StatementFault",
    "StatementRefused",
    "WaitForPush",
    "Window",
    "WindowPolicy",
]

# ---------------------------------------------------------------------------------------------------- in and out


@dataclass(frozen=True)
class RefundRequest:
    """Money to send back for one charge; `refund_key` is ours, committed before the call, and never another."""

    refund_key: str  # REFUND_KEYS, then letters, digits, - and _, at least ten characters
    provider_ref: str
    charge_ref: str
    money: Money
    reason: str
    callback_url: str = ""
    timeout_url: str = ""  # where a vendor says that it gave up waiting: no outcome, whatever code comes with it
    installation: str = ""  # which Kikao asks; empty for what was asked for before it had a name


# How our own keys begin, by which they are told from what others write into the same field.
REFUND_KEYS = "rf_"
# What stands after our key in the address that a vendor tells it gave up waiting.
TIMED_OUT = ".timeout"


# ---------------------------------------------------------------------------------------------------- capabilities


class RefundSupport(StrEnum):
    """How much of a charge a gateway can send back."""

    NONE = "none"
    FULL_ONLY = "full_only"  # the whole of it, once
    PARTIAL = "partial"  # any part of it, several times


@dataclass(frozen=True)
class Capabilities:
    """What a gateway can do; the least by default. Services decide by these, never by a gateway's name."""

    currencies: frozenset[str]  # ISO codes it may serve
    countries: frozenset[str] = frozenset()  # ISO countries whose people it is for; none: any
    minimum: Mapping[str, int] = field(default_factory=dict)  # minor units, per currency
    maximum: Mapping[str, int] = field(default_factory=dict)
    whole_units_only: bool = False  # M-Pesa: no cents
    needs_phone: bool = False
    phone_region: str | None = None  # ISO country whose numbers it can ask, None: any
    repeatable_start: bool = False  # the same key gives the same payment, so an unknown start may be called again
    retryable_step: bool = False  # after Failed the same step can still be paid (a Razorpay order)
    can_expire: bool = False
    manual_capture: bool = False
    refunds: RefundSupport = RefundSupport.NONE
    by_hand: bool = False  # a person says whether it was paid: nobody can be asked, and nothing is heard
    lists_money: bool = False  # charges, returns and disputes of a stretch of time can be listed (listed())
    reads_statements: bool = False  # what a person downloaded at its site can be read (read_statement())
    retries_callbacks: bool = False  # a 500 makes the vendor send it again
    signs_callbacks: bool = False
    prompt_seconds: int = 0  # how long a push may be alive on a phone
    settles_within: timedelta = timedelta(days=3)  # how late the vendor may still say that a payment was made
    slow_methods: Mapping[str, timedelta] = field(default_factory=dict)  # asked for by name: from start() to the money

    def why_not(self, money: Money) -> str | None:
        """Why this gateway cannot take `money`, in a word (currency, too_small, too_large, not_whole), or None."""
        if money.currency not in self.currencies:
            return "currency"
        if money.amount < self.minimum.get(money.currency, 1):
            return "too_small"
        if money.amount > self.maximum.get(money.currency, money.amount):
            return "too_large"
        return "not_whole" if self.whole_units_only and not money.is_whole else None


@dataclass(frozen=True)
class WindowPolicy:
    """What the one page that opens a vendor's window lets it do, besides loading from the gateway's `hosts`."""

    hosts: tuple[str, ...] = ()  # more sources of scripts, calls, pictures and frames, as "https://*.vendor.com"
    app_schemes: tuple[str, ...] = ()  # "upi:": how its frame opens an app on the payer's phone
    inline_styles: bool = False
    opens_popups: bool = False  # a bank's page in a window of its own, which tells the vendor's script that it is done
    features: tuple[str, ...] = ()  # of Permissions-Policy: what its script and frames may use, such as "payment"
    tells_origin: bool = False  # the vendor checks which site opened it, so it is told our origin, never the address


# ---------------------------------------------------------------------------------------------------- the interface


class Gateway(Refusing, ABC):
    """One vendor. Built once at start-up from its Settings; safe to share between threads."""

    code: ClassVar[str]  # the word in GATEWAYS, in addresses and in rows
    label: ClassVar[str]  # what people read: "M-Pesa", "Card", "UPI"
    mark: ClassVar[str] = ""  # the drawing it is known by, in templates/common/_pay_marks.html
    capabilities: Capabilities  # on the class; an instance may narrow it by its settings (M-Pesa refunds)
    Settings: ClassVar[type[GatewaySettings]]  # a frozen dataclass: any required field of it switches the gateway on
    account: str = ""  # ours at the vendor, where its statements are of one; empty: it does not matter
    hosts: tuple[str, ...] = ()  # origins the browser may be sent to or load from, for the page's security policy
    window_policy: WindowPolicy = WindowPolicy()
    reply: Reply = Reply()
    callback_sources: Networks = ()  # where its callbacks may come from; none: from anywhere
    address_word: ClassVar[str] = ""  # what stands for it in the addresses it is told; empty: its code
    refused_words: ClassVar[tuple[str, ...]] = ()  # in small letters: it calls no address that has one of them
    receipts: ReceiptDesk | None = None  # where it can be asked about a receipt that somebody shows

    @abstractmethod
    def start(self, request: CheckoutRequest) -> CheckoutStep:
        """The payment is under way at the vendor.

        Raises GatewayRefused, GatewayUnavailable or, of those, NothingSent.
        """

    @abstractmethod
    def read_callback(self, callback: InboundCallback) -> GatewayEvent | None:
        """The callback, proven and translated; None if genuine but not about us. No network.

        Raises CallbackRejected.
        """

    @abstractmethod
    def look_up(self, provider_ref: str) -> PaymentOutcome:
        """What the vendor says of the payment now. Raises GatewayUnavailable; an unknown answer is Pending."""

    @abstractmethod
    def refund(self, request: RefundRequest) -> RefundOutcome:
        """The refund is asked for, once per refund_key.

        Raises GatewayUnavailable (unknown: look_up_refund is next), NothingSent (refund is next), KeysRefused (and staff are told).
        """

    @abstractmethod
    def check(self) -> list[str]:
        """Sentences about what is wrong with keys or reachability, for `flask doctor`; empty when all is well."""

    def examine(self, callback_url: str) -> list[Remark]:  # noqa: ARG002
        """What a person should know of our account, whose webhooks should come to `callback_url`; empty when all is well.

        Asks the vendor nothing that changes anything, and raises nothing: what gives no answer is Sight.SILENT. By default
        what check() says.
        """
        return [Remark("keys", sentence) for sentence in self.check()]

    def hears(self, address: str | None) -> bool:
        """Whether a callback may come from this address, as the trusted proxy tells it."""
        return not self.callback_sources or addresses.holds(self.callback_sources, address)

    def look_up_refund(self, request: RefundRequest) -> RefundOutcome:
        """What the vendor says of a refund now.

        By default it is asked for again with the same key, as vendors with keys allow.
        """
        return self.refund(request)

    def look_up_refunds(self, charge_ref: str) -> list[Refunded | RefundFailed]:
        """Every refund of the charge that has ended, by whomever it was made. Raises GatewayUnavailable.

        Only where the vendor tells that a charge's refunds changed and not which one (RefundsChanged).
        """
        # As below: whose vendor never says so needs none, and the contract's tests hold that whoever says it has it. An empty
        # list would close the news unread, and nobody would ever learn of the refund.
        raise NotImplementedError(f"{self.code} never says RefundsChanged")

    def listed(self, since: datetime, until: datetime) -> Iterator[Listed]:
        """Every charge of the account that began in the stretch (UTC), whoever's product it is; then every return and
        dispute that may have changed in it, however long ago it began.

        Page by page, as it is read. Raises GatewayUnavailable. Only with capabilities.lists_money.
        """
        # Not an empty list, which would read as "nothing was paid": nobody asks who has not the capability.
        raise NotImplementedError(f"{self.code} lists nothing")

    def read_statement(self, file: BinaryIO, most: int | None = None) -> Statement:
        """The statement in an open file that can be read again, checked whole before anything is taken from it. No network.

        Raises StatementRefused, also at line `most` + 1 (statement_long). Only with capabilities.reads_statements.
        """
        # As above: a statement without lines would call every payment missing.
        raise NotImplementedError(f"{self.code} reads no statements")

    def expire(self, provider_ref: str) -> PaymentOutcome:
        """The payment can no longer be made, or the answer says it was. Only with capabilities.can_expire."""
        raise NotImplementedError(f"{self.code} cannot expire a payment")

    def capture(self, provider_ref: str, charge_ref: str, money: Money) -> PaymentOutcome:
        """The reserved money is ours. Only with capabilities.manual_capture."""
        raise NotImplementedError(f"{self.code} cannot capture")

    def void(self, provider_ref: str, charge_ref: str) -> PaymentOutcome:
        """The reserved money is free again. Only with capabilities.manual_capture."""
        raise NotImplementedError(f"{self.code} cannot void")

    def read_return(self, provider_ref: str, form: Mapping[str, str]) -> GatewayEvent | None:  # noqa: ARG002
        """What a browser brought back, if the vendor signed it: proof of a visit, never of money.

        By default nothing.
        """
        return None
