"""Settings, all from the environment (the contract in docs/architecture.md); wrong ones stop the start with a sentence."""

import os
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from app.lib.refusals import Refusals

ROOT = Path(__file__).resolve().parent
_DEVELOPMENT_KEY = "only-for-development"
_KEY_LENGTH = 32
_KEY_VARIETY = 8  # different characters that a key has at the least: one of 32 times "a" is none
_ENVIRONMENTS = ("development", "staging", "production")


class ConfigError(RuntimeError):
    """The environment is incomplete or dangerous; the message says which variable and why."""


def from_environment(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Flask's configuration. Raises ConfigError."""
    given = os.environ if environ is None else environ
    environ = {name: value for name, value in given.items() if value.strip()}  # set but empty is not set
    public_url = environ.get("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
    is_here = _is_here(environ, public_url)
    environment = _environment(environ, is_here=is_here)
    settings = {
        "ENVIRON": environ,
        "PRODUCTION": environment != "development",  # staging is production with the vendors' test modes
        "STAGING": environment == "staging",
        "SECRET_KEY": environ.get("SECRET_KEY") or (_DEVELOPMENT_KEY if is_here else ""),
        "PUBLIC_URL": public_url,
        "SEAL_KEYS": _seal_keys(environ),
        "SQLALCHEMY_DATABASE_URI": database_url(
            environ.get("DATABASE_URL") or f"sqlite:///{ROOT / 'instance/kikao.db'}"
        ),
        "SQLALCHEMY_ENGINE_OPTIONS": {},
        "REDIS_URL": environ.get("REDIS_URL", ""),
        "SMTP_URL": environ.get("SMTP_URL", ""),
        "MAIL_FROM": environ.get("MAIL_FROM", "Kikao <no-reply@kikao.example>"),
        "MPESA_CONFIRM_BY_QUERY": environ.get("MPESA_CONFIRM_BY_QUERY", "1") != "0",
        "LATE_PAYER_RESEATS": environ.get("KIKAO_LATE_PAYER", "reseat") == "reseat",
        "LATE_OFFER_HOURS": _count(environ, "KIKAO_LATE_OFFER_HOURS", 24),
        "BUSY_ALLOW": tuple(filter(None, (one.strip() for one in environ.get("KIKAO_BUSY_ALLOW", "").split(",")))),
        "WAIT_OFFER_MINUTES": _count(environ, "KIKAO_WAIT_OFFER_MINUTES", 120),
        "QUESTION_HOURS": _hours(environ, "KIKAO_QUESTION_HOURS", 48, most=720),
        "PLATFORM_FEE_PERCENT": _count(environ, "KIKAO_FEE_PERCENT", 10),
        "DUE_BLOCKS_BOOKING": environ.get("KIKAO_DUE_BLOCKS", "on") != "off",
        "MEETING_BASE": _meeting_base(environ),
        "LINK_MINUTES": _count(environ, "KIKAO_LINK_MINUTES", 5),
        "START_MINUTES": _count(environ, "KIKAO_START_MINUTES", 10),
        "NO_SHOW_MINUTES": _count(environ, "KIKAO_NO_SHOW_MINUTES", 10),
        "NOTES_YEARS": _count(environ, "KIKAO_NOTES_YEARS", 10),
        "ERASE_AFTER_MONTHS": _count(environ, "KIKAO_ERASE_AFTER_MONTHS"),
        "REMINDERS": _durations(environ, "KIKAO_REMINDERS", "24,1,10m"),
        "LOG_LEVEL": _level(environ),
        "TRUSTED_PROXIES": _count(environ, "KIKAO_TRUSTED_PROXIES"),
        "MAX_CONTENT_LENGTH": 256 * 1024,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": public_url.startswith("https://"),
        "PERMANENT_SESSION_LIFETIME": timedelta(days=14),
        "WTF_CSRF_TIME_LIMIT": None,  # a form left open over lunch still works; the token is bound to the session
        "WTF_CSRF_SSL_STRICT": False,
        "RATELIMIT_STORAGE_URI": "memory://",
        "PROOF": _is_on(environ, "KIKAO_PROOF"),
        "RATELIMIT_ENABLED": _is_on(environ, "KIKAO_RATE_LIMITS"),
        "COMPRESS_MIN_SIZE": 500,
        "COMPRESS_STREAMS": False,
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "app" / "translations"),
    }
    if settings["PRODUCTION"]:
        _refuse_dangerous(settings, environ)
    if not settings["SECRET_KEY"]:
        raise ConfigError(
            "SECRET_KEY must be set where Kikao is reached from other machines: the default one is known to all"
        )
    return settings


def _environment(environ: Mapping[str, str], *, is_here: bool) -> str:
    """What KIKAO_ENV says. Raises ConfigError for any other word, and for none where other machines reach Kikao (SEC-12)."""
    known = ", ".join(_ENVIRONMENTS)
    word = environ.get("KIKAO_ENV") or ("development" if is_here else "")
    if not word:
        raise ConfigError(f"KIKAO_ENV must be set ({known}) where HOST or PUBLIC_URL is not of this machine alone")
    if word not in _ENVIRONMENTS:
        raise ConfigError(f"KIKAO_ENV must be one of {known}, not {word!r}")
    return word


def _is_here(environ: Mapping[str, str], public_url: str) -> bool:
    """Whether only this machine can reach Kikao."""
    return _is_loopback(environ.get("HOST") or "127.0.0.1") and _is_loopback(urlsplit(public_url).hostname or "")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def database_url(url: str) -> str:
    """A plain postgresql:// or sqlite:/// URL with the driver Kikao uses."""
    scheme, colon, rest = url.partition(":")
    if scheme in ("postgres", "postgresql"):
        return f"postgresql+psycopg{colon}{rest}"
    return url


def _refuse_dangerous(settings: dict[str, Any], environ: Mapping[str, str]) -> None:
    wrong: list[str] = []
    key = settings["SECRET_KEY"]
    if key == _DEVELOPMENT_KEY or len(key) < _KEY_LENGTH or len(set(key)) < _KEY_VARIETY:
        wrong.append("SECRET_KEY must be set and have at least 32 characters, many of them different")
    if not settings["PUBLIC_URL"].startswith("https://"):
        wrong.append("PUBLIC_URL must begin with https://")
    test_mode = settings["STAGING"]
    for prefix, row in _vendors(environ).items():
        wrong += row.complaints(prefix, environ, test_mode=test_mode)
    if not settings["PROOF"]:
        wrong.append("KIKAO_PROOF must not be off: anybody could sign up with anybody's address")
    if not settings["RATELIMIT_ENABLED"]:
        wrong.append("KIKAO_RATE_LIMITS=off is for tests and load tests: anybody could guess, hoard and flood")
    if not environ.get("DATABASE_URL"):
        wrong.append("DATABASE_URL must be set: the default is an empty file beside the code")
    if wrong:
        word = "staging" if test_mode else "production"
        raise ConfigError(f"KIKAO_ENV={word} refuses to start: " + "; ".join(wrong))


def _vendors(environ: Mapping[str, str]) -> "dict[str, Refusals]":
    """The one table of what production refuses, by what a vendor's variables begin with."""
    from app import gateways, messengers  # noqa: PLC0415  (the application imports this module)

    return gateways.refusals(environ) | messengers.refusals()


def _seal_keys(environ: Mapping[str, str]) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in environ.get("KIKAO_SEAL_KEYS", "").split(",") if key.strip())
    if any(len(key) < _KEY_LENGTH for key in keys):
        raise ConfigError(f"each of KIKAO_SEAL_KEYS must have at least {_KEY_LENGTH} characters")
    return keys


def _level(environ: Mapping[str, str]) -> str:
    level = environ.get("KIKAO_LOG", "warning").upper()
    if level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ConfigError(f"KIKAO_LOG must be debug, info, warning or error, not {level.lower()!r}")
    return level


def _is_on(environ: Mapping[str, str], name: str) -> bool:
    word = environ.get(name) or "on"
    if word not in ("on", "off"):
        raise ConfigError(f"{name} must be on or off, not {word!r}")
    return word == "on"


def _count(environ: Mapping[str, str], name: str, default: int = 0) -> int:
    value = environ.get(name) or str(default)
    if not value.isdecimal():
        raise ConfigError(f"{name} must be a whole number, not {value!r}")
    return int(value)


def _hours(environ: Mapping[str, str], name: str, default: int, *, most: int) -> int:
    hours = _count(environ, name, default)
    if not 1 <= hours <= most:
        raise ConfigError(f"{name} must be from 1 to {most} hours, not {hours}")
    return hours


def _meeting_base(environ: Mapping[str, str]) -> str:
    base = environ.get("KIKAO_MEETING_BASE") or "https://meet.jit.si"
    parts = urlsplit(base)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ConfigError("KIKAO_MEETING_BASE must be an https address that rooms are below")
    return base


def _durations(environ: Mapping[str, str], name: str, default: str) -> tuple[timedelta, ...]:
    """Hours, or minutes with an m behind: the longest first; none for "off"."""
    text = environ.get(name) or default
    words = [] if text.strip() == "off" else [word.strip() for word in text.split(",")]
    if not all(word.removesuffix("m").removesuffix("h").isdecimal() and int(word.rstrip("hm")) for word in words):
        raise ConfigError(f"{name} must be hours or minutes such as 24,1,10m, or off, not {text!r}")
    found = {timedelta(**{"minutes" if word.endswith("m") else "hours": int(word.rstrip("hm"))}) for word in words}
    return tuple(sorted(found, reverse=True))
