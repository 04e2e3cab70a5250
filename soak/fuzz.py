"""Inputs that nobody in their right mind sends, to callbacks, forms and calls; `tests/fuzz` says what must not come of them."""

import contextlib
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask

from app.services.backoffice import reconciliation
from sandbox import server as sandbox_server
from script.support.postgres import PostgresCluster
from soak.proof import Outcome, Play, Proof
from tests.conftest import Apps, begin_afresh, let_go_of_time
from tests.fuzz.playing import opened
from tests.histories.stage import own_database
from tests.support.world import World


@contextlib.contextmanager
def on(engine: str) -> Iterator[Play]:
    """One application and one sandbox for all seeds; each seed has a town of its own."""
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kikao-fuzz-")))
        url = f"sqlite:///{directory / 'kikao.db'}"
        if engine == "postgresql":
            url = stack.enter_context(own_database(stack.enter_context(PostgresCluster()).url))
        sandbox = sandbox_server.start(port=0, smtp_port=0, data=directory, retry_gap=0.1, prompt_seconds=60)
        stack.callback(sandbox.stop)
        apps = Apps({engine: url}, sandbox)
        stack.callback(apps.stop)
        stack.callback(let_go_of_time)
        app = apps.get(engine)
        yield lambda seed, each, step: run(app, sandbox, seed, each, step)


def run(app: Flask, sandbox: sandbox_server.Running, seed: int, each: int, step: Callable[[], None]) -> Outcome:
    """So many inputs, chosen by the seed, and what came of them that must not; the books are looked at afterwards."""
    let_go_of_time()
    begin_afresh(app, sandbox)
    with opened(World(app, sandbox)) as gallery:
        gallery.play(seed, each, step)
    with app.app_context():
        broken = [str(breach) for breach in reconciliation.breaches()]
    return Outcome(Counter(gallery.counts), [f"{why}\n{what}" for why, what in gallery.wrong.items()] + broken)


PROOF = Proof(
    "fuzz",
    "what nobody in their right mind sends, to callbacks, forms and calls; the books are looked at after each seed",
    unit="inputs",
    events="let in",
    each=1000,
    seeds=100,
    playing=on,
)
