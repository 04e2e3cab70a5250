"""The environment script/server gives to the processes it starts: what the caller set, and defaults for the rest."""

import importlib.util
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from script.support import processes

ROOT = Path(__file__).resolve().parents[2]
_FIRST_PORT = 8000
_THIS_MACHINE = ("127.0.0.1", "0.0.0.0", "::1", "::")  # noqa: S104  (compared, not bound)
_REMEMBERED = "environment.json"
_CARRIER = "KIKAO_SMS"
# Bank and cash have no vendor to stand in for, only words to read.
_BY_HAND = {"MANUAL_INSTRUCTIONS": "Demo, nothing is charged: pay to till 123456, or in cash, and give the reference."}


# Else each thread has memory of its own; and what was needed once, for a page that was compressed, is kept among what lasts.
_MEMORY = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}


@dataclass(frozen=True)
class Place:
    """Where this Kikao lives and listens."""

    instance: Path
    host: str
    port: int
    sandbox_port: int
    smtp_port: int
    production: bool

    @property
    def address(self) -> str:
        """The web's address as seen from this machine: by name, as browsers make no passkeys for an address in numbers."""
        host = "localhost" if self.host in _THIS_MACHINE else self.host
        return f"http://{host}:{self.port}"


def instance_directory(environ: Mapping[str, str]) -> Path:
    """Where everything this Kikao keeps is kept."""
    return Path(environ.get("KIKAO_INSTANCE") or ROOT / "instance").resolve()


def remember(instance: Path, environment: Mapping[str, str]) -> None:
    """What was not set by the caller is kept, readable by its owner only, so that script/flask sees the same Kikao."""
    chosen = {name: value for name, value in environment.items() if os.environ.get(name) != value}
    with open(os.open(instance / _REMEMBERED, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(chosen, file, indent=1)


def remembered(instance: Path) -> dict[str, str]:
    """What the last script/server chose; nothing before the first."""
    file = instance / _REMEMBERED
    found: dict[str, str] = json.loads(file.read_text()) if file.is_file() else {}
    return found


def find_place(environ: Mapping[str, str]) -> Place:
    """Directories and ports, checked: a PORT that was asked for is taken or refused, the default one may move on."""
    host = environ.get("HOST") or "127.0.0.1"
    port = _web_port(host, environ.get("PORT"))
    sandbox = processes.next_free("127.0.0.1", port + 1, taken=[port])
    smtp = processes.next_free("127.0.0.1", sandbox + 1)
    return Place(
        instance=instance_directory(environ),
        host=host,
        port=port,
        sandbox_port=sandbox,
        smtp_port=smtp,
        production=environ.get("KIKAO_ENV") in ("production", "staging"),  # nothing is invented there
    )


def _web_port(host: str, wanted: str | None) -> int:
    if not wanted:
        return processes.next_free(host, _FIRST_PORT)
    if not wanted.isdecimal() or not 0 < int(wanted) < 65536:
        raise RuntimeError(f"PORT={wanted} is not a port number")
    if not processes.is_free(host, int(wanted)):
        raise RuntimeError(f"port {wanted} of {host} is in use (or not allowed); set another PORT")
    return int(wanted)


def app_environment(place: Place, environ: Mapping[str, str]) -> dict[str, str]:
    """The app's settings without queue and sandbox. In production nothing is invented: the app says what is missing."""
    settings = {**environ, "PYTHONUNBUFFERED": "1", "FLASK_APP": "wsgi:app"}
    for name, value in _MEMORY.items():
        _default(settings, name, value)
    if not place.production:
        database = quote(str(place.instance / "kikao.db"), safe="/ ")
        _default(settings, "DATABASE_URL", f"sqlite:///{database}")
        _default(settings, "PUBLIC_URL", place.address)
        if not settings.get("SECRET_KEY"):
            settings["SECRET_KEY"] = secret_key(place.instance / "secret_key")
    return settings


def _default(settings: dict[str, str], name: str, value: str) -> None:
    if not settings.get(name):
        settings[name] = value


def secret_key(file: Path) -> str:
    """The key kept in `file`, made once: with a new one at each start everybody would be signed out."""
    if not file.exists():
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(secrets.token_hex(32))
    return file.read_text(encoding="ascii").strip()


def sandbox_environment(place: Place, environ: Mapping[str, str]) -> dict[str, str]:
    """What points the app at the sandbox, for the vendors the caller left alone; empty when no sandbox is wanted."""
    if place.production or importlib.util.find_spec("sandbox") is None:
        return {}
    from sandbox import credentials  # noqa: PLC0415  (production must do without it)

    offered = credentials.environment(f"http://127.0.0.1:{place.sandbox_port}", place.smtp_port) | _BY_HAND
    carrier = {_CARRIER: offered.pop(_CARRIER)}
    callers = {vendor(name) for name, value in environ.items() if value}
    found = {name: value for name, value in offered.items() if vendor(name) not in callers}
    # Which carrier sends SMS is the caller's to say, also by having keys: theirs are used only when they ask for it.
    theirs = environ.get(_CARRIER) or callers & {"AFRICASTALKING", "TWILIO"}
    return found if theirs else found | carrier


def said_of_the_demo(place: Place, *, sandbox: bool, demo: bool) -> dict[str, str]:
    """What pages may say of how this is tried: the sandbox's address, and that there are the demo's accounts."""
    found = {"KIKAO_SANDBOX": f"http://localhost:{place.sandbox_port}"} if sandbox else {}
    return found | ({"KIKAO_DEMO": "on"} if demo else {})


def vendor(variable: str) -> str:
    """STRIPE for STRIPE_SECRET_KEY: a vendor is either the caller's or the sandbox's, never mixed."""
    return variable.partition("_")[0]
