"""What the adapters share on the wire."""

import socket
import threading
from contextlib import ExitStack

import pytest

from app.gateways import http
from app.gateways.base import GatewayUnavailable, NothingSent
from kikao.testing.wire import PATIENT, Answer, vendor


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_never_followed(status: int) -> None:
    with vendor() as there:
        there.on("POST /pay", Answer({"moved": True}, status, {"Location": "/elsewhere"}))
        there.on("GET /elsewhere", Answer({"paid": True}))
        there.on("POST /elsewhere", Answer({"paid": True}))
        with pytest.raises(GatewayUnavailable):
            http.JsonSession("Vendor", PATIENT).post(f"{there.url}/pay", json={})
        assert http.NoRedirectSession().post(f"{there.url}/pay").status_code == status
        assert [each.route for each in there.seen] == ["POST /pay"] * 2


def test_nobody_at_home_is_unavailable_and_says_no_address() -> None:
    with vendor() as there:
        url = there.url
    with pytest.raises(NothingSent) as error:
        http.JsonSession("Vendor", PATIENT).get(f"{url}/secret-path")
    assert str(error.value) == "Vendor gave no answer (ConnectionError)"


def test_a_host_without_an_address_was_sent_nothing() -> None:
    with pytest.raises(NothingSent):
        http.JsonSession("Vendor", PATIENT).get("http://no-such-host.invalid")


def test_a_host_that_never_opens_its_door_was_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as waiting:
        for _ in range(2):
            caller = waiting.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(full.getsockname())
        with pytest.raises(NothingSent):
            http.JsonSession("Vendor", (0.3, 5.0)).get(f"http://127.0.0.1:{full.getsockname()[1]}")


def test_a_connection_that_is_lost_may_have_carried_the_call() -> None:
    with vendor() as there:
        there.on("POST /pay", Answer(fault="reset"))
        with pytest.raises(GatewayUnavailable) as error:
            http.JsonSession("Vendor", PATIENT).post(f"{there.url}/pay", json={})
    assert not isinstance(error.value, NothingSent)


@pytest.mark.parametrize("given", ["", "é", "x" * 256, None, 7, ["x"], {}])
def test_what_others_write_where_our_reference_would_be_is_none(given: object) -> None:
    assert http.maybe_ours(given) is None
    assert http.maybe_ours("KKAB23CDEF45") == "KKAB23CDEF45"


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity"])
def test_what_is_no_number_is_no_json_to_us(word: bytes) -> None:
    with pytest.raises(ValueError, match="no number"):
        http.read_object(b'{"amount": ' + word + b"}")


@pytest.mark.parametrize("given", ["", "é", "a\nb", "\x00", "x" * 256, 7, None, ["x"]])
def test_only_short_printable_text_is_an_id(given: object) -> None:
    with pytest.raises(ValueError, match="not an id"):
        http.checked_id(given)


def test_a_vendors_sentence_is_told_without_numbers_addresses_and_keys() -> None:
    told = http.redacted("Invalid PhoneNumber 254712345678 of a@b.example with sk_test_1 and " + "k" * 24)
    assert told == "Invalid PhoneNumber … of … with … and …"


def test_every_thread_has_its_own_and_keeps_it() -> None:
    own = http.PerThread(object)
    seen = [own.get(), own.get()]
    thread = threading.Thread(target=lambda: seen.append(own.get()))
    thread.start()
    thread.join()
    assert seen[0] is seen[1]
    assert seen[2] is not seen[0]
