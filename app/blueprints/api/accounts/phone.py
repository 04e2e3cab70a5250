"""Proving one's number by a code sent by SMS."""

from flask import request
from pydantic import Field

from app.blueprints.api.calls import call, caller
from app.blueprints.api.shapes import Nothing, Person, Taken
from app.lib.network.addresses import network_of
from app.services.accounts import guessing, phone_proofs


class TextedCode(Taken, json_schema_extra={"examples": [{"code": "123456"}]}):
    """Six digits from an SMS."""

    code: str = Field(max_length=20)


@call(
    "POST /me/phone/code",
    "Have a code sent to my number by SMS",
    name="send_phone_code",
    gives=Nothing,
    status=202,
    keep=False,
    fails=("409 phone_not_texted phone_proved", "422 phone_missing", "429 codes_too_often"),
)
def code() -> Nothing:
    """The newest code counts; it is good for a quarter of an hour and five tries."""
    phone_proofs.send_code(caller(), network_of(request.remote_addr or ""))
    return Nothing()


@call(
    "POST /me/phone/prove",
    "Prove that my number is mine",
    name="prove_phone",
    takes=TextedCode,
    gives=Person,
    fails=("404 link_expired", "422 code_expired code_wrong", "429 too_often"),
)
def prove(body: TextedCode) -> Person:
    """SMS go to the number from now on."""
    with guessing.own_guess(caller()):
        return Person.of(phone_proofs.prove(caller(), body.code))
