"""What goes wrong between us and a vendor, named by what the caller must do."""

from app.gateways.facts import FailureCode


class GatewayError(Exception):
    """Something between us and a vendor went wrong; the subclass names what the caller must do."""


class GatewayRefused(GatewayError):
    """The vendor said no and nothing was started: tell the client. `code` says why in our words."""

    def __init__(self, message: str, code: FailureCode | None = None) -> None:
        super().__init__(message)
        self.code = code or FailureCode.PROCESSING_ERROR


class GatewayUnavailable(GatewayError):
    """No clear answer (timeout, reset, 5xx, wrong shape). Outcome unknown: look up later, never mark failed."""


class NothingSent(GatewayUnavailable):
    """For certain this call has begun nothing: no connection, or it was turned away unread (429).

    So the same call, or another way, is safe at once, also where a vendor has no idempotency key. Never raised on a guess.
    """


class KeysRefused(NothingSent):
    """The vendor does not accept our keys, or they may not do this: a person must renew them, and then it can be done."""


class GatewayBusy(GatewayUnavailable):
    """The vendor was too busy to say what it did: hardly anything, but that is not certain.

    So another way is open at once; this one is not asked again as long as what it may have begun could be alive.
    """


class CallbackRejected(GatewayError):
    """A callback that is forged or malformed: answer 400, count it, store nothing."""


class SettingsMissing(GatewayError):
    """A gateway is enabled but not all its variables are set; the message names every one."""
