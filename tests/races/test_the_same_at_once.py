"""Two who do the same at the same moment where only a unique key decides who was first: nobody sees a failure of ours."""

import threading

from app.models import Practitioner, Role
from tests.support.proofs import Pages
from tests.support.world import World

CLICKS = 6
FOUND, TRY_AGAIN = 303, 503


def test_a_practice_founded_by_many_clicks_at_once_is_one_and_nobody_sees_an_error(world: World) -> None:
    """S1-F21 for the practitioner: whoever came second is told to try again, and then finds the practice there."""
    caller = world.person(Role.PRACTITIONER, name="Dr. Baraka Mwangi")
    browsers = [Pages(world, caller) for _ in range(CLICKS)]
    gate, answers = threading.Barrier(CLICKS), []

    def click(browser: Pages) -> None:
        gate.wait()
        answers.append(browser.post("/practice/found", {"name": "Dr. Baraka Mwangi"}, page="/profile"))

    threads = [threading.Thread(target=click, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == CLICKS
    assert {answer.status_code for answer in answers} <= {FOUND, TRY_AGAIN}
    assert all("Retry-After" in answer.headers for answer in answers if answer.status_code == TRY_AGAIN)
    assert browsers[0].post("/practice/found", {"name": "Dr. Baraka Mwangi"}).location == "/practice/profile"
    assert len(world.all(Practitioner)) == 1
