"""Staff give a statement that they downloaded at M-Pesa's own site: by the page, and an operator by the command."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from app import words
from app.blueprints.common import web
from app.lib import clock
from app.models import Attempt, InboxEntry, Review, Role
from app.services.backoffice.pull import gateway_statements
from sandbox.daraja import menu, prompts, statements
from tests.support.deals import Deal, deal
from tests.support.proofs import Pages
from tests.support.world import World

PAGE = "/staff/statement"


@pytest.fixture
def one(world: World) -> Deal:
    """Paid, and nobody told us; somebody else paid for another product."""
    made = deal(world, "mpesa")
    made.pay_unheard()
    menu.pay(world.sandbox.sandbox, phone="254722000111", account="OTHER-SHOP", amount=250, foreign=True)
    return made


@pytest.fixture
def desk(world: World) -> Pages:
    """A browser of somebody of staff."""
    return Pages(world, world.person(Role.STAFF))


def whole(world: World) -> bytes:
    """The statement of the last day."""
    now = clock.now().timestamp()
    return statements.statement(world.sandbox.sandbox, now - 86_400, now).encode()


def send(desk: Pages, content: bytes, name: str = "ORG_174379.csv", gateway: str = "mpesa") -> Any:
    """The form, sent."""
    return desk.post(PAGE, {"gateway": gateway, "file": (content, name)}, page=PAGE)


def test_staff_read_what_a_statement_brought_and_the_payment_lands(world: World, one: Deal, desk: Pages) -> None:
    answer = send(desk, whole(world))
    assert answer.status_code == 200
    assert "1 payment is new to us" in answer.text
    world.work()
    one.is_confirmed_once()
    assert "The statement and our books agree" in send(desk, whole(world)).text


def test_a_contradiction_leads_to_the_queue_where_it_is_decided(world: World, desk: Pages) -> None:
    deal(world, "mpesa").pay_unheard(amount=1_400)
    answer = send(desk, whole(world))
    assert "1 payment is waiting for you" in answer.text
    queue = desk.get("/staff/queues/reviews")
    assert "Different amount from the one requested" in queue.text


@pytest.mark.parametrize("reason", [gateway_statements.NOT_LISTED, gateway_statements.RETURNED])
def test_what_only_a_statement_says_has_words_for_staff(world: World, one: Deal, reason: str) -> None:
    one.is_due()
    world.sweep()
    world.move(hours=1)
    desk = Pages(world, world.person(Role.STAFF))
    if reason == gateway_statements.RETURNED:
        prompts.reverse_at_portal(world.sandbox.sandbox, one.attempt().provider_ref or "")
        send(desk, whole(world))
    else:
        now = clock.now().timestamp()
        send(desk, statements.written([], 0, "174379", now - 86_400, now).encode())
    assert reason in [review.reason for review in world.all(Review)]
    assert str(words.REVIEW_REASONS[reason]) in unescape(desk.get("/staff/queues/reviews").text)


def test_every_fault_of_a_file_is_read_with_its_line_and_nothing_is_done(world: World, one: Deal, desk: Pages) -> None:
    broken = whole(world).replace(b"174379", b"600000").replace(b"1,500.00", b"lots")
    answer = send(desk, broken)
    assert answer.status_code == 422
    assert "This file was not used" in answer.text
    assert "This is the statement of another shortcode." in answer.text
    assert "Paid In" in answer.text
    assert world.all(InboxEntry) == []
    assert not one.attempt().is_claimed


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "", "Choose the statement you downloaded."),
        (b"<b>Hello</b>,\n", "x.csv", "This is not an M-Pesa organisation statement"),
        (b"a" * (gateway_statements.LIMIT + 1), "x.csv", "This file is too large: the limit is 15 MB."),
    ],
)
def test_a_file_that_is_none_is_said_in_a_sentence(
    world: World, desk: Pages, content: bytes, name: str, said: str
) -> None:
    answer = send(desk, content, name)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert "<b>Hello</b>" not in answer.text


def test_a_page_takes_so_many_lines_and_says_where_more_are_taken(world: World, desk: Pages, tmp_path: Path) -> None:
    """A small ZIP of a long statement, which would keep a thread of the server at work, is read by the command alone."""
    known = {"details": "Pay Bill Online", "reason": "Pay Utility", "party": "", "linked": "", "status": "Completed"}
    now = int(clock.now().timestamp())
    lines = (
        {"at": now - 60, "receipt": f"TC{n:08}", "amount": 100, "account": "SHOP", **known} for n in range(100_001)
    )
    text = statements.written(lines, 0, "174379", now - 3_600, now)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("ORG_174379.csv", text)
    answer = send(desk, packed.getvalue(), "ORG_174379.zip")
    assert answer.status_code == 422
    said = unescape(answer.text).replace("\u202f", " ")
    assert "This statement has more than 100 000 lines, the most this page accepts." in said
    assert "flask mpesa statement" in said
    long = tmp_path / "statement.zip"
    long.write_bytes(packed.getvalue())
    done = world.app.test_cli_runner().invoke(args=["mpesa", "statement", str(long)])
    assert (done.exit_code, "100001 lines" in done.output) == (0, True)


def test_a_statement_from_the_beginning_of_all_time_is_said_to_begin_with_its_first_line(
    world: World, one: Deal, desk: Pages
) -> None:
    """A program that asks for everything writes a period from 1970 on."""
    now = clock.now().timestamp()
    whole_time = statements.statement(world.sandbox.sandbox, 0, now).encode()
    said = send(desk, whole_time).text
    assert "1970" not in said
    first = min(each["at"] for each in world.sandbox.sandbox.store.all(statements.KIND))
    with world.app.test_request_context():
        begun = web.when(datetime.fromtimestamp(first, UTC), "Africa/Nairobi")
    assert begun in said
    empty = statements.written([], 0, "174379", 0, now).encode()
    assert "1970" not in send(desk, empty).text


def test_a_gateway_without_statements_cannot_be_chosen(world: World, desk: Pages) -> None:
    assert 'value="stripe"' not in desk.get(PAGE).text
    assert send(desk, b"x", gateway="stripe").status_code == 422


def test_asking_for_the_page_changes_nothing(world: World, one: Deal, desk: Pages) -> None:
    desk.get(PAGE)
    assert world.all(InboxEntry) == []
    assert "Compare a statement" in desk.get("/staff").text


def test_an_operator_compares_a_file_of_any_length_by_a_command(world: World, one: Deal, tmp_path: Path) -> None:
    file = tmp_path / "statement.csv"
    file.write_bytes(whole(world))
    run: Callable[..., Any] = world.app.test_cli_runner().invoke
    done = run(args=["mpesa", "statement", str(file)])
    assert done.exit_code == 0
    assert "ours and asked about 1" in done.output
    assert world.all(Attempt)[0].is_claimed


def test_the_command_says_all_that_is_wrong_and_fails(world: World, one: Deal, tmp_path: Path) -> None:
    file = tmp_path / "statement.csv"
    file.write_bytes(whole(world)[:-200])
    done = world.app.test_cli_runner().invoke(args=["mpesa", "statement", str(file)])
    assert done.exit_code == 1
    assert "nothing of this file was used" in done.output
    assert world.all(InboxEntry) == []


def test_the_command_fails_where_a_person_must_look(world: World, tmp_path: Path) -> None:
    deal(world, "mpesa").pay_unheard(amount=1_400)
    file = tmp_path / "statement.csv"
    file.write_bytes(whole(world))
    done = world.app.test_cli_runner().invoke(args=["mpesa", "statement", str(file)])
    assert (done.exit_code, "to be decided 1" in done.output) == (1, True)
