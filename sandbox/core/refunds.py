"""What the gateways' refunds have in common."""

from sandbox.core.context import Sandbox
from sandbox.core.errors import Refused, Unknown
from sandbox.core.store import Doc


def not_over(sandbox: Sandbox, kind: str, refund_id: str, over: tuple[str, ...]) -> Doc:
    """The refund, which may still end. Raises Unknown, and Refused where its status is one of `over`."""
    refund = sandbox.store.get(kind, refund_id)
    if refund is None:
        raise Unknown(f"No refund {refund_id}.")
    if refund["status"] in over:
        raise Refused(f"This refund is {refund['status']}.")
    return refund
