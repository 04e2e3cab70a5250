"""The gateways this installation offers: one registry line each, built from the environment at start-up."""

from collections.abc import Mapping
from importlib import import_module

from app.gateways.base import Gateway, SettingsMissing
from app.refusals import Refusals

# A word in GATEWAYS and where its adapter stands. Imported on use: an SDK nobody enabled costs no start-up time.
REGISTRY: dict[str, str] = {
    "stripe": "app.gateways.stripe:StripeGateway",
    "razorpay": "app.gateways.razorpay:RazorpayGateway",
    "mpesa": "app.gateways.mpesa:MpesaGateway",
    "manual": "app.gateways.manual:ManualGateway",
}


def adapter(code: str) -> type[Gateway]:
    """The adapter class registered under `code`. Raises SettingsMissing for a word nobody registered."""
    try:
        module, name = REGISTRY[code].split(":")
    except KeyError:
        raise SettingsMissing(f"GATEWAYS names {code!r}; known are {', '.join(REGISTRY)}") from None
    found: type[Gateway] = getattr(import_module(module), name)
    return found


def build(codes: list[str], environ: Mapping[str, str]) -> dict[str, Gateway]:
    """Every gateway named, ready to use. Raises SettingsMissing with all that is missing in all of them at once."""
    built: dict[str, Gateway] = {}
    missing: list[str] = []
    for code in codes:
        try:
            kind = adapter(code)
            built[code] = kind(kind.Settings.from_environment(environ))  # type: ignore[call-arg]
        except SettingsMissing as error:
            missing.append(f"{code}: {error}")
    if missing:
        raise SettingsMissing("; ".join(missing))
    return built


def by_hand(offered: Mapping[str, Gateway]) -> list[str]:
    """The codes, of `offered` and of ours, of gateways where only a person knows: what the books name for good."""
    kinds = {code: adapter(code) for code in REGISTRY} | offered
    return [code for code, kind in kinds.items() if kind.capabilities.by_hand]


def refusals(environ: Mapping[str, str]) -> dict[str, Refusals]:
    """What production refuses of each gateway's settings, by what its variables begin with; of those that have any."""
    return {code.upper(): adapter(code).refusals for code in REGISTRY if _has_any(code, environ)}


def configured(environ: Mapping[str, str]) -> list[str]:
    """The codes to enable: what GATEWAYS lists, else every gateway of ours with any of its required variables set."""
    if listed := environ.get("GATEWAYS"):
        return [code.strip() for code in listed.split(",") if code.strip()]
    return [code for code in REGISTRY if _has_any(code, environ) and _is_begun(code, environ)]


def _has_any(code: str, environ: Mapping[str, str]) -> bool:
    # Known without importing the adapter: its variables begin with its code.
    return any(name.startswith(f"{code.upper()}_") and value.strip() for name, value in environ.items())


def _is_begun(code: str, environ: Mapping[str, str]) -> bool:
    return any(environ.get(name, "").strip() for name in adapter(code).Settings.required())
