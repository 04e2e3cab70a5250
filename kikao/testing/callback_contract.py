"""What every gateway must make of callbacks: the genuine ones, the forged and the damaged."""

import json

import pytest

from app.gateways.base import (
    CallbackRejected,
    Gateway,
    GatewayEvent,
)
from kikao.testing.adapter_case import AdapterCase
from kikao.testing.damage import BROKEN, SPOILS, damaged
from kikao.testing.wire import Vendor


class CallbackContract(AdapterCase):
    """A part of GatewayContract."""

    def test_a_sample_is_read_as_what_it_means(self, gateway: Gateway, name: str) -> None:
        event = gateway.read_callback(self.sign(self.sample(name)))
        expected = self.news[name]
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

    def test_while_a_webhook_secret_is_rolled_the_old_one_still_proves_and_no_longer(self, there: Vendor) -> None:
        variable = f"{self.code.upper()}_WEBHOOK_SECRET"
        if variable in self.environ:  # else the vendor signs with nothing of ours
            news = self.sign(self.paid_news(self.money))
            rolled = {variable: f"a new secret,{self.environ[variable]}"}
            assert self.build(there, **rolled).read_callback(news)
            with pytest.raises(CallbackRejected):
                self.build(there, **{variable: "a new secret"}).read_callback(news)

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
            for wrong in damaged(json.loads(self.sample(name))):
                try:
                    event = gateway.read_callback(self.sign(json.dumps(wrong).encode()))
                except CallbackRejected:
                    continue
                # Whatever was understood can be stored: no database takes a NUL, none takes half a character.
                assert "\\x00" not in repr(event)
                assert "\\ud800" not in repr(event)
