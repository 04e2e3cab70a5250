"""What the adapters share on the wire."""

import threading

import pytest

from app.gateways import http
from app.gateways.base import GatewayUnavailable
from tests.gateways.wire import PATIENT, Answer, vendor


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_never_followed(status: int) -> None:
    with vendor() as there:
        there.on("POST /pay", Answer({"moved": True}, status, {"Location": "/elsewhere"}))
        there.on("GET /elsewhere", Answer({"paid": True}))
        there.on("POST /elsewhere", Answer({"paid": True}))
        answer = http.Wire("Vendor", PATIENT).post(f"{there.url}/pay", json={})
        assert answer.status_code == status
        assert [each.route for each in there.seen] == ["POST /pay"]


def test_nobody_at_home_is_unavailable_and_says_no_address() -> None:
    with vendor() as there:
        url = there.url
    with pytest.raises(GatewayUnavailable) as error:
        http.Wire("Vendor", PATIENT).get(f"{url}/secret-path")
    assert str(error.value) == "Vendor gave no answer (ConnectionError)"


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity"])
def test_what_is_no_number_is_no_json_to_us(word: bytes) -> None:
    with pytest.raises(ValueError, match="no number"):
        http.read_object(b'{"amount": ' + word + b"}")


@pytest.mark.parametrize("given", ["", "é", "a\nb", "\x00", "x" * 256, 7, None, ["x"]])
def test_only_short_printable_text_is_an_id(given: object) -> None:
    with pytest.raises(ValueError, match="not an id"):
        http.mark(given)


def test_a_vendors_sentence_is_told_without_numbers_addresses_and_keys() -> None:
    told = http.discreet("Invalid PhoneNumber 254712345678 of a@b.example with sk_test_1 and " + "k" * 24)
    assert told == "Invalid PhoneNumber … of … with … and …"


def test_every_thread_has_its_own_and_keeps_it() -> None:
    own = http.PerThread(object)
    seen = [own.get(), own.get()]
    thread = threading.Thread(target=lambda: seen.append(own.get()))
    thread.start()
    thread.join()
    assert seen[0] is seen[1]
    assert seen[2] is not seen[0]
