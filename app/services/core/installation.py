"""Which Kikao this is: it stands in every object at a vendor, so that on a shared account ours are known from others'.

M-Pesa repeats twelve characters and no more: there nine are chance and three a check of these, keyed by the installation. Of
what strangers type, one in 27,000 of the same length and letters passes. It proves nothing to anybody: money never lands by
it, it is only looked at.
"""

import hmac
from datetime import datetime
from hashlib import sha256

from sqlalchemy import inspect

from app.extensions import db
from app.lib import chance, clock, database
from app.models import Installation

_LENGTH = 16  # thirty letters to the sixteenth: no two Kikaos have the same
_BY_CHANCE = 9
_CHECKED = 12  # fits M-Pesa's AccountReference


def own_code() -> str:
    """The name of this installation, made with the tables, or by chance where they were emptied. In the caller's transaction."""
    if (known := _known()) is not None:
        return known.code
    row = {"id": 1, "code": chance.reference(_LENGTH), "made_at": clock.now()}
    # Of the first two at once the second waits, and reads what the first has made.
    db.session.execute(database.insert(db.engine, Installation).values(row).on_conflict_do_nothing())
    return db.session.get_one(Installation, 1).code


def code_known() -> str:
    """The installation's name; empty where it has none, also before there was a table for it."""
    if not inspect(db.engine).has_table(Installation.__tablename__):
        return ""
    known = _known()
    return known.code if known is not None else ""


def adopt(code: str) -> None:
    """It is the installation with that name, in the caller's transaction; from when on it has had it stays."""
    own_code()
    db.session.get_one(Installation, 1).code = code


def code_since(moment: datetime) -> str:
    """The installation's name for what was begun then (UTC); empty where it had none yet.

    A vendor refuses the same key with other parameters, so what was begun without a name is repeated without it.
    """
    known = _known()
    return known.code if known is not None and known.made_at <= moment else ""


def new_reference(code: str) -> str:
    """A reference of a payment of the installation with this name, by which `is_of` knows it."""
    begun = chance.reference(_BY_CHANCE)
    return begun + _check(code, begun)


def is_of(code: str, reference: str) -> bool:
    """Whether it is a reference that the installation of this name made, also where a restored backup has lost its row.

    Case and spaces are forgiven, because people type it. Those of before there was a check are known by their rows alone.
    """
    typed = "".join(reference.split()).upper()
    begun = typed[:_BY_CHANCE]
    return bool(code) and len(typed) == _CHECKED and begun + _check(code, begun) == typed


def _known() -> Installation | None:
    return db.session.get(Installation, 1)


def _check(code: str, begun: str) -> str:
    digest = hmac.new(code.encode(), begun.encode("utf-8", "replace"), sha256).digest()
    number = int.from_bytes(digest[:8])
    return chance.spelt(number, _CHECKED - _BY_CHANCE)
