"""What is wrong with this installation, in sentences: for /readyz and for `flask doctor`."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import Select, func, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db, migrations, queue
from app.lib import clock
from app.lib.network.mail_server import MailServer, is_loopback
from app.lib.network.remarks import Sight
from app.models import InboxEntry, Refund, RejectedCallbacks, Review
from app.services.accounts import identities
from app.services.backoffice import backups, checkups, pull, reconciliation
from app.services.core import encryption, payment_methods, restorations
from app.services.notifications import sms
from app.services.payments import waiting_news, webhook_monitor

_SKEW = timedelta(seconds=5)
_OLD = timedelta(hours=26)  # of a nightly backup, with some patience


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `vital` when nothing works without it."""

    name: str
    ok: bool
    words: str
    vital: bool = True


def ready() -> list[Finding]:
    """What a load balancer wants to know, in a few milliseconds."""
    found = [_try("database", _database), _try("migrations", _migrations), _try("clock", _clock)]
    looks = (("queue", _queue), ("worker", _worker), ("sweeps", _sweeps), ("disk", _disk))
    return [*found, *(_try(name, look, vital=False) for name, look in looks)]


def examine() -> list[Finding]:
    """Everything the operator wants to know; asks the gateways."""
    mail = _try("mail", _mail, vital=False)
    sealed = _try("sealed texts", encryption.wrong, vital=False)
    ways = (*_environment(), *_providers(), *_gateways(), *_accounts())
    return [*ready(), *_backups(), mail, _sms(), sealed, *ways, *_money(), *_left_over()]


def _try(name: str, check: Callable[[], str], *, vital: bool = True) -> Finding:
    from redis.exceptions import RedisError  # noqa: PLC0415  (only here, and few processes examine anything)

    try:
        wrong = check()
    except (SQLAlchemyError, RedisError, OSError) as error:
        db.session.rollback()
        wrong = f"does not answer ({type(error).__name__})"
    return Finding(name, not wrong, wrong or "ok", vital)


def _database() -> str:
    db.session.execute(text("SELECT 1"))
    return ""


def _migrations() -> str:
    here = _revisions()
    newest = migrations.newest
    return "" if here == [newest] else f"at {', '.join(here) or 'nothing'}, not at {newest}: run flask db upgrade"


def _revisions() -> list[str]:
    if not inspect(db.engine).has_table("alembic_version"):
        return []
    return list(db.session.execute(text("SELECT version_num FROM alembic_version")).scalars())


def _clock() -> str:
    theirs: datetime
    if db.engine.dialect.name == "sqlite":
        theirs = datetime.fromisoformat(str(db.session.scalar(text("SELECT datetime('now')")))).replace(tzinfo=UTC)
    else:
        theirs = db.session.execute(select(func.clock_timestamp())).scalar_one()
    off = abs(clock.now() - theirs)
    return "" if off <= _SKEW else f"differs from the database's by {off.total_seconds():.0f} s"


def _queue() -> str:
    if not current_app.config["REDIS_URL"]:
        return "none configured: messages wait for the sweep"
    queue.ping()
    return ""


def _worker() -> str:
    if not current_app.config["REDIS_URL"] or queue.workers():
        return ""
    return "none is at work: messages wait, and nothing expires. Run flask worker"


def _sweeps() -> str:
    if not current_app.config["REDIS_URL"] or queue.is_ticking():
        return ""
    return "nobody asks for one each minute, so nothing expires by itself: is flask worker running?"


def _disk() -> str:
    """What is nearly full of the places on this machine that Kikao writes to."""
    least = current_app.config["LEAST_DISK_MB"]
    left = {place: shutil.disk_usage(place).free // 1_000_000 for place in _places() if place.is_dir()}
    return "; ".join(
        f"{free} MB are left in {place}, of at least {least}" for place, free in left.items() if free < least
    )


def _places() -> Iterator[Path]:
    yield Path(tempfile.gettempdir())
    file = db.engine.url.database
    if db.engine.dialect.name == "sqlite" and file:
        yield Path(file).resolve().parent
    if current_app.config["BACKUPS"]:
        yield Path(current_app.config["BACKUPS"])


def _backups() -> Iterator[Finding]:
    """Whether the nightly one was made, where a directory is named; and whether the books went back to one."""
    if current_app.config["BACKUPS"]:
        yield _try("backups", lambda: _age_of(Path(current_app.config["BACKUPS"])), vital=False)
    closed = _try("books", restorations.why_closed)
    if not closed.ok:
        yield closed


def _age_of(directory: Path) -> str:
    newest = backups.newest_at(directory)
    if newest is None:
        return f"there is none in {directory}: run flask backup each night"
    age = clock.now() - newest
    return (
        ""
        if age <= _OLD
        else f"the newest is {age.total_seconds() / 3600:.0f} hours old: does flask backup run each night?"
    )


def _mail() -> str:
    if not current_app.config["SMTP_URL"]:
        return "SMTP_URL is not set: messages are shown in the app only"
    server = MailServer.of(current_app.config["SMTP_URL"])
    if server.scheme == "smtp" and not is_loopback(server.host):
        return "SMTP_URL sends in the clear: whoever stands between reads the links to new passwords"
    for each in checkups.of_mail():
        return each.remark.words
    has_sender = is_loopback(server.host) or current_app.config["ENVIRON"].get("MAIL_FROM")
    return "" if has_sender else "MAIL_FROM is not set: the sender is an example, and such mail is thrown away"


def _sms() -> Finding:
    carrier = sms.messenger()
    if carrier is None:
        return Finding("SMS", False, "KIKAO_SMS is not set: none are sent", vital=False)
    to = ", ".join(sorted(sms.countries()))
    words = f"{carrier.label}, to numbers of {to}" if to else "KIKAO_SMS_COUNTRIES is not set: all messages are mailed"
    return Finding("SMS", bool(to), words, vital=False)


def _environment() -> Iterator[Finding]:
    stricter = "staging: the vendors' test modes" if current_app.config["STAGING"] else "production"
    kind = stricter if current_app.config["PRODUCTION"] else "development: the sandbox may be used"
    yield Finding("environment", True, kind, vital=False)
    if current_app.config["PRODUCTION"] and _is_open(current_app.config["REDIS_URL"]):
        yield Finding(
            "queue's password", False, "REDIS_URL has none: whoever reaches Redis reads and drops jobs", vital=False
        )
    address = current_app.config["PUBLIC_URL"]
    yield _try("public address", lambda: _reach(address), vital=False)


def _is_open(redis_url: str) -> bool:
    parts = urlsplit(redis_url)
    return bool(parts.hostname) and not is_loopback(str(parts.hostname)) and not parts.password


def _reach(address: str) -> str:
    import requests  # noqa: PLC0415  (as above)

    try:
        answer = requests.get(f"{address}/healthz", timeout=(3, 5), allow_redirects=False)
    except requests.RequestException as error:
        return f"{address} cannot be reached from here ({type(error).__name__}); gateways could not report"
    return "" if answer.status_code == 200 else f"{address}/healthz answers {answer.status_code}"


def _providers() -> Iterator[Finding]:
    """Whether those who log people in answer where they are said to be."""
    for each in identities.providers():
        wrong = identities.why_away(each)
        yield Finding(f"log in with {each.label}", not wrong, wrong or "ok", vital=False)


def _gateways() -> Iterator[Finding]:
    if not payment_methods.offered():
        yield Finding("gateways", False, "none is set up: nothing can be paid. Set GATEWAYS and their keys")


def _accounts() -> Iterator[Finding]:
    """Our accounts at others: each by name, with all that is wrong there or cannot be seen."""
    try:
        seen = [each for each in checkups.look() if each.source != "mail"]  # which has its line
    except SQLAlchemyError:  # the tables are of another version, as is said above
        db.session.rollback()
        return
    carrier = ["SMS account"] if sms.messenger() else []
    for name in (*(f"gateway {code}" for code in payment_methods.offered()), *carrier):
        if name not in {each.source for each in seen}:
            yield Finding(name, True, "ok", vital=False)
    for each in seen:
        name = each.source if each.remark.topic == checkups.KEYS else f"{each.source} {each.remark.topic}"
        yield Finding(name, each.remark.sight is Sight.UNSEEN, each.remark.words, vital=False)


def _left_over() -> Iterator[Finding]:
    """What a person should look at."""
    waiting = (
        ("callbacks that wait", select(func.count()).select_from(InboxEntry).where(waiting_news.for_staff())),
        ("open reviews", select(func.count()).where(Review.resolved_at.is_(None))),
        ("failed refunds", select(func.count()).where(Refund.status == "failed")),
        (
            "forged callbacks today",
            select(func.coalesce(func.sum(RejectedCallbacks.count), 0)).where(
                RejectedCallbacks.day == clock.now().date()
            ),
        ),
    )
    for name, statement in waiting:
        yield _try(name, lambda statement=statement: _count(statement), vital=False)  # type: ignore[misc]


def _money() -> Iterator[Finding]:
    """Whether the books are in order, and whether callbacks arrive (complaint 3)."""
    yield _try("money audit", lambda: "; ".join(breach.sentence for breach in reconciliation.breaches()))
    yield from _callbacks()


def _callbacks() -> Iterator[Finding]:
    try:
        beats = webhook_monitor.beats()
        unread = pull.unread()
        shares = webhook_monitor.shares()
    except SQLAlchemyError:  # the tables are of another version, as is said above
        db.session.rollback()
        return
    for beat in beats:
        words = f"the last {beat.missed} payments came without one: check address and secret at the gateway"
        yield Finding(f"callbacks {beat.gateway}", not beat.is_silent, words if beat.is_silent else "ok", vital=False)
        if beat.unheard:
            lost = f"{beat.unheard} things of the gateway's own list were told by none: check its events, address and secret"
            yield Finding(f"webhooks {beat.gateway}", False, lost, vital=False)
    for each in unread:
        why = each.error or "it took too long"
        words = f"not read to its end ({why}): flask money pull --gateway {each.gateway}"
        yield Finding(f"list of {each.gateway}", False, words, vital=False)
    for share in shares:
        if share.is_mostly_foreign:
            words = f"{share.foreign} of {share.foreign + share.ours} callbacks of three days are of other products: only counted"
            yield Finding(f"account shared {share.gateway}", True, words, vital=False)


def _count(statement: Select[int]) -> str:
    count = db.session.scalar(statement) or 0
    return str(count) if count else ""
