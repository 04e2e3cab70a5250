"""The examples of deploy/, read, and run by the real nginx and Caddy in front of a door."""

import getpass
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from config import ROOT
from script.support import debian, processes
from tests.support.doors import Door, is_up, until

NGINX = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
CADDY = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
_PROGRAMS = ROOT / "instance" / "programs"
_FACTORS = {"s": 1, "m": 60, "k": 1000, "K": 1000, "KB": 1000, "MB": 1000**2}


def nginx_says(directive: str, within: str = "server {\n    listen 443") -> str:
    """What the example of nginx says last in that block and those inside it, or before it where there is none."""
    place = NGINX[NGINX.index(within) :]
    return re.findall(rf"^\s*{re.escape(directive)}\s+([^;]+);", place, re.MULTILINE)[-1]


def caddy_says(directive: str) -> str:
    """What the example of Caddy says of it last."""
    return re.findall(rf"^\s*{re.escape(directive)}\s+([^#\n]+)", CADDY, re.MULTILINE)[-1].strip()


def number(said: str) -> int:
    """Seconds or bytes; nginx's m is a megabyte where a size is told."""
    digits, unit = re.fullmatch(r"(\d+)([A-Za-z]*)", said).groups()  # type: ignore[union-attr]
    return int(digits) * _FACTORS.get(unit, 1)


def program(name: str, package: str) -> Path | None:
    """The program of the machine, else of Debian's package, which is unpacked and not installed; None where there is none."""
    if there := shutil.which(name):
        return Path(there)
    directory = _PROGRAMS / package
    unpacked = [*directory.glob(f"usr/*bin/{name}")]
    if not unpacked and debian.unpack(package, directory):
        unpacked = [*directory.glob(f"usr/*bin/{name}")]
    return unpacked[0] if unpacked else None


def nginx_file(directory: Path, port: int, behind: int) -> Path:
    """The example with another port and without TLS, in a whole configuration."""
    site = NGINX.replace("127.0.0.1:8000", f"127.0.0.1:{behind}").replace("listen 443 ssl", f"listen 127.0.0.1:{port}")
    site = re.sub(r"\n    (ssl_\w+|listen 80|server_name) [^;]*;", "", site).replace("/var/log/nginx/", f"{directory}/")
    first, _, second = site.partition("server {\n    client_header_timeout")  # the one of port 80 goes
    site = first + second.partition("}\n")[2]
    temporary = "".join(
        f"{kind}_temp_path {directory}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = (
        f"user {getpass.getuser()};\n" if os.geteuid() == 0 else ""
    )  # else nginx would give itself one that may not enter here
    made = directory / "nginx.conf"
    made.write_text(
        f"{user}daemon off;\npid {directory}/pid;\nerror_log {directory}/error.log;\nevents {{ worker_connections 1024; }}\n"
        f"http {{\n{temporary}{site}}}\n"
    )
    return made


def caddy_file(directory: Path, port: int, behind: int, *, is_old: bool) -> Path:
    """The example with another port and without TLS."""
    site = CADDY.replace("127.0.0.1:8000", f"127.0.0.1:{behind}").replace(
        "\nkikao.example {", f"\nhttp://:{port} {{\n\tbind 127.0.0.1"
    )
    site = re.sub(r"\nhttp://kikao.example \{.*?\n\}\n", "\n", site, flags=re.DOTALL)
    site = site.replace("{\n\tservers", "{\n\tadmin off\n\tauto_https off\n\tservers", 1)
    if is_old:  # Debian 12 has 2.6, which had another name for it
        site = re.sub(r"\n\t\trequest_buffers[^\n]*", "\n\t\tbuffer_requests", site)
    made = directory / "Caddyfile"
    made.write_text(site)
    return made


@contextmanager
def in_front(command: list[str | Path], port: int, directory: Path) -> Iterator[Door]:
    """The proxy, until the end of the block."""
    home = {"HOME": str(directory), "PATH": "/usr/bin:/bin"}
    with ExitStack() as stack:
        log = stack.enter_context(open(directory / "log", "wb"))
        process = processes.start(command, env=home, cwd=directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        stack.callback(processes.stop, process)
        door = Door(port, process)
        until(lambda: is_up(door))
        yield door
