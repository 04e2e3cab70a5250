"""Who asks, and whether by https, is believed of the trusted proxy alone, by the settings an operator gives."""

from collections.abc import Iterator

import pytest
from flask import Flask, request

from app import create_app
from app.extensions import db

PROXY, STRANGER, CLIENT = "172.30.77.1", "203.0.113.9", "198.51.100.7"
SETTINGS = {
    "none": {},
    "loopback": {"KIKAO_TRUSTED_PROXIES": "1"},
    "unknown": {"KIKAO_TRUSTED_PROXIES": "1"},
    "one": {"KIKAO_TRUSTED_PROXIES": "1", "KIKAO_PROXY_ADDRESSES": PROXY},
    "two": {"KIKAO_TRUSTED_PROXIES": "2", "KIKAO_PROXY_ADDRESSES": "172.30.77.0/24, ::1"},
}


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Flask]]:
    """An application for each of the settings, with a page that says who asked for it."""
    database = {"DATABASE_URL": f"sqlite:///{tmp_path_factory.mktemp('forwarding')}/none.db"}
    made = {name: create_app(database | given) for name, given in SETTINGS.items()}
    for app in made.values():
        app.add_url_rule("/who", "who", lambda: f"{request.remote_addr} {request.scheme} {request.host}")
    yield made
    for app in made.values():
        with app.app_context():
            db.engine.dispose()


@pytest.mark.parametrize(
    ("settings", "peer", "forwarded", "who"),
    [
        ("none", "127.0.0.1", CLIENT, "127.0.0.1 http"),
        ("none", PROXY, CLIENT, f"{PROXY} http"),
        ("loopback", "127.0.0.1", CLIENT, f"{CLIENT} https"),
        ("loopback", "::1", CLIENT, f"{CLIENT} https"),
        ("loopback", "::ffff:127.0.0.1", CLIENT, f"{CLIENT} https"),
        ("loopback", PROXY, CLIENT, f"{PROXY} http"),
        ("one", PROXY, CLIENT, f"{CLIENT} https"),
        ("one", PROXY, f"10.9.8.7, {CLIENT}", f"{CLIENT} https"),
        ("one", STRANGER, CLIENT, f"{STRANGER} http"),
        ("one", "127.0.0.1", CLIENT, "127.0.0.1 http"),
        ("one", "", CLIENT, " http"),
        ("one", "unix:", CLIENT, "unix: http"),
        ("two", PROXY, f"10.9.8.7, {CLIENT}, 172.30.77.9", f"{CLIENT} https"),
        ("two", STRANGER, f"{CLIENT}, 172.30.77.9", f"{STRANGER} http"),
    ],
)
def test_who_asks_is_believed_of_the_trusted_proxy_alone(
    apps: dict[str, Flask], settings: str, peer: str, forwarded: str, who: str
) -> None:
    """SEC-23: whoever reached the port past the proxy said where they came from, and a limit per address was none."""
    told = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https, https", "X-Forwarded-Host": "evil.example"}
    answer = apps[settings].test_client().get("/who", headers=told, environ_base={"REMOTE_ADDR": peer})
    assert answer.text == f"{who} localhost"


def test_an_operator_is_told_once_where_a_proxy_asks_from_that_is_not_believed(
    apps: dict[str, Flask], caplog: pytest.LogCaptureFixture
) -> None:
    http = apps["unknown"].test_client()
    for _ in range(3):
        http.get("/who", environ_base={"REMOTE_ADDR": PROXY})
        http.get("/who", headers={"X-Forwarded-For": CLIENT}, environ_base={"REMOTE_ADDR": PROXY})
    said = [record.getMessage() for record in caplog.records if record.name == "app.forwarding"]
    assert said == [f"forwarded.not_believed from={PROXY} see=KIKAO_PROXY_ADDRESSES"]


def test_the_list_of_proxies_is_addresses_and_never_everybody() -> None:
    for wrong, why in (("proxy", "must be addresses"), ("10.0.0.1/8", "must be addresses"), ("0.0.0.0/0", "everybody")):
        with pytest.raises(Exception, match=f"KIKAO_PROXY_ADDRESSES .*{why}"):
            create_app({"DATABASE_URL": "sqlite://", "KIKAO_PROXY_ADDRESSES": wrong})
