"""What adapters say of our accounts, asked of the sandbox by the vendors' own SDKs: what is wrong, and what only cannot be seen."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.domain.money import Money
from app.gateways import build
from app.gateways.base import CheckoutRequest, Gateway, GatewayUnavailable, Redirect, SettingsMissing
from app.gateways.razorpay.razorpay_account import NEEDED as RAZORPAY_NEEDED
from app.gateways.stripe.stripe_account import NEEDED as STRIPE_NEEDED
from app.lib import clock
from app.lib.network.remarks import Remark, Sight
from sandbox import server as sandbox_server
from sandbox.control.acts import ACTS
from sandbox.core import accounts
from sandbox.core import clock as sandbox_clock
from tests.support.certificates import Authority

HOME = "http://kikao.test"
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
RIGHTS = [
    *("checkout_session_write", "payment_intent_write", "charge_write", "webhook_read", "event_read"),
]
RESTRICTED = "rk_test_kikao"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sandbox_server.Running]:
    running = sandbox_server.start(port=0, smtp_port=0, data=tmp_path_factory.mktemp("accounts"), app_url=HOME)
    yield running
    running.stop()


@pytest.fixture
def box(started: sandbox_server.Running) -> Iterator[sandbox_server.Running]:
    started.sandbox.faults.clear()
    started.sandbox.store.clear()
    yield started
    clock.use(None)
    sandbox_clock.use(None)


def _gateway(box: sandbox_server.Running, code: str, **settings: str) -> Gateway:
    return build([code], box.env | settings)[code]


def _seen(box: sandbox_server.Running, code: str, **settings: str) -> list[tuple[str, Sight]]:
    return [(each.topic, each.sight) for each in _remarks(box, code, **settings)]


def _remarks(box: sandbox_server.Running, code: str, **settings: str) -> list[Remark]:
    found = _gateway(box, code, **settings).examine(f"{HOME}/callbacks/{code}")
    for remark in found:
        assert remark.words.endswith("."), remark
        assert not [word for word in box.env.values() if "kikao_sandbox" in word and word in remark.words]
    return found


def _request(**changes: Any) -> CheckoutRequest:
    asked: dict[str, Any] = {
        "reference": "KKAB23CDEF45", "idempotency_key": "start-KKAB23CDEF45", "money": Money(150_000, "INR"),
        "description": "Session", "created_at": clock.now(), "expires_at": clock.now() + timedelta(hours=2),
        "callback_url": f"{HOME}/callbacks", "return_url": f"{HOME}/back", "cancel_url": f"{HOME}/away", "email": "a@b.test",
    }  # fmt: skip
    return CheckoutRequest(**asked | changes)


@pytest.mark.parametrize("code", ["stripe", "razorpay", "mpesa"])
def test_of_an_account_in_order_nothing_is_said(box: sandbox_server.Running, code: str) -> None:
    assert _remarks(box, code) == []
    assert _gateway(box, code).check() == []


WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("stripe", {"refuses_keys": True}, "keys", "does not accept STRIPE_SECRET_KEY"),
    ("stripe", {"keys_expired": True}, "keys", "expired"),
    ("stripe", {"endpoints": []}, "webhook", f"No webhook endpoint of the account has the address {HOME}/callbacks/stripe"),
    ("stripe", {"endpoints": [{"url": "https://shop.example/hook"}]}, "webhook", "No webhook endpoint"),
    ("stripe", {"endpoints": [{"status": "disabled"}]}, "webhook", "switched off"),
    ("stripe", {"endpoints": [{"api_version": "2024-06-20"}]}, "version", "2024-06-20"),
    ("stripe", {"endpoints": [{"api_version": "2025-09-30.clover"}]}, "version", "2025-09-30.clover"),
    ("razorpay", {"refuses_keys": True}, "keys", "RAZORPAY_KEY_ID"),
    ("razorpay", {"endpoints": []}, "webhook", f"the address {HOME}/callbacks/razorpay"),
    ("razorpay", {"endpoints": [{"active": False}]}, "webhook", "switched off"),
    ("razorpay", {"endpoints": [{"secret_exists": False}]}, "webhook secret", "no secret"),
    ("mpesa", {"refuses_keys": True}, "keys", "MPESA_CONSUMER_KEY"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "set_to", "topic", "words"), WRONG, ids=[f"{w[0]} {w[3][:30]}" for w in WRONG])
def test_what_is_wrong_is_said_with_what_to_do(
    box: sandbox_server.Running, code: str, set_to: dict[str, Any], topic: str, words: str
) -> None:
    accounts.change(box.sandbox, code, set_to)
    [remark] = _remarks(box, code)
    assert (remark.topic, remark.sight) == (topic, Sight.TROUBLE)
    assert words in remark.words


def test_a_token_from_before_does_not_hide_that_mpesas_keys_are_no_longer_taken(box: sandbox_server.Running) -> None:
    gateway = _gateway(box, "mpesa")
    assert gateway.examine("") == []
    accounts.change(box.sandbox, "mpesa", {"refuses_keys": True})
    assert [each.topic for each in gateway.examine("")] == ["keys"]


def test_an_endpoint_of_the_release_that_we_read_is_good_whatever_its_month(box: sandbox_server.Running) -> None:
    accounts.change(box.sandbox, "stripe", {"endpoints": [{"api_version": "2026-09-30.endive"}]})
    assert _remarks(box, "stripe") == []


def test_an_endpoint_without_a_version_has_that_of_the_accounts_events(box: sandbox_server.Running) -> None:
    accounts.change(box.sandbox, "stripe", {"endpoints": [{"api_version": None}], "version": "2023-10-16"})
    assert _seen(box, "stripe") == [("version", Sight.UNSEEN)]  # nothing has happened yet
    step = _gateway(box, "stripe").start(_request(money=Money(5_000, "EUR")))
    ACTS["stripe", "sessions"]["expire"](box.sandbox, step.provider_ref)
    [remark] = _remarks(box, "stripe")
    assert (remark.sight, "2023-10-16" in remark.words) == (Sight.TROUBLE, True)


ASKED = [
    ("stripe", {"enabled_events": ["refund.failed", "checkout.session.completed"]}, STRIPE_NEEDED),
    ("razorpay", {"events": ["refund.failed", "order.paid"]}, RAZORPAY_NEEDED),
    ("razorpay", {"events": {"refund.failed": True, "order.paid": True, "payment.captured": False}}, RAZORPAY_NEEDED),
]


@pytest.mark.parametrize(("code", "endpoint", "needed"), ASKED)
def test_events_nobody_subscribed_to_are_named_and_no_others(
    box: sandbox_server.Running, code: str, endpoint: dict[str, Any], needed: tuple[str, ...]
) -> None:
    accounts.change(box.sandbox, code, {"endpoints": [endpoint]})
    [remark] = _remarks(box, code)
    named = remark.words.partition("not told of ")[2].partition(": add")[0].split(", ")
    there = {"refund.failed", "checkout.session.completed", "order.paid"}
    assert (remark.topic, sorted(named)) == ("events", sorted(set(needed) - there))
    assert {"charge.dispute.created", "payment.dispute.created"} & set(named)


def test_two_endpoints_may_share_the_events(box: sandbox_server.Running) -> None:
    first, rest = list(STRIPE_NEEDED[:4]), list(STRIPE_NEEDED[4:])
    accounts.change(box.sandbox, "stripe", {"endpoints": [{"enabled_events": first}, {"enabled_events": rest}]})
    assert _remarks(box, "stripe") == []


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("charge_write", "send money back (Charges and Refunds: write) (rak_charge_write)"),
        ("payment_intent_write", "charge what was reserved (PaymentIntents: write) (rak_payment_intent_write)"),
        ("checkout_session_write", "begin and end payments (Checkout Sessions: write) (rak_checkout_session_write)"),
    ],
)
def test_rights_that_a_restricted_key_lacks_are_named_before_money_fails(
    box: sandbox_server.Running, missing: str, words: str
) -> None:
    rights = [each for each in RIGHTS if each != missing] + ["checkout_session_read"]
    accounts.change(box.sandbox, "stripe", {"restricted": {RESTRICTED: rights}})
    [remark] = _remarks(box, "stripe", STRIPE_SECRET_KEY=RESTRICTED)
    assert (remark.topic, remark.sight) == ("rights", Sight.TROUBLE)
    assert words in remark.words
    assert RESTRICTED not in remark.words


def test_what_a_restricted_key_may_not_see_is_no_alarm(box: sandbox_server.Running) -> None:
    rights = [each for each in RIGHTS if each not in ("webhook_read", "event_read")]
    accounts.change(box.sandbox, "stripe", {"restricted": {RESTRICTED: rights}, "endpoints": []})
    assert _seen(box, "stripe", STRIPE_SECRET_KEY=RESTRICTED) == [("webhook", Sight.UNSEEN)]
    accounts.change(box.sandbox, "razorpay", {"hides_webhooks": True, "endpoints": []})
    assert _seen(box, "razorpay") == [("webhook", Sight.UNSEEN)]


SILENT = [
    *(("stripe", "any", fault, "keys") for fault in ("500", "reset")),
    *(("razorpay", "any", fault, "keys") for fault in ("500", "reset")),
    *(("mpesa", "any", fault, "keys") for fault in ("500", "reset", "wrong_shape")),
    *((code, "webhooks", fault, "webhook") for code in ("stripe", "razorpay") for fault in ("500", "wrong_shape")),
]


@pytest.mark.parametrize(("code", "route", "fault", "topic"), SILENT)
def test_a_vendor_without_an_answer_is_silent_and_not_in_trouble(
    box: sandbox_server.Running, code: str, route: str, fault: str, topic: str
) -> None:
    box.sandbox.faults.add({"gateway": code, "route": route, "fault": fault, "times": 20})
    assert _seen(box, code) == [(topic, Sight.SILENT)]


def test_pages_at_a_domain_that_is_not_named_are_found_before_clients_stand_there(box: sandbox_server.Running) -> None:
    """PAY-15: nobody is sent there, so nobody could pay by card."""
    accounts.change(box.sandbox, "stripe", {"domain": "pay.example.com"})
    euros = _request(money=Money(5_000, "EUR"))
    with pytest.raises(GatewayUnavailable):
        _gateway(box, "stripe").start(euros)
    [remark] = _remarks(box, "stripe")
    assert (remark.topic, "pay.example.com" in remark.words) == ("page", True)
    named = {"STRIPE_CHECKOUT_HOST": "pay.example.com"}
    step = _gateway(box, "stripe", **named).start(euros)
    assert isinstance(step, Redirect)
    assert step.url.startswith("https://pay.example.com/c/pay/")
    assert _remarks(box, "stripe", **named) == []


def test_money_that_razorpay_only_authorises_is_seen_within_hours(box: sandbox_server.Running) -> None:
    """An account that does not honour what an order asks for: its money goes back after some days."""
    clock.use(lambda: NOW)
    sandbox_clock.use(NOW.timestamp)
    accounts.change(box.sandbox, "razorpay", {"captures": False})
    order = _gateway(box, "razorpay").start(_request()).provider_ref
    ACTS["razorpay", "orders"]["pay"](box.sandbox, order)
    assert _remarks(box, "razorpay") == []  # it may still be captured at once
    clock.use(lambda: NOW + timedelta(hours=2))
    assert _seen(box, "razorpay") == [("capture", Sight.TROUBLE)]


# ------------------------------------------------------------------------------------------------ what ends by itself


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ("2026-12-15", ""),
        ("2026-12-14", "ends on 2026-12-14"),
        ("2026-11-30", "ends on 2026-11-30"),
        ("2026-11-29", "ended on"),
    ],
)
def test_the_initiators_password_is_said_to_end_two_weeks_before(
    box: sandbox_server.Running, ends: str, said: str
) -> None:
    clock.use(lambda: NOW)
    found = [each.words for each in _remarks(box, "mpesa", MPESA_INITIATOR_EXPIRES=ends)]
    assert [said in words for words in found] == ([True] if said else [])
    assert all("MPESA_SECURITY_CREDENTIAL" in words for words in found)


@pytest.mark.parametrize(("days", "verb"), [(40, ""), (20, "ends on"), (-2, "ended on")])
@pytest.mark.parametrize("form", ["PEM", "DER"])
def test_the_date_in_our_copy_of_safaricoms_certificate_is_read(
    box: sandbox_server.Running, tmp_path: Path, days: int, verb: str, form: str
) -> None:
    path = _certificate(Authority(tmp_path).vouch("api.example", timedelta(days=days)), form)
    found = [each.words for each in _remarks(box, "mpesa", MPESA_CERTIFICATE=str(path))]
    assert [verb in words for words in found] == ([True] if verb else [])


def _certificate(both: Path, form: str) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    only = x509.load_pem_x509_certificate(both.read_bytes()).public_bytes(getattr(Encoding, form))
    path = both.with_suffix(f".{form.lower()}.cer")
    path.write_bytes(only)
    return path


@pytest.mark.parametrize(
    ("setting", "make"),
    [
        ("MPESA_INITIATOR_EXPIRES", lambda _: "soon"),
        ("MPESA_INITIATOR_EXPIRES", lambda _: "31.01.2027"),
        ("MPESA_CERTIFICATE", lambda directory: str(directory / "nowhere.cer")),
        ("MPESA_CERTIFICATE", lambda directory: str(_empty(directory))),
    ],
)
def test_a_date_or_a_certificate_nobody_can_read_stops_the_start(
    box: sandbox_server.Running, tmp_path: Path, setting: str, make: Callable[[Path], str]
) -> None:
    with pytest.raises(SettingsMissing, match=setting):
        _gateway(box, "mpesa", **{setting: make(tmp_path)})


def _empty(directory: Path) -> Path:
    path = directory / "empty.cer"
    path.write_bytes(b"")
    return path
