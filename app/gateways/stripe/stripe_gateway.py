"""Stripe: cards (and what else the account's dashboard enables) on Stripe's own Checkout page.

https://docs.stripe.com/payments/checkout. A payment is a Checkout Session (our provider_ref) and, once the payer tries,
a PaymentIntent (our charge_ref). What we send stands in stripe_params.py, what its objects mean in stripe_facts.py;
here are the calls and their failures.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlsplit

import stripe
from stripe.checkout import Session

from app.domain.money import Money
from app.gateways import http
from app.gateways.base import (
    CallbackRejected,
    Capabilities,
    CheckoutRequest,
    Gateway,
    GatewayEvent,
    GatewayRefused,
    GatewayUnavailable,
    InboundCallback,
    Listed,
    PaymentOutcome,
    Redirect,
    Refunded,
    RefundFailed,
    RefundOutcome,
    RefundRequest,
    RefundSupport,
    Remark,
)
from app.gateways.stripe.stripe_account import StripeAccount
from app.gateways.stripe.stripe_codes import (
    DECLINES,
    REFUSALS,
    clear_answer,
    is_replayed,
    refund_failure,
    slow_methods,
    words_of,
)
from app.gateways.stripe.stripe_events import prove, read_event
from app.gateways.stripe.stripe_facts import (
    intent_outcome,
    key_of,
    reference_of,
    refund_outcome,
    session_outcome,
    to_units,
)
from app.gateways.stripe.stripe_limits import MAXIMUM, MINIMUM
from app.gateways.stripe.stripe_lists import Lists
from app.gateways.stripe.stripe_params import LONGEST, refund_params, session_params
from app.gateways.stripe.stripe_settings import LIVE, StripeSettings
from app.lib.refusals import Refusals

Made = TypeVar("Made", bound=stripe.StripeObject)


# At level INFO and below the SDK logs what it posts (e-mail addresses) and what comes back.
logging.getLogger("stripe").setLevel(logging.WARNING)


class StripeGateway(Gateway):
    """Cards by Stripe Checkout, and where the settings say so what settles days later."""

    code = "stripe"
    label = "Card"
    mark = "card"
    Settings = StripeSettings
    refusals = Refusals(live_hosts=("api.stripe.com",), test_keys=("sk_test_*", "rk_test_*", "pk_test_*"))
    capabilities = Capabilities(
        currencies=frozenset(MINIMUM),
        minimum=MINIMUM,
        maximum=MAXIMUM,
        repeatable_start=True,
        can_expire=True,
        manual_capture=True,
        refunds=RefundSupport.PARTIAL,
        retries_callbacks=True,
        signs_callbacks=True,
        lists_money=True,
        settles_within=timedelta(days=7),  # a SEPA bank has fourteen days, of those on which it works
    )

    def __init__(self, settings: StripeSettings, *, timeout: http.Timeout = http.TIMEOUT, retries: int = 1) -> None:
        self._settings = settings
        own = [f"https://{each}" for each in settings.checkout_hosts]
        self.hosts = ("https://checkout.stripe.com", *own, *([] if settings.base == LIVE else [settings.origin]))
        slow = {each: LONGEST + takes for each, takes in slow_methods(settings.slow_methods).items()}
        self.capabilities = replace(StripeGateway.capabilities, slow_methods=slow)
        # One retry by the SDK itself (same idempotency key): two would outlive a web worker's 30 s when Stripe hangs.
        self._api = stripe.StripeClient(
            settings.secret_key,
            base_addresses={"api": settings.base},
            max_network_retries=retries,
            http_client=stripe.RequestsClient(timeout=timeout, session=http.NoRedirectSession()),
        ).v1
        self._account = StripeAccount(self._api, settings, self.hosts)

    # ------------------------------------------------------------------------------------------------ payments

    def start(self, request: CheckoutRequest) -> Redirect:
        """A Checkout Session exists for the request, the same one however often it is asked for within a day.

        https://docs.stripe.com/api/checkout/sessions/create
        """
        http.must_fit(self.capabilities, request.money)
        with clear_answer():
            params = session_params(request)
            try:
                session = self._once(
                    request.idempotency_key,
                    lambda key: self._api.checkout.sessions.create(params, {"idempotency_key": key}),
                    lambda: self._find_session(request),
                )
            except REFUSALS as error:
                raise GatewayRefused(words_of(error), DECLINES.get(error.code or "")) from None
            return self._redirect(session.to_dict(), request)

    def read_callback(self, callback: InboundCallback) -> GatewayEvent | None:
        """The event, signed by Stripe within the last five minutes, as news. https://docs.stripe.com/webhooks/signature"""
        with http.expecting(CallbackRejected, "not a Stripe event"):
            prove(callback, self._settings.webhook_secret)
            event = http.read_object(callback.body)
            if self._settings.is_live not in (None, event.get("livemode", self._settings.is_live)):
                raise CallbackRejected("of the other mode than our key")
            return read_event(event)

    def look_up(self, provider_ref: str) -> PaymentOutcome:
        """What the session and its intent say now."""
        with clear_answer():
            expand = ["payment_intent.latest_charge"]
            session = self._api.checkout.sessions.retrieve(provider_ref, {"expand": expand}).to_dict()
            if session["id"] != provider_ref:
                raise ValueError("another session")
            return session_outcome(session)

    def expire(self, provider_ref: str) -> PaymentOutcome:
        """The session cannot be paid any more, or the answer tells what became of it. Raises GatewayUnavailable."""
        with clear_answer():
            try:
                return session_outcome(self._api.checkout.sessions.expire(provider_ref).to_dict())
            except stripe.InvalidRequestError:
                return self.look_up(provider_ref)  # only an open session expires: most often it was paid just now

    def capture(self, provider_ref: str, charge_ref: str, money: Money) -> PaymentOutcome:  # noqa: ARG002
        """`money` of what was reserved is ours; capturing twice is harmless, Stripe refuses and the intent tells."""
        with clear_answer():
            return self._settle(
                charge_ref,
                lambda: self._api.payment_intents.capture(charge_ref, {"amount_to_capture": to_units(money)}),
            )

    def void(self, provider_ref: str, charge_ref: str) -> PaymentOutcome:  # noqa: ARG002
        """What was reserved is free again, or the answer tells why not."""
        with clear_answer():
            return self._settle(charge_ref, lambda: self._api.payment_intents.cancel(charge_ref))

    # ------------------------------------------------------------------------------------------------ refunds

    def refund(self, request: RefundRequest) -> RefundOutcome:
        """The refund exists, once per refund_key. https://docs.stripe.com/api/refunds/create"""
        with clear_answer():
            try:
                refund = self._once(
                    request.refund_key,
                    lambda key: self._api.refunds.create(refund_params(request), {"idempotency_key": key}),
                    lambda: self._find_refund(request),
                )
            except (stripe.InvalidRequestError, stripe.CardError) as error:
                return self._refused_refund(request, error)
            return refund_outcome(refund.to_dict())

    def look_up_refund(self, request: RefundRequest) -> RefundOutcome:
        """What became of the refund; it is asked for again only when Stripe does not know its key."""
        with clear_answer():
            found = self._find_refund(request)
        return refund_outcome(found.to_dict()) if found else self.refund(request)

    def look_up_refunds(self, charge_ref: str) -> list[Refunded | RefundFailed]:
        """Every refund of the payment that has ended. https://docs.stripe.com/api/refunds/list"""
        with clear_answer():
            found = [refund_outcome(each.to_dict()) for each in self._refunds_of(charge_ref)]
        return [each for each in found if isinstance(each, Refunded | RefundFailed)]

    def listed(self, since: datetime, until: datetime) -> Iterator[Listed]:
        """What Stripe's lists hold of the stretch. https://docs.stripe.com/api/payment_intents/list"""
        return Lists(self._api, since, until).all()

    def check(self) -> list[str]:
        """Whether Stripe can be reached and takes our key."""
        return [remark.words for remark in self._account.about_keys()]

    def examine(self, callback_url: str) -> list[Remark]:
        """Key, its rights, the webhook endpoint with its events and version, and where pages are served."""
        return self._account.examine(callback_url)

    # ------------------------------------------------------------------------------------------------ inside

    def _once(self, key: str, create: Callable[[str], Made], find: Callable[[], Made | None]) -> Made:
        # Stripe keeps a 500 with its key and answers it again for a day, so the same key would never get further. A new
        # key is safe only after a look whether the thing was made. https://docs.stripe.com/api/idempotent_requests
        for each in (key, f"{key}-2", f"{key}-3"):
            try:
                return create(each)
            except stripe.APIError as error:
                if not is_replayed(error):
                    raise
            if found := find():
                return found
        raise GatewayUnavailable("Stripe answers a stored failure")

    def _find_session(self, request: CheckoutRequest) -> Session | None:
        since = int(request.created_at.timestamp()) - 600  # their clock and ours
        pages = self._api.checkout.sessions.list({"created": {"gte": since}, "limit": 100}).auto_paging_iter()
        return next((each for each in pages if reference_of(each.to_dict()) == request.reference), None)

    def _find_refund(self, request: RefundRequest) -> stripe.Refund | None:
        refunds = self._refunds_of(request.charge_ref)
        return next((each for each in refunds if key_of(each.to_dict()) == request.refund_key), None)

    def _refunds_of(self, charge_ref: str) -> Iterator[stripe.Refund]:
        return self._api.refunds.list({"payment_intent": charge_ref, "limit": 100}).auto_paging_iter()

    def _redirect(self, session: http.Json, request: CheckoutRequest) -> Redirect:
        asked = (to_units(request.money), request.money.currency.lower(), request.reference)
        if (session["amount_total"], session["currency"], session["client_reference_id"]) != asked:
            raise ValueError("another payment than was asked for")
        if not self._is_stripes(session["url"]):
            raise ValueError("an address that is not Stripe's")
        return Redirect(session["url"], http.checked_id(session["id"]))

    def _is_stripes(self, url: str) -> bool:
        # Browsers read a backslash as a slash and urlsplit does not, so their ideas of the host would differ.
        if "\\" in url or not url.isprintable():
            return False
        there = urlsplit(url)
        # Where the page's policy lets a browser go, and nowhere else.
        return f"{there.scheme}://{there.netloc}" in self.hosts

    def _settle(self, charge_ref: str, call: Callable[[], stripe.PaymentIntent]) -> PaymentOutcome:
        try:
            intent = call()
        except (stripe.InvalidRequestError, stripe.CardError):  # captured, cancelled or lapsed before: it says which
            intent = self._api.payment_intents.retrieve(charge_ref, {"expand": ["latest_charge"]})
        return intent_outcome(intent.to_dict())

    def _refused_refund(self, request: RefundRequest, error: stripe.StripeError) -> RefundOutcome:
        # "Already refunded" may mean by us, with an answer that was lost and a key that Stripe has forgotten since.
        if found := self._find_refund(request):
            return refund_outcome(found.to_dict())
        reason = error.code or "refused"
        return RefundFailed(reason, None, request.refund_key, request.charge_ref, refund_failure(reason))
