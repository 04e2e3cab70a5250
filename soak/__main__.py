"""`script/soak`: kills, expiry, histories and fuzz by seed; without a word all of them, with the numbers they are meant for."""

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from script.support.settings import ROOT, instance_directory
from soak import expiry, fuzz, histories, kills, running, seeds
from soak.figures import Figure, Figures, Wish
from soak.proof import ENGINES, Proof

PROOFS: dict[str, Proof] = {proof.word: proof for proof in (kills.PROOF, expiry.PROOF, histories.PROOF, fuzz.PROOF)}
_ALL = (
    ["kills", "--engine", "sqlite"],
    ["expiry", "--engine", "both"],
    ["histories", "--engine", "sqlite"],
    ["histories", "--engine", "postgresql", "--seeds", "1..80"],
    ["fuzz", "--engine", "sqlite"],
    ["fuzz", "--engine", "postgresql", "--seeds", "1..20"],
)


def main(arguments: list[str]) -> int:
    """0 when nothing differed, 1 when anything did, 2 when it was asked for wrongly, 130 when it was interrupted."""
    os.chdir(ROOT)
    logging.disable(logging.WARNING)  # under fire, every process complains
    word, *rest = arguments or ["all"]
    if word in PROOFS:
        return _run(PROOFS[word], rest)
    if word == "sum":
        return _sum(_parser(word, "what the runs on each commit add up to").parse_args(rest).figures)
    if word == "all":
        return max(_run(PROOFS[kind], [*options, *rest]) for kind, *options in _ALL)
    print(f"usage: script/soak [{' | '.join(PROOFS)} | sum | all] [options]; each has its own --help")
    return int(word not in ("-h", "--help")) * 2


def _run(proof: Proof, arguments: list[str]) -> int:
    asked = _options(proof).parse_args(arguments)
    figures = Figures.of_this_code(asked.figures)
    wish = _wish(proof, asked, figures)
    figures.begin(wish)
    done = figures.done() if asked.resume else {}
    left = [part for part in wish.parts() if part not in done]
    print(f"{proof.word} on {figures.file.stem}: {len(left)} of {len(wish.parts())} seeds to play", flush=True)
    try:
        running.run(proof, left, figures, _stopped_by_signals().is_set)
    except KeyboardInterrupt:
        print(f"Interrupted. It goes on with: script/soak {proof.word} --resume")
        return 130
    played = [figure for part, figure in figures.done().items() if part in wish.parts()]
    print("\n".join(running.details(played) + running.summary(proof, played)), flush=True)
    return int(any(figure.failures for figure in played))


def _stopped_by_signals() -> threading.Event:
    """Set as soon as somebody presses Ctrl-C or ends the process, which interrupts it as well."""
    stopped = threading.Event()

    def stop(*_: object) -> None:
        stopped.set()
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return stopped


def _wish(proof: Proof, asked: argparse.Namespace, figures: Figures) -> Wish:
    """What is asked for now; with --resume alone, what was asked for last."""
    last = figures.last_wish(proof.word)
    if last and asked.resume and not (asked.engine or asked.each or asked.seeds):
        return last
    engines = ENGINES if asked.engine == "both" else (asked.engine or ENGINES[0],)
    wanted = asked.seeds or range(1, proof.seeds + 1)
    return Wish(proof.word, list(engines), asked.each or proof.each, wanted[0], wanted[-1])


def _sum(directory: Path) -> int:
    failed = False
    for file in sorted(directory.glob("*.jsonl"), key=lambda file: file.stat().st_mtime):
        print(file.stem)
        done = list(Figures(file).done().values())
        failed = failed or any(figure.failures for figure in done)
        for line in _summaries(done):
            print(line)
    return int(failed)


def _summaries(done: list[Figure]) -> list[str]:
    return [
        line
        for word, proof in PROOFS.items()
        for line in running.summary(proof, [figure for figure in done if figure.part.word == word])
    ]


def _options(proof: Proof) -> argparse.ArgumentParser:
    parser = _parser(proof.word, proof.about)
    parser.add_argument("--engine", choices=(*ENGINES, "both"), help=f"default {ENGINES[0]}")
    parser.add_argument(
        "--seeds",
        type=seeds.parse,
        metavar="A..B",
        help=f"default 1..{proof.seeds}; a seed makes the same choices again",
    )
    parser.add_argument("--each", type=int, metavar="N", help=f"{proof.unit} for each seed, default {proof.each}")
    parser.add_argument(
        "--resume",
        action="store_true",
        help="only seeds not played on this commit yet; alone, of what was asked for last",
    )
    return parser


def _parser(word: str, about: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"script/soak {word}", description=about)
    parser.add_argument(
        "--figures",
        type=Path,
        metavar="DIR",
        default=instance_directory(os.environ) / "soak",
        help="where the figures of each commit are kept, default instance/soak",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
