"""What every gateway must do, whatever its vendor: an adapter's test class inherits GatewayContract and fills it in.

The adapter under test talks to a real local server (wire.py). Nothing of ours is patched.
"""

import logging
import traceback
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from app.domain.money import Money
from app.gateways import adapter
from app.gateways.base import (
    Gateway,
    GatewayError,
    GatewayRefused,
    GatewayUnavailable,
    NothingSent,
    Refunded,
    RefundFailed,
    RefundsChanged,
    RefundSupport,
)
from kikao.testing.adapter_case import NOW, PAYER, REFERENCE, News
from kikao.testing.callback_contract import CallbackContract
from kikao.testing.wire import HASTY, PATIENT, SILENCES, Answer, Vendor, vendor

__all__ = ["NOW", "PAYER", "REFERENCE", "GatewayContract", "News"]


class GatewayContract(CallbackContract):
    """Inherit it as Test<Gateway>Contract and fill in what AdapterCase asks for."""

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
        assert event.fact.money == money

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
        assert _overrides(gateway, "listed") == can.lists_money
        assert _overrides(gateway, "capture") == _overrides(gateway, "void") == can.manual_capture
        assert can.refunds in [*RefundSupport]
        names_none = any(isinstance(news.fact, RefundsChanged) for news in self.news.values())
        assert _overrides(gateway, "look_up_refunds") == names_none

    def test_news_of_a_refund_says_whose_it_is(self) -> None:
        told = [news.fact for news in self.news.values() if isinstance(news.fact, Refunded | RefundFailed)]
        assert [fact for fact in told if not (fact.refund_key or fact.refund_ref)] == []

    def test_a_check_is_content_when_all_is_well(self, gateway: Gateway) -> None:
        assert gateway.check() == []

    def test_a_check_complains_in_a_sentence_about_keys_and_about_silence(self, there: Vendor) -> None:
        route, answer = self.key_refusal
        for bad in (answer, SILENCES["reset"], SILENCES["500 page"]):
            there.on(route, bad)
            [sentence] = self.build(there).check()
            assert sentence.endswith(".")
            assert not [word for word in self.private() if word in sentence]

    def test_an_account_is_examined_without_an_error_and_without_a_secret(self, there: Vendor) -> None:
        """Whatever the vendor answers: the daily look asks many, and goes on."""
        route, answer = self.key_refusal
        for bad in (answer, SILENCES["reset"], SILENCES["500 page"], self._gossip(), self._gossip(500)):
            there.on(route, bad)
            found = self.build(there).examine("https://kikao.test/callbacks/it")
            assert found or not route
            assert all(each.words.endswith(".") for each in found)
            assert not [word for word in self.private() for each in found if word in each.words]


def _overrides(gateway: Gateway, method: str) -> bool:
    return getattr(type(gateway), method) is not getattr(Gateway, method)


def _complaints(call: Any) -> list[str]:
    try:
        call()
    except GatewayError as error:
        return [*traceback.format_exception(error)]
    return []
