"""Gateways of installed packages: named in GATEWAYS they are like ours, and what cannot be one stops the start with a sentence."""

from collections.abc import Callable
from pathlib import Path

import pytest

import config
import kikao.base
import kikao.http
import kikao.money
import kikao.settings
from app import create_app
from app.gateways import base, build, by_hand, configured, facts
from app.gateways.base import Capabilities, RefundSupport, SettingsMissing
from config import ConfigError
from tests.test_config import GOOD

PAY = """
from dataclasses import dataclass, field
from kikao.base import Capabilities, Pending, Refusals
from kikao.settings import GatewaySettings
from app.gateways.manual import ManualGateway

@dataclass(frozen=True)
class Settings(GatewaySettings):
    prefix = "{prefix}"
    api_key: str = field(repr=False)
    account: str
    api_base: str = "https://api.toypay.example"

class Toy(ManualGateway):
    code = "{code}"
    label = "Toy"
    Settings = Settings
    refusals = Refusals(live_hosts=("api.toypay.example",), test_keys=("test_*",))
    capabilities = Capabilities(currencies=frozenset({{"EUR"}}))
    def __init__(self, settings):
        self.settings = settings
"""
KEYS = {"TOYPAY_API_KEY": "live_1", "TOYPAY_ACCOUNT": "acc_1"}
Offer = Callable[..., str]


@pytest.fixture
def offer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Offer:
    """offer(code): a package is installed that offers a gateway under it; the module's name."""
    count = iter(range(9))

    def install(code: str, source: str = PAY, *, prefix: str = "", own: str = "", thing: str = "Toy") -> str:
        package = f"kikao_{tmp_path.name}_{next(count)}"
        place = tmp_path / package
        (place / f"{package}-1.dist-info").mkdir(parents=True)
        (place / f"{package}.py").write_text(source.format(code=own or code, prefix=prefix or code.upper()))
        (place / f"{package}-1.dist-info/METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1\n")
        points = f"[kikao.gateways]\n{code} = {package}:{thing}\n"
        (place / f"{package}-1.dist-info/entry_points.txt").write_text(points)
        monkeypatch.syspath_prepend(str(place))
        return package

    return install


def test_a_package_named_in_gateways_is_a_gateway_like_ours(offer: Offer) -> None:
    offer("toypay")
    built = build(["manual", "toypay"], KEYS | {"MANUAL_INSTRUCTIONS": "Pay at the till."})
    assert [(gateway.code, gateway.label) for gateway in built.values()] == [
        ("manual", "Bank or cash"),
        ("toypay", "Toy"),
    ]
    assert by_hand(built) == ["manual"]


def test_an_installed_package_that_nobody_names_is_left_alone(offer: Offer, tmp_path: Path) -> None:
    """Its variables switch it on no more than its being there: a package is believed only when the operator says so."""
    offer("toypay", "raise RuntimeError('imported')")
    assert configured(KEYS) == []
    create_app({"SECRET_KEY": "k" * 40, "DATABASE_URL": f"sqlite:///{tmp_path / 'own.db'}"} | KEYS)


def test_its_missing_variables_stop_the_start_by_name(offer: Offer) -> None:
    offer("toypay")
    with pytest.raises(SettingsMissing, match="toypay: set TOYPAY_API_KEY, TOYPAY_ACCOUNT"):
        build(["toypay"], {})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOYPAY_API_BASE", "http://127.0.0.1:8900"),
        ("TOYPAY_API_BASE", "https://api.toypay.example.net"),
        ("TOYPAY_API_KEY", "toy_kikao_sandbox"),
        ("TOYPAY_API_KEY", "test_1"),
    ],
)
def test_production_refuses_a_sixth_vendors_sandbox_and_test_mode_too(offer: Offer, name: str, value: str) -> None:
    offer("toypay")
    live = GOOD | KEYS | {"GATEWAYS": "stripe,toypay"}
    assert config.from_environment(live)["PRODUCTION"]
    with pytest.raises(ConfigError, match=name):
        config.from_environment(live | {name: value})


def test_an_unknown_word_names_what_packages_offer_among_the_known(offer: Offer) -> None:
    offer("toypay")
    with pytest.raises(SettingsMissing, match=r"'toypal'; known are stripe, razorpay, mpesa, manual, toypay"):
        build(["toypal"], {})


def test_a_package_never_stands_in_the_place_of_one_of_ours(offer: Offer) -> None:
    """Named or not: what calls itself stripe is not left lying about."""
    package = offer("stripe")
    for named in (["stripe"], []):
        with pytest.raises(SettingsMissing, match=f"the package {package} offers 'stripe', which is Kikao's own"):
            build(named, {"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"})


def test_two_packages_with_the_same_word_stop_the_start(offer: Offer) -> None:
    packages = sorted([offer("toypay"), offer("toypay")])
    with pytest.raises(SettingsMissing, match=f"the package {packages[0]}, the package {packages[1]} each offer"):
        build(["toypay"], KEYS)


ABSTRACT = """
from kikao.base import Capabilities, Gateway, Refusals
class Toy(Gateway):
    code = "{code}"
    label = "Toy"
    Settings = None
    refusals = Refusals()
    capabilities = Capabilities(currencies=frozenset())
"""


@pytest.mark.parametrize(
    ("code", "more", "why"),
    [
        ("toypay", {"source": "import no_such_module"}, "could not be loaded: No module named 'no_such_module'"),
        ("toypay", {"thing": "Other"}, "could not be loaded: .*Other"),
        ("toypay", {"source": "Toy = 1"}, "no subclass of kikao.base.Gateway"),
        ("toypay", {"source": ABSTRACT}, "it lacks check, look_up, read_callback, refund, start"),
        ("toypay", {"source": ABSTRACT.replace('    label = "Toy"\n', "")}, "it has no label"),
        (
            "toypay",
            {"source": ABSTRACT.replace("    refusals = Refusals()\n", "")},
            "does not say what production refuses",
        ),
        ("toypay", {"own": "stripe"}, "its code must be 'toypay'"),
        ("toypay", {"prefix": "STRIPE"}, "its settings' prefix 'TOYPAY'"),
        ("wallet", {}, "no gateway may be called so"),
        ("package", {}, "no gateway may be called so"),
        ("Toy-Pay", {}, "no gateway may be called so"),
        ("a_name_longer_than_tables_have_room", {}, "no gateway may be called so"),
    ],
)
def test_what_cannot_be_a_gateway_stops_the_start_with_a_sentence(
    offer: Offer, code: str, more: dict[str, str], why: str
) -> None:
    package = offer(code, **more)
    with pytest.raises(SettingsMissing, match=f"the package {package} .*{why}"):
        build([code], KEYS)


def test_the_whole_contract_is_promised() -> None:
    ours = (base.__name__, facts.__name__)
    contract = {name for name, thing in vars(base).items() if getattr(thing, "__module__", "") in ours}
    assert {"Confirmed", "Gateway", "WaitForPush"} <= contract
    assert contract <= set(kikao.base.__all__)
    for module in (kikao.base, kikao.money, kikao.settings, kikao.http):
        assert [name for name in module.__all__ if not hasattr(module, name)] == []


def test_the_names_of_before_are_still_there() -> None:
    """That path is promised: a package that was written with them goes on working."""
    earlier = ("Wire", "discreet", "mark", "maybe_mark", "tidy", "units")
    assert [name for name in earlier if not hasattr(kikao.http, name)] == []
    assert Capabilities(currencies=frozenset({"EUR"}), refunds="partial").refunds == RefundSupport.PARTIAL  # type: ignore[arg-type]
