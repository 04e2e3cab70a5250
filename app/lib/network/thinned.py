"""Counting what strangers can cause at will: exactly at first, then by the hundred, so that a flood costs few writes."""

import threading
from collections import Counter
from collections.abc import Hashable


class Thinned:
    """Counts for any number of threads: the first `exact` of a key one by one, and from then on every `step` at once."""

    def __init__(self, exact: int, step: int) -> None:
        self._exact = exact
        self._step = step
        self._seen: Counter[Hashable] = Counter()
        self._lock = threading.Lock()

    def one_more(self, key: Hashable) -> int:
        """How many are to be written down now, with this one: one, none yet, or `step`."""
        with self._lock:
            self._seen[key] += 1
            beyond = self._seen[key] - self._exact
        if beyond <= 0:
            return 1
        return 0 if beyond % self._step else self._step
