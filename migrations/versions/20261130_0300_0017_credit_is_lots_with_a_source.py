"""Credit is lots with a source: what each entry of a wallet came of, replayed from the books."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_MOVES = sa.table(
    "credit_moves", sa.column("entry_id", sa.Integer()), sa.column("attempt_id", sa.Uuid()),
    sa.column("payable", sa.Boolean()), sa.column("amount", sa.BigInteger()),
)
_INBOX = sa.table("inbox", sa.column("id", sa.Integer()), sa.column("fact", sa.JSON()))
# Every entry of a wallet, oldest first, with the payment it names and what that paid for.
_ENTRIES = sa.text("""
    SELECT e.id, e.owner, e.currency, e.amount, t.kind, t.key, t.attempt_id, a.gateway, p.checkout_id AS package_bill
      FROM ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id
      LEFT JOIN attempts a ON a.id = t.attempt_id
      LEFT JOIN package_uses u ON u.attempt_id = a.id LEFT JOIN packages p ON p.id = u.package_id
     WHERE e.account = 'wallet' ORDER BY e.id
""").columns(attempt_id=sa.Uuid(), package_bill=sa.Uuid())
# The payment that a bill was paid by: its money came to those it was meant for.
_PAID_BY = sa.text("""
    SELECT a.checkout_id, a.id, a.gateway FROM attempts a JOIN ledger_transactions t ON t.attempt_id = a.id
     WHERE t.kind = 'land'
""").columns(checkout_id=sa.Uuid(), id=sa.Uuid())
# Refunds that became credit: those that a gateway had refused, and M-Pesa's, could not go back the way they came. Of a
# choice of the client's, and of what nobody can say, nothing is paid out.
_COULD_NOT = sa.text("""
    SELECT r.id FROM refunds r JOIN attempts a ON a.id = r.attempt_id
     WHERE r.means = 'wallet' AND (r.tries > 0 OR a.gateway = 'mpesa')
""").columns(id=sa.Uuid())

_Lot = tuple[uuid.UUID | None, bool]
_TRIGGERS = {
    "postgresql": (
        "CREATE TRIGGER credit_moves_append_only BEFORE UPDATE OR DELETE ON credit_moves"
        " FOR EACH ROW EXECUTE FUNCTION append_only()",
    ),
    "sqlite": tuple(
        f"CREATE TRIGGER credit_moves_append_only_{event.lower()} BEFORE {event} ON credit_moves FOR EACH ROW"
        " BEGIN SELECT RAISE(ABORT, 'append_only: credit_moves'); END"
        for event in ("UPDATE", "DELETE")
    ),
}


def upgrade() -> None:
    """Each entry of a wallet is divided by where its credit came from; what nobody can say is not to be paid out."""
    op.create_table('credit_moves',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('attempt_id', sa.Uuid(), nullable=True),
    sa.Column('payable', sa.Boolean(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('amount <> 0', name=op.f('ck_credit_moves_amount')),
    sa.CheckConstraint('attempt_id IS NOT NULL OR NOT payable', name=op.f('ck_credit_moves_payable')),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempts.id'], name=op.f('fk_credit_moves_attempt_id')),
    sa.ForeignKeyConstraint(['entry_id'], ['ledger_entries.id'], name=op.f('fk_credit_moves_entry_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_moves')),
    sa.UniqueConstraint('entry_id', 'attempt_id', 'payable', name=op.f('uq_credit_moves_entry_id_attempt_id_payable'))
    )
    op.create_index(op.f('ix_credit_moves_attempt_id'), 'credit_moves', ['attempt_id'], unique=False)
    _Replay().run()
    for statement in _TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)
    _tell_nameless_refunds("refunded", lambda fact: {"type": "refundschanged", "charge_ref": fact["charge_ref"]})


def downgrade() -> None:
    """Credit is one heap again."""
    nothing = {"money": None, "refund_ref": None, "refund_key": None}
    _tell_nameless_refunds("refundschanged", lambda fact: nothing | {"type": "refunded", "charge_ref": fact["charge_ref"]})
    op.drop_table('credit_moves')


def _tell_nameless_refunds(before: str, after: Callable[[Any], Any]) -> None:
    """News that names no refund (Stripe's charge.refunded) is of another kind: believed once more, it is read so."""
    named = sa.cast(_INBOX.c.fact, sa.Text()).like(f'%"{before}"%')
    for entry_id, fact in op.get_bind().execute(sa.select(_INBOX.c.id, _INBOX.c.fact).where(named)).all():
        if fact["type"] == before and not (fact.get("refund_ref") or fact.get("refund_key")) and fact["charge_ref"]:
            op.get_bind().execute(_INBOX.update().where(_INBOX.c.id == entry_id).values(fact=after(fact)))


class _Replay:
    """The wallets as they were, entry after entry."""

    def __init__(self) -> None:
        bind = op.get_bind()
        self.entries = bind.execute(_ENTRIES).mappings().all()
        self.paid_by = {row.checkout_id: (row.id, row.gateway) for row in bind.execute(_PAID_BY)}
        self.could_not = {str(row.id) for row in bind.execute(_COULD_NOT)}
        self.wallets: dict[tuple[str, str], dict[_Lot, int]] = defaultdict(lambda: defaultdict(int))
        self.spent: dict[object, dict[_Lot, int]] = defaultdict(lambda: defaultdict(int))  # by payment, by payout

    def run(self) -> None:
        """Every entry has its moves."""
        for entry in self.entries:
            for (attempt_id, payable), amount in self._divided(entry):
                values = {"entry_id": entry["id"], "attempt_id": attempt_id, "payable": payable, "amount": amount}
                op.get_bind().execute(_MOVES.insert().values(values))

    def _divided(self, entry: Any) -> list[tuple[_Lot, int]]:
        wallet = self.wallets[entry["owner"], entry["currency"]]
        sign = 1 if entry["amount"] > 0 else -1
        come = self._coming(entry) if sign > 0 else self._going(entry, wallet)
        parts: dict[_Lot, int] = defaultdict(int)
        missing = abs(entry["amount"])
        for lot, most in [*come, ((None, False), missing)]:
            part = min(most, missing)
            parts[lot] += part
            missing -= part
        for lot, part in parts.items():
            wallet[lot] += sign * part
            self.spent[self._cause(entry)][lot] -= sign * part
        return [(lot, sign * part) for lot, part in parts.items() if part]

    def _cause(self, entry: Any) -> object:
        """What may give the same credit back later: a payment, or a wish to be paid out."""
        return entry["attempt_id"] or entry["key"].rpartition(":")[2]

    def _coming(self, entry: Any) -> Iterator[tuple[_Lot, int]]:
        attempt_id, gateway = entry["attempt_id"], entry["gateway"]
        if entry["package_bill"] is not None:
            attempt_id, gateway = self.paid_by.get(entry["package_bill"], (attempt_id, gateway))
        if attempt_id is None or gateway == "wallet":
            taken = self.spent[attempt_id or self._cause(entry)]
            yield from [(lot, amount) for lot, amount in taken.items() if amount > 0]
        elif gateway != "package":
            yield (attempt_id, self._could_not_go_back(entry, gateway)), entry["amount"]

    def _could_not_go_back(self, entry: Any, gateway: str) -> bool:
        if entry["kind"] == "refund_done" and entry["package_bill"] is None:
            return entry["key"].split(":")[1] in self.could_not
        return gateway == "mpesa" and entry["kind"] in ("refund_done", "gift_cancel", "package_end", "package_expire")

    def _going(self, entry: Any, wallet: dict[_Lot, int]) -> Iterator[tuple[_Lot, int]]:
        wanted = entry["kind"] == "payout_asked"
        own = (entry["attempt_id"], False) if entry["kind"] == "refund_asked" else None
        # What was bought goes first, but for what is paid out, and for what goes back to where it was paid from.
        for lot in sorted(wallet, key=lambda lot: (lot != own, lot[1] != wanted)):
            if wallet[lot] > 0:
                yield lot, wallet[lot]
