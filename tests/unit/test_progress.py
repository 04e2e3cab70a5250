"""How far a long run is, on a terminal and in a log."""

import io

from script.support.progress import Progress


class _Watch:
    """A clock that goes on when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_time_left_follows_from_the_pace_so_far() -> None:
    watch = _Watch()
    progress = Progress(100, "kills", io.StringIO(), watch)
    watch.now = 60
    progress.step(25)
    assert progress.line() == "25 of 100 kills, 1:00 gone, 3:00 left"
    watch.now = 3700
    progress.step(75)
    assert progress.line() == "100 of 100 kills, 1:01:40 gone, 0:00 left"


def test_before_the_first_is_done_nobody_knows_the_time_left() -> None:
    watch = _Watch()
    progress = Progress(3, "rounds", io.StringIO(), watch)
    watch.now = 9
    assert progress.line() == "0 of 3 rounds, 0:09 gone"


def test_a_log_gets_a_line_each_half_minute_and_one_at_the_end() -> None:
    log, watch = io.StringIO(), _Watch()
    with Progress(100, "rounds", log, watch) as progress:
        for _ in range(100):
            watch.now += 1
            progress.step()
    assert log.getvalue().splitlines() == [
        "30 of 100 rounds, 0:30 gone, 1:10 left",
        "60 of 100 rounds, 1:00 gone, 0:40 left",
        "90 of 100 rounds, 1:30 gone, 0:10 left",
        "100 of 100 rounds in 1:40",
    ]


def test_a_terminal_has_one_line_that_is_written_over() -> None:
    terminal, watch = _Terminal(), _Watch()
    with Progress(2, "rounds", terminal, watch) as progress:
        for _ in range(2):
            watch.now += 1
            progress.step()
    told = terminal.getvalue()
    assert told.count("\n") == 1
    assert told.split("\r\x1b[K")[1:] == [
        "0 of 2 rounds, 0:00 gone",
        "1 of 2 rounds, 0:01 gone, 0:01 left",
        "2 of 2 rounds, 0:02 gone, 0:00 left",
        "2 of 2 rounds in 0:02\n",
    ]


def test_a_line_of_the_run_s_own_stands_above_the_progress() -> None:
    terminal, log = _Terminal(), io.StringIO()
    for out in (terminal, log):
        Progress(2, "bugs", out, _Watch()).say("caught")
    assert terminal.getvalue().endswith("\r\x1b[Kcaught\n\r\x1b[K0 of 2 bugs, 0:00 gone")
    assert log.getvalue() == "caught\n"
