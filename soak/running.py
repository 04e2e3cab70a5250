"""Plays the seeds that were asked for and are not done yet, keeps what came of each, and says what it adds up to."""

import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from itertools import groupby

from script.support.progress import Progress
from soak import seeds
from soak.figures import Figure, Figures, Part, total
from soak.proof import Outcome, Play, Proof

_SHOWN = 20  # lines of one failure
_KEPT = 4000  # letters of its beginning and of its end: a tool may describe all that it chose from in between


def run(proof: Proof, parts: list[Part], figures: Figures, is_stopped: Callable[[], bool] = lambda: False) -> None:
    """Each of them is played and kept. A failure is kept and told, and the next seed is played all the same.

    Raises KeyboardInterrupt when it is stopped: the seed at work then counts for nothing.
    """
    each = parts[0].each if parts else 0
    with Progress(len(parts) * each, proof.unit) as progress:
        for engine, some in groupby(parts, lambda part: part.engine):
            with ExitStack() as stack:
                play = stack.enter_context(proof.playing(engine))
                for part in some:
                    figure = _played(play, part, progress)
                    if (
                        is_stopped()
                    ):  # the exception of it was caught on the way, by the code that is proven or its tools
                        raise KeyboardInterrupt
                    figures.keep(figure)
                    _tell(figure, progress)


def _played(play: Play, part: Part, progress: Progress) -> Figure:
    began, before = time.monotonic(), progress.done
    outcome = _outcome(play, part, _counted(progress, before + part.each))
    progress.step(before + part.each - progress.done)  # where a failure ended it early
    return Figure(part, dict(outcome.counts), outcome.failures, round(time.monotonic() - began, 1))


def _outcome(play: Play, part: Part, step: Callable[[], None]) -> Outcome:
    try:
        return play(part.seed, part.each, step)
    except Exception as error:  # whatever it is, the other seeds are played
        said = "".join(traceback.format_exception(error, limit=-3))
        return Outcome(total([]), [said if len(said) <= 2 * _KEPT else f"{said[:_KEPT]}\n[...]\n{said[-_KEPT:]}"])


def _counted(progress: Progress, most: int) -> Callable[[], None]:
    """Making a failing history shorter plays many more: they do not count."""

    def step() -> None:
        if progress.done < most:
            progress.step()

    return step


def _tell(figure: Figure, progress: Progress) -> None:
    for failure in figure.failures:
        for line in failure.splitlines()[-_SHOWN:]:
            progress.say(f"  DIFFERENCE  {line}")
    if figure.failures:
        part = figure.part
        progress.say(f"Again: script/soak {part.word} --engine {part.engine} --each {part.each} --seeds {part.seed}")


def summary(proof: Proof, figures: list[Figure]) -> list[str]:
    """A line for each engine: how many were played with how many events, and how many seeds failed."""
    lines = []
    for engine in sorted({figure.part.engine for figure in figures}):
        mine = [figure for figure in figures if figure.part.engine == engine]
        counts = total(mine)
        words = [f"{counts[proof.unit]:,} {proof.unit}", f"{counts[proof.events]:,} {proof.events}"]
        words += [f"{sum(bool(figure.failures) for figure in mine)} failed"]
        words += [f"{sum(figure.seconds for figure in mine) / 60:.0f} min", f"seeds {_seeds(mine)}"]
        lines.append(f"  {proof.word} on {engine}: {', '.join(words)}")
    return lines


def _seeds(figures: list[Figure]) -> str:
    """Which were played, by how many each of them stands for."""
    by_each: dict[int, list[int]] = {}
    for figure in figures:
        by_each.setdefault(figure.part.each, []).append(figure.part.seed)
    return "; ".join(f"{seeds.spans(some)} ({each} each)" for each, some in sorted(by_each.items()))


def details(figures: list[Figure]) -> list[str]:
    """All that was counted, by name."""
    return [f"    {name:<48}{count:>8}" for name, count in sorted(total(figures).items())]
