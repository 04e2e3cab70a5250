"""How an adapter's Settings are read from the environment: one dataclass field, one variable."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from app.gateways.errors import SettingsMissing


class GatewaySettings:
    """A gateway's settings: a frozen dataclass whose field `secret_key`, with prefix STRIPE, is STRIPE_SECRET_KEY."""

    prefix: ClassVar[str]
    api_base: str

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """The settings, complete. Raises SettingsMissing naming every variable that is not set."""
        found = {f.name: environ.get(cls.variable(f), "").strip() for f in fields(cls)}  # type: ignore[arg-type]
        # Blank counts as missing, and so does a list of nothing: a webhook secret of spaces would become an empty key, which
        # anybody can sign with, and one of commas none at all.
        if missing := [name for name in cls.required() if not environ.get(name, "").strip(" ,")]:
            raise SettingsMissing(f"set {', '.join(missing)}")
        return cls(**{name: text for name, text in found.items() if text})

    @classmethod
    def required(cls) -> list[str]:
        """The variables without which the gateway cannot work: any of them, set, switches it on."""
        return [cls.variable(f) for f in fields(cls) if _required(f)]  # type: ignore[arg-type]

    @classmethod
    def variable(cls, field: "Field[Any]") -> str:
        """The environment variable that holds `field`."""
        return f"{cls.prefix}_{field.name.upper()}"

    @property
    def origin(self) -> str:
        """Scheme, host and port of the API, without a path."""
        parts = urlsplit(self.api_base)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def base(self) -> str:
        """The API's address without a trailing slash or version, so that both ways of writing it work."""
        return self.api_base.rstrip("/").removesuffix("/v1").rstrip("/")


def _required(field: "Field[Any]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING
