"""The gateways there are, as the tests know them: whoever goes over all gateways takes them from here.

A gateway that is registered and missing here fails tests/gateways/test_registry.py.
"""

from dataclasses import dataclass

from sandbox.control.acts import KINDS


@dataclass(frozen=True)
class SandboxGateway:
    """One gateway: the money tests pay it with, and the words its stand-in in the sandbox has for things."""

    code: str
    currency: str
    price: int  # of an ordinary session, in minor units
    things: str  # what beginning to pay makes there, as sandbox/control/acts.py calls it
    begins: str  # the call that begins, as sandbox/core/faults.py calls it
    look_up: str  # the call that asks what became of it
    fails: str  # what a payer does there whose payment fails
    refund: str = ""  # what money back makes there, as sandbox/core/store.py keeps it, if it does
    signature: str = ""  # the header that proves a callback; without one it is believed by its address
    keyed: bool = False  # whether beginning twice by one key begins once
    sends_back: bool = False  # whether it sends the payer's browser back to us

    @property
    def thing(self) -> str:
        """What beginning to pay makes there, as sandbox/core/store.py keeps it."""
        return KINDS[self.code, self.things]


_ALL = (
    SandboxGateway(
        code="stripe",
        currency="EUR",
        price=6_000,
        things="sessions",
        begins="create",
        look_up="retrieve",
        fails="decline",
        refund="refund",
        signature="Stripe-Signature",
        keyed=True,
        sends_back=True,
    ),
    SandboxGateway(
        code="razorpay",
        currency="INR",
        price=90_000,
        things="orders",
        begins="order",
        look_up="payments",
        fails="fail",
        refund="rzp_refund",
        signature="X-Razorpay-Signature",
        keyed=True,
        sends_back=True,
    ),
    SandboxGateway(
        code="mpesa",
        currency="KES",
        price=150_000,
        things="prompts",
        begins="push",
        look_up="query",
        fails="wrong_pin",
    ),
)
BY_CODE = {gateway.code: gateway for gateway in _ALL}
BY_HAND = ("manual",)  # nobody's stand-in is in the sandbox: there the payer and staff do what a vendor would

GATEWAYS = [(gateway.code, gateway.currency) for gateway in _ALL]
PRICED = [(gateway.code, gateway.currency, gateway.price) for gateway in _ALL]
KEYED = [gateway.code for gateway in _ALL if gateway.keyed]
SIGNED = [gateway.code for gateway in _ALL if gateway.signature]
SENDING_BACK = [gateway.code for gateway in _ALL if gateway.sends_back]
PRICES = {gateway.currency: gateway.price for gateway in _ALL}
