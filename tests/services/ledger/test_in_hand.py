"""Money that a practitioner says they have in hand: theirs already, owed to nobody twice, and no credit on their word alone."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.gateways.manual import ManualGateway, ManualSettings
from app.models import Attempt, InboxEntry, LedgerEntry, Refund, Role, User
from app.services.backoffice import export, reconciliation, repair
from app.services.core.errors import Conflict
from tests.support.credit import balance
from tests.support.pdf_text import pdf_text
from tests.support.proofs import Pages, verify
from tests.support.visitor import words
from tests.support.world import World


class Cash:
    """A session that was paid in cash, as whoever verifies it says."""

    def __init__(self, world: World, by: Role = Role.PRACTITIONER) -> None:
        self.world, self.owner, self.client = world, world.practitioner(), world.person()
        self.staff = world.person(Role.STAFF)
        service = world.service(self.owner, currency="KES")
        self.booking = world.book(self.client, service, world.slots(service, days=9)[-1]["start"])["booking"]["id"]
        who = self.owner if by is Role.PRACTITIONER else self.staff
        assert verify(who, self.booking, True, evidence="Cash").json["status"] == "confirmed"

    def month(self) -> str:
        """The month it is, as addresses name it."""
        return str(self.owner.get("/statements").json[0]["month"])

    def closing(self) -> int:
        """What is due to the practitioner, in minor units."""
        [account] = self.owner.get(f"/statements/{self.month()}").json["accounts"]
        return int(account["closing"]["amount"])

    def cancelled(self) -> Refund:
        """The session is cancelled; the refund that comes of it."""
        assert self.owner.post(f"/bookings/{self.booking}/cancel", {"reason": "ill"}).status_code == 200
        self.world.sweep()
        [refund] = self.world.all(Refund)
        return refund

    def mend(self, act: Any, *args: Any) -> None:
        """Staff do this about it."""
        with self.world.rows() as session:
            act(*args, session.get_one(User, self.staff.user_id))


class TillGateway(ManualGateway):
    """A second way by hand, as a package of somebody else's may bring one."""

    code = "till"
    label = "Office till"


@pytest.fixture
def till(world: World) -> Iterator[None]:
    """It is offered beside the first."""
    offered = world.app.extensions["gateways"]
    offered["till"] = TillGateway(ManualSettings("Pay at the desk.", currencies="KES"))
    yield
    del offered["till"]


def _at(world: World, account: str, owner: str = "") -> int:
    return sum(e.amount for e in world.all(LedgerEntry) if (e.account, e.owner) == (account, owner or e.owner))


def test_cash_in_hand_is_not_owed_to_the_practitioner_a_second_time(world: World) -> None:
    """They have the 1500; of it 150 is the platform's, and that is due from them."""
    cash = Cash(world)
    assert (_at(world, "gateway", "manual:1"), _at(world, "practitioner"), _at(world, "platform")) == (
        -150_000, 135_000, 15_000,
    )  # fmt: skip
    assert cash.closing() == -15_000
    [account] = cash.owner.get(f"/statements/{cash.month()}").json["accounts"]
    assert [[line[c]["amount"] for c in ("gross", "fee", "in_hand", "net")] for line in account["lines"]] == [
        [0, 0, 150_000, -150_000],
        [150_000, 15_000, 0, 135_000],
    ]
    assert cash.owner.get("/statements").json[0]["net"] == [{"amount": -15_000, "currency": "KES"}]


def test_a_second_way_by_hand_has_books_of_its_own(world: World, till: None) -> None:
    """Each names the way it was paid; the statement, the takeaway and the audit know both."""
    cash = Cash(world)
    service, other = world.service(cash.owner, currency="KES"), world.person()
    made = world.book(other, service)
    world.begin(other, made["checkout"]["id"], "till")
    assert verify(cash.owner, made["booking"]["id"], True, evidence="Desk").json["status"] == "confirmed"
    held = [_at(world, "gateway", owner) for owner in ("manual:1", "till:1")]
    assert (held, cash.closing()) == ([-150_000, -150_000], -30_000)
    with world.rows() as session:
        told = session.scalars(select(InboxEntry.kind).order_by(InboxEntry.id))
        assert list(told) == ["manual.verified", "till.verified"]
        assert reconciliation.compare([]) == []
        assert len(_theirs(session.get_one(User, cash.owner.user_id))) == len(held)


def _theirs(user: User) -> list[Any]:
    """What of the takeaway's ledger is in their hands."""
    [section] = [each for each in export.SECTIONS if each.name == "earnings"]
    return [row for row in db.session.scalars(section.find(user)) if row.account == "gateway"]


def test_the_page_the_table_and_the_paper_say_who_holds_what(world: World) -> None:
    cash = Cash(world)
    pages, path = Pages(world, cash.owner), f"/practice/statements/{cash.month()}"
    page = pages.get(path).text
    assert "Paid to you by hand" in page
    assert "so it is taken off what is due to you" in page
    rows = list(csv.DictReader(io.StringIO(pages.get(f"{path}.csv").data.decode("utf-8-sig"))))
    assert [row["Paid to you by hand"] for row in rows] == ["", "1500.00", "0.00", ""]
    assert (rows[-1]["Balance"], rows[1]["Balance"]) == ("-150.00", "-1500.00")
    assert "Paid to you by hand" in pdf_text(pages.get(f"{path}.pdf").data).replace("\xa0", " ").replace("\n", " ")
    told = Pages(world, cash.staff).get(f"/bookings/{cash.booking}").text
    assert told


def test_cancelled_it_is_no_credit_but_waits_for_staff_who_cannot_send_it_themselves(world: World) -> None:
    cash = Cash(world)
    refund = cash.cancelled()
    assert (refund.status, refund.means, balance(cash.client)) == ("failed", "gateway", [])
    assert "refund_failed" in world.notices(cash.staff)
    assert ("refund_in_hand" in world.notices(cash.client), "give_back" in world.notices(cash.owner)) == (True, True)
    assert "will be given back to you by hand" in str(world.mails(world.email(cash.client)))
    with world.rows():
        assert repair.remedies_for(
            db.session.get_one(Refund, refund.id), db.session.get_one(User, cash.staff.user_id)
        ) == ["credit", "by_hand"]
        assert reconciliation.breaches() == []
    with pytest.raises(Conflict, match="not_allowed"):
        cash.mend(repair.retry_refund, refund.id)
    page = Pages(world, cash.staff).get(f"/staff/payments/{refund.attempt_id}").text
    assert "In the hands of Dr. Amina Otieno" in page
    assert "retry" not in page


def test_the_pages_say_who_gives_it_back_and_never_that_staff_send_it(world: World) -> None:
    """Each side reads what to do; and, once it is done, that it was done by hand."""
    cash = Cash(world)
    refund = cash.cancelled()
    page = f"/bookings/{cash.booking}"
    theirs, mine, ours = (words(Pages(world, who).get(page)) for who in (cash.client, cash.owner, cash.staff))
    assert "You paid Dr. Amina Otieno by hand, so they will give it back to you." in theirs
    assert "Give the money back to Wanjiku Kamau" in mine
    assert "The practitioner will give the money back by hand" in ours
    [paid] = world.all(Attempt)
    bill = words(Pages(world, cash.client).get(f"/checkouts/{paid.checkout_id}"))
    assert "It was paid by hand and will be given back to you by hand." in bill
    assert not any("staff will send" in text for text in (theirs, mine, ours, bill))
    assert "The booking has since ended." in bill
    assert "Your session is booked" not in bill
    cash.mend(repair.settle_refund, refund.id, "The client signed for it")
    after = words(Pages(world, cash.client).get(page)) + words(
        Pages(world, cash.client).get(f"/checkouts/{paid.checkout_id}")
    )
    assert "Given back by hand" in after
    assert "our staff" not in after.lower()


def test_given_back_by_hand_nobody_holds_anything_any_more(world: World) -> None:
    cash = Cash(world)
    cash.mend(repair.settle_refund, cash.cancelled().id, "The client signed for it")
    assert (_at(world, "gateway", "manual:1"), _at(world, "practitioner"), _at(world, "by_hand")) == (0, 0, 0)
    assert cash.closing() == 0


def test_made_credit_by_staff_the_practitioner_owes_what_they_hold(world: World) -> None:
    cash = Cash(world)
    cash.mend(repair.credit_refund, cash.cancelled().id)
    assert (balance(cash.client), cash.closing()) == ([(150_000, "KES")], -150_000)


def test_a_cheaper_session_makes_no_credit_of_it_either(world: World) -> None:
    """Verified by themselves and then made shorter: the same credit by another way."""
    cash = Cash(world)
    start = world.booking(cash.owner, cash.booking)["start"]
    moved = cash.owner.post(f"/bookings/{cash.booking}/reschedule", {"start": start, "minutes": 30})
    assert moved.status_code == 200, moved.text
    assert cash.client.post(f"/bookings/{cash.booking}/reschedule/accept").status_code == 200
    [refund] = world.all(Refund)
    assert (refund.amount, refund.status, balance(cash.client)) == (75_000, "failed", [])


def test_what_staff_have_seen_is_ours_and_owed_as_before(world: World) -> None:
    """A bank or till of the house: staff look at its own list."""
    cash = Cash(world, Role.STAFF)
    assert (_at(world, "gateway", "manual"), cash.closing()) == (-150_000, 135_000)
    assert cash.cancelled().means == "wallet"
    assert balance(cash.client) == [(150_000, "KES")]


def test_the_list_of_what_the_house_took_in_counts_it_under_its_way_to_pay(world: World) -> None:
    cash = Cash(world)
    page = Pages(world, cash.staff).get("/staff")
    assert page.status_code == 200
    assert "manual:1" not in page.text
