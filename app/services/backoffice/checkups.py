"""What dies by itself: keys, rights, webhooks and their secrets, certificates, carriers, mail. Looked at each day.

Staff are told of what is new in one message, not each day again. What cannot be seen today is as it was: nobody is told of a
vendor that gives no answer once, and nobody twice of what stood before and after.
"""

import json
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import timedelta
from hashlib import sha256

from flask import current_app
from sqlalchemy import exists, func, select

from app.domain.lifecycle import RefundStatus
from app.extensions import db
from app.gateways.base import RefundFailureCode
from app.lib import clock
from app.lib.network.mail_server import MailServer
from app.lib.network.remarks import Remark, Sight
from app.models import Attempt, Checkup, InboxEntry, Refund, RejectedCallbacks
from app.services.core import payment_methods
from app.services.core.transaction import transaction
from app.services.notifications import notices, sms
from app.services.payments import receipt_checks, webhook_monitor

_EVERY = timedelta(days=1)
_UNANSWERED = timedelta(minutes=5)  # a refund that was asked for so long ago and got no answer: keys of ours may be why
_KEPT = timedelta(days=400)
_MAIL_TIMEOUT = 5

KEYS = "keys"  # the topic without which nothing else of an account can be seen


@dataclass(frozen=True)
class Seen:
    """One remark, and about whom."""

    source: str
    remark: Remark


@dataclass(frozen=True, order=True)
class Trouble:
    """What stands in a row of a look."""

    source: str
    topic: str
    words: str


def look() -> list[Seen]:
    """Everything there is to say, by asking everybody; no transaction is open meanwhile. Takes seconds."""
    ours = [*_signatures(), *_refused_refunds(), *_refused_questions()]
    db.session.rollback()  # nothing is held open while vendors think
    return [*_gateways(), *_carrier(), *of_mail(), *ours]


def daily() -> int:
    """How many new troubles staff were told of; the look is made when the last is a day old, or a refund got no answer."""
    before = _last()
    if before is not None and not _is_due(before):
        return 0
    known = {Trouble(*each) for each in before.troubles} if before else set()
    row_id = _begin(known)
    found = _troubles(look(), known)
    new = sorted(found - known)
    with transaction() as session:
        session.get_one(Checkup, row_id).troubles = _stored(found)
        if new:
            _tell(before.id if before else 0, [*new, *sorted(found & known)])
    return len(new)


def _is_due(before: Checkup) -> bool:
    now = clock.now()
    if before.at <= now - _EVERY:
        return True
    unanswered = Refund.asked_at.between(before.at, now - _UNANSWERED)
    asked = (Refund.status == RefundStatus.ASKED) & (Refund.tries > 0)
    return bool(db.session.scalar(select(exists().where(unanswered, asked))))


def _last() -> Checkup | None:
    return db.session.scalars(select(Checkup).order_by(Checkup.id.desc()).limit(1)).first()


def _begin(known: set[Trouble]) -> int:
    # First of all, so that a look that hangs or dies is not begun again each hour, and two at once are one.
    with transaction() as session:
        old = select(Checkup).where(Checkup.at < clock.now() - _KEPT)
        for each in session.scalars(old):
            session.delete(each)
        row = Checkup(at=clock.now(), troubles=_stored(known))
        session.add(row)
        session.flush()
        return row.id


def _troubles(seen: list[Seen], known: set[Trouble]) -> set[Trouble]:
    """What is wrong now; of what could not be seen, what was wrong when it was seen last."""
    hidden = {(each.source, each.remark.topic) for each in seen if each.remark.sight is not Sight.TROUBLE}
    now = {Trouble(each.source, each.remark.topic, each.remark.words) for each in seen}
    wrong = {each for each in now if (each.source, each.topic) not in hidden}
    return wrong | {each for each in known if {(each.source, each.topic), (each.source, KEYS)} & hidden}


def _stored(troubles: set[Trouble]) -> list[list[str]]:
    return [list(astuple(each)) for each in sorted(troubles)]


def _tell(before: int, troubles: list[Trouble]) -> None:
    # Two looks at once have the same one before them: whatever both found is told once.
    words = [each.words for each in troubles]
    cause = f"{before}:{sha256(json.dumps(words).encode()).hexdigest()[:24]}"
    notices.tell_staff("account_trouble", cause=cause, data={"troubles": words, "sentence": " ".join(words)})


# ---------------------------------------------------------------------------------------------------- whom to ask


def callback_url(code: str) -> str:
    """Where the webhooks of a gateway's account should come to."""
    return f"{current_app.config['PUBLIC_URL']}/callbacks/{code}"


def _gateways() -> Iterator[Seen]:
    for code, gateway in payment_methods.offered().items():
        for remark in gateway.examine(callback_url(code)):
            yield Seen(f"gateway {code}", remark)


def _carrier() -> Iterator[Seen]:
    carrier = sms.messenger()
    for remark in carrier.examine() if carrier else ():
        yield Seen("SMS account", remark)


def of_mail() -> Iterator[Seen]:
    """What is wrong with how mail goes out."""
    if url := current_app.config["SMTP_URL"]:
        for remark in _mail_server(MailServer.of(url)):
            yield Seen("mail", remark)


def _mail_server(server: MailServer) -> Iterator[Remark]:
    try:
        server.connect(_MAIL_TIMEOUT).close()
    except smtplib.SMTPAuthenticationError:
        yield Remark(KEYS, "The mail server does not accept user and password: set today's in SMTP_URL and restart.")
    except ssl.SSLCertVerificationError:
        yield Remark(
            KEYS, "The mail server's certificate has ended or is another host's: renew it, or name the host it is for."
        )
    except OSError as error:
        yield Remark(KEYS, f"The mail server gives no answer ({type(error).__name__}).", Sight.SILENT)


# ---------------------------------------------------------------------------------------------------- what rows tell


def _signatures() -> Iterator[Seen]:
    """Gateways whose news was refused since it was last signed well, while payments became known by asking alone."""
    missed = {beat.gateway for beat in webhook_monitor.beats() if beat.missed}
    for code, gateway in payment_methods.offered().items():
        if gateway.capabilities.signs_callbacks and code in missed and _is_refused(code):
            words = (
                f"News of {gateway.label} is refused, and payments are known only because we ask: it is not signed with the "
                f"secret that we have. If that was rolled, set the new one beside the old ({code.upper()}_WEBHOOK_SECRET=new,old) "
                "and restart."
            )
            yield Seen(f"callbacks {code}", Remark("signature", words))


def _is_refused(code: str) -> bool:
    heard = (InboxEntry.gateway == code) & (InboxEntry.source == "callback")
    well = db.session.scalar(select(func.max(InboxEntry.received_at)).where(heard))
    badly = db.session.scalar(select(func.max(RejectedCallbacks.last_at)).where(RejectedCallbacks.gateway == code))
    return badly is not None and (well is None or badly > well)


def _refused_refunds() -> Iterator[Seen]:
    """Gateways at which a refund waits for staff because our keys or rights were not enough for it."""
    for code, gateway in payment_methods.offered().items():
        if _has_refused_refund(code):
            words = (
                f"{gateway.label} does not let us send money back: renew the keys or the right that refunds need, then try those "
                "again that failed (Money, failed refunds)."
            )
            yield Seen(f"gateway {code}", Remark("refunds", words))


def _refused_questions() -> Iterator[Seen]:
    """Gateways at which a receipt waits for staff because we may not ask about it: the initiator, or its right."""
    for code, gateway in payment_methods.offered().items():
        if receipt_checks.is_turned_away(code):
            words = f"{gateway.label} does not let us ask about receipts: renew the initiator's password, or its right to query."
            yield Seen(f"gateway {code}", Remark("initiator", words))


def _has_refused_refund(code: str) -> bool:
    failed = (Refund.status == RefundStatus.FAILED) & (Refund.failure_code == RefundFailureCode.NO_ACCESS.value)
    there = select(Refund.id).join(Attempt, Refund.attempt_id == Attempt.id).where(failed, Attempt.gateway == code)
    return db.session.scalar(there.limit(1)) is not None
