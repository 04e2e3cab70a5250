"""Counting what strangers can cause at will."""

import threading

from app.lib.network.thinned import Thinned


def test_a_thousand_are_counted_one_by_one_and_the_rest_by_the_hundred() -> None:
    counts = Thinned(exact=1_000, step=100)
    written = [counts.one_more("stripe") for _ in range(1_299)]
    assert (written[:1_000], [each for each in written[1_000:] if each]) == ([1] * 1_000, [100, 100])
    assert counts.one_more("stripe") == 100
    assert counts.one_more("razorpay") == 1, "each key for itself"


def test_of_many_threads_none_is_counted_twice_or_lost() -> None:
    counts, written = Thinned(exact=50, step=10), list[int]()

    def count() -> None:
        for _ in range(250):
            written.append(counts.one_more("x"))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(written) == 2_000
