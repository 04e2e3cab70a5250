"""A sandbox, a receiver in Kikao's place, and the real SDKs pointed at the sandbox."""

import base64
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import razorpay
import requests
import stripe

from sandbox.server import Running, start


@dataclass
class Received:
    """One callback as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Stands where Kikao would: keeps what it is sent and answers as told."""

    url: str = ""
    got: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)  # the next statuses; then 200

    def paths(self) -> list[str]:
        return [one.path for one in self.got]


@pytest.fixture(scope="session")
def _receiver() -> Iterator[Receiver]:
    receiver, lock = Receiver(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                receiver.got.append(Received(self.path, dict(self.headers), body))
                status = receiver.answers.pop(0) if receiver.answers else 200
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=lambda: server.serve_forever(0.05), daemon=True)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    yield receiver
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def _sandbox(_receiver: Receiver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = start(0, 0, tmp_path_factory.mktemp("sandbox"), _receiver.url, retry_gap=0.05)
    yield running
    running.stop()


@pytest.fixture
def box(_sandbox: Running, _receiver: Receiver) -> Running:
    """A sandbox that remembers nothing."""
    requests.post(f"{_sandbox.url}/control/reset", timeout=60)
    requests.get(f"{_sandbox.url}/control/callbacks?wait=30", timeout=60)
    _sandbox.sandbox.prompt_seconds = 60
    _receiver.got.clear()
    _receiver.answers.clear()
    return _sandbox


@pytest.fixture
def receiver(box: Running, _receiver: Receiver) -> Receiver:
    return _receiver


class Control:
    """The levers, as a test pulls them."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}/control"

    def post(self, path: str, **wish: Any) -> dict[str, Any]:
        answer = requests.post(f"{self.url}/{path}", json=wish, timeout=60)
        assert answer.ok, answer.text
        return answer.json()

    def fault(self, gateway: str, route: str, fault: str, **more: Any) -> None:
        self.post("faults", gateway=gateway, route=route, fault=fault, **more)

    def callbacks(self) -> list[dict[str, Any]]:
        """Every delivery once nothing is under way, oldest first."""
        answer = requests.get(f"{self.url}/callbacks?wait=30", timeout=60).json()
        assert answer["settled"]
        return answer["callbacks"][::-1]

    def money(self) -> list[dict[str, Any]]:
        return requests.get(f"{self.url.removesuffix('/control')}/money.json", timeout=60).json()["entries"]

    def first(self, things: str) -> dict[str, Any]:
        """The newest of some things (mpesa/prompts, say) as soon as there is one."""
        for _ in range(3000):
            found = requests.get(f"{self.url}/{things}", timeout=60).json()[things.split("/")[1]]
            if found:
                return found[0]
            time.sleep(0.02)
        raise AssertionError(f"no {things}")

    def events(self) -> list[str]:
        return [one["event"] for one in self.callbacks()]


@pytest.fixture
def control(box: Running) -> Control:
    return Control(box.url)


@pytest.fixture
def money(control: Control) -> Any:
    """The money log, as (gateway, kind, amount, currency)."""

    def read() -> list[tuple[Any, ...]]:
        return [(e["gateway"], e["kind"], e["amount"], e["currency"]) for e in control.money()]

    return read


@pytest.fixture
def stripe_client(box: Running) -> Any:
    http = stripe.RequestsClient(timeout=60)
    yield stripe.StripeClient(
        box.env["STRIPE_SECRET_KEY"],
        base_addresses={"api": box.env["STRIPE_API_BASE"]},
        max_network_retries=0,
        http_client=http,
    )
    http.close()


@pytest.fixture
def session_params() -> dict[str, Any]:
    """What Kikao's adapter asks for."""
    return {
        "mode": "payment",
        "success_url": "http://kikao.test/ok?sid={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://kikao.test/back",
        "client_reference_id": "BK1",
        "metadata": {"reference": "BK1"},
        "payment_intent_data": {"metadata": {"reference": "BK1"}},
        "expires_at": int(time.time()) + 31 * 60,
        "line_items": [
            {
                "quantity": 2,
                "price_data": {"currency": "eur", "unit_amount": 1250, "product_data": {"name": "One session"}},
            }
        ],
    }


@pytest.fixture
def razorpay_client(box: Running) -> Any:
    with requests.Session() as session:
        auth = (box.env["RAZORPAY_KEY_ID"], box.env["RAZORPAY_KEY_SECRET"])
        yield razorpay.Client(session=session, auth=auth, base_url=box.env["RAZORPAY_API_BASE"])


class Daraja:
    """Daraja has no SDK; these are the calls as its documents write them."""

    def __init__(self, env: dict[str, str], callback_url: str) -> None:
        self.env, self.base, self.callback_url = env, env["MPESA_API_BASE"], callback_url

    def token(self) -> dict[str, Any]:
        pair = (self.env["MPESA_CONSUMER_KEY"], self.env["MPESA_CONSUMER_SECRET"])
        url = f"{self.base}/oauth/v1/generate?grant_type=client_credentials"
        return requests.get(url, auth=pair, timeout=60).json()

    def post(self, path: str, body: dict[str, Any], token: str = "") -> requests.Response:
        headers = {"Authorization": f"Bearer {token or self.token()['access_token']}"}
        return requests.post(f"{self.base}{path}", json=body, headers=headers, timeout=60)

    def signed(self, **more: Any) -> dict[str, Any]:
        stamp = "20261120123045"
        secret = f"{self.env['MPESA_SHORTCODE']}{self.env['MPESA_PASSKEY']}{stamp}"
        password = base64.b64encode(secret.encode()).decode()
        return {"BusinessShortCode": self.env["MPESA_SHORTCODE"], "Password": password, "Timestamp": stamp, **more}

    def push(self, **changes: Any) -> requests.Response:
        body = self.signed(
            TransactionType="CustomerPayBillOnline",
            Amount=150,
            PartyA="254708374149",
            PartyB="174379",
            PhoneNumber="254708374149",
            CallBackURL=f"{self.callback_url}/callbacks/mpesa/token1",
            AccountReference="BK1",
            TransactionDesc="Booking",
        )
        return self.post("/mpesa/stkpush/v1/processrequest", body | changes)

    def query(self, checkout_id: str) -> requests.Response:
        return self.post("/mpesa/stkpushquery/v1/query", self.signed(CheckoutRequestID=checkout_id))

    def reverse(self, receipt: str, amount: int) -> requests.Response:
        address = f"{self.callback_url}/callbacks/mpesa/token2"
        body = {
            "Initiator": self.env["MPESA_INITIATOR"],
            "SecurityCredential": self.env["MPESA_SECURITY_CREDENTIAL"],
            "CommandID": "TransactionReversal",
            "TransactionID": receipt,
            "Amount": amount,
            "ReceiverParty": "174379",
            "RecieverIdentifierType": "11",
            "ResultURL": address,
            "QueueTimeOutURL": address,
            "Remarks": "Cancelled",
            "Occasion": "",
        }
        return self.post("/mpesa/reversal/v1/request", body)


@pytest.fixture
def daraja(box: Running, receiver: Receiver) -> Daraja:
    return Daraja(box.env, receiver.url)
