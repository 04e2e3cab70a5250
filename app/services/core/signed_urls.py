"""Signed addresses: the path itself proves which payment or which attendee's seat it is about. Every signer is from here."""

import uuid
from itertools import count

from flask import Flask
from itsdangerous import BadSignature, URLSafeSerializer

from app.gateways.base import Gateway

_SALT = "callback-address"
_SEAT = "seat"


def callback_address(app: Flask, gateway: str, reference: str) -> str:
    """The absolute address at which `gateway` reports on `reference` (an attempt's or a refund's key)."""
    vendor: Gateway = app.extensions["gateways"][gateway]
    base = f"{app.config['PUBLIC_URL']}/callbacks/{vendor.address_word or gateway}"
    if vendor.capabilities.signs_callbacks:
        return base
    return f"{base}/{_token(app, vendor, reference)}"


def _token(app: Flask, vendor: Gateway, reference: str) -> str:
    """The signature's letters are chance, and may spell a word the vendor refuses: then the next, which says the same."""
    for nth in count():
        token = str(signer(app, _SALT).dumps([vendor.code, reference, *([nth] if nth else [])]))
        if not any(word in token.lower() for word in vendor.refused_words):
            return token
    raise AssertionError("never reached")


def read_address(app: Flask, gateway: str, token: str) -> str | None:
    """The reference the signed path was made for, or None when we never made it."""
    try:
        owner, reference, *_ = signer(app, _SALT).loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(reference) if owner == gateway else None


def seat_token(app: Flask, attendee_id: uuid.UUID) -> str:
    """What proves that somebody was given the link of this attendee's seat."""
    return str(signer(app, _SEAT).dumps(attendee_id.hex))


def read_seat(app: Flask, token: str) -> uuid.UUID | None:
    """The attendee the token was made for, or None when we never made it."""
    try:
        return uuid.UUID(signer(app, _SEAT).loads(token))
    except (BadSignature, ValueError, TypeError):
        return None


def keys(app: Flask) -> list[bytes]:
    """SECRET_KEY's list, the one that signs first."""
    return [str(key).encode() for key in (app.config["SECRET_KEY"], *app.config["SECRET_KEY_FALLBACKS"])]


def signer(app: Flask, salt: str) -> URLSafeSerializer:
    """What signs for one use with the first of SECRET_KEY's list and knows what any of them has signed."""
    return URLSafeSerializer(keys(app)[::-1], salt=salt)  # itsdangerous signs with the last
