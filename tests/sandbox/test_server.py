"""Starting, stopping, remembering, and staying apart from Kikao."""

import ast
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests
import stripe

from sandbox.server import start
from tests.support.doors import until

ROOT = Path(__file__).parents[2]


def test_it_refuses_to_listen_to_the_world(tmp_path):
    for host in ("0.0.0.0", "::", "192.0.2.1", "example.org"):  # noqa: S104
        with pytest.raises(ValueError, match="loopback"):
            start(0, 0, tmp_path, host=host)


def test_state_and_waiting_callbacks_survive_a_restart(tmp_path, session_params, receiver):
    first = start(0, 0, tmp_path, "http://127.0.0.1:9", retry_gap=0.3)
    with_client = {"base_addresses": {"api": first.env["STRIPE_API_BASE"]}}
    client = stripe.StripeClient(first.env["STRIPE_SECRET_KEY"], **with_client)
    session = client.v1.checkout.sessions.create(session_params)
    requests.post(f"{first.url}/control/stripe/sessions/{session.id}/pay", timeout=60)
    requests.get(f"{first.url}/control/callbacks?wait=30", timeout=60)
    first.stop()
    second = start(0, 0, tmp_path, receiver.url, retry_gap=0.05)
    try:
        sessions = requests.get(f"{second.url}/control/stripe/sessions", timeout=60).json()["sessions"]
        assert [one["status"] for one in sessions] == ["complete"]
        assert len(requests.get(f"{second.url}/money.json", timeout=60).json()["entries"]) == 1
        end = time.time() + 5
        while len(receiver.got) < 4 and time.time() < end:
            time.sleep(0.05)
        assert len(receiver.got) == 4
    finally:
        second.stop()


def test_it_is_one_command_and_stops_at_once_even_while_somebody_waits(tmp_path):
    flags = ["--port", "0", "--smtp-port", "0", "--data", str(tmp_path), "--stripe-secret-key", "sk_test_mine"]
    command = [sys.executable, "-m", "sandbox", *flags]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        url = line.split(" at ")[1].split(",")[0]
        wish = {"gateway": "stripe", "route": "retrieve", "fault": "timeout", "seconds": 3600}
        requests.post(f"{url}/control/faults", json=wish, timeout=60)
        waiting = threading.Thread(target=_swallow, args=(f"{url}/stripe/v1/balance",))
        waiting.start()
        until(lambda: not requests.get(f"{url}/control/faults", timeout=60).json()["faults"])
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0  # the call would wait for an hour
        waiting.join()


def _swallow(url: str) -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=60)


def test_a_taken_port_is_said_plainly(box, tmp_path):
    command = [sys.executable, "-m", "sandbox", "--port", box.url.rsplit(":", 1)[1], "--data", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr


def test_many_payers_at_once_lose_no_money(stripe_client, session_params, control, money):
    ids = [stripe_client.v1.checkout.sessions.create(session_params).id for _ in range(10)]

    def pay(session_id: str) -> None:
        requests.post(f"{control.url}/stripe/sessions/{session_id}/pay", timeout=60)

    threads = [threading.Thread(target=pay, args=(one,)) for one in ids for _ in range(3)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert money() == [("stripe", "capture", 2500, "EUR")] * 10
    assert control.events().count("checkout.session.completed") == 10


def test_a_reset_sets_the_money_log_aside(daraja, control, box, money):
    control.post(f"mpesa/{daraja.push().json()['CheckoutRequestID']}/pay")
    control.post("reset")
    assert money() == []
    assert control.callbacks() == []


def test_every_page_is_there_and_strict_about_what_it_loads(box):
    for path in ("/", "/phone", "/phone/254708374149", "/mailbox", "/sms", "/money"):
        answer = requests.get(box.url + path, timeout=60)
        assert answer.status_code == 200
        assert "Sandbox: no real money" in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "<style" not in answer.text
        assert "style=" not in answer.text


def test_the_sandbox_shares_no_code_with_kikao():
    for file in (ROOT / "sandbox").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] == "app"], file
