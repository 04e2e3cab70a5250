"""My data, for programs: taking everything away, and being erased."""

from uuid import UUID

from flask import Response, request
from flask_babel import force_locale
from pydantic import Field

from app import words
from app.blueprints.accounts import my_data
from app.blueprints.api.base import Shape
from app.blueprints.api.calls import call, caller
from app.blueprints.api.shapes import Amount, Nothing, Password, Taken
from app.blueprints.common.throttle import per_caller
from app.lib.network.addresses import network_of
from app.services.accounts import credentials, guessing, second_factors
from app.services.accounts.guessing import Origin
from app.services.backoffice import erasure

# What a fresh proof may come to.
_UNPROVED = (
    "401 password_wrong second_factor_wrong",
    "404 link_expired",
    "422 code_expired code_wrong",
    "503 log_in_busy",
)
_OBSTACLES = " ".join(["409", *(f"erase_{word}" for word in words.OBSTACLES)])


class Confirmation(Taken, json_schema_extra={"examples": [{"password": "correct horse"}]}):
    """A fresh proof of who it is, as a token alone does not give everything away: the password, code by mail, or second factor."""

    password: Password = ""
    code_id: UUID | None = Field(None, description="What `POST /auth/code` answered")
    mail_code: str = Field("", max_length=20)
    second_code: str = Field("", max_length=40, description="Of the second step: of the app, or a recovery code")

    def check(self) -> None:
        """It is the caller. Raises Refused (password_wrong, second_factor_wrong), Invalid (code_wrong, code_expired), TooMany."""
        if self.second_code:
            with guessing.second_guess(caller(), Origin(network_of(request.remote_addr or ""))):
                second_factors.prove(caller(), self.second_code)
            return
        with guessing.own_guess(caller()):
            if self.code_id and not self.password:
                credentials.by_code(self.code_id, self.mail_code, caller().address)
            else:
                credentials.check_own_password(caller(), self.password)


class Erasure(
    Confirmation, json_schema_extra={"examples": [{"password": "correct horse", "email": "wanjiku@example.org"}]}
):
    """`email` as typed confirmation; `give_up_credit` lets go what is left in the wallet."""

    email: str = Field(max_length=254)
    give_up_credit: bool = False


class Obstacle(Shape):
    """Why the caller cannot be erased now."""

    code: str
    detail: str


class Erasable(Shape):
    """Whether the caller can be erased now: what stands in the way, and the credit that would be lost."""

    possible: bool
    obstacles: list[Obstacle]
    credit: list[Amount]


@call(
    "POST /me/export",
    "Everything held about me, as a ZIP file",
    name="export_me",
    takes=Confirmation,
    gives=Nothing,
    media="application/zip",
    keep=False,
    fails=_UNPROVED,
)
@per_caller
def export(body: Confirmation) -> Response:
    """The archive that the page of one's data gives too."""
    body.check()
    return my_data.sent(caller())


@call("GET /me/erase", "Whether I can be erased", name="check_erasure", gives=Erasable)
def erasable() -> Erasable:
    """What stands in the way, all of it."""
    user = caller()
    if not erasure.may_erase(user):
        return Erasable(possible=False, obstacles=[_obstacle("not_alone")], credit=[])
    found = erasure.obstacles(user)
    credit = [Amount.of(money) for money in erasure.left_in_wallet(user)]
    return Erasable(possible=not found, obstacles=[_obstacle(word) for word in found], credit=credit)


def _obstacle(word: str) -> Obstacle:
    with force_locale("en"):
        return Obstacle(code=f"erase_{word}", detail=words.problem(f"erase_{word}", {}))


@call(
    "POST /me/erase",
    "Erase me",
    name="erase_me",
    takes=Erasure,
    gives=Nothing,
    keep=False,
    fails=(
        *_UNPROVED,
        "403 erase_not_alone",
        _OBSTACLES,
        "422 erase_not_typed",
    ),
)
@per_caller
def erase(body: Erasure) -> Nothing:
    """The caller is nobody any more, and every token is worthless."""
    body.check()
    erasure.erase(caller(), body.email, give_up=body.give_up_credit)
    return Nothing()
