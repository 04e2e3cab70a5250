"""The invariants of gifts and packages: what was paid and not spent is there to the last unit, and nowhere else."""

from app.services.backoffice.reconciliation.question import Question, at, plain

_USED = "coalesce((SELECT sum(u.amount) FROM package_uses u WHERE u.package_id = p.id AND u.returned_at IS NULL), 0)"


def _stray(name: str) -> Question:
    return Question(
        f"{name}_stray",
        f"no money of {name}s is there without its {name}",
        f"""SELECT x.owner, x.held FROM {at(name)} x
             LEFT JOIN {name}s g ON {plain("g.id")} = x.owner AND g.currency = x.currency
             WHERE x.held <> 0 AND g.id IS NULL""",
    )


def _unpaid(name: str, owner: str) -> Question:
    return Question(
        f"{name}_unpaid",
        f"every {name} was paid for by its client",
        f"""SELECT g.id, g.status FROM {name}s g LEFT JOIN checkouts c ON c.id = g.checkout_id AND c.kind = '{name}'
                AND c.status = 'paid' AND c.client_id = g.{owner} AND c.currency = g.currency
             WHERE c.id IS NULL""",
    )


def _missing(name: str) -> Question:
    return Question(
        f"{name}_missing",
        f"every {name} that was paid for is there",
        f"""SELECT c.id FROM checkouts c LEFT JOIN {name}s g ON g.checkout_id = c.id
             WHERE c.kind = '{name}' AND c.status = 'paid' AND g.id IS NULL""",
    )


PREPAID: tuple[Question, ...] = (
    Question(
        "credit_undivided",
        "of all credit that came into a wallet or left one it is known where it came from, to the unit",
        """SELECT e.id, e.amount FROM ledger_entries e LEFT JOIN (
             SELECT entry_id, sum(amount) AS amount FROM credit_moves GROUP BY entry_id) m ON m.entry_id = e.id
            WHERE CASE e.account WHEN 'wallet' THEN e.amount ELSE 0 END <> coalesce(m.amount, 0)""",
    ),
    Question(
        "credit_lot_below_zero",
        "no more credit of a payment is used than came of it",
        """SELECT e.owner, m.attempt_id FROM credit_moves m JOIN ledger_entries e ON e.id = m.entry_id
            GROUP BY e.owner, e.currency, m.attempt_id, m.payable HAVING sum(m.amount) < 0""",
    ),
    Question(
        "gift_balance",
        "an open gift has all of its money, and no other has any",
        f"""SELECT g.id, g.status FROM gifts g
             LEFT JOIN {at("gift")} x ON x.owner = {plain("g.id")} AND x.currency = g.currency
             WHERE coalesce(x.held, 0) <> CASE WHEN g.status = 'open' THEN g.amount ELSE 0 END""",
    ),
    Question(
        "package_balance",
        "an active package has the money of the sessions that are left, and no other has any",
        f"""SELECT p.id, p.status FROM packages p
             LEFT JOIN {at("package")} x ON x.owner = {plain("p.id")} AND x.currency = p.currency
             WHERE coalesce(x.held, 0) <> CASE WHEN p.status = 'active' THEN p.price_amount - {_USED} ELSE 0 END""",
    ),
    Question(
        "package_overused",
        "no package pays for more sessions than were bought",
        """SELECT p.id, u.nth FROM packages p JOIN package_uses u ON u.package_id = p.id WHERE u.nth > p.sessions""",
    ),
    Question(
        "package_use",
        "every session paid with a package is a payment of its client, of its worth",
        """SELECT u.attempt_id FROM package_uses u JOIN packages p ON p.id = u.package_id
             JOIN attempts a ON a.id = u.attempt_id JOIN checkouts c ON c.id = a.checkout_id
            WHERE a.status <> 'paid' OR a.gateway <> 'package' OR a.amount <> u.amount OR c.client_id <> p.client_id""",
    ),
    Question(
        "package_return",
        "a session is in its package again if all of its money is",
        """SELECT u.attempt_id FROM package_uses u LEFT JOIN refunds r
               ON r.attempt_id = u.attempt_id AND r.means = 'package' AND r.amount = u.amount AND r.status = 'done'
            WHERE (u.returned_at IS NULL) <> (r.id IS NULL)""",
    ),
    *(_stray(name) for name in ("gift", "package")),
    *(_unpaid(name, owner) for name, owner in (("gift", "buyer_id"), ("package", "client_id"))),
    *(_missing(name) for name in ("gift", "package")),
)
