"""What waits for somebody stands in one list, on the pages where they look, and leads to where it is done."""

from typing import Any

from tests.support import papers, proofs, questions
from tests.support.late import late_payment
from tests.support.visitor import Visitor
from tests.support.world import Caller, World


def _tasks(caller: Caller) -> list[dict[str, Any]]:
    answer = caller.get("/me/tasks")
    assert answer.status_code == 200
    return list(answer.json)


def _kinds(caller: Caller) -> list[tuple[str, str]]:
    return [(task["kind"], task["of"]) for task in _tasks(caller)]


def test_a_request_waits_for_the_practitioner_then_its_payment_for_the_client(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    asked = world.book(client, world.service(owner, "approve_then_pay"))["booking"]
    assert (_kinds(client), _kinds(owner)) == ([], [("answer_request", "booking")])
    [request] = _tasks(owner)
    assert (request["id"], request["start"], request["until"]) == (asked["id"], asked["start"], asked["deadline_at"])
    assert owner.post(f"/bookings/{asked['id']}/approve").status_code == 200
    assert (_kinds(client), _kinds(owner)) == ([("pay", "checkout")], [])


def test_a_proposal_waits_for_the_other_side_alone(world: World) -> None:
    client, owner = world.person(), world.practitioner(name="Dr. Amina")
    service = world.service(owner)
    booking = world.booked(client, service)["id"]
    start = world.slots(service)[9]["start"]
    assert owner.post(f"/bookings/{booking}/reschedule", {"start": start}).status_code == 200
    assert (_kinds(client), _kinds(owner)) == ([("answer_move", "booking")], [])
    visitor = Visitor(world, client)
    assert "Dr. Amina proposes another time" in visitor.main("/bookings")
    page = visitor.get(f"/bookings/{booking}").text
    assert page.index("has proposed another time") < page.index("What happened")
    assert page.index("has proposed another time") < page.index("<h2><bdi>"), "before what the booking is"
    assert client.post(f"/bookings/{booking}/reschedule/reject").status_code == 200
    assert _kinds(client) == []
    assert "proposes another time" not in visitor.main("/bookings")


def test_what_a_client_proposed_stands_on_the_practitioners_today(world: World) -> None:
    client, owner = world.person(name="Asha Wanjiru"), world.practitioner()
    service = world.service(owner)
    booking = world.booked(client, service)["id"]
    start = world.slots(service)[9]["start"]
    client.post(f"/bookings/{booking}/reschedule", {"start": start})
    assert _kinds(owner) == [("answer_move", "booking")]
    said = Visitor(world, owner).main("/practice")
    assert "1 thing to do" in said
    assert "Asha Wanjiru proposes another time" in said


def test_forms_wait_until_they_are_signed(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    service = world.service(owner)
    paper = papers.intake(owner, [service])
    booking = world.booked(client, service)["id"]
    assert _kinds(client) == [("sign_forms", "booking")]
    assert "Sign the forms for your session" in Visitor(world, client).main("/bookings")
    papers.signed(client, booking, paper)
    assert _kinds(client) == []


def test_a_proof_waits_for_who_checks_it_and_sent_back_for_who_pays(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    made = world.book(client, world.service(owner, currency="KES"))
    proofs.shown(client, made["checkout"]["id"])
    assert ("check_proof", "checkout") in _kinds(owner)
    assert proofs.verify(owner, made["booking"]["id"], accept=False, reason="I cannot read it").status_code == 200
    assert _kinds(client) == [("prove_payment", "checkout")]
    assert "Your proof of payment was rejected" in Visitor(world, client).main("/bookings")
    assert _kinds(owner) == []


def test_a_late_payer_has_a_choice_and_a_session_that_is_over_wants_its_word(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    late_payment(world, client, world.service(owner, "pay_then_book"))
    assert ("choose", "checkout") in _kinds(client)
    other = world.person()
    world.booked(other, world.service(owner, title="Another"))
    world.move(days=30)
    assert ("mark_session", "booking") in _kinds(owner)


def test_a_question_waits_for_its_answer_and_a_debt_for_its_payer(world: World) -> None:
    client, owner, question = questions.asked(world)
    assert [(task["kind"], task["id"]) for task in _tasks(owner)] == [("answer_question", question)]
    assert "has asked you a question" in Visitor(world, owner).main("/practice")
    service = world.service(owner, "pay_after")
    booking = world.book(client, service)["booking"]["id"]
    world.move(days=8)
    assert owner.post(f"/bookings/{booking}/start").status_code == 200
    assert owner.post(f"/bookings/{booking}/complete").status_code == 200
    assert ("pay_debt", "checkout") in _kinds(client)


def test_the_most_urgent_stands_first_and_nothing_of_others_is_there(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, "approve_then_pay")
    slots = world.slots(service)
    for nth in (9, 1):
        world.book(client, service, slots[nth]["start"])
        world.move(minutes=5)
    until = [task["until"] for task in _tasks(owner)]
    assert (len(until), until) == (2, sorted(until))
    assert _kinds(world.person()) == _kinds(world.practitioner()) == []
