"""The test class every gateway passes, and a local server that plays its vendor. Needs pytest; Kikao itself does not."""

from kikao.testing.contract import NOW, PAYER, REFERENCE, GatewayContract, News
from kikao.testing.wire import HASTY, PATIENT, SILENCES, Answer, Seen, Vendor, vendor

__all__ = [
    "HASTY",
    "NOW",
    "PATIENT",
    "PAYER",
    "REFERENCE",
    "SILENCES",
    "Answer",
    "GatewayContract",
    "News",
    "Seen",
    "Vendor",
    "vendor",
]
