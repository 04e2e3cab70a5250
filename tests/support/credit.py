"""Credit paid ahead, as tests make it: wallets filled, gifts and packages bought."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from app.domain.money import Money
from app.extensions import db
from app.models import Attempt, LedgerEntry, Role, User
from app.services.backoffice import repair
from tests.support.world import Caller, World


@contextmanager
def fee_of(world: World, percent: int) -> Iterator[None]:
    """The platform takes so many percent of what is agreed meanwhile."""
    usual = world.app.config["PLATFORM_FEE_PERCENT"]
    world.app.config["PLATFORM_FEE_PERCENT"] = percent
    try:
        yield
    finally:
        world.app.config["PLATFORM_FEE_PERCENT"] = usual


def top_up(world: World, client: Caller, amount: int, currency: str = "EUR", gateway: str = "stripe") -> None:
    """The client's wallet holds so much more."""
    made = client.post("/wallet/top-ups", {"amount": {"amount": amount, "currency": currency}})
    assert made.status_code == 201, made.text
    world.act(world.begin(client, made.json["id"], gateway))


def stranded(world: World, client: Caller, amount: int, currency: str = "EUR") -> None:
    """The client's wallet holds so much more, of a payment that its gateway would not send back: it may be paid out."""
    top_up(world, client, amount, currency)
    staff = world.person(Role.STAFF)
    world.faults(gateway="stripe", route="refund", fault="refund_failed", times=1)
    with world.app.app_context():
        user = db.session.get_one(User, staff.user_id)
        last = select(Attempt.id).where(Attempt.gateway == "stripe").order_by(Attempt.created_at.desc()).limit(1)
        made = repair.refund(db.session.scalars(last).one(), Money(amount, currency), "asked by mail", user)
        world.sweep()
        world.settle()
        repair.credit_refund(made.id, user)


def balance(client: Caller) -> list[tuple[int, str]]:
    """What is in the wallet, per currency."""
    return [(each["amount"], each["currency"]) for each in client.get("/wallet").json["balances"]]


def gift_bill(client: Caller, amount: int = 5_000, currency: str = "EUR", **more: Any) -> dict[str, Any]:
    """A gift that can be paid for: its checkout."""
    made = client.post("/gifts", {"amount": {"amount": amount, "currency": currency}}, **more)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json
    return found


def gift(
    world: World, client: Caller, amount: int = 5_000, currency: str = "EUR", gateway: str = "stripe"
) -> dict[str, Any]:
    """A gift that was bought and paid: as the buyer sees it, with its code."""
    bill = gift_bill(client, amount, currency)
    world.act(world.begin(client, bill["id"], gateway))
    [found] = [each for each in client.get("/gifts").json if each["checkout_id"] == bill["id"]]
    one: dict[str, Any] = found
    return one


def offered(owner: Caller, service: int, sessions: int = 3, price: int = 10_000, days: int | None = None) -> int:
    """A package on sale: its offer's id."""
    body = {"service_id": service, "sessions": sessions, "price": price, "valid_days": days}
    made = owner.post("/package-offers", body)
    assert made.status_code == 201, made.text
    return int(made.json["id"])


def bought(world: World, client: Caller, offer: int, gateway: str = "stripe") -> dict[str, Any]:
    """A package that was bought and paid: as its client sees it."""
    bill = client.post(f"/package-offers/{offer}/buy")
    assert bill.status_code == 201, bill.text
    world.act(world.begin(client, bill.json["id"], gateway))
    found: dict[str, Any] = client.get("/packages").json[0]
    return found


def pay_with(client: Caller, checkout_id: str, package: str | None = None, key: str | None = None) -> Any:
    """POST /checkouts/{id}/attempts with a package."""
    body = {"gateway": "package"} | ({"package_id": package} if package else {})
    return client.post(f"/checkouts/{checkout_id}/attempts", body, key=key)


def held(world: World, account: str) -> int:
    """What is in all accounts of a kind."""
    return sum(entry.amount for entry in world.all(LedgerEntry) if entry.account == account)
