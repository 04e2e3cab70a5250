"""What a payer's bank is shown: no more than happened, and nobody's words but those that were chosen."""

from mutants.mutant import Mutant

_DESK = "tests/services/backoffice/test_dispute_desk.py"
_HERE = "app/services/backoffice/disputes"

MUTANTS = (
    Mutant(
        "any practitioner adds to any dispute",
        f"{_HERE}/additions.py",
        "    if dispute is None or practitioner is None or not practitioner.is_of(user):\n",
        "    if dispute is None or practitioner is None:\n",
        _DESK,
    ),
    Mutant(
        "a message of somebody else's conversation is quoted",
        f"{_HERE}/additions.py",
        "        if wanted - {each.id for each in _messages(dispute)}:\n",
        "        if not wanted:\n",
        _DESK,
    ),
    Mutant(
        "what was sent to the bank is taken back",
        f"{_HERE}/additions.py",
        "    return any(each.noted_at >= addition.added_at for each in answers_of(dispute))\n",
        "    return any(each.noted_at < addition.added_at for each in answers_of(dispute))\n",
        _DESK,
    ),
    Mutant(
        "an answer to an enquiry ends the reminders of the chargeback",
        "app/models/ledger/disputes.py",
        "(DisputeAnswer.phase == Dispute.phase)",
        "(DisputeAnswer.phase != None)",
        _DESK,
    ),
    Mutant(
        "the service is always named",
        "app/blueprints/backoffice/evidence_paper.py",
        '    return booking.title if evidence.names_service else words.paid_for("booking")\n',
        '    return booking.title if evidence.made_at else words.paid_for("booking")\n',
        _DESK,
    ),
    Mutant(
        "everybody's use of the credit is told",
        f"{_HERE}/purchases.py",
        "(LedgerEntry.owner == str(attempt.checkout.client_id))\n",
        '(LedgerEntry.owner != "")\n',
        _DESK,
    ),
    Mutant(
        "who has a gift reads whose payment it came from",
        f"{_HERE}/held_money.py",
        "    return found if found is not None and found.checkout.client_id == client.id else None\n",
        "    return found\n",
        _DESK,
    ),
    Mutant(
        "a paper leaves no trace",
        f"{_HERE}/evidence.py",
        '        record("evidence", dispute.id, "", "made", who,',
        '        dict(subject="evidence", now=dispute.id, end="made", who=who,',
        _DESK,
    ),
    Mutant(
        "messages to others are shown as the payer's",
        f"{_HERE}/evidence.py",
        "    went = (Notification.user_id == attempt.checkout.client_id) & (",
        "    went = (Notification.user_id > 0) & (",
        _DESK,
    ),
)
