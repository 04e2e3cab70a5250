"""M-Pesa's organisation statement compared with the books: what nobody told is asked about, what contradicts waits for a person."""

import csv
import io
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.gateways.mpesa import MpesaGateway
from app.gateways.mpesa.mpesa_lines import cents
from app.lib import clock
from app.models import Attempt, Booking, InboxEntry, LedgerEntry, Notification, Refund, Review, Role, User
from app.services.backoffice import reconciliation, repair
from app.services.backoffice.pull import gateway_statements
from app.services.backoffice.pull.gateway_statements import Compared
from app.services.core.errors import Invalid
from sandbox.daraja import menu, prompts, statements
from tests.support.backup import restore, snapshot
from tests.support.callbacks import kept_back, post
from tests.support.codes import Unheard
from tests.support.deals import Deal, deal
from tests.support.world import World

WHY = "The organisation's statement, line 8."
OTHERS = "OTHER-SHOP 12"


@pytest.fixture
def one(world: World) -> Deal:
    """A prompt on a client's phone; other people pay the same shortcode for something else."""
    made = deal(world, "mpesa")
    for shillings in (250, 1_500):
        menu.pay(world.sandbox.sandbox, phone="254722000111", account=OTHERS, amount=shillings, foreign=True)
    return made


def _file(world: World, hours: float = 24, code: str = "") -> io.BytesIO:
    """The statement of the last hours, as the portal gives it now."""
    now = clock.now().timestamp()
    text = statements.statement(world.sandbox.sandbox, now - hours * 3_600, now)
    return io.BytesIO((text.replace("174379", code) if code else text).encode())


def _compare(world: World, file: io.BytesIO | None = None) -> Compared:
    with world.app.app_context():
        return gateway_statements.compare_statement("mpesa", file or _file(world))


def _rebalanced(text: str) -> str:
    """The statement with balances that follow from its amounts, as whoever changes one would write them."""
    head, columns, *lines = re.split(r"\r\n(?=Receipt)|(?<=Currency)\r\n", text)
    rows = list(csv.reader(io.StringIO(lines[0])))
    balance = 0
    for row in reversed(rows):
        balance += cents(row[5] or "0") + cents(row[6] or "0")
        row[7] = f"{balance / 100:.2f}"
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    head = re.sub(r'(Closing Balance:,)("[^"]*"|[^,]*)', rf"\g<1>{balance / 100:.2f}", head)
    return f"{head}\r\n{columns}\r\n{out.getvalue()}"


def _counts(found: Compared) -> tuple[int, int, int, int]:
    return found.agreed, found.asked, found.to_decide, found.missing


def _reasons(world: World) -> list[str]:
    return [review.reason for review in world.all(Review)]


def _rows(world: World) -> list[list[Any]]:
    """Everything that comparing might change."""
    with world.rows() as session:
        models = (Attempt, Booking, InboxEntry, LedgerEntry, Notification, Refund, Review)
        return [
            session.query(model).order_by(*model.__table__.primary_key).with_entities(model.__table__).all()
            for model in models
        ]


# ------------------------------------------------------------------------------------------------ what nobody told


def test_a_payment_of_which_nothing_was_heard_is_asked_about_and_lands_by_the_query(world: World, one: Deal) -> None:
    one.pay_unheard()
    found = _compare(world)
    assert _counts(found) == (0, 1, 0, 0)
    assert one.state == ("awaiting_payment", "processing")
    assert world.all(LedgerEntry) == []
    world.work()
    one.is_confirmed_once()
    [paid] = [entry for entry in world.money_taken() if entry["kind"] == "capture"]
    assert one.attempt().charge_ref == paid["charge_ref"]


def test_a_statement_never_lands_by_itself_where_callbacks_do(
    world: World, one: Deal, at_once_by_callback: None
) -> None:
    one.pay_unheard()
    _compare(world)
    assert one.state == ("awaiting_payment", "processing")
    world.work()
    one.is_confirmed_once()


def test_a_statement_that_somebody_made_up_confirms_nothing(world: World, one: Deal) -> None:
    """Its lines add up, and the gateway itself denies it: staff look."""
    with world.sandbox.sandbox.store.change():
        reference = one.attempt().reference
        statements.enter_payment(world.sandbox.sandbox, "MADEUP0001", 1_500, "254712345678", reference, "Pay Utility")
    one.pay_unheard("cancel")
    assert _counts(_compare(world)) == (0, 1, 0, 0)
    world.work()
    assert one.state == ("awaiting_payment", "needs_review")
    assert _reasons(world) == ["contradiction"]
    assert world.all(LedgerEntry) == []


def test_the_callback_that_comes_after_the_statement_changes_nothing_more(world: World, one: Deal) -> None:
    [row] = one.pay_unheard()
    _compare(world)
    world.work()
    assert post(world, row) == 200
    world.work()
    one.is_confirmed_once()
    assert _reasons(world) == []


def test_what_the_books_know_is_only_counted(world: World, one: Deal) -> None:
    one.pay()
    before = _rows(world)
    found = _compare(world)
    assert _counts(found) == (1, 0, 0, 0)
    assert found.lines == 6  # ours, two of others, and a fee for each
    assert found.of_others == 5
    assert _rows(world) == before


def test_a_payment_confirmed_without_its_receipt_learns_it(world: World, one: Deal) -> None:
    one.pay_unheard()
    one.is_due()
    world.sweep()
    one.is_confirmed_once()
    assert one.attempt().charge_ref is None
    assert _counts(_compare(world)) == (1, 0, 0, 0)
    assert one.attempt().charge_ref == world.money_taken()[0]["charge_ref"]


def test_a_payment_given_up_long_ago_is_found_and_the_money_goes_where_it_belongs(world: World, one: Deal) -> None:
    """The push's answer was lost and nothing was ever heard; the query is not needed to know that a person must decide."""
    world.drop_callbacks()
    prompts.answer(world.sandbox.sandbox, one.attempt().provider_ref or "", prompts.OPEN + 1)
    world.sandbox.sandbox.faults.clear()
    with world.rows() as session:
        session.get(Attempt, one.attempt().id).provider_ref = None
        session.commit()
    world.move(days=4)
    world.sweep()
    assert one.state[0] == "expired"
    assert _counts(_compare(world, _file(world, 24 * 6))) == (0, 1, 0, 0)
    world.sweep()
    [review] = world.all(Review)
    assert review.reason == "unchecked"
    with world.rows() as session:
        repair.resolve(review.id, "found", WHY, session.get_one(User, world.person(Role.STAFF).user_id))
    assert one.attempt().is_paid
    assert reconciled(world)


def reconciled(world: World) -> bool:
    """Whether the books agree with themselves and with what the sandbox took."""
    with world.app.app_context():
        return not (reconciliation.breaches() + reconciliation.compare(world.money_taken()))


def test_who_paid_from_the_menu_a_prompt_that_was_never_sent_is_not_asked_to_pay_again(world: World) -> None:
    unsent = deal(world, "mpesa", begun=False)
    world.fail_one_call("mpesa", route="push", fault="spike_arrest")
    assert unsent.begin().status_code == 202
    assert unsent.attempt().unsent
    menu.pay(world.sandbox.sandbox, phone="254722000111", account=unsent.attempt().reference, amount=1_500)
    assert _counts(_compare(world)) == (0, 1, 0, 0)
    world.work()
    world.sweep()
    assert world.sandbox.sandbox.store.all("prompt") == []
    assert unsent.attempt().is_claimed


# ------------------------------------------------------------------------------------------------ what contradicts


def test_another_amount_opens_a_review_and_confirms_nothing(world: World, one: Deal) -> None:
    one.pay_unheard(amount=1_400)
    assert _counts(_compare(world)) == (0, 0, 1, 0)
    assert _reasons(world) == ["amount"]
    assert world.all(LedgerEntry) == []


def test_a_second_receipt_for_one_payment_opens_a_review(world: World, one: Deal) -> None:
    one.pay()
    menu.pay(world.sandbox.sandbox, phone="254722000111", account=one.attempt().reference.lower(), amount=1_500)
    assert _counts(_compare(world)) == (1, 0, 1, 0)
    assert _reasons(world) == ["second_charge"]
    assert one.state == ("confirmed", "needs_review")


def test_each_further_receipt_for_one_payment_is_looked_at_with_its_amount(world: World, one: Deal) -> None:
    """Three of one payment's reference are money of three people, perhaps: none may stand behind another's review."""
    one.pay()
    typed = one.attempt().reference
    more = [menu.pay(world.sandbox.sandbox, phone="254722000111", account=typed, amount=1_500) for _ in range(2)]
    assert _counts(_compare(world)) == (1, 0, 2, 0)
    looked_at = {(row.reason, row.charge_ref, row.amount) for row in world.all(Review)}
    assert looked_at == {("second_charge", each["receipt"], 150_000) for each in more}
    _compare(world)
    assert len(world.all(Review)) == 2


def test_a_second_receipt_that_unsigned_news_named_before_is_looked_at_once(world: World, one: Deal) -> None:
    """Somebody repeats the prompt's news with the receipt of another payment, which the statement has, too."""
    [told] = one.pay_unheard()
    post(world, told)
    attempt = one.attempt()
    paid = menu.pay(world.sandbox.sandbox, phone="254722000111", account=attempt.reference, amount=1_500)
    post(world, told, told["body"].replace(attempt.charge_ref or "", paid["receipt"]).encode())
    assert _reasons(world) == ["second_charge"]
    _compare(world)
    assert [(row.reason, row.charge_ref) for row in world.all(Review)] == [("second_charge", paid["receipt"])]


def test_a_receipt_that_the_books_know_with_another_amount_opens_a_review(world: World, one: Deal) -> None:
    one.pay()
    text = _file(world).getvalue().decode().replace('"1,500.00",,', '"1,400.00",,')
    assert text.count('"1,400.00",,') == 2
    made_to_fit = _rebalanced(text)
    assert _counts(_compare(world, io.BytesIO(made_to_fit.encode()))) == (0, 0, 1, 0)
    assert _reasons(world) == ["amount"]


def test_a_second_reversal_of_what_we_reversed_opens_a_review(world: World, one: Deal) -> None:
    one.pay()
    one.client.post(f"/bookings/{one.booking_id}/cancel")
    world.sweep()
    world.settle()
    receipt = one.attempt().charge_ref or ""
    with world.sandbox.sandbox.store.change():
        statements.enter_reversal(world.sandbox.sandbox, "TWICE00001", 1_500, "254712345678", receipt)
    assert _counts(_compare(world)) == (2, 0, 1, 0)
    assert _reasons(world) == ["returned_at_gateway"]


def test_what_was_reversed_at_the_portal_opens_a_review(world: World, one: Deal) -> None:
    one.pay()
    prompts.reverse_at_portal(world.sandbox.sandbox, one.attempt().provider_ref or "")
    assert _counts(_compare(world)) == (1, 0, 1, 0)
    assert _reasons(world) == ["returned_at_gateway"]
    assert _counts(_compare(world)) == (1, 0, 1, 0)
    assert len(world.all(Review)) == 1


def test_what_was_paid_and_reversed_unheard_is_both_asked_about_and_looked_at(world: World, one: Deal) -> None:
    """The return stands above its payment in the file."""
    one.pay_unheard()
    prompts.reverse_at_portal(world.sandbox.sandbox, one.attempt().provider_ref or "")
    assert _counts(_compare(world)) == (0, 1, 1, 0)
    assert _reasons(world) == ["returned_at_gateway"]


def test_a_reversal_of_our_own_is_known(world: World, one: Deal) -> None:
    one.pay()
    one.client.post(f"/bookings/{one.booking_id}/cancel")
    world.sweep()
    world.settle()
    [refund] = world.all(Refund)
    assert refund.status == "done"
    assert _counts(_compare(world)) == (2, 0, 0, 0)
    assert _reasons(world) == []


def test_what_the_books_call_paid_and_the_statement_lacks_is_said(world: World, one: Deal) -> None:
    one.pay()
    world.move(hours=1)
    empty = statements.written([], 0, "174379", clock.now().timestamp() - 7_200, clock.now().timestamp())
    assert _counts(_compare(world, io.BytesIO(empty.encode()))) == (0, 0, 1, 1)
    assert _reasons(world) == ["not_in_statement"]
    assert one.state == ("confirmed", "needs_review")


@pytest.fixture
def moves_to(world: World) -> Iterator[Callable[..., None]]:
    """The operator sets another shortcode or till, and Kikao is started anew; afterwards all is as it was."""
    gateways = world.app.extensions["gateways"]
    before = gateways["mpesa"]

    def moves(**settings: str) -> None:
        gateways["mpesa"] = MpesaGateway(replace(before._settings, **settings))

    yield moves
    gateways["mpesa"] = before


def _empty(shortcode: str) -> io.BytesIO:
    """The statement of the last two hours, in which nothing moved."""
    now = clock.now().timestamp()
    return io.BytesIO(statements.written([], 0, shortcode, now - 7_200, now).encode())


def test_a_statement_says_nothing_of_payments_to_another_shortcode(
    world: World, one: Deal, moves_to: Callable[..., None]
) -> None:
    """Paid to the one, and then the shortcode changed: only what was asked for under the new one can be missing there."""
    one.pay()
    world.move(hours=1)
    moves_to(shortcode="600999")
    assert _counts(_compare(world, _empty("600999"))) == (0, 0, 0, 0)
    assert _reasons(world) == []
    moves_to(shortcode="174379")
    assert _counts(_compare(world, _empty("174379"))) == (0, 0, 1, 1)


def test_a_till_is_another_account_than_its_store(world: World, one: Deal, moves_to: Callable[..., None]) -> None:
    one.pay()
    world.move(hours=1)
    moves_to(till="888001")
    assert _counts(_compare(world, _empty("888001"))) == (0, 0, 0, 0)


def test_a_prompt_that_is_sent_again_after_the_change_is_of_the_new_shortcode(
    world: World, moves_to: Callable[..., None]
) -> None:
    made = Unheard(world, answered=True)
    world.faults(gateway="mpesa", route="push", fault="429", times=1)
    world.move(minutes=5)
    world.sweep()
    made.client.post(f"/checkouts/{made.checkout_id}/attempts", {"gateway": "mpesa"})
    assert made.attempt.unsent
    assert made.attempt.account == "174379"
    moves_to(shortcode="600999")
    made.client.post(f"/checkouts/{made.checkout_id}/attempts", {"gateway": "mpesa"})
    assert made.attempt.account == "600999"


def test_what_was_begun_before_shortcodes_were_written_down_is_compared(world: World, one: Deal) -> None:
    one.pay()
    with world.rows() as session:
        session.query(Attempt).one().account = None
        session.commit()
    world.move(hours=1)
    assert _counts(_compare(world, _empty("174379"))) == (0, 0, 1, 1)


@pytest.mark.parametrize("hours", [0.9, 1.05])
def test_a_statement_says_nothing_of_what_was_paid_before_it_or_near_its_edge(
    world: World, one: Deal, hours: float
) -> None:
    one.pay()
    world.move(hours=1)
    empty = statements.written([], 0, "174379", clock.now().timestamp() - hours * 3_600, clock.now().timestamp())
    assert _counts(_compare(world, io.BytesIO(empty.encode()))) == (0, 0, 0, 0)


def test_a_receipt_that_pays_another_account_number_pays_nothing_here(world: World, one: Deal) -> None:
    """Somebody told us, unsigned, the receipt of a payment that was for another product."""
    [row] = kept_back(world, one.shown(), "cancel")
    strangers = menu.pay(world.sandbox.sandbox, phone="254722000111", account=OTHERS, amount=1_500, foreign=True)[
        "receipt"
    ]
    with world.rows() as session:
        attempt = session.get(Attempt, one.attempt().id)
        attempt.charge_ref = strangers
        attempt.cross_checked = False
        session.commit()
    assert row
    assert _counts(_compare(world)) == (0, 0, 1, 0)
    assert _reasons(world) == ["reference"]
    assert world.all(InboxEntry) == []


def test_a_code_shown_for_one_booking_and_paid_to_the_reference_of_another_is_looked_at(world: World) -> None:
    """M-Pesa's answer about a code does not say to which account number it was paid; the statement does."""
    one, two = Unheard(world), Unheard(world)
    one.shows(one.pays_from_menu(account=two.attempt.reference))
    assert one.state == ("confirmed", "paid")
    assert _counts(_compare(world)) == (0, 0, 1, 0)
    assert (_reasons(world), one.state, two.state[0]) == (
        ["reference"],
        ("confirmed", "needs_review"),
        "awaiting_payment",
    )


@pytest.mark.parametrize("account", ["JOHN", ""], ids=["a name", "nothing"])
def test_a_code_that_was_shown_and_names_no_payment_of_ours_is_as_the_books_have_it(world: World, account: str) -> None:
    one = Unheard(world)
    one.shows(one.pays_from_menu(account=account or " "))
    assert one.state == ("confirmed", "paid")
    assert _counts(_compare(world)) == (1, 0, 0, 0)
    assert _reasons(world) == []


# ------------------------------------------------------------------------------------------------ bad input


def test_the_same_statement_twice_changes_nothing(world: World, one: Deal) -> None:
    one.pay_unheard()
    file = _file(world)
    assert _counts(_compare(world, file)) == (0, 1, 0, 0)
    before = _rows(world)
    assert _counts(_compare(world, file)) == (0, 1, 0, 0)
    assert _rows(world) == before
    world.work()
    assert _counts(_compare(world, file)) == (1, 0, 0, 0)
    one.is_confirmed_once()


def test_two_people_with_the_same_statement_at_once_do_nothing_twice(world: World, one: Deal) -> None:
    one.pay_unheard(amount=1_400)
    content = _file(world).getvalue()
    threads = [threading.Thread(target=_compare, args=(world, io.BytesIO(content))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _reasons(world) == ["amount"]
    assert len(world.all(InboxEntry)) == 1


def test_of_other_peoples_payments_nothing_is_kept(world: World, one: Deal, caplog: pytest.LogCaptureFixture) -> None:
    one.pay_unheard()
    _compare(world)
    [news] = world.all(InboxEntry)
    assert (news.source, news.reference, news.body) == ("statement", one.attempt().reference, "")
    everything = repr(_rows(world)) + caplog.text
    assert "OTHER" not in everything
    assert "****" not in everything


@pytest.mark.parametrize("what", ["of another shortcode", "cut", "no statement"])
def test_a_file_that_cannot_be_believed_does_nothing_at_all(world: World, one: Deal, what: str) -> None:
    one.pay_unheard()
    whole = _file(world).getvalue()
    files = {
        "of another shortcode": _file(world, code="600000"),
        "cut": io.BytesIO(whole[: len(whole) - 150]),
        "no statement": io.BytesIO(b"Date,Amount\n"),
    }
    before = _rows(world)
    with pytest.raises(Invalid):
        _compare(world, files[what])
    assert _rows(world) == before


def test_every_fault_of_a_file_is_said_at_once(world: World, one: Deal) -> None:
    broken = _file(world, code="600000").getvalue().replace(b"1,500.00", b"lots")
    with pytest.raises(Invalid) as refused:
        _compare(world, io.BytesIO(broken))
    assert [refused.value.code, *(each.code for each in refused.value.also)] == ["statement_account", "statement_line"]


def test_a_gateway_that_can_be_asked_has_no_statements(world: World) -> None:
    with world.app.app_context(), pytest.raises(Invalid, match="unknown_gateway"):
        gateway_statements.compare_statement("stripe", io.BytesIO())


# ------------------------------------------------------------------------------------------------ a day of it


def test_a_day_of_lost_callbacks_on_a_shared_shortcode_is_healed_by_one_statement(world: World) -> None:
    """At the end the books and the sandbox's own log agree to the unit."""
    world.drop_callbacks()
    acts: list[Callable[[Deal], object]] = [
        lambda made: made.pay(),
        lambda made: made.pay_unheard("cancel"),
        lambda made: made.pay(),
    ]
    deals = [deal(world, "mpesa") for _ in acts]
    for made, act in zip(deals, acts, strict=True):
        act(made)
        menu.pay(world.sandbox.sandbox, phone="254722000111", account=OTHERS, amount=1_500, foreign=True)
    world.sandbox.sandbox.faults.clear()
    assert not reconciled(world)
    found = _compare(world)
    assert _counts(found) == (0, 2, 0, 0)
    world.work()
    assert [made.state[0] for made in deals] == ["confirmed", "awaiting_payment", "confirmed"]
    assert reconciled(world)


# ------------------------------------------------------------------------------------------------ a backup that was gone back to


def test_a_payment_whose_row_went_with_a_restored_backup_stands_before_staff(world: World) -> None:
    """PAY-11: M-Pesa repeats nothing but our reference, whose check says that it was made here."""
    deal(world, "mpesa")  # with the first payment the tables of a test learn which Kikao they are
    kept = snapshot(world)
    made = deal(world, "mpesa")
    made.pay()
    reference = made.attempt().reference
    [prompt] = [each for each in made.things() if each["reference"] == reference]
    restore(world, kept)
    staff = world.person(Role.STAFF)
    for shillings in (250, 1_500):
        menu.pay(world.sandbox.sandbox, phone="254722000111", account=OTHERS, amount=shillings, foreign=True)
    found = _compare(world)
    assert (found.asked, found.of_others) == (1, found.lines - 1)
    _compare(world)
    world.move(seconds=61)
    world.sweep()
    world.settle()
    [attempt] = [each for each in world.all(Attempt) if each.reference == reference]
    assert (attempt.status, attempt.charge_ref) == ("paid", prompt["receipt"])
    assert _reasons(world) == ["lost_checkout"]
    assert "review_opened" in world.notices(staff)
    assert reconciled(world)
