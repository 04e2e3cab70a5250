"""The two carriers against the sandbox and against bad answers: taken, try again, or never; and no number in any sentence."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import requests

from app import messengers
from app.messengers.base import Messenger, Refused, SettingsMissing, Undelivered
from sandbox import server as sandbox_server

PHONE = "+254712345678"
CARRIERS = sorted(messengers.REGISTRY)
NEVER = {"africastalking": "+254700000406", "twilio": "+15005550009"}


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sandbox_server.Running]:
    running = sandbox_server.start(port=0, smtp_port=0, data=tmp_path_factory.mktemp("sms"))
    yield running
    running.stop()


@pytest.fixture(params=CARRIERS)
def carrier(request: pytest.FixtureRequest, box: sandbox_server.Running) -> Messenger:
    """A carrier at the sandbox, with little patience."""
    box.sandbox.faults.clear()
    box.sandbox.store.clear()
    built = messengers.build(box.env | {"KIKAO_SMS": request.param})
    assert built is not None
    return type(built)(built._settings, timeout=(1.0, 0.5))


def _received(box: sandbox_server.Running) -> list[dict[str, str]]:
    found: list[dict[str, str]] = requests.get(f"{box.url}/sms.json", timeout=60).json()
    return found


def test_an_sms_arrives_as_it_was_written(carrier: Messenger, box: sandbox_server.Running) -> None:
    """S3-33."""
    carrier.send(PHONE, "Kikao: تم التأكيد & 100 % – ok? http://a.test/b/x")
    [sms] = _received(box)
    assert (sms["to"], sms["carrier"]) == (PHONE, carrier.code)
    assert sms["text"] == "Kikao: تم التأكيد & 100 % – ok? http://a.test/b/x"
    assert "تم" in requests.get(f"{box.url}/phone/254712345678", timeout=60).text
    assert "تم" in requests.get(f"{box.url}/sms", timeout=60).text


@pytest.mark.parametrize("fault", ["500", "429", "html", "empty", "malformed", "wrong_shape", "reset", "timeout"])
def test_without_a_clear_answer_it_is_to_be_tried_again(
    carrier: Messenger, box: sandbox_server.Running, fault: str
) -> None:
    box.sandbox.faults.add({"gateway": carrier.code, "route": "send", "fault": fault, "seconds": 2})
    with pytest.raises(Undelivered) as caught:
        carrier.send(PHONE, "x")
    assert "12345678" not in str(caught.value)
    carrier.send(PHONE, "x")
    assert len(_received(box)) == 1


def test_a_number_that_takes_none_is_not_tried_again(carrier: Messenger, box: sandbox_server.Running) -> None:
    for number in (NEVER[carrier.code], "+1"):
        with pytest.raises(Refused) as caught:
            carrier.send(number, "x")
        assert number not in str(caught.value)
    assert _received(box) == []


def test_keys_that_are_not_taken_are_our_mistake_and_not_the_numbers(box: sandbox_server.Running) -> None:
    wrong = {"AFRICASTALKING_API_KEY": "wrong", "TWILIO_AUTH_TOKEN": "wrong"}
    for code in CARRIERS:
        carrier = messengers.build(box.env | wrong | {"KIKAO_SMS": code})
        assert carrier is not None
        with pytest.raises(Undelivered):
            carrier.send(PHONE, "x")


def test_nobody_there_and_a_redirect_are_no_answer() -> None:
    class Elsewhere(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:9/")
            self.end_headers()

        log_message: Callable[..., None] = lambda *_: None

    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        for code in CARRIERS:
            for base in (f"http://127.0.0.1:{server.server_port}", "http://127.0.0.1:9"):
                with pytest.raises(Undelivered):
                    _with_base(code, base).send(PHONE, "x")
        server.shutdown()


def _with_base(code: str, base: str) -> Messenger:
    kind = messengers.REGISTRY[code]
    return kind(dict.fromkeys(kind.needs, "k") | {f"{code.upper()}_API_BASE": base}, timeout=(0.5, 0.5))


def test_a_sender_of_ones_own_and_a_messaging_service_are_named(box: sandbox_server.Running) -> None:
    for settings, sender in (
        ({"KIKAO_SMS": "africastalking", "AFRICASTALKING_SENDER": "KIKAO"}, "KIKAO"),
        ({"KIKAO_SMS": "twilio", "TWILIO_FROM": "MG77"}, "MG77"),
    ):
        carrier = messengers.build(box.env | settings)
        assert carrier is not None
        carrier.send(PHONE, "x")
        assert _received(box)[0]["from"] == sender


def test_without_kikao_sms_there_is_no_carrier_and_with_it_every_missing_setting_is_named() -> None:
    assert messengers.build({"TWILIO_AUTH_TOKEN": "k"}) is None
    with pytest.raises(SettingsMissing, match="TWILIO_ACCOUNT_SID, TWILIO_FROM"):
        messengers.build({"KIKAO_SMS": "twilio", "TWILIO_AUTH_TOKEN": "k", "TWILIO_FROM": "  "})
    with pytest.raises(SettingsMissing, match="africastalking, twilio"):
        messengers.build({"KIKAO_SMS": "pigeon"})


def test_every_registered_carrier_is_tested_here() -> None:
    assert set(CARRIERS) == set(NEVER)
    adapters = {path.stem for path in Path(messengers.__path__[0]).glob("*.py")} - {"__init__", "base"}
    assert adapters == set(CARRIERS)
