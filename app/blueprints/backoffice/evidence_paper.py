"""The evidence about a challenged payment in words, as one PDF: what the bank is shown."""

from collections.abc import Iterable
from datetime import datetime

from flask import Response
from flask_babel import format_percent, ngettext
from flask_babel import gettext as _

from app import words
from app.blueprints.backoffice import evidence_purchases
from app.blueprints.backoffice.evidence_purchases import section, utc
from app.blueprints.common import printing, web
from app.blueprints.common.times import clocks
from app.domain.lifecycle import TABS, BookingStatus
from app.lib.papers.pdfs import Table
from app.lib.phones import numbers
from app.lib.text import masked_address
from app.models import Booking, Change, Channel, Receipt
from app.services.backoffice.disputes import Added, Cut, Evidence
from app.services.backoffice.overview import money_page, payment_story
from app.services.bookings import cancellation_policy

_UNENDED = (*TABS["waiting"], *TABS["upcoming"])
_TOLD = {"consultation", "dispute", "gift", "package"}  # subjects whose steps are named with what they are of


def pdf(evidence: Evidence) -> Response:
    """The paper, to be kept and sent."""
    content = printing.sheet_pdf(
        title=_("Evidence for payment %(reference)s", reference=evidence.attempt.reference),
        made_at=evidence.made_at,
        lead=_lead(evidence),
        facts=_facts(evidence),
        tables=[table for table in _tables(evidence) if table.rows],
        foot=[
            _("Created from the records of the booking software. Times are in UTC unless another place is named."),
            _(
                "Conversations, private notes and forms are confidential and not part of it, except what is quoted above."
            ),
        ],
    )
    return printing.download(content, f"evidence-{evidence.attempt.reference}.pdf", "application/pdf")


def _lead(evidence: Evidence) -> list[str]:
    issuer = next((each.issuer_name for each in evidence.receipts), "")
    return [issuer or (evidence.practitioner.name if evidence.practitioner else "")]


def _facts(evidence: Evidence) -> list[tuple[str, str]]:
    dispute = evidence.dispute
    client = evidence.attempt.checkout.client
    told = [
        (_("Amount disputed"), web.money(dispute.money)),
        (_("Stage at the bank"), str(words.DISPUTE_PHASES[dispute.phase])),
        (_("Gateway dispute reference"), dispute.vendor_ref),
        (_("Charge reference"), dispute.charge_ref),
        (_("Since"), utc(dispute.opened_at)),
        (_("Evidence due by"), utc(dispute.respond_by)),
        (_("Payer"), f"{client.name}, {masked_address(client.address)}"),
        (_("Created on"), utc(evidence.made_at)),
    ]
    return [(term, text) for term, text in told if text]


def _tables(evidence: Evidence) -> Iterable[Table]:
    yield section(_("The payment"), _payment(evidence))
    yield from evidence_purchases.tables(evidence)
    if len(evidence.bought.sessions) == 1:
        [booking] = evidence.bought.sessions
        yield section(_("What was agreed"), _agreed(booking, evidence))
        yield section(_("Terms as shown before the booking was requested"), _terms(booking))
    yield section(_("Accepted"), _accepted(evidence))
    for booking in evidence.bought.sessions:
        yield section(_session_caption(booking, evidence), _attendance(booking, evidence))
    yield section(_("Receipts"), [(printing.title_of(each), _receipt(each)) for each in evidence.receipts])
    yield section(_("Amount refunded"), _given_back(evidence))
    yield _copies(evidence)
    yield _added(evidence.added)
    yield _story(evidence.steps)


# ------------------------------------------------------------------------------------------------ the payment


def _payment(evidence: Evidence) -> list[tuple[str, str]]:
    attempt = evidence.attempt
    ref = payment_story.number_hidden(attempt, attempt.provider_ref or "")
    return [
        (_("For"), words.paid_for(attempt.checkout.kind)),
        (_("Amount"), web.money(attempt.money)),
        (_("Paid with"), words.method(money_page.label(attempt.gateway))),
        (_("Our reference"), attempt.reference),
        (_("Gateway payment reference"), ref),
        (_("Gateway charge or receipt"), attempt.charge_ref or ""),
        (_("Phone used to pay"), numbers.masked(attempt.phone)),
        (_("Started"), utc(attempt.created_at)),
        (_("Paid on"), utc(attempt.taken_at or attempt.settled_at)),
    ]


def _receipt(receipt: Receipt) -> str:
    return " · ".join((web.money(receipt.money), utc(receipt.issued_at)))


def _given_back(evidence: Evidence) -> list[tuple[str, str]]:
    return [
        (
            web.money(each.money),
            " · ".join(
                (str(words.STATUSES[each.status]), str(words.MEANS[each.means]), utc(each.settled_at or each.asked_at))
            ),
        )
        for each in evidence.refunds
    ]


# ------------------------------------------------------------------------------------------------ a session


def _both_clocks(at: datetime, booking: Booking) -> str:
    here = booking.client.zone
    there = booking.practitioner.zone
    told = web.when(at, here)
    return f"{told} ({web.when(at, there)})" if clocks.differ(here, there, at) else told


def _title(booking: Booking, evidence: Evidence) -> str:
    return booking.title if evidence.names_service else words.paid_for("booking")


def _agreed(booking: Booking, evidence: Evidence) -> list[tuple[str, str]]:
    return [
        (_("What"), _title(booking, evidence)),
        (_("With"), booking.practitioner.name),
        (_("For whom"), str(words.KINDS[booking.kind])),
        (_("How you meet"), _("Online") if booking.is_online else _("In person")),
        (_("Starts"), _both_clocks(booking.starts_at, booking)),
        (_("Length"), ngettext("%(num)s minute", "%(num)s minutes", booking.minutes)),
        (_("Places"), str(booking.places)),
        (_("Price"), web.money(booking.agreed_price)),
        (_("Price after it was moved"), web.money(booking.price) if booking.price != booking.agreed_price else ""),
    ]


def _terms(booking: Booking) -> list[tuple[str, str]]:
    """The frozen terms, whatever the service's are by now."""
    policy = cancellation_policy.agreed(booking)
    steps = cancellation_policy.steps(booking)
    told = [
        (
            _("Cancelled by the client until %(until)s", until=_both_clocks(step.until, booking)),
            _("%(percent)s refunded", percent=format_percent(step.percent / 100)),
        )
        for step in steps
    ]
    moves = ngettext("%(num)s time", "%(num)s times", policy.free_moves) if policy.free_moves else ""
    return [
        *told,
        (_("Cancelled by the client later"), _("No refund")),
        (
            _("The client does not attend"),
            _("%(percent)s refunded", percent=format_percent(policy.no_show_percent / 100)),
        ),
        (_("The practitioner cancels"), _("Refunded in full")),
        (_("Can be moved without asking"), moves),
    ]


def _accepted(evidence: Evidence) -> list[tuple[str, str]]:
    """When the payer agreed: by asking, by going to pay, by signing; a text is known by its digest."""
    asked = [(_("Requested by the payer"), utc(each.created_at)) for each in evidence.bought.sessions[:1]]
    signed = [
        (
            _("Agreement signed, version %(number)s", number=each.version.number),
            f"{utc(each.signed_at)} · SHA-256 {each.digest[:16]}",
        )
        for each in evidence.agreements
    ]
    return [*asked, (_("Payment started by the payer"), utc(evidence.attempt.created_at)), *signed]


def _session_caption(booking: Booking, evidence: Evidence) -> str:
    return f"{_title(booking, evidence)}: {_both_clocks(booking.starts_at, booking)}"


def _attendance(booking: Booking, evidence: Evidence) -> list[tuple[str, str]]:
    missed = booking.missed_at is not None
    minutes = booking.call_minutes
    return [
        _state(booking, evidence),
        (_("Confirmed"), utc(booking.confirmed_at)),
        (_("Started"), utc(booking.started_at)),
        (_("The payer joined the call"), utc(booking.client_joined_at)),
        (_("The practitioner joined the call"), utc(booking.practitioner_joined_at)),
        (_("Call started"), utc(booking.call_started_at)),
        (_("Call ended"), utc(booking.call_ended_at)),
        (_("Call length"), "" if minutes is None else ngettext("%(num)s minute", "%(num)s minutes", minutes)),
        (_("Completed"), utc(booking.completed_at)),
        (_("Marked as missed"), utc(booking.missed_at)),
        (_("The practitioner's note on this"), booking.reason if missed else ""),
        (_("Cancelled"), utc(booking.cancelled_at)),
        (_("Attendance was reviewed"), _looked_at(booking, evidence)),
    ]


def _state(booking: Booking, evidence: Evidence) -> tuple[str, str]:
    """How it ended; of what has not, what is true on the paper's day."""
    label = str(words.BOOKING_WORDS[booking.status].label)
    if booking.status not in _UNENDED:
        return _("How it ended"), label
    if booking.status is BookingStatus.IN_PROGRESS:
        return _("Current status"), label
    if booking.ends_at > evidence.made_at:
        return _("Current status"), _("Has not taken place yet: %(state)s", state=label)
    return _("Current status"), _("Its time has passed, but no outcome has been recorded")


def _looked_at(booking: Booking, evidence: Evidence) -> str:
    """What was claimed and decided, without what either side wrote of it."""
    found = next((each for each in evidence.looked_at if each.booking_id == booking.id), None)
    if found is None:
        return ""
    decided = words.ATTENDANCE_DECISIONS.get(found.status)
    return " ".join((str(words.ATTENDANCE_CLAIMS[found.claim]), str(decided[0]) if decided else ""))


# ------------------------------------------------------------------------------------------------ lists


def _copies(evidence: Evidence) -> Table:
    """What the payer was sent."""
    heads = (_("When"), _("What"), _("How"), _("To"))
    rows = [
        [utc(each.at), words.message(each.kind), str(words.CHANNELS[Channel(each.channel)]), each.sent_to]
        for each in evidence.copies.rows
    ]
    return Table(_("Messages sent to the payer"), heads, _with_gap(rows, evidence.copies.left_out, 4), (34, 44, 16, 30))


def _added(added: list[Added]) -> Table:
    """What the practitioner chose to show."""
    rows = [[utc(each.at), _who_said(each), each.text] for each in added]
    return Table(_("Added by the practitioner"), (_("When"), _("Who"), _("What")), rows, (30, 24, 70))


def _who_said(added: Added) -> str:
    if not added.is_message:
        return str(_("The practitioner, about this dispute"))
    return str(_("The payer, in writing") if added.by_client else _("The practitioner, in writing"))


def _story(steps: Cut[Change]) -> Table:
    """What happened in which order, in our own words alone."""
    rows = [[utc(each.at), _step(each), str(words.ACTORS[each.actor])] for each in steps.rows if _step(each)]
    return Table(
        _("What happened and when"), (_("When"), _("What"), _("Who")), _with_gap(rows, steps.left_out, 3), (34, 60, 30)
    )


def _step(change: Change) -> str:
    if change.subject in _TOLD:
        return f"{words.STAFF_SUBJECTS[change.subject]}: {words.step(change.subject, change.to_status)}"
    found = words.STORY.get((change.subject, change.to_status))
    return str(found[0]) if found else ""


def _with_gap(rows: list[list[str]], left_out: int, width: int) -> list[list[str]]:
    """The rows, and in the middle how many are left out."""
    if not left_out:
        return rows
    gap = ngettext("%(num)s more entry not shown here", "%(num)s more entries not shown here", left_out)
    middle = len(rows) // 2
    return [*rows[:middle], [gap, *([""] * (width - 1))], *rows[middle:]]
