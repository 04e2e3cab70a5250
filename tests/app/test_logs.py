"""What is never logged."""

import logging
import re

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from tests.support.gateways import BY_CODE, GATEWAYS
from tests.support.world import PASSWORD, World


def _everything(records: list[logging.LogRecord]) -> str:
    lines = []
    for record in records:
        if record.name.startswith(("werkzeug", "mail.")):
            continue  # the development server and the mailbox of these tests, not Kikao
        extras = {key: value for key, value in vars(record).items() if key not in ("args", "msg")}
        lines.append(f"{record.getMessage()} {extras}")
    return "\n".join(lines)


def test_an_error_of_the_database_names_nothing_that_was_written(world: World) -> None:
    """It goes to the log with its statement: what was bound to it may be a callback's body, or what a client wrote."""
    with world.rows() as session, pytest.raises(DatabaseError) as error:
        session.execute(text("INSERT INTO nowhere (body) VALUES (:body)"), {"body": "a secret sorrow"})
    assert "nowhere" in str(error.value)
    assert "a secret sorrow" not in str(error.value)


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_no_phone_address_or_secret_is_ever_logged(
    world: World, caplog: pytest.LogCaptureFixture, gateway: str, currency: str
) -> None:
    """S3-24, S1-19: over a whole flow with a failed try, a forged callback, an outage, a payment, a cancellation."""
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, logger="app")
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, currency=currency)
    route = BY_CODE[gateway].begins
    world.faults(gateway=gateway, route=route, fault="500", when="before", times=1)
    made = world.book(client, service, notes="I have a secret sorrow")
    client.post(f"/checkouts/{made['checkout']['id']}/attempts", {"gateway": gateway, "phone": "0712345678"})
    world.app.test_client().post(f"/callbacks/{gateway}", data=b"{}", headers={"Stripe-Signature": "t=1,v1=00"})
    world.move(minutes=5)
    world.sweep()
    begun = world.begin(client, made["checkout"]["id"], gateway)
    world.act(begun)
    world.app.test_client().post(
        "/api/v1/auth/token", json={"email": world.email(client), "password": "a wrong password"}
    )
    client.post(f"/bookings/{made['booking']['id']}/cancel", {"reason": "a private reason"})
    world.sweep()
    said = _everything(caplog.records)
    assert "callback.received" in said or "inbox.settled" in said, "nothing was logged: this test proves nothing"
    secrets = [value for name, value in world.sandbox.env.items() if re.search("SECRET|PASSKEY|CONSUMER", name)]
    targets = [row["target"] for row in world.sandbox.sandbox.courier.log() if row["target"]]
    private = [
        "712345678", "712 345 678", client.token, owner.token, PASSWORD, "a wrong password", world.email(client),
        "secret sorrow", "a private reason", world.app.config["SECRET_KEY"], *secrets,
        *(target.rsplit("/", 1)[1] for target in targets),
    ]  # fmt: skip
    assert [word for word in private if word in said] == []
