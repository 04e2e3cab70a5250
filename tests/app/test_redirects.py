"""Where a form may send people next: to a page of ours, whatever somebody has written into it."""

import pytest

from tests.support.visitor import log_in, token_in
from tests.support.world import World

_ELSEWHERE = (
    "https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "evil.example", "\t//evil.example",
    "https://[", "//[", "/\t/[", "http://\u2100.example/", "https://[::1", "/nowhere", "/logout", "/people/forgot\r\nX: y",
)  # fmt: skip


@pytest.mark.parametrize("wanted", _ELSEWHERE)
def test_a_form_that_names_another_site_or_none_sends_people_to_a_page_of_ours(world: World, wanted: str) -> None:
    """Found by tests/fuzz: half of a host was a failure, after everything was done."""
    browser = log_in(world, world.person())
    form = {"csrf_token": token_in(browser.get("/practitioners").text), "language": "sw"}
    answer = browser.post("/language", data=form | {"next": wanted})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_page_of_ours_is_gone_to(world: World) -> None:
    browser = log_in(world, world.person())
    form = {"csrf_token": token_in(browser.get("/practitioners").text), "language": "sw"}
    answer = browser.post("/language", data=form | {"next": "/bookings?status=past#top"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/bookings?status=past#top")
