"""The registry: what is enabled is complete and tested, or the app does not start."""

import inspect
from dataclasses import fields
from importlib import import_module

import pytest

from app.gateways import REGISTRY, adapter, build, configured
from app.gateways.base import CheckoutRequest, Gateway, SettingsMissing
from app.gateways.manual import ManualGateway
from app.gateways.settings import GatewaySettings
from app.lib.refusals import Refusals
from kikao.testing.contract import GatewayContract
from sandbox.core import faults
from tests.histories import news
from tests.support.gateways import BY_CODE, BY_HAND

STRIPE = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"}


@pytest.mark.parametrize("code", REGISTRY)
def test_every_registered_gateway_has_a_contract_test(code: str) -> None:
    module = import_module(f"tests.gateways.test_{code}")
    contracts = [
        kind
        for name, kind in inspect.getmembers(module, inspect.isclass)
        if name.startswith("Test") and issubclass(kind, GatewayContract) and kind.code == code
    ]
    assert contracts, f"tests/gateways/test_{code}.py needs a class Test... that inherits GatewayContract"


@pytest.mark.parametrize("code", REGISTRY)
def test_every_registered_gateway_is_a_gateway_by_its_own_name(code: str) -> None:
    kind = adapter(code)
    assert issubclass(kind, Gateway)
    assert kind.code == code
    assert issubclass(kind.Settings, GatewaySettings)
    assert kind.label


def test_every_registered_gateway_is_in_every_list_of_gateways_there_is_for_tests() -> None:
    """One more gateway: whoever goes over all of them goes over it too, or this fails."""
    assert set(REGISTRY) == set(BY_CODE) | set(BY_HAND)
    assert set(BY_CODE) == set(faults.GATEWAYS) == set(news.ROUTES)
    assert {word: set(acts) for word, acts in news.PAYER_ACTS.items() if set(acts) != set(BY_CODE)} == {}


def test_an_unknown_word_stops_the_start_and_names_the_known_ones() -> None:
    with pytest.raises(SettingsMissing, match=r"'paypal'.*stripe, razorpay, mpesa"):
        build(["paypal"], {})


def test_every_missing_variable_of_every_gateway_is_named_at_once() -> None:
    with pytest.raises(SettingsMissing) as missing:
        build(["stripe", "razorpay", "mpesa"], {"STRIPE_SECRET_KEY": "sk_test_1", "MPESA_PASSKEY": "  "})
    told = str(missing.value)
    for name in ("STRIPE_WEBHOOK_SECRET", "RAZORPAY_KEY_ID", "RAZORPAY_KEY_SECRET", "RAZORPAY_WEBHOOK_SECRET"):
        assert name in told
    for word in ("CONSUMER_KEY", "CONSUMER_SECRET", "SHORTCODE", "PASSKEY"):
        assert f"MPESA_{word}" in told
    assert "STRIPE_SECRET_KEY" not in told


def test_what_is_complete_is_built_and_asks_the_live_host_unless_told_otherwise() -> None:
    gateways = build(["stripe"], STRIPE)
    assert list(gateways) == ["stripe"]
    assert gateways["stripe"].hosts == ("https://checkout.stripe.com",)


def test_without_a_list_the_gateways_with_keys_are_enabled() -> None:
    assert configured(STRIPE) == ["stripe"]
    assert configured(STRIPE | {"GATEWAYS": "mpesa, razorpay"}) == ["mpesa", "razorpay"]
    assert configured({}) == []


@pytest.mark.parametrize("code", REGISTRY)
def test_any_required_field_switches_a_gateway_on_and_the_others_missing_stop_the_start(code: str) -> None:
    required = adapter(code).Settings.required()
    assert required
    for name in required:
        assert configured({name: "set"}) == [code]
        if others := [other for other in required if other != name]:
            with pytest.raises(SettingsMissing) as stopped:
                build([code], {name: "set"})
            assert all(other in str(stopped.value) for other in others)


@pytest.mark.parametrize("code", REGISTRY)
def test_what_a_gateway_can_do_without_switches_nothing_on(code: str) -> None:
    settings = adapter(code).Settings
    optional = {settings.variable(field) for field in fields(settings)} - set(settings.required())
    assert configured(dict.fromkeys(optional, "set")) == []
    assert configured(dict.fromkeys(settings.required(), " ")) == []


def test_an_adapter_that_is_not_complete_cannot_be_made() -> None:
    class Half(Gateway):
        code = "half"
        refusals = Refusals()

        def start(self, request: CheckoutRequest) -> None:  # type: ignore[override]  # noqa: ARG002
            return None

    with pytest.raises(TypeError, match="read_callback"):
        Half()  # type: ignore[abstract]


def test_an_adapter_that_does_not_say_what_production_refuses_cannot_even_be_imported() -> None:
    with pytest.raises(TypeError, match="Silent does not say what production refuses"):

        class Silent(ManualGateway):
            refusals = None  # type: ignore[assignment]
