"""What deploy/ says to web servers: that they start the same front as script/server, and stand before it as it needs."""

import json
import os
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.blueprints.common.answers.front_door import HOLDS
from app.blueprints.common.uploads import UPLOAD_LIMIT
from config import ROOT
from script.support import processes
from script.support.serve import web_command
from script.support.settings import Place
from tests.support import proxies
from tests.support.doors import Door, heard, serving
from tests.support.proxies import caddy_says, nginx_says, number

# What may differ between one machine and another.
_OWN = ("--host", "--port", "--workers", "--workers-kill-timeout", "--log-level", "--respawn-interval")


def _command() -> list[str]:
    return web_command(Place(Path(), "127.0.0.1", 8000, 0, 0, production=True), {})


def _said(words: list[str]) -> dict[str, str]:
    """The options of a command by name, but for those of one's own."""
    text = " ".join(words[words.index("asgi:front") :])
    found = dict(re.findall(r"(--[\w-]+|^asgi:front)(?: (?!--)(\S+))?", text))
    return {name: value for name, value in found.items() if name not in _OWN}


@pytest.mark.parametrize("file", ["compose.yaml", "systemd/kikao-web.service"])
def test_every_way_to_start_it_starts_the_same_front(file: str) -> None:
    text = (ROOT / "deploy" / file).read_text(encoding="utf-8")
    [line] = re.findall(r"granian.*?--log-level\"?,? \"?error", text, re.DOTALL)
    assert _said(re.sub(r'[",\s]+', " ", line).split()) == _said(_command())


def test_the_image_has_what_the_web_server_is_told_to_load() -> None:
    docker = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    sent = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    for name in re.search(r"COPY (.*\.py) \./", docker)[1].split():  # type: ignore[index]
        assert f"!{name}" in sent
    assert "asgi.py" in docker


def _idle() -> int:
    """Seconds after which Kikao closes a connection on which nothing comes."""
    words = _command()
    return int(words[words.index("--http1-header-read-timeout") + 1]) // 1000


def test_the_example_of_nginx_buffers_and_bounds() -> None:
    assert nginx_says("proxy_request_buffering") == nginx_says("proxy_buffering") == "on"
    assert UPLOAD_LIMIT < number(nginx_says("client_max_body_size").replace("m", "MB")) < UPLOAD_LIMIT * 1.5
    assert max(HOLDS) + 10 < number(nginx_says("proxy_read_timeout"))
    assert number(re.search(r"keepalive_timeout (\w+);", proxies.NGINX)[1]) < _idle()  # type: ignore[index]
    assert all(number(nginx_says(f"client_{part}_timeout")) <= 15 for part in ("header", "body"))
    assert nginx_says("limit_conn").split()[0] in proxies.NGINX.partition("zone=")[2]


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Host", "$host"),
        ("X-Forwarded-For", "$remote_addr"),
        ("X-Forwarded-Proto", "$scheme"),
        ("X-Forwarded-Host", "$host"),
    ],
)
def test_the_example_of_nginx_says_itself_who_asks(header: str, value: str) -> None:
    assert nginx_says(f"proxy_set_header {header}") == value


def test_the_example_of_nginx_speaks_no_tls_that_is_out_of_date() -> None:
    """ASVS 12.1.1 and 12.1.2."""
    assert nginx_says("ssl_protocols") == "TLSv1.2 TLSv1.3"
    assert nginx_says("ssl_prefer_server_ciphers") == "on"
    spoken = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    spoken.set_ciphers(nginx_says("ssl_ciphers"))
    older = [each for each in spoken.get_ciphers() if each["protocol"] == "TLSv1.2"]
    assert older
    assert {(each["kea"], each["aead"]) for each in older} == {("kx-ecdhe", True)}


def test_the_example_of_caddy_buffers_and_bounds() -> None:
    assert UPLOAD_LIMIT < number(caddy_says("max_size")) < UPLOAD_LIMIT * 1.5
    assert max(HOLDS) + 10 < number(caddy_says("response_header_timeout"))
    assert number(caddy_says("keepalive")) < _idle()
    assert number(caddy_says("read_header")) <= 15
    assert caddy_says("request_buffers") == "256KiB"
    assert "trusted_proxies" not in proxies.CADDY


# ------------------------------------------------------------------------------------------------ the real ones


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    environment = dict(os.environ) | {"WEB_WORKERS": "1"}
    with serving(tmp_path_factory.mktemp("door"), environment, "tests.support.echo:front") as made:
        yield made


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest, door: Door, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """The real program with the example of deploy/."""
    program = proxies.program(request.param, request.param)
    if program is None:
        # A proxy is the operator's to choose and no part of Kikao: where the system has none and no packages to fetch one
        # from (macOS, Fedora), nothing here can be said of the examples. CI has one, and runs them for real.
        pytest.skip(f"no {request.param} here, and no apt-get to fetch it with")
    directory = tmp_path_factory.mktemp(request.param)
    port = processes.next_free("127.0.0.1", door.port + 1)
    command: list[str | Path]
    if request.param == "nginx":
        command = [
            program,
            "-e",
            directory / "error.log",
            "-p",
            directory,
            "-c",
            proxies.nginx_file(directory, port, door.port),
        ]
    else:
        version = subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout
        is_old = version.lstrip("v").startswith("2.6")
        file = proxies.caddy_file(directory, port, door.port, is_old=is_old)
        command = [program, "run", "--adapter", "caddyfile", "--config", file]
    with proxies.in_front(command, port, directory) as made:
        yield made


def test_through_the_proxy_the_application_learns_who_asked_and_from_nobody_else(proxy: Door) -> None:
    claims = {"X_Forwarded_For": "6.6.6.6", "X_Forwarded_Proto": "gopher", "X_Forwarded_Host": "evil.example"}
    told = proxy.told("/t", **claims)
    assert told["HTTP_X_FORWARDED_FOR"] == "127.0.0.1"
    assert told["HTTP_X_FORWARDED_PROTO"] == "http"
    assert "evil" not in json.dumps(told)


def test_through_the_proxy_a_body_comes_whole(proxy: Door) -> None:
    body = os.urandom(90_000)
    assert proxy.told("/t", "POST", body)["size"] == 90_000
    assert proxy.told("/upload", "POST", os.urandom(900_000))["size"] == 900_000


def test_through_the_proxy_what_is_too_large_is_refused(proxy: Door) -> None:
    assert proxy.told("/t", "POST", b"a" * 500_000)["refused"] == 413


def test_half_a_body_never_comes_through_the_proxy(proxy: Door, door: Door) -> None:
    """It buffers: what Kikao is asked is whole."""
    began = door.told("/calls")
    half = [proxy.connect(b"POST /t HTTP/1.1\r\nHost: here\r\nContent-Length: 1000\r\n\r\nhalf") for _ in range(20)]
    assert proxy.seconds("/t") < 60
    time.sleep(3)  # Kikao here gives a body two
    assert door.told("/calls") - began == 2, "of the normal request and of this one"
    for each in half:
        each.close()


def test_headers_that_do_not_come_are_not_waited_for(proxy: Door) -> None:
    began = time.monotonic()
    heard(proxy.connect(b"GET /t HTTP/1.1\r\nHost: he"))
    assert time.monotonic() - began < 60


def test_who_waits_for_news_is_kept_waiting_through_the_proxy(proxy: Door) -> None:
    assert proxy.told(f"/hold/{max(HOLDS)}/{proxy.port}") == "held"


def test_a_stream_comes_whole_through_the_proxy(proxy: Door) -> None:
    answer = proxy.ask("GET", "/stream/100/proxied")
    assert answer.body == b"".join(bytes([piece]) * 65536 for piece in range(100))


def test_a_connection_that_is_idle_is_closed_by_kikao_after_the_proxy_has_let_it_go(door: Door) -> None:
    """The proxies keep theirs for half of that."""
    connection = door.connect(b"GET /t HTTP/1.1\r\nHost: here\r\n\r\n")
    connection.settimeout(120)
    began = time.monotonic()
    while connection.recv(65536):
        pass
    assert number(caddy_says("keepalive")) < time.monotonic() - began < 60
    connection.shutdown(socket.SHUT_RDWR)
    connection.close()
