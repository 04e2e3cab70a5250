"""M-Pesa codes in the hands of a test: payments nobody hears of, payments from the phone's menu, and showing a code."""

from typing import Any

from werkzeug.test import TestResponse

from app.models import Attempt, ReceiptCheck, Review
from sandbox.daraja import menu, prompts
from tests.support.world import Caller, World

OWN, OTHERS = "254712345678", "254722000111"


class Unheard:
    """A client whose push was sent and never heard of again, as where its answer and its callback were lost."""

    def __init__(self, world: World, *, answered: bool = False, hold_minutes: int = 60, phone: str = "") -> None:
        self.world, self.client, self.owner = world, world.person(), world.practitioner()
        self.service = world.service(self.owner, currency="KES", hold_minutes=hold_minutes)
        made = world.book(self.client, self.service)
        self.booking_id, self.checkout_id = made["booking"]["id"], made["checkout"]["id"]
        world.drop_callbacks()
        self.push(answered=answered, phone=phone)
        world.sandbox.sandbox.faults.clear()

    def push(self, *, answered: bool = False, phone: str = "") -> None:
        """A prompt is on the phone, and (unless `answered`) what Daraja calls it is not known."""
        if not answered:
            self.world.faults(gateway="mpesa", route="push", fault="reset", when="after")
        body = {"gateway": "mpesa"} | ({"phone": phone} if phone else {})
        answer = self.client.post(f"/checkouts/{self.checkout_id}/attempts", body)
        assert answer.status_code in (201, 202), answer.text

    def pays(self, act: str = "pay") -> str:
        """The payer answers the prompt, and no callback comes: the receipt on their phone."""
        self.world.faults(gateway="mpesa", callbacks="drop", event="stk", times=1)
        shown = [row for row in self.world.sandbox.sandbox.store.all("prompt") if row["result"] == prompts.OPEN]
        [prompt] = [row for row in shown if row["reference"] == self.attempt.reference]
        return str(prompts.answer(self.world.sandbox.sandbox, prompt["id"], prompts.WORDS[act])["receipt"])

    def pays_from_menu(self, account: str = "", amount: int = 1_500, phone: str = OWN, **more: Any) -> str:
        """Somebody pays from a phone's menu: the receipt."""
        wish = {"account": account or self.attempt.reference, "amount": amount, "phone": phone} | more
        return str(menu.pay(self.world.sandbox.sandbox, **wish)["receipt"])

    def given_up(self) -> None:
        """The prompt is over, nothing was told of it, and nobody waits for it."""
        self.world.faults(gateway="mpesa", callbacks="drop", event="stk", times=None)
        self.world.move(minutes=3)
        self.world.sweep()
        assert self.attempt.status == "abandoned"

    def shows(self, receipt: str, who: Caller | None = None) -> TestResponse:
        """The client sends the code, and M-Pesa's answer has come."""
        answer = (who or self.client).post(f"/checkouts/{self.checkout_id}/receipt", {"receipt": receipt})
        self.world.settle()
        return answer

    @property
    def attempt(self) -> Attempt:
        """The last try to pay."""
        tries = [row for row in self.world.all(Attempt) if str(row.checkout_id) == self.checkout_id]
        found: Attempt = tries[-1]
        return found

    @property
    def state(self) -> tuple[str, str]:
        """The booking's status and its word about money."""
        booking = self.world.booking(self.client, self.booking_id)
        return booking["status"], booking["money"]

    @property
    def checks(self) -> list[tuple[str, str, str]]:
        """What became of each receipt shown for it: source, status and why."""
        mine = [row for row in self.world.all(ReceiptCheck) if str(row.checkout_id) == self.checkout_id]
        return [(str(row.source), str(row.status), row.verdict) for row in sorted(mine, key=lambda row: row.asked_at)]


def reviews(world: World) -> list[tuple[str, bool]]:
    """Why staff were asked to look, and whether they still must."""
    return [(row.reason, row.resolved_at is None) for row in world.all(Review)]


def register(world: World) -> None:
    """M-Pesa knows where to tell payments from the menu."""
    result = world.app.test_cli_runner().invoke(args=["mpesa", "register"])
    assert result.exit_code == 0, result.output
