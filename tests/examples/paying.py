"""Run by test_examplepay.py where the package is installed: a booking paid through it from end to end, and paid back."""

import hmac
import json
import threading
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from flask_migrate import upgrade
from werkzeug.serving import make_server

from app import create_app
from app.extensions import db
from app.models import LedgerEntry
from app.services.backoffice import reconciliation
from sandbox.server import Running
from tests.support.world import World

SECRET = "ExampleHookSecret44"


class ExamplePayServer(ThreadingHTTPServer):
    """ExamplePay as its adapter knows it: payments and refunds, each once per key, and signed news of both."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.things: dict[str, dict[str, Any]] = {}  # by idempotency key
        self.news_to = ""
        self.taken: list[dict[str, Any]] = []

    def made(self, path: str, key: str, wish: dict[str, Any]) -> dict[str, Any]:
        """What stands under the key, made of the wish when it is new."""
        number = len(self.things) + 1
        if key not in self.things and path == "/v1/payments":
            page = {"id": f"pay_{number}", "page": f"{self.url}/p/{number}", "charge": None, "failure": None}
            self.things[key] = wish | page | {"status": "open"}
        elif key not in self.things:
            self.things[key] = wish | {"id": f"re_{number}", "status": "pending"}
        return self.things[key]

    def find(self, thing_id: str) -> dict[str, Any]:
        """The payment or refund of that id."""
        [found] = [thing for thing in self.things.values() if thing["id"] == thing_id]
        return found

    def pay(self, payment_id: str) -> requests.Response:
        """The payer pays on the page, and Kikao is told; its answer."""
        payment = self.find(payment_id)
        if payment["status"] == "open":
            payment |= {"status": "paid", "charge": f"ch_{payment_id}"}
            self._note("capture", payment, payment["reference"])
        return self.tell("payment.paid", "payment", payment)

    def send_back(self, refund_id: str) -> requests.Response:
        """The bank has sent the money back, and Kikao is told; its answer."""
        refund = self.find(refund_id)
        refund["status"] = "done"
        self._note("refund", refund, "")
        return self.tell("refund.done", "refund", refund)

    def tell(self, kind: str, word: str, thing: dict[str, Any], secret: str = SECRET) -> requests.Response:
        """Signed news of the thing; Kikao's answer."""
        body = json.dumps({"id": f"ev_{kind}_{thing['id']}", "type": kind, word: thing}).encode()
        signature = hmac.new(secret.encode(), body, sha256).hexdigest()
        return requests.post(self.news_to, body, headers={"X-Examplepay-Signature": signature}, timeout=20)

    def _note(self, kind: str, thing: dict[str, Any], reference: str) -> None:
        known = {"gateway": "examplepay", "kind": kind, "charge_ref": thing["charge"], "reference": reference}
        self.taken.append(known | {"amount": thing["amount"], "currency": thing["currency"]})


class _Handler(BaseHTTPRequestHandler):
    server: ExamplePayServer

    def do_POST(self) -> None:
        wish = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(self.server.made(self.path, self.headers["Idempotency-Key"], wish))

    def do_GET(self) -> None:
        account = self.path == "/v1/account"
        self._answer({"account": "acc_1"} if account else self.server.find(self.path.rpartition("/")[2]))

    def _answer(self, thing: dict[str, Any]) -> None:
        body = json.dumps(thing).encode()
        self.send_response(200 if self.headers["Authorization"] == "Bearer ep_live_1" else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def company() -> Iterator[ExamplePayServer]:
    """ExamplePay, open."""
    server = ExamplePayServer()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def world(company: ExamplePayServer, sandbox: Running, tmp_path: Path) -> Iterator[World]:
    """A Kikao that offers ExamplePay and nothing else, served."""
    server = make_server("127.0.0.1", 0, lambda environ, start: app(environ, start), threaded=True)  # noqa: PLW0108  (the app comes later)
    environ = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'kikao.db'}",
        "SECRET_KEY": "a key for tests which has forty characters",
        "PUBLIC_URL": f"http://127.0.0.1:{server.server_port}",
        "GATEWAYS": "examplepay",
        "EXAMPLEPAY_API_KEY": "ep_live_1",
        "EXAMPLEPAY_WEBHOOK_SECRET": SECRET,
        "EXAMPLEPAY_API_BASE": company.url,
    }
    app = create_app(environ)
    with app.app_context():
        upgrade()
    company.news_to = f"{environ['PUBLIC_URL']}/callbacks/examplepay"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield World(app, sandbox)
    server.shutdown()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _at_the_gateway(world: World) -> int:
    return sum(e.amount for e in world.all(LedgerEntry) if (e.account, e.owner) == ("gateway", "examplepay"))


def test_a_booking_is_paid_and_paid_back_through_a_gateway_from_outside(
    world: World, company: ExamplePayServer
) -> None:
    client, owner = world.person(), world.practitioner()
    made = world.book(client, world.service(owner))
    begun = world.begin(client, made["checkout"]["id"], "examplepay")
    assert (begun["next"]["kind"], begun["next"]["url"]) == ("redirect", f"{company.url}/p/1")

    forged = company.tell("payment.paid", "payment", company.find("pay_1") | {"status": "paid"}, secret="guessed")
    assert (forged.status_code, world.booking(client, made["booking"]["id"])["status"]) == (400, "awaiting_payment")
    assert [company.pay("pay_1").status_code for _ in range(2)] == [200, 200]  # and told twice
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
    assert _at_the_gateway(world) == -6_000
    with world.app.app_context():
        assert reconciliation.breaches() == reconciliation.compare(company.taken) == []
    assert "ok   gateway examplepay: ok" in world.app.test_cli_runner().invoke(args=["doctor"]).output

    assert owner.post(f"/bookings/{made['booking']['id']}/cancel", {"reason": "ill"}).status_code == 200
    world.sweep()
    assert company.send_back("re_2").status_code == 200
    assert world.booking(client, made["booking"]["id"])["money"] == "refunded"
    assert _at_the_gateway(world) == 0
    with world.app.app_context():
        assert reconciliation.breaches() == reconciliation.compare(company.taken) == []


def test_a_lost_callback_is_found_by_asking(world: World, company: ExamplePayServer) -> None:
    client = world.person()
    made = world.book(client, world.service(world.practitioner()))
    begun = world.begin(client, made["checkout"]["id"], "examplepay")
    company.news_to = f"{company.url}/nowhere"
    company.pay(begun["next"]["provider_ref"])
    world.move(minutes=1)
    world.sweep()
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
    with world.app.app_context():
        assert reconciliation.breaches() == []
