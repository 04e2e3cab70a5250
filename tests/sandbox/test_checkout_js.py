"""checkout.js in a real browser, inside a merchant's page with a strict content security policy."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Page

# A browser that goes away in the middle of a script has the sandbox's server leave the file to the collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")

SHOP_JS = """
window.seen = [];
const checkout = new Razorpay({
  key: KEY, order_id: ORDER, name: "Kikao", amount: 50000, currency: "INR", prefill: {vpa: "asha@upi"},
  handler: (r) => seen.push(["handler", r]),
  modal: {ondismiss: (reason) => seen.push(["dismissed", reason])},
  timeout: Number(location.hash.slice(1)),
});
checkout.on("payment.failed", (r) => seen.push(["failed", r.error]));
document.getElementById("pay").addEventListener("click", () => checkout.open());
"""


@pytest.fixture
def shop(box, razorpay_client, browser) -> Iterator[Page]:
    """A merchant's page that offers to pay one order."""
    order = razorpay_client.order.create({"amount": 50000, "currency": "INR", "receipt": "BK1"})
    constants = f'const KEY = "{box.env["RAZORPAY_KEY_ID"]}", ORDER = "{order["id"]}";'
    served = {
        "/": f'<!doctype html><button id="pay">Pay</button><script src="{box.env["RAZORPAY_CHECKOUT_JS"]}"></script>'
        '<script src="/shop.js"></script>',
        "/shop.js": constants + SHOP_JS,
    }
    hosts = f"http://*.localhost:{urlsplit(box.url).port}"
    policy = (
        f"default-src 'none'; script-src 'self' {hosts}; connect-src {hosts}; frame-src {hosts} upi:; "
        "style-src 'self' 'unsafe-inline'"
    )

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path in served else 404)
            self.send_header("Content-Type", "text/javascript" if self.path.endswith(".js") else "text/html")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(served.get(self.path, "").encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=lambda: server.serve_forever(0.05), daemon=True)
    thread.start()
    page = browser.new_page(viewport={"width": 360, "height": 700})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if "Security Policy" in message.text else None)
    page.goto(f"http://127.0.0.1:{server.server_port}/")
    yield page
    page.close()
    server.shutdown()
    server.server_close()
    thread.join()
    assert complaints == []


def _seen(page: Page, what: str) -> Any:
    page.wait_for_function("what => seen.some(one => one[0] === what)", arg=what)
    return page.evaluate("what => seen.find(one => one[0] === what)[1]", what)


def test_paying_gives_the_handler_a_signed_answer(shop, razorpay_client, control):
    shop.click("#pay")
    dialog = shop.get_by_role("dialog", name="Kikao")
    assert dialog.get_by_label("UPI id").input_value() == "asha@upi"
    assert shop.evaluate("document.documentElement.scrollWidth <= 360")
    dialog.get_by_text("₹500.00").wait_for()
    dialog.get_by_role("button", name="Pay", exact=True).click()
    proof = _seen(shop, "handler")
    assert razorpay_client.utility.verify_payment_signature(proof)
    assert razorpay_client.payment.fetch(proof["razorpay_payment_id"])["vpa"] == "asha@upi"
    assert "order.paid" in control.events()
    assert not dialog.is_visible()


def test_a_failure_is_told_and_the_window_stays_for_another_try(shop):
    shop.click("#pay")
    shop.get_by_role("button", name="Fail this payment").click()
    error = _seen(shop, "failed")
    assert error["reason"] == "payment_failed"
    assert set(error["metadata"]) == {"payment_id", "order_id"}
    shop.get_by_role("dialog").get_by_role("button", name="Pay", exact=True).click()
    assert _seen(shop, "handler")["razorpay_signature"]


def test_closing_dismisses_by_button_and_by_escape_and_it_can_be_opened_again(shop):
    shop.click("#pay")
    shop.get_by_role("button", name="Close").click()
    shop.click("#pay")
    shop.keyboard.press("Escape")
    assert shop.evaluate("seen") == [["dismissed", None], ["dismissed", None]]
    assert shop.evaluate("document.activeElement.id") == "pay"


def test_it_closes_by_itself_when_its_time_is_over(shop):
    shop.goto(shop.url + "#1")
    shop.reload()
    shop.click("#pay")
    assert _seen(shop, "dismissed") == "timeout"
    assert shop.get_by_role("dialog").count() == 0


def test_the_frame_opens_a_upi_app_and_the_window_hears_that_it_was_paid(shop, razorpay_client, box):
    shop.click("#pay")
    shop.frame_locator("iframe").get_by_role("button", name="Pay in a UPI app").click()
    shop.get_by_text("Waiting for your UPI app").wait_for()
    [order] = razorpay_client.order.all({"receipt": "BK1"})["items"]
    requests.post(f"{box.url}/control/razorpay/orders/{order['id']}/pay", json={}, timeout=60)
    assert razorpay_client.utility.verify_payment_signature(_seen(shop, "handler"))


def test_without_its_risk_script_it_never_opens(shop):
    shop.route("**/risk.js", lambda route: route.abort())
    shop.reload()
    shop.click("#pay")
    shop.wait_for_timeout(500)
    assert shop.get_by_role("dialog").count() == 0
