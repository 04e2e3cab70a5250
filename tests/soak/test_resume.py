"""Long runs are kept seed by seed: what was played stays, what was not is played next time, and it adds up."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import ROOT
from soak import running, seeds
from soak.figures import Figure, Figures, Part, Wish, code_name
from soak.proof import Outcome, Proof


def _soak(*arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "soak", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _said(*arguments: object) -> str:
    process = _soak(*arguments)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, out + err
    return out


def _figures(directory: Path) -> Figures:
    return Figures(next(directory.glob("*.jsonl"), directory / "none.jsonl"))


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[Path]:
    """The figures of a run of histories that was killed after its first seed."""
    process = _soak("histories", "--seeds", "1..500", "--each", 1, "--figures", tmp_path)
    deadline = time.monotonic() + 300
    while not _figures(tmp_path).done():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.kill()
    process.communicate()
    return tmp_path


def test_a_run_that_is_killed_loses_only_the_seed_at_work(killed: Path) -> None:
    """The next run plays what is missing and nothing else, and both together are the sum."""
    before = len(_figures(killed).done())
    said = _said("histories", "--seeds", f"1..{before + 1}", "--each", 1, "--resume", "--figures", killed)
    assert f"1 of {before + 1} seeds to play" in said
    figures = _figures(killed).done()
    assert [part.seed for part in figures] == list(range(1, before + 2))
    steps = sum(figure.counts["steps"] for figure in figures.values())
    total = _said("sum", "--figures", killed)
    assert f"histories on sqlite: {before + 1} histories, {steps} steps, 0 failed" in total
    assert f"seeds 1..{before + 1} (1 each)" in total


@pytest.mark.long_way
def test_the_instant_can_be_gone_on_with_without_saying_again_what_was_asked_for(tmp_path: Path) -> None:
    _said("expiry", "--seeds", "5", "--each", 3, "--figures", tmp_path)
    again = _said("expiry", "--resume", "--figures", tmp_path)
    assert "0 of 1 seeds to play" in again
    assert re.search(r"expiry on sqlite: 3 rounds, \d payments, 0 failed, .*, seeds 5 \(3 each\)", again)


def test_a_seed_that_fails_is_kept_and_the_next_one_is_played(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    proof = Proof("kills", "", "kills", "bookings", each=2, seeds=3, playing=lambda _: _Breaking())
    figures = Figures(tmp_path / "some.jsonl")
    running.run(proof, Wish("kills", ["sqlite"], 2, 1, 3).parts(), figures)
    failures = {part.seed: len(figure.failures) for part, figure in figures.done().items()}
    assert failures == {1: 0, 2: 1, 3: 0}
    told = capfd.readouterr().err
    assert "Again: script/soak kills --engine sqlite --each 2 --seeds 2\n" in told
    assert "6 of 6 kills" in told
    assert ", 1 failed," in running.summary(proof, list(figures.done().values()))[0]


def test_a_run_that_is_stopped_keeps_nothing_of_the_seed_at_work(tmp_path: Path) -> None:
    """Also where the interruption was swallowed by what was being played."""
    proof = Proof("kills", "", "kills", "bookings", each=2, seeds=3, playing=lambda _: _Breaking())
    figures = Figures(tmp_path / "some.jsonl")
    pressed = iter([False, True])
    with pytest.raises(KeyboardInterrupt):
        running.run(proof, Wish("kills", ["sqlite"], 2, 3, 5).parts(), figures, lambda: next(pressed))
    assert [part.seed for part in figures.done()] == [3]


class _Breaking:
    """Plays every seed but the second."""

    def __enter__(self):
        return self._play

    def __exit__(self, *_: object) -> None:
        pass

    @staticmethod
    def _play(seed, each, step):
        step()
        if seed == 2:
            raise AssertionError("the books differ")
        return Outcome({"kills": each})


def test_a_line_that_a_kill_cut_off_spoils_neither_the_others_nor_the_next(tmp_path: Path) -> None:
    figures = Figures(tmp_path / "some.jsonl")
    first, second = (Figure(Part("kills", "sqlite", 50, seed), {"kills": 50}, [], 1.5) for seed in (1, 2))
    figures.keep(first)
    with figures.file.open("a") as file:
        file.write('{"done": {"part": {"wo')
    figures.keep(second)
    assert figures.done() == {first.part: first, second.part: second}


def test_a_seed_that_was_played_again_counts_once(tmp_path: Path) -> None:
    figures = Figures(tmp_path / "some.jsonl")
    part = Part("kills", "sqlite", 50, 1)
    for count in (3, 50):
        figures.keep(Figure(part, {"kills": count}, [], 1.0))
    assert [figure.counts for figure in figures.done().values()] == [{"kills": 50}]


def test_figures_belong_to_one_state_of_the_code(tmp_path: Path) -> None:
    """A commit has its name; code that was changed since has another, until it is as it was."""
    code = tmp_path / "app" / "money.py"
    code.parent.mkdir()
    code.write_text("1")
    assert re.fullmatch("no-commit-changed-[0-9a-f]{8}", code_name(tmp_path))
    me = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "."], [*me, "commit", "-qm", "One"]):
        command = ["git", *words]
        subprocess.run(command, cwd=tmp_path, check=True)
    commit = code_name(tmp_path)
    assert re.fullmatch("[0-9a-f]{12}", commit)
    code.write_text("2")
    assert re.fullmatch(f"{commit}-changed-[0-9a-f]{{8}}", code_name(tmp_path))
    code.write_text("1")
    assert code_name(tmp_path) == commit


def test_seeds_are_read_and_told_as_ranges() -> None:
    assert list(seeds.parse("3..5")) == [3, 4, 5]
    assert list(seeds.parse("7")) == [7]
    assert seeds.spans([4, 1, 2, 3, 9, 2]) == "1..4, 9"
    for wrong in ("5..3", "x", "-1", ""):
        with pytest.raises(ValueError, match=r".+"):
            seeds.parse(wrong)
