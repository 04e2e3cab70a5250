"""Histories in which news is lost for good: webhooks that are off, a nightly pull, a backup that is gone back to.

Nothing here is told to the books but by what an operator has: the clock's own pass each night, M-Pesa's statement, and the
commands of going back. At the end the vendors' own word and the books agree to the unit, or a person looks at the difference.
"""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition

from app.services.backoffice.pull import gateway_statements
from app.services.payments import receipt_checks
from sandbox.daraja import statements
from tests.histories import agreement, going_back, news
from tests.histories.books import Books
from tests.histories.going_back import Backup
from tests.histories.history import TALLY, newest, step
from tests.histories.letters import KINDS
from tests.histories.machine import SET_UP, History, often
from tests.histories.stage import START
from tests.support.gateways import BY_CODE

few = st.integers(0, 3)
vendors = st.sampled_from([*BY_CODE, "all"])
kinds = st.sampled_from(["all", "all", *KINDS])
has_mail = precondition(lambda self: self.stage.letters.waiting())
has_attempts = precondition(lambda self: self.books.attempts)


class Unheard(History):
    """The rules of every history, and what is lost in this one."""

    def __init__(self) -> None:
        super().__init__()
        self.backup: Backup | None = None
        self.returns = True  # whether the operator goes back to the backup at the end
        self.lost: set[str] = set()  # references of which a restored backup may know nothing yet

    @initialize(off=st.tuples(vendors, kinds), menu=st.booleans(), backup=often, returns=often, **SET_UP)
    def set_up(self, off: tuple[str, str], menu: bool, backup: bool, returns: bool, **usual: Any) -> None:
        """What is off from the beginning, whether M-Pesa tells of its menu, and whether there is a backup so far."""
        super().set_up(**usual)
        self.returns = returns
        self.silence(*off)
        if menu and usual["reversals"]:  # without an initiator what is told could not be asked about
            with self.stage.app.app_context():
                receipt_checks.register("mpesa")
        if backup:
            self.back_up()

    # ---------------------------------------------------------------------------------------- what is not told

    @step(vendor=vendors, kind=kinds)
    def webhooks_go_off(self, vendor: str, kind: str) -> None:
        """From now on nothing of a kind, or nothing at all, is told by a vendor, or by all of them."""
        self.silence(vendor, kind)

    @step(vendor=vendors)
    def webhooks_are_on_again(self, vendor: str) -> None:
        """From now on the vendor tells all that happens; what it did not tell it never will."""
        silent = self.stage.letters.silent
        silent -= {each for each in silent if vendor in ("all", each[0])}

    def silence(self, vendor: str, kind: str) -> None:
        """Nothing of the kind is told any more."""
        codes = list(BY_CODE) if vendor == "all" else [vendor]
        self.stage.letters.silent |= {(code, each) for code in codes for each in KINDS if kind in ("all", each)}

    @has_mail
    @step(which=few)
    def lose(self, which: int) -> None:
        """A callback never arrives, whatever it says."""
        letter = newest(self.stage.letters.waiting(), which)
        letter.dropped = True
        self.said(f"{letter.event} lost")

    # ---------------------------------------------------------------------------------------- what nobody is told of

    @has_attempts
    @step(which=few)
    def reverse_at_the_portal(self, which: int) -> None:
        """A colleague reverses an M-Pesa payment at its own site, which tells nobody."""
        self.said(news.reversed_there(self.stage, which))

    @has_attempts
    @step(which=few, shillings=st.sampled_from([None, None, None, 1_000]))
    def pay_from_the_menu(self, which: int, shillings: int | None) -> None:
        """Somebody pays from the phone's own menu, with the reference of a payment."""
        mine = [row for row in self.books.attempts if row.gateway == "mpesa"]
        if mine:
            self.said(news.paid_from_menu(self.stage, newest(mine, which), shillings))

    @has_attempts
    @step(which=few, what=st.sampled_from(["ask", "escalate", "look at", "take further"]))
    def dispute_goes_on(self, which: int, what: str) -> None:
        """A bank only asks, or an open dispute goes on: to a chargeback, under review, or to the next phase."""
        self.said(news.dispute_goes_on(self.stage, which, what))

    # ---------------------------------------------------------------------------------------- what finds it

    @step(nights=st.sampled_from([1, 1, 2, 4]), statement=st.booleans())
    def nights_pass(self, nights: int, statement: bool) -> None:
        """The clock asks the vendors for their lists each night, and perhaps somebody takes M-Pesa's statement."""
        for _ in range(nights):
            self.stage.move(timedelta(days=1))
            self.said(f"{self.stage.sweep()}")
        if statement:
            self.read_statement()

    def read_statement(self) -> None:
        """M-Pesa's statement of all of the history has been compared."""
        now = self.stage.time.present.timestamp()
        text = statements.statement(self.stage.sandbox, START.timestamp() - 86_400, now)
        with self.stage.app.app_context():
            self.said(f"{gateway_statements.compare_statement('mpesa', BytesIO(text.encode()))}")

    # ---------------------------------------------------------------------------------------- a restored backup

    @step(act=st.sampled_from(["back up", "go back", "go back and ask", "go back and ask"]))
    def operator_acts(self, act: str) -> None:
        """The operator makes a backup in place of the last one, or goes back to it; the vendors are asked, or cannot be."""
        if act == "back up":
            self.back_up()
        else:
            self.restore(pull="ask" in act)

    def back_up(self) -> None:
        """There is a backup of the books as they are."""
        self.backup = going_back.make(self.stage, self.shelf)

    def restore(self, *, pull: bool) -> None:
        """The books are those of the backup, and what they do not know is lost to them."""
        if self.backup is None:
            return
        TALLY["went back"] += 1
        self.lost |= {row.reference for row in self.read().attempts}
        going_back.go_back(self.stage, self.backup, pull=pull)
        self.shelf = self.backup.shelf
        self.backup = going_back.Backup(self.backup.file, going_back.copied(self.shelf))
        self.books = self.read()

    # ---------------------------------------------------------------------------------------- the end

    def before_the_end(self) -> None:
        """What is lost is gone back to, and found."""
        if self.returns and self.backup is not None:
            self.restore(pull=True)
        self.nights_of_finding()

    def after_the_end(self) -> None:
        """Everybody who can be asked has been asked once more; then both sides agree."""
        self.nights_of_finding()
        self.lost.clear()
        self.books = self.read()
        with self.stage.engine.connect() as connection:
            found = agreement.of(self.stage, self.books, connection)
        TALLY.update(found.waiting)
        TALLY.update(f"= lost: {each.gateway} {each.kind}" for each in self.stage.letters.all if each.dropped)
        TALLY.update(f"= heard by {row.source}" for row in self.books.inbox if row.state == "applied")
        self.must(not found.breaches, "\n".join(found.breaches))

    def read(self) -> Books:
        """The books now, and of the vendors' log what they can know of: the rest is asked for at the end."""
        books = super().read()
        unknown = self.lost - {row.reference for row in books.attempts}
        return replace(books, money=[line for line in books.money if line["reference"] not in unknown])

    def nights_of_finding(self) -> None:
        """Two nights with their lists, and the statement."""
        for _ in range(2):
            self.let_pass(timedelta(days=1))
        self.read_statement()
        self.let_pass(timedelta(minutes=5))
