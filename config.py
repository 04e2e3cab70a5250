"""Settings, all from the environment (the contract in docs/architecture.md); wrong ones stop the start with a sentence."""

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from email.utils import getaddresses
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from app.lib.network import addresses
from app.lib.network.mail_server import MailServer, is_loopback
from app.lib.plain_addresses import is_plain

if TYPE_CHECKING:
    from app.lib.network.openid.providers import Provider
    from app.lib.refusals import Refusals

# What a REDIS_URL may say behind its "?". Above all, nothing that a certificate could be believed by without being verified.
_REDIS_WORDS = {
    *("db", "username", "password", "protocol", "client_name", "health_check_interval", "max_connections"),
    *("socket_timeout", "socket_connect_timeout", "socket_keepalive"),
    *("ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile"),
}
_WIDEST = 8  # bits of the largest network that is anybody's own: 10.0.0.0/8, fd00::/8
_DURATIONS = re.compile(r"([0-9]{1,5})([hm]?)")
_UNITS = {"": "hours", "h": "hours", "m": "minutes"}
ROOT = Path(__file__).resolve().parent
VERSION = "Unreleased"  # the first heading of CHANGELOG.md
_DEVELOPMENT_KEY = "only-for-development"
_KEY_LENGTH = 32
_KEY_VARIETY = 8  # different characters that a key has at the least: one of 32 times "a" is none
_STRICT = ("staging", "production")
_ENVIRONMENTS = ("development", *_STRICT)
_LIMITS_PATIENCE = {
    "socket_connect_timeout": 1,
    "socket_timeout": 1,
}  # seconds a page waits for Redis before it counts alone


class ConfigError(RuntimeError):
    """The environment is incomplete or dangerous; the message names every variable that is wrong, and says why."""


class Given(dict[str, str]):
    """What is set, and what is wrong with it: all of that is said at once."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__({name: value for name, value in environ.items() if value.strip()})  # empty is not set
        self.wrong: list[str] = []


def from_environment(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Flask's configuration. Raises ConfigError with all that is wrong."""
    given = Given(os.environ if environ is None else environ)
    settings = _settings(given)
    if settings["PRODUCTION"]:
        _refuse_dangerous(settings, given)
    if given.wrong:
        word = "staging" if settings["STAGING"] else "production"
        begin = f"KIKAO_ENV={word} refuses to start: " if settings["PRODUCTION"] else ""
        raise ConfigError(begin + "; ".join(given.wrong))
    return settings


def _settings(environ: Given) -> dict[str, Any]:
    public_url = _public_url(environ)
    is_here = _is_here(environ, public_url)
    environment = _environment(environ, is_here=is_here)
    keys = _secret_keys(environ, is_here=is_here)
    return {
        "ENVIRON": dict(environ),
        "VERSION": VERSION,
        "PRODUCTION": environment in _STRICT,  # staging is production with the vendors' test modes
        "STAGING": environment == "staging",
        "SECRET_KEY": keys[0],
        "SECRET_KEY_FALLBACKS": list(keys[1:]),  # Flask's name for those that verify and no longer sign
        "WTF_CSRF_SECRET_KEY": list(reversed(keys)),  # as itsdangerous has it: the last one signs
        "PUBLIC_URL": public_url,
        "SEAL_KEYS": _seal_keys(environ),
        "SQLALCHEMY_DATABASE_URI": _database_url(environ),
        "SQLALCHEMY_ENGINE_OPTIONS": {},
        "REDIS_URL": _redis_url(environ),
        "BACKUPS": _backups(environ),
        "LEAST_DISK_MB": _count(environ, "KIKAO_LEAST_DISK_MB", 200, most=999_999_999),
        "SMTP_URL": _smtp_url(environ, is_strict=environment in _STRICT),
        "MAIL_FROM": _mail_from(environ),
        "OPENID": _openid(environ, is_strict=environment in _STRICT),
        "SMS_COUNTRIES": _countries(environ),
        "MPESA_CONFIRM_BY_QUERY": _word(environ, "MPESA_CONFIRM_BY_QUERY", "1", "0") == "1",
        "LATE_PAYER_RESEATS": _word(environ, "KIKAO_LATE_PAYER", "reseat", "refund") == "reseat",
        "LATE_OFFER_HOURS": _count(environ, "KIKAO_LATE_OFFER_HOURS", 24),
        "BUSY_ALLOW": _listed(environ, "KIKAO_BUSY_ALLOW"),
        "WAIT_OFFER_MINUTES": _count(environ, "KIKAO_WAIT_OFFER_MINUTES", 120),
        "QUESTION_HOURS": _count(environ, "KIKAO_QUESTION_HOURS", 48, least=1, most=720),
        "PLATFORM_FEE_PERCENT": _count(environ, "KIKAO_FEE_PERCENT", 10, most=100),
        "DUE_BLOCKS_BOOKING": _word(environ, "KIKAO_DUE_BLOCKS", "on", "off") == "on",
        "SANDBOX_URL": environ.get("KIKAO_SANDBOX", ""),
        "DEMO": _word(environ, "KIKAO_DEMO", "off", "on") == "on",
        "MEETING_BASE": _meeting_base(environ),
        "LINK_MINUTES": _count(environ, "KIKAO_LINK_MINUTES", 5),
        "START_MINUTES": _count(environ, "KIKAO_START_MINUTES", 10),
        "NO_SHOW_MINUTES": _count(environ, "KIKAO_NO_SHOW_MINUTES", 10),
        "SETTLE_DAYS": _count(environ, "KIKAO_SETTLE_DAYS", 7, least=2),
        "NOTES_YEARS": _count(environ, "KIKAO_NOTES_YEARS", 10),
        "ERASE_AFTER_MONTHS": _count(environ, "KIKAO_ERASE_AFTER_MONTHS"),
        "REMINDERS": _durations(environ, "KIKAO_REMINDERS", "24,1,10m"),
        "LOG_LEVEL": _level(environ),
        "TRUSTED_PROXIES": _count(environ, "KIKAO_TRUSTED_PROXIES"),
        "PROXY_ADDRESSES": _proxy_addresses(environ),
        "MAX_CONTENT_LENGTH": 256 * 1024,
        "BODY_SECONDS": _count(environ, "KIKAO_BODY_SECONDS", 20, least=1),
        "WEB_THREADS": _count(environ, "WEB_THREADS", 8, least=1),
        "SECURITY_CONTACT": _security_contact(environ),
        **_cookies(public_url),
        "PERMANENT_SESSION_LIFETIME": timedelta(days=14),
        "WTF_CSRF_TIME_LIMIT": None,  # a form left open over lunch still works; the token is bound to the session
        "WTF_CSRF_SSL_STRICT": False,
        "RATELIMIT_STORAGE_URI": _limits_kept_in(environ.get("REDIS_URL", "")),
        "RATELIMIT_STORAGE_OPTIONS": _LIMITS_PATIENCE if environ.get("REDIS_URL") else {},
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,  # each process by itself while Redis is away
        "PROOF": _word(environ, "KIKAO_PROOF", "on", "off") == "on",
        "RATELIMIT_ENABLED": _word(environ, "KIKAO_RATE_LIMITS", "on", "off") == "on",
        "COMPRESS_MIN_SIZE": 500,
        "COMPRESS_STREAMS": False,
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "app" / "translations"),
    }


def _environment(environ: Given, *, is_here: bool) -> str:
    """What KIKAO_ENV says; nothing, and a complaint, for any other word and for none where other machines reach Kikao (SEC-12)."""
    known = ", ".join(_ENVIRONMENTS)
    word = environ.get("KIKAO_ENV") or ("development" if is_here else "")
    if word in _ENVIRONMENTS:
        return word
    if word:
        environ.wrong.append(f"KIKAO_ENV must be one of {known}, not {word!r}")
    else:
        environ.wrong.append(f"KIKAO_ENV must be set ({known}) where HOST or PUBLIC_URL is not of this machine alone")
    return ""


def _public_url(environ: Given) -> str:
    url = environ.get("PUBLIC_URL", "http://localhost:8000").rstrip("/")
    if not is_plain(url, "http", "https") or url.count("/") > len("//"):
        environ.wrong.append(
            "PUBLIC_URL must be a scheme and a host in small letters, perhaps a port, and nothing else"
        )
    return url


def _is_here(environ: Mapping[str, str], public_url: str) -> bool:
    """Whether only this machine can reach Kikao."""
    return is_loopback(environ.get("HOST") or "127.0.0.1") and is_loopback(_parts(public_url).hostname or "")


def _secret_keys(environ: Given, *, is_here: bool) -> tuple[str, ...]:
    """The keys of the list: the first signs, all verify. The one everybody knows signs only what nobody else can reach."""
    keys = _listed(environ, "SECRET_KEY") or ((_DEVELOPMENT_KEY,) if is_here else ())
    if not keys:
        environ.wrong.append(
            "SECRET_KEY must be set where Kikao is reached from other machines: the default one is known to all"
        )
    return keys or ("",)


def _seal_keys(environ: Given) -> tuple[str, ...]:
    keys = _listed(environ, "KIKAO_SEAL_KEYS")
    if any(len(key) < _KEY_LENGTH for key in keys):
        environ.wrong.append(f"each of KIKAO_SEAL_KEYS must have at least {_KEY_LENGTH} characters")
    return keys


def _listed(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(filter(None, (one.strip() for one in environ.get(name, "").split(","))))


def _smtp_url(environ: Given, *, is_strict: bool) -> str:
    """SEC-11: where a user is named the way there is encrypted, or ends on this machine in development."""
    url = environ.get("SMTP_URL", "")
    if url:
        try:
            server = MailServer.of(url)
        except ValueError as error:
            environ.wrong.append(f"SMTP_URL {error}")
        else:
            if server.tells_all and (is_strict or not is_loopback(server.host)):
                environ.wrong.append(
                    "SMTP_URL would send its password in the clear: begin it with smtp+starttls:// or smtps://"
                )
    return url


def _mail_from(environ: Given) -> str:
    sender = environ.get("MAIL_FROM", "Kikao <no-reply@kikao.example>")
    found = [address for _, address in getaddresses([sender])]
    if len(found) != 1 or not all(found[0].rpartition("@")) or not sender.isprintable():
        environ.wrong.append("MAIL_FROM must be an address: address@host or Name <address@host>")
    return sender


def _proxy_addresses(environ: Given) -> addresses.Networks:
    try:
        found = addresses.read(environ.get("KIKAO_PROXY_ADDRESSES", "")) or addresses.LOOPBACK
    except ValueError:
        environ.wrong.append("KIKAO_PROXY_ADDRESSES must be addresses or networks such as 172.30.77.1")
        return ()
    if any(network.prefixlen < _WIDEST for network in found):
        environ.wrong.append("KIKAO_PROXY_ADDRESSES would let everybody say where they come from")
    return found


def _redis_url(environ: Given) -> str:
    """Where TLS is asked for, the server proves who it is: `ssl_cert_reqs=none` would not have it."""
    url = environ.get("REDIS_URL", "")
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        environ.wrong.append("REDIS_URL must begin with redis://, rediss:// or unix://")
    said = {name for name, _ in parse_qsl(_parts(url).query, keep_blank_values=True)}  # as redis-py reads them
    if unknown := sorted(said - _REDIS_WORDS):
        environ.wrong.append(f"REDIS_URL must leave {', '.join(unknown)} out: certificates are verified")
    return url


def _backups(environ: Given) -> str:
    directory = environ.get("KIKAO_BACKUPS", "")
    if directory and not Path(directory).is_absolute():
        environ.wrong.append("KIKAO_BACKUPS must be a directory's whole path, such as /var/lib/kikao-backups")
    return directory


def _database_url(environ: Given) -> str:
    url = environ.get("DATABASE_URL") or f"sqlite:///{ROOT / 'instance/kikao.db'}"
    if url.partition(":")[0].partition("+")[0] not in ("postgres", "postgresql", "sqlite"):
        environ.wrong.append("DATABASE_URL must begin with postgresql:// or sqlite:///")
    return database_url(url)


def database_url(url: str) -> str:
    """A plain postgresql:// or sqlite:/// URL with the driver Kikao uses."""
    scheme, colon, rest = url.partition(":")
    if scheme in ("postgres", "postgresql"):
        return f"postgresql+psycopg{colon}{rest}"
    return url


def _refuse_dangerous(settings: dict[str, Any], environ: Given) -> None:
    if any(_is_weak(key) for key in (settings["SECRET_KEY"], *settings["SECRET_KEY_FALLBACKS"])):
        environ.wrong.append(
            "SECRET_KEY must be set and each key of its list have at least 32 characters, many of them different"
        )
    if any(_is_weak(key) for key in settings["SEAL_KEYS"][:1]):  # an older one must still open what it sealed
        environ.wrong.append("the first of KIKAO_SEAL_KEYS must have many different characters")
    public = _parts(settings["PUBLIC_URL"])
    if public.scheme != "https" or not public.hostname:
        environ.wrong.append("PUBLIC_URL must begin with https:// and name a host")
    for prefix, row in _vendors(environ).items():
        environ.wrong += row.complaints(prefix, environ, test_mode=settings["STAGING"])
    _refuse_passing_books(settings, environ)
    if "SMTP_URL" in environ and "MAIL_FROM" not in environ:
        environ.wrong.append("MAIL_FROM must be set: mail of a sender that is not yours is thrown away")
    if not settings["PROOF"]:
        environ.wrong.append("KIKAO_PROOF must not be off: anybody could sign up with anybody's address")
    if not settings["RATELIMIT_ENABLED"]:
        environ.wrong.append("KIKAO_RATE_LIMITS=off is for tests and load tests: anybody could guess, hoard and flood")
    if settings["SANDBOX_URL"] or settings["DEMO"]:
        environ.wrong.append(
            "KIKAO_SANDBOX and KIKAO_DEMO must not be set: they tell everybody how to log in and pay here"
        )
    if environ.get("FLASK_DEBUG", "0").lower() not in ("0", "false", "no"):
        environ.wrong.append("FLASK_DEBUG must not be set: it shows what is inside to everybody")


def _refuse_passing_books(settings: dict[str, Any], environ: Given) -> None:
    if "DATABASE_URL" not in environ:
        environ.wrong.append("DATABASE_URL must be set: the default is an empty file beside the code")
    if _is_in_memory(settings["SQLALCHEMY_DATABASE_URI"]):
        environ.wrong.append("DATABASE_URL must name a file: each process would have books of its own, until it ends")


def _is_in_memory(url: str) -> bool:
    """https://www.sqlite.org/inmemorydb.html: also a file without a name, and one whose name says so."""
    scheme, _, file = url.partition("://")
    return scheme.startswith("sqlite") and (
        file.partition("?")[0] in ("", "/") or ":memory:" in file or "mode=memory" in file
    )


def _is_weak(key: str) -> bool:
    return key == _DEVELOPMENT_KEY or len(key) < _KEY_LENGTH or len(set(key)) < _KEY_VARIETY


def _vendors(environ: Mapping[str, str]) -> "dict[str, Refusals]":
    """The one table of what production refuses, by what a vendor's variables begin with."""
    from app import gateways, messengers  # noqa: PLC0415  (the application imports this module)
    from app.lib.network.openid import providers  # noqa: PLC0415

    return gateways.refusals(environ) | messengers.refusals() | providers.REFUSALS


def _word(environ: Given, name: str, default: str, other: str) -> str:
    """One of two words; the first where nothing is said, and a complaint for any third: `OFF` was once `on`."""
    word = environ.get(name, default)
    if word not in (default, other):
        environ.wrong.append(f"{name} must be {default} or {other}, not {word!r}")
    return word


def _openid(environ: Given, *, is_strict: bool) -> "dict[str, Provider]":
    if "OIDC_PROVIDERS" not in environ:
        return {}
    from app.lib.network.openid import providers  # noqa: PLC0415  (as above)

    try:
        return providers.of_environment(environ, is_strict=is_strict)
    except ValueError as error:
        environ.wrong.append(str(error))
        return {}


def _level(environ: Given) -> str:
    level = environ.get("KIKAO_LOG", "warning").upper()
    if level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        environ.wrong.append(f"KIKAO_LOG must be debug, info, warning or error, not {level.lower()!r}")
    return level


def _count(environ: Given, name: str, default: int = 0, *, least: int = 0, most: int = 100_000) -> int:
    value = environ.get(name) or str(default)
    # More digits than that are no number of anything here, and Python would not read them all.
    count = int(value) if value.isdecimal() and len(value) < 10 else -1
    if not least <= count <= most:
        environ.wrong.append(f"{name} must be a whole number from {least} to {most}, not {value[:20]!r}")
        return default
    return count


def _limits_kept_in(redis_url: str) -> str:
    """Where Flask-Limiter counts: by its own name for a socket, https://limits.readthedocs.io/en/stable/storage.html."""
    return redis_url.replace("unix://", "redis+unix://", 1) if redis_url else "memory://"


def _countries(environ: Given) -> tuple[str, ...]:
    codes = _listed(environ, "KIKAO_SMS_COUNTRIES")
    if not codes:
        return ()
    from app.lib.phones import numbers  # noqa: PLC0415  (the application imports this module)

    if unknown := sorted(set(codes) - numbers.countries()):
        environ.wrong.append(f"KIKAO_SMS_COUNTRIES must be two-letter codes such as KE,IN, not {', '.join(unknown)}")
    return codes


def _meeting_base(environ: Given) -> str:
    base = environ.get("KIKAO_MEETING_BASE") or "https://meet.jit.si"
    if not is_plain(base, "https"):
        environ.wrong.append("KIKAO_MEETING_BASE must be an https address that rooms are below")
    return base


def _cookies(public_url: str) -> dict[str, Any]:
    """How the session's cookie is set, by Flask; app/lib/network/cookies sets all others."""
    # A browser takes a name that begins so from this host alone, over TLS alone: no neighbour below the same name and nobody on
    # the network can set it for us. It asks for Secure, / and no domain; plain http, on a developer's machine, has none such.
    # https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
    prefix = "__Host-" if public_url.startswith("https://") else ""
    return {
        "COOKIE_PREFIX": prefix,
        "SESSION_COOKIE_NAME": f"{prefix}session",
        "SESSION_COOKIE_PATH": "/",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": bool(prefix),
    }


def _security_contact(environ: Given) -> str:
    contact = environ.get("KIKAO_SECURITY_CONTACT", "")
    if contact and (not contact.startswith(("https://", "mailto:", "tel:")) or not contact.isprintable()):
        environ.wrong.append(f"KIKAO_SECURITY_CONTACT must begin with mailto:, https:// or tel:, not {contact!r}")
    return contact


def _parts(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:  # a bracket that is not closed
        return urlsplit("")


def _durations(environ: Given, name: str, default: str) -> tuple[timedelta, ...]:
    """Hours, or minutes with an m behind: the longest first; none for "off"."""
    text = environ.get(name) or default
    words = [] if text.strip() == "off" else text.split(",")
    found = [_DURATIONS.fullmatch(word.strip()) for word in words]
    if not all(word and int(word[1]) for word in found):
        environ.wrong.append(f"{name} must be hours or minutes such as 24,1,10m, or off, not {text[:20]!r}")
        return ()
    lengths = {timedelta(**{_UNITS[word[2]]: int(word[1])}) for word in found if word}
    return tuple(sorted(lengths, reverse=True))
