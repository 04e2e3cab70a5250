"""What every gateway must do, whatever its vendor: an adapter's test class inherits GatewayContract and fills it in.

The adapter under test talks to a real local server (wire.py). Nothing of ours is patched.
"""

import inspect
import json
import logging
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from app.domain.money import Money
from app.gateways import adapter
from app.gateways.base import (
    CallbackRejected,
    CheckoutRequest,
    Fact,
    Gateway,
    GatewayError,
    GatewayEvent,
    GatewayRefused,
    GatewayUnavailable,
    InboundCallback,
    NothingSent,
    RefundFailed,
    RefundRequest,
    RefundSupport,
)
from app.lib import clock
from kikao.testing.wire import HASTY, PATIENT, SILENCES, Answer, Vendor, vendor

NOW = datetime(2026, 11, 20, 9, 30, 45, tzinfo=UTC)
REFERENCE = "KKAB23CDEF45"
PAYER = {"email": "wanjiru@example.org", "phone": "+254712345678", "name": "Wanjiru Otieno"}

BROKEN = [b"", b"{}", b"[]", b"null", b"1", b"not json", b"[" * 100_000, b'{"a":' * 20_000, b"9" * 5_000]

SPOILS: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda body: body[: len(body) // 2],
    "too long": lambda body: body + b" " * 300_000,
    "with more after it": lambda body: body + b"}",
    "UTF-16": lambda body: body.decode().encode("utf-16"),
    "with a byte order mark": lambda body: b"\xef\xbb\xbf" + body,
    "with a byte of no character": lambda body: b"\xff" + body,
    "without values": lambda body: json.dumps(dict.fromkeys(json.loads(body))).encode(),
    "with numbers for values": lambda body: json.dumps(dict.fromkeys(json.loads(body), 7)).encode(),
    "with lists for values": lambda body: json.dumps({key: [1] for key in json.loads(body)}).encode(),
}


@dataclass(frozen=True)
class News:
    """What a sample must be read as; `fact` None for news that says nothing about our money."""

    fact: Fact | None
    reference: str | None = None
    provider_ref: str | None = None
    echo: Mapping[str, str] | None = None


class GatewayContract(ABC):
    """Inherit it as Test<Gateway>Contract; what has no default here must be filled in."""

    code: ClassVar[str]
    environ: ClassVar[dict[str, str]]  # without the API base
    money: ClassVar[Money]  # an ordinary amount
    monies: ClassVar[list[Money]]  # amounts that must arrive as they were sent
    unfit: ClassVar[list[Money]]  # amounts the gateway does not take
    start_route: ClassVar[str]
    look_up_route: ClassVar[str]
    refund_route: ClassVar[str]
    provider_ref: ClassVar[str]
    charge_ref: ClassVar[str]
    refusals: ClassVar[dict[str, Answer]]  # of a start
    look_ups: ClassVar[dict[str, tuple[Answer, Any]]]
    news: ClassVar[dict[str, News]]  # sample file -> what it must be read as
    key_refusal: ClassVar[tuple[str, Answer]]  # when our keys are not taken: the route check() asks, and the answer
    public: ClassVar[tuple[str, ...]] = ()  # endings of variables that hold no secret

    # ------------------------------------------------------------------------------------------------ to fill in

    @abstractmethod
    def arrange(self, there: Vendor) -> None:
        """The vendor answers well to everything around a start, a look-up or a refund."""

    @abstractmethod
    def started(self, request: CheckoutRequest) -> dict[str, Any]:
        """The vendor's good answer to a start."""

    @abstractmethod
    def wrong_starts(self, request: CheckoutRequest) -> Iterator[dict[str, Any]]:
        """Answers of the right form that are about something else, or lack something."""

    def arrange_second_start(self, there: Vendor, request: CheckoutRequest) -> None:  # noqa: B027  (most need nothing)
        """After a start the vendor knows the payment."""

    @abstractmethod
    def payments_started(self, there: Vendor) -> int:
        """How many payments the vendor would have by what it was sent."""

    @abstractmethod
    def amount_sent(self, there: Vendor) -> Money:
        """The amount in the start the vendor got, in our units."""

    @abstractmethod
    def paid_news(self, money: Money) -> bytes:
        """The vendor's callback that this amount was paid."""

    @abstractmethod
    def sign(self, body: bytes) -> InboundCallback:
        """A callback as the vendor sends it."""

    @abstractmethod
    def forgeries(self, body: bytes) -> Iterator[InboundCallback]:
        """Callbacks the vendor did not send."""

    @abstractmethod
    def unknown_news(self) -> Iterator[bytes]:
        """Genuine callbacks of kinds we do not know."""

    # ------------------------------------------------------------------------------------------------ at hand

    @pytest.fixture(autouse=True)
    def _at_a_fixed_time(self) -> Iterator[None]:
        clock.use(lambda: NOW)
        yield
        clock.use(None)

    @pytest.fixture
    def there(self) -> Iterator[Vendor]:
        with vendor() as started:
            self.arrange(started)
            yield started

    @pytest.fixture
    def gateway(self, there: Vendor) -> Gateway:
        return self.build(there)

    def build(self, there: Vendor, timeout: tuple[float, float] = PATIENT, **changes: str) -> Gateway:
        kind: Any = adapter(self.code)
        environ = self.environ | {f"{self.code.upper()}_API_BASE": there.url} | changes
        return kind(kind.Settings.from_environment(environ), timeout=timeout, **self.options())

    def options(self) -> dict[str, Any]:
        return {}

    def request(self, **changes: Any) -> CheckoutRequest:
        plain = CheckoutRequest(
            reference=REFERENCE,
            idempotency_key="attempt-7f3a-start",
            money=self.money,
            description="Session with A. Mwangi",
            expires_at=NOW + timedelta(minutes=10),
            created_at=NOW,
            callback_url="https://kikao.example/callbacks/x/signed-token",
            return_url="https://kikao.example/pay/return/KKAB23CDEF45",
            cancel_url="https://kikao.example/pay/back/KKAB23CDEF45",
            **PAYER,
        )
        return replace(plain, **changes)

    def refund_request(self, **changes: Any) -> RefundRequest:
        plain = RefundRequest(
            refund_key="rf_91b2kikaokey",
            provider_ref=self.provider_ref,
            charge_ref=self.charge_ref,
            money=self.money,
            reason="the practitioner cancelled",
            callback_url="https://kikao.example/callbacks/x/refund-token",
        )
        return replace(plain, **changes)

    def sample(self, name: str) -> bytes:
        return (self.samples() / f"{name}.json").read_bytes()

    def samples(self) -> Path:
        """Where the vendor's news is kept: beside the test, in samples/<code>/."""
        return Path(inspect.getfile(type(self))).parent / "samples" / self.code

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        rows: dict[str, Any] = {
            "silence_at_start": sorted(SILENCES),
            "silence_at_look_up": sorted(SILENCES),
            "refusal": list(self.refusals),
            "state": list(self.look_ups),
            "name": list(self.news),
            "money": self.monies,
        }
        for word in rows.keys() & set(metafunc.fixturenames):
            metafunc.parametrize(word, rows[word], ids=str)

    # ------------------------------------------------------------------------------------------------ starting

    def test_a_start_gives_a_step_with_the_vendors_id(self, gateway: Gateway, there: Vendor) -> None:
        there.on(self.start_route, Answer(self.started(self.request())))
        assert gateway.start(self.request()).provider_ref == self.provider_ref

    def test_a_start_asked_for_twice_is_one_payment_where_the_gateway_says_so(
        self, gateway: Gateway, there: Vendor
    ) -> None:
        there.on(self.start_route, Answer(self.started(self.request())))
        first = gateway.start(self.request())
        self.arrange_second_start(there, self.request())
        assert gateway.start(self.request()) == first
        assert self.payments_started(there) == (1 if gateway.capabilities.repeatable_start else 2)

    def test_a_start_without_a_clear_answer_is_unknown(self, there: Vendor, silence_at_start: str) -> None:
        there.on(self.start_route, SILENCES[silence_at_start])
        gateway = self.build(there, HASTY if silence_at_start == "timeout" else PATIENT)
        with pytest.raises(GatewayUnavailable) as unclear:
            gateway.start(self.request())
        assert isinstance(unclear.value, NothingSent) == silence_at_start.startswith("429")

    def test_of_a_vendor_that_cannot_be_reached_it_is_certain_that_nothing_was_sent(self) -> None:
        with vendor() as gone:
            gateway = self.build(gone)
        for call in self._calls(gateway):
            with pytest.raises(NothingSent):
                call()

    def test_a_call_that_is_turned_away_unread_was_not_sent(self, gateway: Gateway, there: Vendor) -> None:
        for route in (self.start_route, self.refund_route):
            there.on(route, SILENCES["429 object"])
        for call in self._calls(gateway):
            with pytest.raises(NothingSent):
                call()

    def _calls(self, gateway: Gateway) -> list[Callable[[], object]]:
        """A start and, where there is such a thing, a refund."""
        can_refund = gateway.capabilities.refunds != RefundSupport.NONE
        refund = [lambda: gateway.refund(self.refund_request())] if can_refund else []
        return [lambda: gateway.start(self.request()), *refund]

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_a_redirect_is_no_answer_and_the_other_host_is_never_asked(
        self, gateway: Gateway, there: Vendor, status: int
    ) -> None:
        good = next(answer for answer, _ in self.look_ups.values())
        with vendor() as other:
            answers = {self.start_route: Answer(self.started(self.request())), self.look_up_route: good}
            for route, answer in answers.items():
                path = route.partition(" ")[2]
                other.on(f"GET {path}", answer)
                other.on(f"POST {path}", answer)
                there.on(route, Answer({"moved": True}, status, {"Location": other.url + path}))
            for call in (lambda: gateway.start(self.request()), lambda: gateway.look_up(self.provider_ref)):
                with pytest.raises(GatewayUnavailable):
                    call()
            assert other.seen == []

    def test_an_answer_about_another_payment_is_unknown(self, gateway: Gateway, there: Vendor) -> None:
        for wrong in self.wrong_starts(self.request()):
            there.on(self.start_route, Answer(wrong))
            with pytest.raises(GatewayUnavailable):
                gateway.start(self.request())

    def test_an_explicit_no_is_refused(self, gateway: Gateway, there: Vendor, refusal: str) -> None:
        there.on(self.start_route, self.refusals[refusal])
        with pytest.raises(GatewayRefused):
            gateway.start(self.request())

    def test_an_amount_the_gateway_cannot_take_is_refused_before_anything_is_sent(
        self, gateway: Gateway, there: Vendor
    ) -> None:
        for money in self.unfit:
            with pytest.raises(GatewayRefused):
                gateway.start(self.request(money=money))
        assert there.seen == []

    def test_a_start_is_refused_when_the_vendor_does_not_take_our_keys(self, gateway: Gateway, there: Vendor) -> None:
        route, answer = self.key_refusal
        for asked in (route, self.start_route):
            there.on(asked, answer)
        with pytest.raises(GatewayRefused):
            gateway.start(self.request())

    # ------------------------------------------------------------------------------------------------ money

    def test_the_amount_that_is_sent_is_the_amount_that_was_asked(
        self, gateway: Gateway, there: Vendor, money: Money
    ) -> None:
        there.on(self.start_route, Answer(self.started(self.request(money=money))))
        gateway.start(self.request(money=money))
        assert self.amount_sent(there) == money

    def test_the_amount_in_the_news_is_the_amount_that_was_paid(self, gateway: Gateway, money: Money) -> None:
        event = gateway.read_callback(self.sign(self.paid_news(money)))
        assert event is not None
        assert getattr(event.fact, "money", None) == money

    # ------------------------------------------------------------------------------------------------ callbacks

    def test_a_sample_is_read_as_what_it_means(self, gateway: Gateway, name: str) -> None:
        event, expected = gateway.read_callback(self.sign(self.sample(name))), self.news[name]
        if expected.fact is None:
            assert event is None
            return
        assert event is not None
        assert event.fact == expected.fact
        assert (event.reference, event.provider_ref) == (expected.reference, expected.provider_ref)
        assert expected.echo is None or event.echo == expected.echo

    def test_every_sample_has_a_meaning_and_every_meaning_a_sample(self) -> None:
        assert {path.stem for path in self.samples().glob("*.json")} == set(self.news)

    def test_the_same_news_has_the_same_key_and_other_news_another(self, gateway: Gateway) -> None:
        twice = [[self._key(gateway, name) for name in self.news if self.news[name].fact] for _ in range(2)]
        assert twice[0] == twice[1]
        assert len(set(twice[0])) == len(twice[0])

    def _key(self, gateway: Gateway, name: str) -> str:
        event = gateway.read_callback(self.sign(self.sample(name)))
        assert isinstance(event, GatewayEvent)
        return event.event_key

    def test_genuine_news_of_an_unknown_kind_is_nothing(self, gateway: Gateway) -> None:
        for body in self.unknown_news():
            assert gateway.read_callback(self.sign(body)) is None

    def test_a_forged_callback_is_rejected(self, gateway: Gateway) -> None:
        for forged in self.forgeries(self.paid_news(self.money)):
            with pytest.raises(CallbackRejected):
                gateway.read_callback(forged)

    @pytest.mark.parametrize("broken", BROKEN)
    def test_a_signed_body_of_nonsense_is_rejected_and_nothing_worse(self, gateway: Gateway, broken: bytes) -> None:
        with pytest.raises(CallbackRejected):
            gateway.read_callback(self.sign(broken))

    @pytest.mark.parametrize("spoil", SPOILS)
    def test_a_signed_body_that_is_damaged_is_rejected_and_nothing_worse(self, gateway: Gateway, spoil: str) -> None:
        with pytest.raises(CallbackRejected):
            gateway.read_callback(self.sign(SPOILS[spoil](self.paid_news(self.money))))

    def test_no_damaged_field_raises_anything_but_rejected(self, gateway: Gateway) -> None:
        for name in self.news:
            for damaged in _damaged(json.loads(self.sample(name))):
                try:
                    event = gateway.read_callback(self.sign(json.dumps(damaged).encode()))
                except CallbackRejected:
                    continue
                # Whatever was understood can be stored: no database takes a NUL, none takes half a character.
                assert "\\x00" not in repr(event)
                assert "\\ud800" not in repr(event)

    # ------------------------------------------------------------------------------------------------ asking

    def test_a_look_up_tells_the_state(self, gateway: Gateway, there: Vendor, state: str) -> None:
        answer, expected = self.look_ups[state]
        there.on(self.look_up_route, answer)
        assert gateway.look_up(self.provider_ref) == expected

    def test_a_look_up_without_a_clear_answer_is_unknown_and_never_failed(
        self, there: Vendor, silence_at_look_up: str
    ) -> None:
        there.on(self.look_up_route, SILENCES[silence_at_look_up])
        gateway = self.build(there, HASTY if silence_at_look_up == "timeout" else PATIENT)
        with pytest.raises(GatewayUnavailable):
            gateway.look_up(self.provider_ref)

    def test_a_look_up_is_unknown_when_the_vendor_does_not_take_our_keys(self, there: Vendor) -> None:
        route, answer = self.key_refusal
        there.on(route, answer)
        there.on(self.look_up_route, answer)
        with pytest.raises(GatewayUnavailable):
            self.build(there).look_up(self.provider_ref)

    def test_a_refund_without_a_clear_answer_is_unknown_and_never_failed(self, gateway: Gateway, there: Vendor) -> None:
        if gateway.capabilities.refunds == RefundSupport.NONE:
            assert isinstance(gateway.refund(self.refund_request()), RefundFailed)
            return
        for name in SILENCES.keys() - {"timeout"}:
            there.on(self.refund_route, SILENCES[name])
            with pytest.raises(GatewayUnavailable) as unclear:
                gateway.refund(self.refund_request())
            assert isinstance(unclear.value, NothingSent) == name.startswith("429")

    # ------------------------------------------------------------------------------------------------ manners

    def test_no_secret_and_no_payer_is_in_an_error_or_a_log_or_on_standard_output(
        self, gateway: Gateway, there: Vendor, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
    ) -> None:
        caplog.set_level(logging.DEBUG)
        said: list[str] = []
        silences = [answer for answer in SILENCES.values() if answer.fault != "hang"]
        for answer in [*silences, *self.refusals.values(), self._gossip(), self._gossip(500)]:
            there.on(self.start_route, answer)
            there.on(self.look_up_route, answer)
            for call in (lambda: gateway.start(self.request()), lambda: gateway.look_up(self.provider_ref)):
                said += _complaints(call)
        for forged in self.forgeries(self.paid_news(self.money)):
            said += _complaints(lambda forged=forged: gateway.read_callback(forged))
        printed = capsys.readouterr()
        everything = "\n".join([*said, caplog.text, printed.err])
        assert printed.out == ""
        assert [word for word in self.private() if word in everything] == []

    def private(self) -> list[str]:
        """What must never be told, and what a careless vendor's error may repeat."""
        secret = [value for name, value in self.environ.items() if not name.endswith(self.public)]
        return [*secret, PAYER["email"], PAYER["phone"], "254712345678", "0712345678"]

    def _gossip(self, status: int = 400) -> Answer:
        words = " ".join(self.private())
        error = {"code": "BAD_REQUEST_ERROR", "description": words, "message": words, "type": "invalid_request_error"}
        return Answer({"error": error, "errorCode": "400.002.02", "errorMessage": words}, status)

    def test_production_asks_live_hosts_only_and_takes_no_key_of_our_sandbox(self) -> None:
        kind: Any = adapter(self.code)
        shown = {kind.Settings.variable(field): field.default for field in fields(kind.Settings)}
        addresses = [f"{kind.Settings.prefix}_{own}" for own in kind.refusals.addresses]
        live = {name: shown[name] for name in addresses if shown.get(name)}
        assert [*kind.refusals.complaints(kind.Settings.prefix, live)] == []
        for name in self.environ.keys() | live.keys():
            wrong = {name: "http://127.0.0.1:8900/kikao_sandbox"}
            assert [*kind.refusals.complaints(kind.Settings.prefix, wrong)]

    def test_settings_do_not_show_their_secrets(self) -> None:
        kind: Any = adapter(self.code)
        shown = repr(kind.Settings.from_environment(self.environ))
        assert [word for word in self.private() if word in shown] == []

    def test_the_capabilities_say_what_the_adapter_has(self, gateway: Gateway) -> None:
        can = gateway.capabilities
        assert self.code == gateway.code
        assert can.why_not(self.money) is None
        assert can.minimum.keys() | can.maximum.keys() <= can.currencies
        assert _overrides(gateway, "expire") == can.can_expire
        assert _overrides(gateway, "capture") == _overrides(gateway, "void") == can.manual_capture
        assert can.refunds in [*RefundSupport]

    def test_a_check_is_content_when_all_is_well(self, gateway: Gateway) -> None:
        assert gateway.check() == []

    def test_a_check_complains_in_a_sentence_about_keys_and_about_silence(self, there: Vendor) -> None:
        route, answer = self.key_refusal
        for bad in (answer, SILENCES["reset"], SILENCES["500 page"]):
            there.on(route, bad)
            [sentence] = self.build(there).check()
            assert sentence.endswith(".")
            assert not [word for word in self.private() if word in sentence]


def _overrides(gateway: Gateway, method: str) -> bool:
    return getattr(type(gateway), method) is not getattr(Gateway, method)


def _complaints(call: Any) -> list[str]:
    try:
        call()
    except GatewayError as error:
        return [*traceback.format_exception(error)]
    return []


def _damaged(thing: Any) -> Iterator[Any]:
    """The sample with each of its fields, one at a time, missing or of a wrong kind."""
    for path in _paths(thing):
        for wrong in (None, "", [], {}, True, -1, 1.5, "\x00\ud800", "x" * 300, 10**30):
            copy = json.loads(json.dumps(thing))
            _at(copy, path[:-1])[path[-1]] = wrong
            yield copy


def _paths(thing: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else ()
    for key, value in inside:
        yield (*here, key)
        yield from _paths(value, (*here, key))


def _at(thing: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        thing = thing[key]
    return thing
