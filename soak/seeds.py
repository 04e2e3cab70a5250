"""Ranges of seeds as people write them: 1..2000, or 7."""

from collections.abc import Iterable


def parse(text: str) -> range:
    """The seeds, both ends included. Raises ValueError."""
    first, dots, last = text.partition("..")
    seeds = range(int(first), int(last if dots else first) + 1)
    if not seeds or seeds[0] < 0:
        raise ValueError(f"{text} is no range of seeds")
    return seeds


def spans(seeds: Iterable[int]) -> str:
    """The seeds in as few ranges as they need: "1..40, 43"."""
    found: list[list[int]] = []
    for seed in sorted(set(seeds)):
        if found and found[-1][-1] == seed - 1:
            found[-1][1:] = [seed]
        else:
            found.append([seed])
    return ", ".join("..".join(map(str, span)) for span in found)
