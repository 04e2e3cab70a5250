"""The gateways this installation offers: ours by one line each, others' by an entry point of an installed package."""

import inspect
import re
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from app.gateways.base import Gateway, SettingsMissing
from app.lib.refusals import Refusals

# A word in GATEWAYS and where its adapter stands. Imported on use: an SDK nobody enabled costs no start-up time.
REGISTRY: dict[str, str] = {
    "stripe": "app.gateways.stripe:StripeGateway",
    "razorpay": "app.gateways.razorpay:RazorpayGateway",
    "mpesa": "app.gateways.mpesa:MpesaGateway",
    "manual": "app.gateways.manual:ManualGateway",
}
GROUP = "kikao.gateways"  # of the entry points of packages that bring a gateway: its code = "module:Class"
_CODE = re.compile(r"[a-z][a-z0-9_]{0,19}")  # as long as the tables have room for
_OUR_OWN = ("wallet", "package")  # stand where a gateway's code stands and have no vendor


def adapter(code: str) -> type[Gateway]:
    """The adapter class that is ours under `code`, else that of the installed package which offers one.

    Raises SettingsMissing for a word nobody knows, and for an offer that cannot be taken.
    """
    if code not in REGISTRY:
        return _theirs(code)
    module, name = REGISTRY[code].split(":")
    found: type[Gateway] = getattr(import_module(module), name)
    return found


def _theirs(code: str) -> type[Gateway]:
    offers = [each for each in entry_points(group=GROUP) if each.name == code]
    if not offers:
        known = dict.fromkeys([*REGISTRY, *(each.name for each in entry_points(group=GROUP))])
        raise SettingsMissing(f"GATEWAYS names {code!r}; known are {', '.join(known)}")
    if len(offers) > 1:
        raise SettingsMissing(f"{_packages(offers)} each offer {code!r}: leave one of them installed")
    try:
        kind = offers[0].load()
    except (ImportError, AttributeError, TypeError) as error:
        raise SettingsMissing(f"{_packages(offers)} could not be loaded: {error}") from None
    if wrong := _what_is_wrong(kind, code):
        raise SettingsMissing(f"{_packages(offers)} offers no gateway {code!r}: {wrong}")
    found: type[Gateway] = kind
    return found


def _what_is_wrong(kind: object, code: str) -> str:
    """Why the class cannot be the gateway `code`, in a few words; empty when it can."""
    if not (inspect.isclass(kind) and issubclass(kind, Gateway)):
        return "it is no subclass of kikao.base.Gateway"
    if missing := [word for word in ("code", "label", "Settings", "capabilities") if not hasattr(kind, word)]:
        return f"it has no {', '.join(missing)}"
    if inspect.isabstract(kind):
        return f"it lacks {', '.join(sorted(kind.__abstractmethods__))}"
    if not _CODE.fullmatch(code) or code in _OUR_OWN:
        return "no gateway may be called so"
    if (kind.code, kind.Settings.prefix) != (code, code.upper()):
        return f"its code must be {code!r} and its settings' prefix {code.upper()!r}"
    return ""


def _packages(offers: list[EntryPoint]) -> str:
    return ", ".join(sorted(f"the package {each.dist.name if each.dist else each.value}" for each in offers))


def build(codes: list[str], environ: Mapping[str, str]) -> dict[str, Gateway]:
    """Every gateway named, ready to use. Raises SettingsMissing with all that is missing in all of them at once, and when
    an installed package would stand in the place of one of ours.
    """
    if shadows := [each for each in entry_points(group=GROUP) if each.name in REGISTRY]:
        raise SettingsMissing(f"{_packages(shadows)} offers {shadows[0].name!r}, which is Kikao's own: remove it")
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
    can = {code: adapter(code).capabilities for code in REGISTRY}
    can |= {code: gateway.capabilities for code, gateway in offered.items()}
    return [code for code, its in can.items() if its.by_hand]


def refusals(environ: Mapping[str, str]) -> dict[str, Refusals]:
    """What production refuses of each gateway's settings, by what its variables begin with.

    Of ours those that have any, of others' those that GATEWAYS names.
    """
    offered = {each.name for each in entry_points(group=GROUP)} - REGISTRY.keys()
    theirs = offered.intersection(configured(environ)) if environ.get("GATEWAYS") else set()
    ours = [code for code in REGISTRY if _has_any(code, environ)]
    return {code.upper(): adapter(code).refusals for code in [*ours, *sorted(theirs)]}


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
