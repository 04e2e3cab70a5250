"""Whether the balances of M-Pesa's statement follow from one another, in whichever order its lines stand.

Within one second the lines may stand in any order, so a second is looked at as one: of the balances before its lines and
after them all are both but the one it began with and the one it ended with.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, groupby, islice
from operator import attrgetter

from app.gateways.mpesa.mpesa_lines import Line


@dataclass(frozen=True)
class _Second:
    line: int  # the first of them
    at: datetime
    before: frozenset[int]
    after: frozenset[int]
    is_whole: bool


def unfollowed(lines: Iterator[Line], opening: int, closing: int) -> Iterator[int]:
    """The numbers of lines whose balance does not follow; 0 at the end where the last balance is not reached."""
    seconds = map(_second, (group for _, group in groupby(lines, key=attrgetter("at"))))
    first = list(islice(seconds, 2))
    newest_first = len(first) < 2 or first[0].at > first[1].at
    begins = closing if newest_first else opening
    ends = opening if newest_first else closing
    known = frozenset({begins})
    for second in chain(first, seconds):
        top = second.after if newest_first else second.before
        if known.isdisjoint(top) or not second.is_whole:
            yield second.line
        known = second.before if newest_first else second.after
    if ends not in known:
        yield 0


def _second(lines: Iterable[Line]) -> _Second:
    before: Counter[int] = Counter()
    after: Counter[int] = Counter()
    for line in lines:
        if not after:
            first = line
        before[line.balance - line.delta] += 1
        after[line.balance] += 1
    begun = before - after
    ended = after - before
    if not begun:  # it came back to where it began, which may be any of them
        return _Second(first.number, first.at, frozenset(before), frozenset(before), is_whole=True)
    return _Second(first.number, first.at, frozenset(begun), frozenset(ended), is_whole=begun.total() == 1)
