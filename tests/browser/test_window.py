"""A payment company's window that is nothing like Razorpay's: called and not made, open at once, with its own words."""

import re
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from app.domain.money import Money
from app.gateways import http
from app.gateways.base import (
    CallbackRejected,
    Capabilities,
    CheckoutRequest,
    Confirmed,
    Gateway,
    GatewayEvent,
    InboundCallback,
    Modal,
    PaymentOutcome,
    Pending,
    RefundFailed,
    RefundOutcome,
    RefundRequest,
    Window,
)
from app.lib.refusals import Refusals
from tests.browser.conftest import Site, book

SCRIPT = """
window.PayPop = { setup: (options) => {
  const dialog = document.createElement("dialog");
  const button = (text, act) => {
    const made = document.createElement("button");
    made.textContent = text;
    made.onclick = act;
    dialog.append(made);
  };
  const end = () => { dialog.close(); dialog.remove(); };
  button("Pay in the pop", () => fetch(options.home + "/pay?of=" + options.of).then((answer) => answer.json())
    .then((answer) => { end(); options.hooks.onPaid(answer); }));
  button("Leave the pop", () => { end(); options.hooks.onLeft(); });
  document.body.append(dialog);
  dialog.showModal();
} };
"""


class _Company(BaseHTTPRequestHandler):
    """Its script, its page for browsers without one, and the till behind both."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path != "/pay":
            return self._send("text/javascript", SCRIPT)
        [of] = parse_qs(parts.query)["of"]
        self.server.paid.add(of)  # type: ignore[attr-defined]
        return self._send("application/json", f'{{"token": "signed-{of}"}}')

    def do_POST(self) -> None:
        self._send("text/html", "<h1>The page of the company</h1>")

    def _send(self, kind: str, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


class PopGateway(Gateway):
    """The adapter of that company."""

    code = "pop"
    label = "Pop"
    refusals = Refusals()
    capabilities = Capabilities(currencies=frozenset({"EUR"}), repeatable_start=True, signs_callbacks=True)

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self._paid: set[str] = server.paid  # type: ignore[attr-defined]
        self._home = f"http://127.0.0.1:{server.server_port}"
        self.hosts = (self._home,)
        self.money: dict[str, Money] = {}

    def start(self, request: CheckoutRequest) -> Modal:
        self.money[request.reference] = request.money
        return Modal(
            script_url=f"{self._home}/pop.js",
            options={"home": self._home, "of": request.reference},
            form_action=f"{self._home}/page",
            form_fields={"of": request.reference},
            provider_ref=request.reference,
            window=Window(opener="PayPop.setup", paid="hooks.onPaid", closed="hooks.onLeft", answers=("token",)),
        )

    def read_return(self, provider_ref: str, form: Mapping[str, str]) -> GatewayEvent | None:
        if form.get("token") != f"signed-{provider_ref}":
            raise CallbackRejected("not signed")
        return GatewayEvent(http.digest(form["token"]), "return", Pending(), provider_ref=provider_ref)

    def look_up(self, provider_ref: str) -> PaymentOutcome:
        return Confirmed(self.money[provider_ref], f"ch-{provider_ref}") if provider_ref in self._paid else Pending()

    def read_callback(self, callback: InboundCallback) -> GatewayEvent | None:  # noqa: ARG002
        raise CallbackRejected("this company sends none")

    def refund(self, request: RefundRequest) -> RefundOutcome:
        return RefundFailed("not here", refund_key=request.refund_key)

    def check(self) -> list[str]:
        return []


@pytest.fixture
def company(site: Site) -> Iterator[ThreadingHTTPServer]:
    """The company is open, and its way to pay is offered."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Company)
    server.paid = set()  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    offered = site.world.app.extensions["gateways"]
    offered["pop"] = PopGateway(server)
    yield server
    del offered["pop"]
    server.shutdown()
    server.server_close()


def _choose(site: Site, *, script: bool = True) -> Page:
    client = site.person("client", script=script)
    book(client, "claire-moreau", "Single session")
    client.get_by_role("button", name=re.compile("Pay .* Pop")).first.click()
    return client


def test_a_window_of_another_shape_is_closed_opened_again_and_paid_in(site: Site, company: ThreadingHTTPServer) -> None:
    client = _choose(site)
    client.get_by_role("button", name="Leave the pop").click()
    expect(client.get_by_text("Payment cancelled; your place is still held")).to_be_visible()
    client.locator("[data-pay-part=open]").click()
    client.get_by_role("button", name="Pay in the pop").click()
    expect(client.get_by_role("heading", name="Your session is booked")).to_be_visible(timeout=60_000)
    expect(client.get_by_role("main")).not_to_contain_text("Razorpay")


def test_where_its_script_does_not_come_the_companys_own_page_is_offered(
    site: Site, company: ThreadingHTTPServer
) -> None:
    client = _choose(site, script=False)
    client.get_by_role("button", name=re.compile("Pay .* Pop")).first.click()
    expect(client.get_by_role("heading", name="The page of the company")).to_be_visible()
    with_script = site.person("client")
    with_script.route("**/pop.js", lambda route: route.abort())
    with_script.goto("/bookings")
    with_script.get_by_role("link", name="Complete payment").first.click()
    expect(with_script.get_by_text("Continue on the payment provider's own page.")).to_be_visible()
    with_script.get_by_role("button", name=re.compile("Pay .* Pop")).first.click()
    expect(with_script.get_by_role("heading", name="The page of the company")).to_be_visible()
