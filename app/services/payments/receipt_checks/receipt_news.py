"""What a gateway tells at the addresses for receipts: of one that was asked about, and what payers pay from its own menu."""

from app.gateways.base import TIMED_OUT, Gateway, InboundCallback
from app.gateways.receipts import MENU_ASKED, MENU_PAID, RECEIPT_KEYS
from app.services.payments.receipt_checks import check_answers, menu_payments


def try_hear(gateway: Gateway, callback: InboundCallback) -> bool:
    """Whether it was told at an address for receipts; then it has been heard. Raises CallbackRejected."""
    address = callback.address or ""
    desk = gateway.receipts
    if desk is None or not (address in (MENU_PAID, MENU_ASKED) or address.startswith(RECEIPT_KEYS)):
        return False
    if address == MENU_PAID:
        menu_payments.hear(gateway, desk.read_menu_payment(callback))
    elif address.startswith(RECEIPT_KEYS) and not address.endswith(TIMED_OUT):
        check_answers.hear(address, desk.read_answer(callback))
    return True  # who asks whether to take a payment from the menu hears the usual reply, which is a yes
