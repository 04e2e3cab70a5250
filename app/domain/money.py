"""Money: integer minor units with an ISO 4217 code; the only place that knows decimals."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

CODE = "^[A-Z]{3}$"  # how ISO 4217 writes a currency
# ISO 4217 exponents that are not two. Everything else a currency code names has two decimals.
_ZERO = frozenset(
    (
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    )
)
_THREE = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))

_TOO_MUCH = Decimal(10) ** 12  # typed by mistake or by a joker; far from what a database's integers end at


def exponent(currency: str) -> int:
    """The number of decimals of `currency` by ISO 4217."""
    if currency in _ZERO:
        return 0
    return 3 if currency in _THREE else 2


def _plain(text: str) -> str:
    """The number as Python reads it: "1,500", "1 500,50", "1.500,50" and "12,5" as the people who write so mean them."""
    compact = "".join(text.split())
    whole, separator, rest = compact.rpartition(",")
    is_decimal_comma = separator and "." not in rest and (len(rest) != 3 or "." in whole)
    if is_decimal_comma and "," not in whole:
        return f"{whole.replace('.', '')}.{rest}"
    return compact.replace(",", "")


class MoneyError(ValueError):
    """An amount or a currency that cannot be meant."""


@dataclass(frozen=True, order=False)
class Money:
    """An amount of minor units in one currency; never mixed with another currency, never a float."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.amount, bool) or not isinstance(self.amount, int):
            raise MoneyError(f"an amount is a whole number of minor units, not {self.amount!r}")
        if not re.fullmatch(CODE, self.currency):
            raise MoneyError(f"not an ISO 4217 code: {self.currency!r}")

    @classmethod
    def parse(cls, text: str, currency: str) -> "Money":
        """Money from what a person typed in major units ("1500", "12.50"). Raises MoneyError."""
        try:
            value = Decimal(_plain(text))
        except InvalidOperation:
            raise MoneyError(f"not an amount: {text!r}") from None
        if not value.is_finite() or abs(value) >= _TOO_MUCH:
            raise MoneyError(f"not an amount: {text!r}")
        return cls.from_major(value, currency)

    @classmethod
    def from_major(cls, value: Decimal | int, currency: str) -> "Money":
        """Money from major units. Raises MoneyError when the currency has fewer decimals than `value`."""
        minor = Decimal(value).scaleb(exponent(currency))
        if minor != minor.to_integral_value():
            raise MoneyError(f"{currency} has {exponent(currency)} decimals, {value} has more")
        return cls(int(minor), currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.amount).scaleb(-exponent(self.currency))

    @property
    def is_whole(self) -> bool:
        """Whether the amount is a whole number of major units (M-Pesa takes whole shillings only)."""
        return bool(self.amount % 10 ** exponent(self.currency) == 0)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other).amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other).amount, self.currency)

    def __mul__(self, count: int) -> "Money":
        return Money(self.amount * count, self.currency)

    def __str__(self) -> str:
        return f"{self.currency} {self.major:,f}"

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise MoneyError(f"{self.currency} and {other.currency} do not mix")
        return other
