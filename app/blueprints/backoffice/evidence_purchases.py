"""What was bought with a challenged payment that is not one session: packages, credit, gifts, questions, on the paper."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from app import words
from app.blueprints.common import web
from app.domain.lifecycle import GiftStatus
from app.lib.papers.pdfs import Table
from app.models import Consultation, Gift, Package
from app.services.backoffice.disputes import Evidence, Spent
from app.words import payment_states

_WIDTHS = (44, 80)


def section(caption: str, pairs: Iterable[tuple[str, str]]) -> Table:
    """Terms and what they are under a caption; what there is not is left out."""
    return Table(caption, (), [[term, text] for term, text in pairs if text], _WIDTHS)


def utc(at: datetime | None) -> str:
    """The moment in UTC; empty where there is none."""
    return web.when(at, "UTC") if at is not None else ""


def tables(evidence: Evidence) -> Iterable[Table]:
    """What came of the payment, where that is not a session."""
    bought = evidence.bought
    if bought.question is not None:
        yield section(words.paid_for("consultation"), _question(bought.question))
    if bought.package is not None:
        yield section(words.paid_for("package"), _package(bought.package, evidence))
    if bought.gift is not None:
        yield section(words.paid_for("gift"), _gift(bought.gift))
    if bought.debt_of is not None:
        yield section(
            words.paid_for("lost_credit"),
            [
                (_("Credit bought with"), bought.debt_of.reference),
                (_("Amount"), web.money(bought.debt_of.money)),
                (_("Paid on"), utc(bought.debt_of.settled_at)),
            ],
        )
    yield _spent(bought.spent)


def _question(asked: Consultation) -> Sequence[tuple[str, str]]:
    """That the two wrote, how often and when; never what."""
    written = [each for each in asked.messages if each.author_id == asked.client_id]
    answers = len(asked.messages) - len(written)
    return [
        (_("With"), asked.practitioner.name),
        (_("Price"), web.money(asked.price)),
        (_("Asked"), utc(asked.asked_at)),
        (_("Answer due by"), utc(asked.answer_by)),
        (_("Answered"), utc(asked.answered_at)),
        (_("Messages from the payer"), str(len(written))),
        (_("Messages from the practitioner"), str(answers)),
        (_("Last message"), utc(asked.messages[-1].written_at)),
        (_("Closed"), utc(asked.ended_at)),
    ]


def _package(package: Package, evidence: Evidence) -> Sequence[tuple[str, str]]:
    used = len(evidence.bought.sessions)
    return [
        (_("What"), package.title if evidence.names_service else ""),
        (_("With"), package.practitioner.name),
        (_("Sessions"), str(package.sessions)),
        (_("Length"), ngettext("%(num)s minute", "%(num)s minutes", package.minutes)),
        (_("Price"), web.money(package.price)),
        (_("Bought"), utc(package.bought_at)),
        (_("Use by"), utc(package.expires_at)),
        (_("Booked from it"), ngettext("%(num)s session", "%(num)s sessions", used)),
        (_("Ended"), utc(package.ended_at)),
    ]


def _gift(gift: Gift) -> Sequence[tuple[str, str]]:
    """Whether it was redeemed and when; by whom is nobody's business."""
    redeemed = gift.status is GiftStatus.REDEEMED
    return [
        (_("Amount"), web.money(gift.money)),
        (_("Code shown to the payer"), utc(gift.bought_at)),
        (_("Redeemed"), utc(gift.ended_at) if redeemed else _("No")),
        (_("Cancelled"), utc(gift.ended_at) if gift.status is GiftStatus.CANCELLED else ""),
    ]


def _spent(spent: list[Spent]) -> Table:
    rows = [[utc(each.at), str(payment_states.movement(each.kind)), web.money(each.money)] for each in spent]
    heads = (_("When"), _("What"), _("Amount"))
    return Table(_("What the payer used the credit for"), heads, rows, (40, 54, 30), frozenset({2}))
