"""Which providers of log-ins an installation offers, from its environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.lib.refusals import Refusals

_NAME = re.compile(r"[a-z][a-z0-9_]{0,19}")
_NEEDS = ("ISSUER", "CLIENT_ID", "CLIENT_SECRET")
REFUSALS = {"OIDC": Refusals(addresses=())}  # whose provider it may be is for the operator to say, but not the sandbox


@dataclass(frozen=True)
class Provider:
    """One of them: its name in our addresses, what people call it, and what it knows us by."""

    name: str
    label: str
    issuer: str
    client_id: str
    client_secret: str
    is_strict: bool  # https alone, as everywhere but in development

    @property
    def host(self) -> str:
        """The issuer's "name:port": the operator has named it, so it may be inside the operator's own network."""
        parts = urlsplit(self.issuer)
        return f"{parts.hostname}:{parts.port or (80 if parts.scheme == 'http' else 443)}"


def of_environment(environ: Mapping[str, str], *, is_strict: bool) -> dict[str, Provider]:
    """Those that OIDC_PROVIDERS names, in its order. Raises ValueError with a sentence that names all that is wrong."""
    names = list(filter(None, (name.strip() for name in environ.get("OIDC_PROVIDERS", "").split(","))))
    wrong = [f"OIDC_PROVIDERS names {name!r}: small letters and digits, please" for name in names if not _fits(name)]
    for name in filter(_fits, names):
        wrong += _wrong(name, environ, is_strict=is_strict)
    if wrong:
        raise ValueError("; ".join(wrong))
    return {name: _provider(name, environ, is_strict=is_strict) for name in names}


def _fits(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def _wrong(name: str, environ: Mapping[str, str], *, is_strict: bool) -> list[str]:
    begins = f"OIDC_{name.upper()}_"
    wrong = [f"{begins}{word} must be set" for word in _NEEDS if not environ.get(begins + word, "").strip()]
    issuer = environ.get(f"{begins}ISSUER", "").strip()
    if issuer and not _is_address(issuer, ("https",) if is_strict else ("https", "http")):
        wrong.append(f"{begins}ISSUER must be an https address as the provider writes it")
    return wrong


def _is_address(text: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(text)
        is_good = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_good and parts.scheme in schemes and not (parts.username or parts.query or parts.fragment)


def _provider(name: str, environ: Mapping[str, str], *, is_strict: bool) -> Provider:
    begins = f"OIDC_{name.upper()}_"
    issuer, client_id, client_secret = (environ[begins + word].strip() for word in _NEEDS)
    label = environ.get(f"{begins}LABEL", "").strip() or name.capitalize()
    return Provider(name, label, issuer, client_id, client_secret, is_strict)
