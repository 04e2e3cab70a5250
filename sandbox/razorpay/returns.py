"""What Razorpay sends back by itself: a payment that comes to an order which was paid already."""

from sandbox.core.context import Sandbox
from sandbox.core.errors import Refused, Unknown
from sandbox.core.store import Doc
from sandbox.razorpay import payments, refunds
from sandbox.razorpay.events import tell


def arrive_late(sandbox: Sandbox, payment_id: str) -> Doc:
    """A failed payment turns out to have been authorised; on a paid order Razorpay sends it back by itself."""
    with sandbox.store.change():
        payment = payments.payment_of(sandbox, payment_id)
        if payment["status"] != "failed":
            raise Refused(f"This payment is {payment['status']}.")
        order = sandbox.store.get("order", payment["order_id"]) or {}
        payment |= dict.fromkeys(payments.FAILURE) | {"status": "authorized", "late_authorized": True}
        payments.save(sandbox, payment)
        tell(sandbox, "payment.authorized", payment=payment)
        if order["status"] == "paid":
            return refunds.give_back(sandbox, payment)
        return payment if order["_manual"] else payments.take(sandbox, payment)


def pay_again(sandbox: Sandbox, order_id: str) -> Doc:
    """A second payment comes to a paid order, and Razorpay sends it back by itself, at once."""
    with sandbox.store.change():
        order = sandbox.store.get("order", order_id)
        if order is None:
            raise Unknown(f"No order {order_id}.")
        if order["status"] != "paid":
            raise Refused("This order has not been paid yet.")
        payment = payments.new(order, "", "") | {"status": "authorized"}
        payments.save(sandbox, payment)
        tell(sandbox, "payment.authorized", payment=payment)
        return refunds.give_back(sandbox, payment)
