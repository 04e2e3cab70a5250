"""News from a vendor: a callback and what it is answered, the event it says, and one found in the vendor's own list."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.gateways.facts import Fact


@dataclass(frozen=True)
class InboundCallback:
    """A callback as it came in: raw bytes, headers with lower-case names, what its signed address said."""

    body: bytes
    headers: Mapping[str, str]
    address: str | None = None  # our reference, proven by the signature of the address


@dataclass(frozen=True)
class GatewayEvent:
    """News about money from a vendor, translated.

    `event_key` is the same for every repeat of the same news. The attempt is found by `reference` (ours) first, else
    by `provider_ref`. `echo` holds values the vendor repeats that must equal what the attempt stored in the `details`
    of its step (only keys both sides know are compared). `installation` is which Kikao the object says it is of, where
    only the merchant's own systems can have written that; None: it says nothing.
    """

    event_key: str
    kind: str  # the vendor's own name of the event, for the story staff read
    fact: Fact
    reference: str | None = None
    provider_ref: str | None = None
    echo: Mapping[str, str] = field(default_factory=dict)
    installation: str | None = None


@dataclass(frozen=True)
class Listed:
    """What a vendor's own list of its account says of one charge, return or dispute: what nobody may have told us.

    `event` is the news as a callback would have brought it, with a key of its own for each state of the object.
    """

    event: GatewayEvent
    happened_at: datetime  # UTC, as the vendor says
    installation: str | None = None  # which Kikao the object says it is of; None: it says nothing
    checkout: str | None = None  # our checkout's id, as the object repeats it; None: it says nothing


@dataclass(frozen=True)
class Reply:
    """What the vendor wants to hear when its callback was understood."""

    body: bytes = b"{}"
    content_type: str = "application/json"
