"""The server's door: what strangers send slowly or too much of, and browsers that wait for a payment."""

from mutants.mutant import Mutant

_FRONT = "tests/app/test_front.py"

MUTANTS = (
    Mutant(
        "a body may take as long as it likes",
        "app/front/bodies.py",
        "latest = body.began + self._limits.body_seconds",
        "latest = body.began + self._limits.body_seconds * 100",
        f"{_FRONT}::test_a_body_in_drips_is_408_and_takes_no_thread_meanwhile",
    ),
    Mutant(
        "who drips keeps out who sends",
        "app/front/bodies.py",
        "        if slowest is None or slowest.clock is None:",
        "        if slowest is not None:",
        f"{_FRONT}::test_a_large_body_that_drips_makes_room_for_one_that_does_not",
    ),
    Mutant(
        "a large body is taken anywhere",
        "app/front/bodies.py",
        "        if size > body.most and self._takes_files(environ_of(scope)):",
        "        if size > body.most:",
        f"{_FRONT}::test_elsewhere_the_small_limit_holds",
    ),
    Mutant(
        "a client says itself where it comes from",
        "app/front/environs.py",
        'if name in _OF_THE_WIRE or b"_" in name:',
        "if name in _OF_THE_WIRE:",
        f"{_FRONT}::test_a_header_that_comes_twice_is_one_and_one_with_an_underscore_is_none",
    ),
    Mutant(
        "liveness waits for a thread",
        "app/front/door.py",
        'if scope["path"] == "/healthz" and',
        'if scope["path"] == "/livez" and',
        f"{_FRONT}::test_no_more_threads_work_than_there_are_and_health_is_answered_beside_them",
    ),
    Mutant(
        "news ends no wait",
        "app/front/waiting.py",
        "self._waiting[waiter].version != version",
        "self._waiting[waiter].version == version",
        f"{_FRONT}::test_waiting_for_news_takes_no_thread_and_ends_with_the_news",
    ),
    Mutant(
        "a stopping server keeps waiting whoever waits",
        "app/front/waiting.py",
        "        for waiter in self._waiting:\n            _wake(waiter)",
        "        return",
        f"{_FRONT}::test_a_server_told_to_stop_sends_away_who_waits_and_ends",
    ),
    Mutant(
        "the page hears of its deadline after it",
        "app/blueprints/payments/checkout_page.py",
        "return ceil(left) if 0 < left < longest else longest",
        "return longest",
        "tests/app/test_door.py::test_an_answer_is_held_back_until_the_deadline_at_most",
    ),
    Mutant(
        "a try that fails is no news",
        "app/services/workflows/checkout_news.py",
        "select(Checkout.id, Checkout.status, Attempt.id, Attempt.status, Attempt.cross_checked, asked, under_way)",
        "select(Checkout.id, Checkout.status, asked, under_way)",
        "tests/app/test_door.py::test_a_try_that_fails_is_news_and_so_is_a_new_one",
    ),
)
