"""Who carries SMS for this installation: one registry line each, built from the environment at start-up."""

from collections.abc import Mapping

from app.lib.refusals import Refusals
from app.messengers.africastalking import AfricasTalking
from app.messengers.base import Messenger, SettingsMissing
from app.messengers.twilio import Twilio

REGISTRY: dict[str, type[Messenger]] = {each.code: each for each in (AfricasTalking, Twilio)}


def refusals() -> dict[str, Refusals]:
    """What production refuses of each carrier's settings, by what its variables begin with."""
    return {code.upper(): kind.refusals for code, kind in REGISTRY.items()}


def build(environ: Mapping[str, str]) -> Messenger | None:
    """The one KIKAO_SMS names, ready to use; None when it names none. Raises SettingsMissing naming all that is missing."""
    code = environ.get("KIKAO_SMS", "").strip()
    if not code:
        return None
    if code not in REGISTRY:
        raise SettingsMissing(f"KIKAO_SMS names {code!r}; known are {', '.join(REGISTRY)}")
    kind = REGISTRY[code]
    missing = [name for name in kind.needs if not environ.get(name, "").strip()]
    if missing:
        raise SettingsMissing(f"{code}: set {', '.join(missing)}")
    return kind(
        {name: environ[name].strip() for name in (*kind.needs, *kind.may_have) if environ.get(name, "").strip()}
    )
