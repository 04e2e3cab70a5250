"""Signed addresses: the path of a callback that carries no signature of its own proves whom it is about."""

from flask import Flask
from itsdangerous import BadSignature, URLSafeSerializer

_SALT = "callback-address"


def callback_address(app: Flask, gateway: str, reference: str) -> str:
    """The absolute address at which `gateway` reports on `reference` (an attempt's or a refund's key)."""
    base = f"{app.config['PUBLIC_URL']}/callbacks/{gateway}"
    if app.extensions["gateways"][gateway].capabilities.signs_callbacks:
        return base
    return f"{base}/{_serializer(app).dumps([gateway, reference])}"


def read_address(app: Flask, gateway: str, token: str) -> str | None:
    """The reference the signed path was made for, or None when we never made it."""
    try:
        owner, reference = _serializer(app).loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(reference) if owner == gateway else None


def _serializer(app: Flask) -> URLSafeSerializer:
    return URLSafeSerializer(app.config["SECRET_KEY"], salt=_SALT)
