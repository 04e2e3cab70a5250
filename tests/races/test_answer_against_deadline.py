"""The end of the time to answer and the answer at one instant, on both engines: one of them wins, and the money is in one place."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from app.lib import clock
from app.models import Consultation, Refund
from tests.support.questions import asked, whole
from tests.support.world import Caller, World

BEFORE = (0.5, 0.08, 0.03, 0.015, 0.005, 0)  # seconds left when everybody begins


def test_an_answer_at_the_deadline_is_kept_or_paid_back_and_never_both(world: World, all_rounds: bool) -> None:
    """S4-18: the practitioner presses twice while two sweeps run; answered and paid, or expired and sent back."""
    ends: Counter[str] = Counter()
    for number in range(len(BEFORE) * (2 if all_rounds else 1)):
        client, owner, question = asked(world)
        until = datetime.fromisoformat(whole(client, question)["answer_by"])
        world.move(seconds=(until - clock.now()).total_seconds() - BEFORE[number % len(BEFORE)])
        codes = _rush(owner, question, world.sweep)
        world.move(seconds=1)
        world.sweep()
        shown = whole(client, question)
        ends[shown["status"]] += 1
        found = (shown["status"], _refunds_of(world, question), 200 in codes, len(shown["messages"]))
        assert found in (("answered", 0, True, 2), ("expired", 1, False, 1)), (found, codes)
    world.settle()
    assert set(ends) == {"answered", "expired"}, ends  # half a second is enough, none is too late


def _rush(owner: Caller, question: str, sweep: Callable[[], object]) -> Counter[int]:
    """What the answers were answered, by their code."""
    codes: Counter[int] = Counter()
    gate = threading.Barrier(4)

    def answer() -> None:
        sent = owner.post(f"/consultations/{question}/answer", {"text": "Just in time"})
        codes[sent.status_code] += 1

    def run(act: Callable[[], object]) -> None:
        gate.wait()
        for _ in range(4):
            act()

    threads = [threading.Thread(target=run, args=(act,)) for act in (answer, answer, sweep, sweep)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return codes


def _refunds_of(world: World, question: str) -> int:
    with world.rows() as session:
        ids = [attempt.id for attempt in session.get_one(Consultation, uuid.UUID(question)).checkout.attempts]
    return sum(refund.attempt_id in ids for refund in world.all(Refund))
