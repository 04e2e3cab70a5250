"""A database that refuses one thing, as a fault of our own or a lock that nobody lets go would."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from app.extensions import db
from tests.support.world import World

_MADE = {
    "sqlite": (
        "CREATE TRIGGER refused BEFORE INSERT ON inbox WHEN NEW.reference = '{}' BEGIN SELECT RAISE(FAIL, 'refused'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF NEW.reference = '{}' THEN RAISE EXCEPTION 'refused'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER refused BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION refused()",
    ),
}
_GONE = {
    "sqlite": ("DROP TRIGGER refused",),
    "postgresql": ("DROP TRIGGER refused ON inbox", "DROP FUNCTION refused"),
}


@contextmanager
def refusing(world: World, reference: str) -> Iterator[None]:
    """News of the payment with this reference cannot be stored meanwhile."""
    _say(world, [each.format(reference) for each in _MADE[_engine(world)]])
    try:
        yield
    finally:
        _say(world, _GONE[_engine(world)])


def _engine(world: World) -> str:
    with world.app.app_context():
        return db.engine.dialect.name


def _say(world: World, statements: list[str] | tuple[str, ...]) -> None:
    with world.rows() as session:
        for each in statements:
            session.execute(text(each))
        session.commit()
