"""Putting the sandbox together, starting and stopping it: one process, many threads."""

import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask, Response
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.control import levers
from sandbox.core import text
from sandbox.core.context import Sandbox
from sandbox.core.deliveries import Courier
from sandbox.core.faults import Faults
from sandbox.core.money_log import MoneyLog
from sandbox.core.store import Store, StoreClosed
from sandbox.credentials import Credentials, environment
from sandbox.daraja import menu, prompts, push, reversal
from sandbox.daraja import wire as daraja
from sandbox.openid import page as openid_page
from sandbox.openid import wire as openid
from sandbox.people import mailbox, pages, phone, portal, shop
from sandbox.razorpay import orders
from sandbox.razorpay import page as razorpay_page
from sandbox.razorpay import payments as razorpay_payments
from sandbox.razorpay import refunds as razorpay_refunds
from sandbox.razorpay import webhooks as razorpay_webhooks
from sandbox.razorpay import wire as razorpay
from sandbox.sms import africastalking, inbox, twilio
from sandbox.stripe import events, intents, sessions
from sandbox.stripe import page as stripe_page
from sandbox.stripe import refunds as stripe_refunds
from sandbox.stripe import wire as stripe

# Importing these registers their addresses on the three APIs.
_REGISTERED = (
    *(events, intents, sessions, stripe_refunds),
    *(orders, razorpay_payments, razorpay_refunds, razorpay_webhooks),
    *(push, reversal),
    events,
    intents,
    sessions,
    stripe_refunds,
    orders,
    razorpay_payments,
    razorpay_refunds,
    push,
    reversal,
    menu,
)

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; frame-src 'self'; "
    "form-action *; base-uri 'none'; frame-ancestors 'none'"
)
_TICK = 0.2  # seconds between looks at what is overdue


class _Quiet(WSGIRequestHandler):
    """No line per request: the sandbox has logs of its own (/control/callbacks, /money)."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""

    def connection_dropped(self, error: BaseException, environ: object = None) -> None:  # noqa: ARG002
        """A fault cut the connection: really cut it (a reset, not a polite end) and expect no more on it."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@dataclass
class Running:
    """A sandbox that serves. `env` is what Kikao needs to talk to it."""

    sandbox: Sandbox
    server: BaseWSGIServer
    postbox: mailbox.Postbox
    threads: list[threading.Thread] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it serves, without a slash at the end."""
        return self.sandbox.base_url

    @property
    def smtp_port(self) -> int:
        """Where it takes mail."""
        return self.sandbox.smtp_port

    @property
    def env(self) -> dict[str, str]:
        """The variables that point Kikao here."""
        return environment(self.url, self.smtp_port, self.sandbox.credentials)

    def stop(self) -> None:
        """Stop within a second; what was under way is in the data directory. May be called twice."""
        if self.sandbox.stopping.is_set():
            return
        self.sandbox.stopping.set()
        self.sandbox.faults.resume(for_ever=True)
        self.sandbox.courier.stop()
        self.server.shutdown()
        self.server.server_close()
        self.postbox.stop(no_assert=True)
        for thread in self.threads:
            thread.join(1)
        self.sandbox.store.close()


def start(
    port: int = 8900,
    smtp_port: int = 8925,
    data: str | Path = "instance/sandbox",
    app_url: str = "http://localhost:8000",
    *,
    host: str = "127.0.0.1",
    credentials: Credentials | None = None,
    prompt_seconds: float = 60.0,
    retry_gap: float = 1.0,
) -> Running:
    """Start a sandbox; port 0 takes a free one. Raises ValueError unless `host` is a loopback address."""
    if not levers.is_loopback(host):
        raise ValueError(f"The sandbox only listens on a loopback address, not on {host}.")
    sandbox = _assemble(Path(data), app_url, credentials or Credentials(), prompt_seconds, retry_gap)
    try:
        server = make_server(host, port, create_app(sandbox), threaded=True, request_handler=_Quiet)
    except (OSError, SystemExit):
        sandbox.store.close()
        raise
    postbox = mailbox.Postbox(sandbox, host, smtp_port)
    try:
        postbox.start()
    except OSError:
        server.server_close()
        sandbox.store.close()
        raise
    shown = f"[{host}]" if ":" in host else host
    sandbox.base_url = f"http://{shown}:{server.server_port}"
    sandbox.smtp_port = postbox.port
    sandbox.courier.start()
    running = Running(sandbox, server, postbox)
    running.threads = [
        _thread(lambda: server.serve_forever(poll_interval=0.1), "http"),
        _thread(lambda: _tick(sandbox), "ticker"),
    ]
    return running


def create_app(sandbox: Sandbox) -> Flask:
    """The web side of a sandbox."""
    app = Flask(__name__)
    app.extensions["sandbox"] = sandbox
    app.config["MAX_CONTENT_LENGTH"] = 1_000_000
    app.jinja_env.filters["money"] = text.money
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for blueprint in (stripe.api, razorpay.api, daraja.api, africastalking.api, twilio.api, openid.api, levers.api):
        app.register_blueprint(blueprint)
    for module in (pages, phone, mailbox, shop, inbox, stripe_page, razorpay_page, openid_page, portal):
        app.register_blueprint(module.pages)
    app.after_request(_harden)
    return app


def _assemble(data: Path, app_url: str, keys: Credentials, prompt_seconds: float, retry_gap: float) -> Sandbox:
    data.mkdir(parents=True, exist_ok=True)
    store = Store(data / "sandbox.sqlite3")
    faults = Faults()
    courier = Courier(store, faults, keys, app_url, retry_gap)
    money = MoneyLog(data / "money.jsonl")
    return Sandbox(store, money, faults, courier, keys, prompt_seconds, threading.Event())


def _tick(sandbox: Sandbox) -> None:
    """End what time ends."""
    while not sandbox.stopping.wait(_TICK):
        try:
            prompts.time_out_overdue(sandbox)
            sessions.expire_overdue(sandbox)
        except StoreClosed:
            return


def _thread(work: Callable[[], None], name: str) -> threading.Thread:
    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    return thread


def _harden(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "no-store")
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        response.headers["Referrer-Policy"] = "no-referrer"
    return response
