"""Announce after the commit: jobs are remembered on the session and enqueued once they are safe."""

from app.extensions import db, queue

_KEY = "kikao_outbox"


def after_commit(job: str, *args: int | str, delay: float = 0) -> None:
    """Once the present transaction is committed, `job` (a dotted name) is enqueued with `args`.

    After a rollback it never is.
    """
    db.session().info.setdefault(_KEY, []).append((job, args, delay))


def announce() -> None:
    """Everything remembered is enqueued. What the queue loses, the sweep finds in the tables."""
    for job, args, delay in db.session().info.pop(_KEY, []):
        queue.enqueue(job, *args, delay=delay)


def forget() -> None:
    """Nothing is remembered any more: the transaction was rolled back."""
    db.session().info.pop(_KEY, None)
