"""Where gateways report. No login, no CSRF, no redirect; raw bytes in, the vendor's own acknowledgement out.

What a signed address is of says what is told there: a payment or a refund, a receipt that was asked about, or what payers
pay from the gateway's own menu.
"""

import logging

from flask import Blueprint, Response, abort, current_app, request

from app.extensions import csrf
from app.gateways.base import CallbackRejected, Gateway, InboundCallback
from app.services.core import payment_methods
from app.services.core.signed_urls import read_address
from app.services.payments import inbox, receipt_checks

log = logging.getLogger("app.blueprints.callbacks")  # a name that operators filter by

blueprint = Blueprint("callbacks", __name__, url_prefix="/callbacks")
csrf.exempt(blueprint)


@blueprint.post("/<gateway_code>")
@blueprint.post("/<gateway_code>/<token>")
def receive(gateway_code: str, token: str | None = None) -> Response:
    """News about money: stored, applied, acknowledged. 400 forged, 403 from elsewhere, 404 unknown address, 413 too large."""
    gateway = payment_methods.called(gateway_code)
    if gateway is None or gateway.capabilities.signs_callbacks != (token is None):
        abort(404)
    if not gateway.hears(request.remote_addr):  # the trusted hop's word: see KIKAO_TRUSTED_PROXIES
        if inbox.try_count_rejected(gateway.code):
            log.warning("callback.rejected gateway=%s why=source from=%s", gateway.code, request.remote_addr)
        abort(403)
    address = read_address(current_app, gateway.code, token) if token else None
    if token and address is None:
        inbox.try_count_rejected(gateway.code)
        abort(404)
    return _handle(gateway, InboundCallback(request.get_data(), _headers(), address))


def _handle(gateway: Gateway, callback: InboundCallback) -> Response:
    try:
        if not receipt_checks.try_hear(gateway, callback):
            _hear(gateway, callback)
    except CallbackRejected as error:
        if inbox.try_count_rejected(gateway.code):
            log.warning("callback.rejected gateway=%s why=%s", gateway.code, error)
        return Response(b'{"error":"rejected"}', 400, content_type="application/json")
    return Response(gateway.reply.body, 200, content_type=gateway.reply.content_type)


def _hear(gateway: Gateway, callback: InboundCallback) -> None:
    event = gateway.read_callback(callback)
    if event is not None:
        keep_first = not gateway.capabilities.retries_callbacks
        receipt = inbox.receive(gateway.code, event, source="callback", body=callback.body, keep_first=keep_first)
        log.info(
            "callback.received gateway=%s kind=%s state=%s duplicate=%s",
            gateway.code,
            event.kind,
            receipt.state,
            receipt.duplicate,
        )


def _headers() -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}
