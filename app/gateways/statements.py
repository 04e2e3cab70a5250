"""A statement of its account that a vendor lets people download: what it says, or everything that is wrong with the file."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.gateways.errors import GatewayError
from app.gateways.events import Listed

# The kind of news that was read off a statement: nobody signed it, so it is never believed before the gateway was asked.
STATEMENT = "statement"


@dataclass(frozen=True)
class StatementFault:
    """One thing that is wrong with a statement: `code` names its sentence, `line` counts from one (0: the whole file)."""

    code: str
    line: int = 0
    column: str = ""  # as the vendor heads it


class StatementRefused(GatewayError):
    """The file is no statement that can be believed; nothing of it was used."""

    def __init__(self, faults: Sequence[StatementFault]) -> None:
        super().__init__(", ".join(f"{fault.code}:{fault.line}" for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Statement:
    """All that moved on an account from `since` to `until` (UTC), by a file that adds up from its first line to its last.

    `begins` is what people read: its first line, where `since` is from before the vendor was; None without either.
    `listed()` reads the file once more: the charges and returns among its lines, which name no payer. A statement is not
    signed, so its facts are not verified.
    """

    account: str
    since: datetime
    until: datetime
    begins: datetime | None
    lines: int
    listed: Callable[[], Iterator[Listed]]
