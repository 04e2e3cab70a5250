"""The front by itself, behind the real server: requests as PEP 3333 wants them, bodies in time and size, streams, waiting."""

import os
import socket
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.at_once import Meanwhile
from tests.support.doors import Door, heard, serving, until
from tests.support.echo import LIMITS, THREADS

_HEAD = b"POST /told HTTP/1.1\r\nHost: here\r\n"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    environment = dict(os.environ) | {"WEB_WORKERS": "1"}
    with serving(tmp_path_factory.mktemp("door"), environment, "tests.support.echo:front") as made:
        yield made


def _sum(body: bytes) -> str:
    return sha256(body + body).hexdigest()


# ------------------------------------------------------------------------------------------------ what the application is told


def test_path_query_and_headers_come_byte_for_byte(door: Door) -> None:
    request = b"GET /t%C3%A4%FF/%2f?q=%C3%A4 HTTP/1.1\r\nHost: Here:81\r\nX-Odd: caf\xe9\r\nConnection: close\r\n\r\n"
    told = door.hear(request)

    assert rb'"PATH_INFO": "/t\u00c3\u00a4\u00ff//"' in told
    assert rb'"QUERY_STRING": "q=%C3%A4"' in told
    assert rb'"HTTP_X_ODD": "caf\u00e9"' in told
    assert b'"HTTP_HOST": "Here:81"' in told
    assert b'"wsgi.url_scheme": "http"' in told
    assert b'"SERVER_PROTOCOL": "HTTP/1.1"' in told
    assert b'"REMOTE_ADDR": "127.0.0.1"' in told
    assert b"CONTENT_LENGTH" not in told


def test_a_header_that_comes_twice_is_one_and_one_with_an_underscore_is_none(door: Door) -> None:
    """What a proxy sets as X-Forwarded-For cannot be overwritten by what it lets through as X_Forwarded_For."""
    request = (
        b"GET /t HTTP/1.1\r\nHost: here\r\nCookie: a=1\r\nCookie: b=2\r\nX-Forwarded-For: 1.1.1.1\r\n"
        b"X_Forwarded_For: 6.6.6.6\r\nX-Forwarded-For: 2.2.2.2\r\nConnection: close\r\n\r\n"
    )
    told = door.hear(request)

    assert b'"HTTP_COOKIE": "a=1; b=2"' in told
    assert b'"HTTP_X_FORWARDED_FOR": "1.1.1.1,2.2.2.2"' in told


def test_nothing_of_the_processs_own_environment_is_told(door: Door) -> None:
    assert "PATH" not in door.told("/t")


def test_two_cookies_stay_two(door: Door) -> None:
    assert door.ask("GET", "/t").headers.get_all("set-cookie") == ["a=1", "b=2"]


def test_a_head_request_has_the_length_and_no_body(door: Door) -> None:
    answer = door.ask("HEAD", "/t")
    assert int(answer.headers["content-length"]) > 100
    assert answer.body == b""


def test_a_bug_in_the_application_is_500_and_the_server_lives(door: Door) -> None:
    assert [door.ask("GET", "/fail").status for _ in range(THREADS + 2)] == [500] * (THREADS + 2)
    assert door.told("/t")["REQUEST_METHOD"] == "GET"


def test_requests_on_one_connection_are_answered_in_turn(door: Door) -> None:
    """Pipelined, with and without bodies."""
    one = b"POST /first HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\n\r\nabc"
    two = b"GET /second HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"
    told = door.hear(one + two)

    assert told.count(b"HTTP/1.1 200") == 2
    assert told.index(b'"PATH_INFO": "/first"') < told.index(b'"PATH_INFO": "/second"')


def test_more_headers_than_anybody_sends_are_refused_by_the_server(door: Door) -> None:
    head = b"GET /t HTTP/1.1\r\nHost: here\r\nConnection: close\r\n"
    many = b"".join(b"X-%d: 1\r\n" % number for number in range(90))
    assert door.hear(head + many + b"\r\n").startswith(b"HTTP/1.1 200")
    assert door.hear(head + b"X-Long: " + b"a" * 200_000 + b"\r\n\r\n").startswith(b"HTTP/1.1 431")


# ------------------------------------------------------------------------------------------------ bodies


@pytest.mark.parametrize("size", [1, LIMITS.in_memory, LIMITS.in_memory + 1, LIMITS.body])
def test_a_body_is_there_whole_and_can_be_read_again(door: Door, size: int) -> None:
    body = os.urandom(size)
    told = door.told("/t", "POST", body)
    assert (told["CONTENT_LENGTH"], told["size"], told["sum"]) == (str(size), size, _sum(body))


def test_a_body_that_does_not_say_how_long_it_is_is_counted(door: Door) -> None:
    pieces = [os.urandom(30_000) for _ in range(3)]
    told = door.told("/t", "POST", iter(pieces), Transfer_Encoding="chunked")
    assert (told["CONTENT_LENGTH"], told["sum"]) == ("90000", _sum(b"".join(pieces)))
    assert "HTTP_TRANSFER_ENCODING" not in told


def test_a_large_body_that_does_not_say_how_long_it_is_comes_whole_where_it_may(door: Door) -> None:
    """The piece that crosses the smaller limit is not lost."""
    pieces = [os.urandom(70_001) for _ in range(14)]
    told = door.told("/upload", "POST", iter(pieces), Transfer_Encoding="chunked")
    assert (told["size"], told["sum"]) == (980_014, _sum(b"".join(pieces)))


def test_an_upload_at_the_limit_is_taken_and_one_byte_more_is_not(door: Door) -> None:
    body = os.urandom(LIMITS.upload)
    assert door.told("/upload", "POST", body)["sum"] == _sum(body)
    assert door.told("/upload", "POST", body + b"a") == {"refused": 413, "body": 0}
    assert door.told("/upload", "POST", iter([body, b"a"]), Transfer_Encoding="chunked")["refused"] == 413


def test_elsewhere_the_small_limit_holds(door: Door) -> None:
    body = b"a" * LIMITS.body
    assert door.told("/t", "POST", body + b"a")["refused"] == 413
    assert door.told("/t", "POST", iter([body, b"a"]), Transfer_Encoding="chunked")["refused"] == 413


def test_who_declares_far_too_much_is_refused_before_the_body(door: Door) -> None:
    assert b'"refused": 413' in door.hear(_HEAD + b"Content-Length: 99999999999\r\n\r\n")


def test_who_asks_first_is_told_to_go_on_or_why_not(door: Door) -> None:
    asking = door.connect(_HEAD + b"Content-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
    assert asking.recv(100).startswith(b"HTTP/1.1 100")
    asking.sendall(b"abc")
    assert b'"size": 3' in heard(asking)
    said = door.hear(_HEAD + b"Content-Length: 200000\r\nExpect: 100-continue\r\n\r\n")
    assert b'"refused": 413' in said
    assert b"HTTP/1.1 100" not in said


def test_a_body_in_drips_is_408_and_takes_no_thread_meanwhile(door: Door) -> None:
    """More of them than there are threads; who sleeps in one is there to see that none is taken."""
    slow = [door.connect(_HEAD + b"Content-Length: 1000\r\nConnection: close\r\n\r\n") for _ in range(3 * THREADS)]
    began = time.monotonic()
    while time.monotonic() - began < LIMITS.body_seconds * 0.7:
        for each in slow:
            each.sendall(b"a")
        assert door.seconds("/t") < LIMITS.body_seconds
        time.sleep(0.1)
    said = [heard(each) for each in slow]

    assert all(b'"refused": 408' in each for each in said)
    assert time.monotonic() - began < LIMITS.body_seconds * 5


def test_a_body_that_comes_fast_enough_has_more_time(door: Door) -> None:
    body = os.urandom(600_000)
    sender = door.connect(b"POST /upload HTTP/1.1\r\nHost: here\r\nContent-Length: 600000\r\nConnection: close\r\n\r\n")
    for first in range(0, 600_000, 30_000):
        sender.sendall(body[first : first + 30_000])
        time.sleep(0.2)
    assert _sum(body).encode() in heard(sender)


def test_only_so_many_large_bodies_are_here_at_once(door: Door) -> None:
    head = b"POST /upload/sleep/4 HTTP/1.1\r\nHost: here\r\nContent-Length: 900000\r\nConnection: close\r\n\r\n"
    large = [door.connect(head + b"a" * 900_000) for _ in range(LIMITS.uploads)]
    time.sleep(1)
    assert door.told("/upload", "POST", b"a" * 900_000) == {"refused": 503, "body": 0}
    assert door.told("/upload", "POST", b"a" * LIMITS.body)["size"] == LIMITS.body, "small ones are taken"
    assert all(b"slept" in heard(each) for each in large)
    until(lambda: door.told("/upload", "POST", b"a" * 900_000).get("size") == 900_000)


def test_a_large_body_that_drips_makes_room_for_one_that_does_not(door: Door) -> None:
    """Who holds every place for large bodies and sends no more keeps nobody out."""
    head = b"POST /upload HTTP/1.1\r\nHost: here\r\nContent-Length: 900000\r\n\r\n"
    dripping = [door.connect(head + b"a" * (LIMITS.body + 1)) for _ in range(LIMITS.uploads)]
    until(lambda: door.told("/upload", "POST", b"a" * 900_000).get("size") == 900_000)
    assert b'"refused": 408' in heard(dripping.pop(0)), "the first to drip went first"
    for each in dripping:
        each.close()


def test_a_length_that_is_said_twice_is_one(door: Door) -> None:
    said = door.hear(_HEAD + b"Content-Length: 3, 3\r\nConnection: close\r\n\r\nabc")
    assert b'"size": 3' in said or said.startswith(b"HTTP/1.1 400")


def test_a_connection_on_which_something_was_refused_is_closed(door: Door) -> None:
    """What was not read of the body must not be taken for the next request."""
    smuggled = b"GET /tell/smuggled HTTP/1.1\r\nHost: here\r\n\r\n"
    said = door.hear(_HEAD + b"Content-Length: 99999999999\r\n\r\n" + smuggled)
    assert said.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in said.lower()


def test_a_body_that_is_broken_off_or_malformed_reaches_nobody(door: Door) -> None:
    said = door.hear(_HEAD + b"Transfer-Encoding: chunked\r\n\r\nthis is no length\r\n")
    assert said.startswith(b"HTTP/1.1 400")
    for _ in range(50):
        door.connect(_HEAD + b"Content-Length: 1000\r\n\r\nabc").close()
    assert door.seconds("/t") < LIMITS.body_seconds


# ------------------------------------------------------------------------------------------------ threads and answers


def test_no_more_threads_work_than_there_are_and_health_is_answered_beside_them(door: Door) -> None:
    under_way = [Meanwhile(lambda: door.told("/sleep/1.5")) for _ in range(THREADS * 2)]
    time.sleep(0.5)
    assert door.seconds("/healthz") < 1
    assert door.told("/healthz") == {"status": "ok"}
    assert [each.result() for each in under_way] == ["slept"] * THREADS * 2
    assert door.told("/busy")[1] == THREADS


def test_a_stream_comes_whole_and_as_it_is_made(door: Door) -> None:
    answer = door.ask("GET", "/stream/100/whole")
    assert answer.headers["transfer-encoding"] == "chunked"
    assert answer.body == b"".join(bytes([number]) * 65536 for number in range(100))
    assert "whole" in door.told("/left")


def test_what_is_written_comes_before_what_is_returned(door: Door) -> None:
    assert door.ask("GET", "/write").body == b"written and returned"


def _reader_who_does_not_read(door: Door, name: str) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.connect(("127.0.0.1", door.port))
    made.sendall(b"GET /stream/800/%s HTTP/1.1\r\nHost: here\r\n\r\n" % name.encode())
    return made


def test_who_does_not_read_a_stream_takes_no_thread(door: Door) -> None:
    """50 MB each, for more of them than there are threads."""
    lazy = [_reader_who_does_not_read(door, f"lazy{number}") for number in range(THREADS + 1)]
    assert door.seconds("/t") < 60
    until(lambda: {f"lazy{number}" for number in range(THREADS + 1)} <= set(door.told("/left")))
    for each in lazy:
        each.close()


def test_a_stream_nobody_reads_any_more_is_not_made_to_the_end(door: Door) -> None:
    began = time.monotonic()
    with door.connect(b"GET /stream/100000/gone HTTP/1.1\r\nHost: here\r\n\r\n") as connection:
        assert connection.recv(10)
    until(lambda: "gone" in door.told("/left"))
    assert time.monotonic() - began < 100, "the whole would have taken 200 seconds"


# ------------------------------------------------------------------------------------------------ waiting for news


def test_waiting_for_news_takes_no_thread_and_ends_with_the_news(door: Door) -> None:
    waiting = [Meanwhile(lambda: door.told("/hold/60/paid")) for _ in range(THREADS * 10)]
    other = Meanwhile(lambda: door.told("/hold/60/other"))
    time.sleep(1)
    assert door.seconds("/t") < 5
    assert not any(each.is_over for each in waiting)
    door.told("/tell/paid")
    assert {each.result() for each in waiting} == {"held"}
    assert not other.is_over
    door.told("/tell/other")
    assert other.result() == "held"


def test_waiting_ends_by_itself(door: Door) -> None:
    began = time.monotonic()
    answer = door.ask("GET", "/hold/1.5/nothing")
    assert answer.body == b'"held"'
    assert 1.4 < time.monotonic() - began < 30
    assert "kikao-hold" not in answer.headers


def test_who_waits_and_leaves_makes_room(door: Door) -> None:
    waiting = [door.connect(b"GET /hold/60/room HTTP/1.1\r\nHost: here\r\n\r\n") for _ in range(LIMITS.held)]
    until(lambda: door.told("/hold/0/room") == "full")
    for each in waiting:
        each.close()
    until(lambda: door.told("/hold/0/room") == "held")


def test_a_server_told_to_stop_sends_away_who_waits_and_ends(tmp_path: Path) -> None:
    with serving(tmp_path, dict(os.environ) | {"WEB_WORKERS": "1"}, "tests.support.echo:front") as stopping:
        waiting = [Meanwhile(lambda: stopping.told("/hold/60/stop")) for _ in range(10)]
        working = Meanwhile(lambda: stopping.told("/sleep/2"))
        time.sleep(1)
        stopping.process.terminate()
        assert [each.result() for each in waiting] == ["held"] * 10
        assert working.result() == "slept"
        assert stopping.process.wait(30) == 0
