"""One input of a fuzz: who sends what where, and what it may bring about; and how such inputs are thought up."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from sandbox.core import clock as sandbox_clock
from sandbox.core.signing import headers_for
from sandbox.credentials import Credentials
from tests.fuzz import odd
from tests.fuzz.aims import Aim, News

# What an unsigned callback must never reach: agreements, what is owed, and the books. At a payment's own secret address it may
# say that a try failed or ask for a look-up; and how often strangers knocked is counted.
BOOKS = frozenset({
    "bookings", "checkouts", "ledger_transactions", "ledger_entries", "credit_moves", "refunds", "receipts", "payouts", "gifts",
    "packages", "consultations", "disputes", "users",
})  # fmt: skip
COUNTED = frozenset({"rejected_callbacks"})


@dataclass(frozen=True)
class Input:
    """One request. `unsigned` says that nobody has proved who sends it; `addressed`, that it knows a payment's secret address."""

    kind: str
    where: str
    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    aim: Aim | None = None  # whose cookie or token goes with it
    unsigned: bool = False
    addressed: bool = False


_odd_ones = st.lists(odd.values, min_size=1, max_size=4)
_chances = st.integers(0, 2**32).map(random.Random)


# ------------------------------------------------------------------------------------------------ callbacks


def callbacks(told: list[News], keys: Credentials) -> st.SearchStrategy[Input]:
    """News that is forged, spoilt in the hands of who knows a secret address, or signed and not what we know of the vendor."""
    of = {code: [each for each in told if each.gateway == code] for code in sorted({each.gateway for each in told})}
    signed = [
        st.builds(partial(_signed, keys), st.sampled_from(mine), _bodies(mine), _chances)
        for code, mine in of.items()
        if code != "mpesa"
    ]
    return st.one_of(
        st.builds(_forged, st.sampled_from(told), _bodies(told), st.sampled_from(_FORGERIES), odd.texts, st.just(keys)),
        st.builds(_addressed, st.sampled_from(of["mpesa"]), _bodies(of["mpesa"])),
        *signed,
    )


def _bodies(told: list[News]) -> st.SearchStrategy[bytes]:
    nearly = [st.builds(_spoilt, st.sampled_from(told), _odd_ones, _chances) for _ in range(6)]
    return st.one_of(odd.raw, odd.values.map(odd.spell), *nearly)


def _spoilt(true: News, wrong: list[Any], chance: random.Random) -> bytes:
    told = json.loads(true.body)
    if told.get("object") == "event":
        told["id"] = f"evt_{chance.getrandbits(40):x}"  # or it would be known already
    return odd.spell(odd.spoilt(told, wrong[: chance.choice((0, 1, 1, 4))], chance))


Forgery = Callable[[News, bytes, str, Credentials], dict[str, str]]


def _without(_true: News, _body: bytes, _text: str, _keys: Credentials) -> dict[str, str]:
    return {}


def _made_up(_true: News, _body: bytes, text: str, _keys: Credentials) -> dict[str, str]:
    value = quote(text[:200], safe=" ,=")  # a header is one line of ASCII
    return {"Stripe-Signature": f"t=1,v1={value}", "X-Razorpay-Signature": value, "X-Razorpay-Event-Id": value}


def _of_another_body(true: News, _body: bytes, _text: str, keys: Credentials) -> dict[str, str]:
    return headers_for(true.gateway, keys, true.body + b" ", true.event_id, sandbox_clock.now())


def _by_another_key(true: News, body: bytes, _text: str, _keys: Credentials) -> dict[str, str]:
    other = Credentials(stripe_webhook_secret="whsec_other", razorpay_webhook_secret="other")
    return headers_for(true.gateway, other, body, true.event_id, sandbox_clock.now())


def _by_the_other_vendor(true: News, body: bytes, _text: str, keys: Credentials) -> dict[str, str]:
    other = "stripe" if true.gateway == "razorpay" else "razorpay"
    return headers_for(other, keys, body, true.event_id, sandbox_clock.now())


_FORGERIES: tuple[Forgery, ...] = (_without, _made_up, _of_another_body, _by_another_key, _by_the_other_vendor)


def _forged(true: News, body: bytes, forgery: Forgery, text: str, keys: Credentials) -> Input:
    where = true.path
    if true.gateway == "mpesa":  # its address is the signature
        where = f"/callbacks/mpesa/{quote(text[:300], safe='') or 'x'}"
    return Input("forged", where, body, headers=forgery(true, body, text, keys), unsigned=True)


def _signed(keys: Credentials, true: News, body: bytes, chance: random.Random) -> Input:
    headers = headers_for(true.gateway, keys, body, f"evt_{chance.getrandbits(40):x}", sandbox_clock.now())
    return Input("signed", true.path, body, headers=headers)


def _addressed(true: News, body: bytes) -> Input:
    return Input("addressed", true.path, body, unsigned=True, addressed=True)


# ------------------------------------------------------------------------------------------------ people and programs


def page_forms(aims: list[Aim]) -> st.SearchStrategy[Input]:
    """What people send from pages, and what no page would."""
    wrong = st.lists(odd.texts | st.binary(max_size=30), min_size=1, max_size=4)
    return st.builds(_form, st.sampled_from(aims), wrong, _chances)


def _form(aim: Aim, wrong: list[str | bytes], chance: random.Random) -> Input:
    fields: dict[str, Any] = dict(aim.good) | _rows_of_a_list(aim, wrong, chance)
    for name in _chosen(aim, chance):
        fields[name] = chance.choice(wrong)
    pairs = [(name, _typed(each)) for name, value in fields.items() for each in _each(value)]
    if chance.random() < 0.1:
        pairs += pairs[:1] * 300
    body = odd.form([*pairs, ("csrf_token", aim.guest.csrf)])
    return Input("form", chance.choice(aim.places), body, "application/x-www-form-urlencoded", aim=aim)


def _rows_of_a_list(aim: Aim, wrong: list[str | bytes], chance: random.Random) -> dict[str, str]:
    """Names as the rows of a list of fields have them, `questions-0-label`: what stands for the number is typed by nobody."""
    if chance.random() > 0.3:
        return {}
    places = [str(each, "latin-1") if isinstance(each, bytes) else each for each in wrong]
    return {f"{chance.choice(aim.names)}-{chance.choice(places)}-label": "x"}


def _typed(value: Any) -> str | bytes:
    return value if isinstance(value, bytes) else str(value)


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _chosen(aim: Aim, chance: random.Random) -> list[str]:
    """One of the names, a few, or all."""
    many = chance.choice((1, 1, 2, 4, len(aim.names)))
    return chance.sample(aim.names, min(many, len(aim.names)))


def calls(aims: list[Aim]) -> st.SearchStrategy[Input]:
    """What programs send, and what no program would."""
    nearly = [st.builds(_call, st.sampled_from(aims), _odd_ones, _chances) for _ in range(9)]
    return st.one_of(*nearly, st.builds(_broken_call, st.sampled_from(aims), odd.raw, _chances))


def _call(aim: Aim, wrong: list[Any], chance: random.Random) -> Input:
    body: Any = dict(aim.good)
    if chance.random() < 0.4 and body:
        body = odd.spoilt(body, wrong, chance)
    else:
        body |= {name: chance.choice(wrong) for name in _chosen(aim, chance)}
    return Input("call", chance.choice(aim.places), odd.spell(body), headers=_key(wrong, chance), aim=aim)


def _broken_call(aim: Aim, body: bytes, chance: random.Random) -> Input:
    return Input("call", chance.choice(aim.places), body, headers=_key([body.hex()], chance), aim=aim)


def _key(wrong: list[Any], chance: random.Random) -> dict[str, str]:
    """Often an Idempotency-Key, and an odd one."""
    return (
        {"Idempotency-Key": quote(str(wrong[0])[:200], safe=" ,;=", errors="replace")} if chance.random() < 0.3 else {}
    )
