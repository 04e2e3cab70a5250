"""A vendor's receipt that somebody shows for a payment, and the question to the vendor what was paid with it.

The vendor takes the question and answers later, to an address of ours (M-Pesa's Transaction Status), so what is heard is
believed only where it names the conversation that the vendor gave us when it took the question.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from app.domain.money import Money
from app.gateways.events import InboundCallback
from app.gateways.facts import Storable

# How the keys of our questions begin; what the vendor answers to an address of theirs is about a receipt.
RECEIPT_KEYS = "rc_"
# The addresses of what payers pay by themselves from the vendor's own menu: told afterwards, and asked before.
MENU_PAID = "menu.paid"
MENU_ASKED = "menu.asked"
HIDDEN = "*"  # a digit of a telephone number that the vendor does not show


class ReceiptState(StrEnum):
    """What the vendor says became of the payment that a receipt names."""

    PAID = "paid"  # by somebody, to somebody
    NOT_PAID = "not_paid"  # it ended without money, or was taken back
    PENDING = "pending"  # it has not ended, or the vendor was too busy to say: it is asked again
    UNKNOWN = "unknown"  # there is no such receipt
    NO_ACCESS = "no_access"  # keys or rights of ours are not accepted
    UNCLEAR = "unclear"  # a word that we do not know


@dataclass(frozen=True)
class ReceiptQuestion:
    """What is asked about one receipt; asking moves no money, so it may be asked again."""

    receipt: str
    callback_url: str
    timeout_url: str  # where the vendor says that it gave up: no answer, whatever comes with it


@dataclass(frozen=True)
class ReceiptAnswer(Storable):
    """What the vendor says of one receipt; kept only until it is known to answer a question of ours.

    `phone` is the payer's in E.164, with HIDDEN for each digit that is not shown; empty where nothing is said. `to_us` is
    whether it was paid to our account, None where that is not said.
    """

    type_code: ClassVar[str] = "receiptanswer"

    conversation: str
    state: ReceiptState
    vendor_code: str = ""
    receipt: str = ""
    money: Money | None = None
    to_us: bool | None = None
    phone: str = ""
    taken_at: datetime | None = None  # UTC


@dataclass(frozen=True)
class MenuPayment:
    """Unsigned news that somebody has paid us from the vendor's own menu: only what it takes to ask about it."""

    receipt: str
    reference: str  # as typed by a person, read as one of ours


def same_phone(told: str, known: str | None) -> bool | None:
    """Whether the number that a vendor tells is the known one (E.164); None where it hides digits and the others agree."""
    if not told or not known or len(told) != len(known):
        return False
    if any(here not in (there, HIDDEN) for here, there in zip(told, known, strict=True)):
        return False
    return None if HIDDEN in told else True


class ReceiptDesk(ABC):
    """Where a vendor is asked about receipts; the same manners as Gateway, of which it is a part."""

    @abstractmethod
    def read_receipt(self, typed: str) -> str:
        """The receipt in what a person typed or pasted, as the vendor writes it. Raises ValueError. No network."""

    @abstractmethod
    def ask(self, question: ReceiptQuestion) -> str:
        """The vendor has taken the question; the answer, which comes later, names the conversation that is returned.

        Raises GatewayUnavailable or, of those, NothingSent.
        """

    @abstractmethod
    def read_answer(self, callback: InboundCallback) -> ReceiptAnswer:
        """The answer, translated; believed by whoever knows the conversation. No network. Raises CallbackRejected."""

    @abstractmethod
    def read_menu_payment(self, callback: InboundCallback) -> MenuPayment:
        """The unsigned news of a payment from the vendor's own menu. No network. Raises CallbackRejected."""

    @abstractmethod
    def register(self, paid_url: str, asked_url: str) -> None:
        """The vendor tells payments from its own menu to `paid_url`, and may ask `asked_url` whether to take one.

        Raises GatewayRefused, with the vendor's reason, or GatewayUnavailable.
        """

    @property
    @abstractmethod
    def can_ask(self) -> bool:
        """Whether there are keys to ask with; without them a person looks at the vendor's own statement."""

    @property
    @abstractmethod
    def payee(self) -> str:
        """What a payer types into the vendor's menu to pay us: the number of a pay bill; empty where that cannot be done."""
