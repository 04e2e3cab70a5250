"""The phone: the STK prompt as a payer sees it, and what they can do with it. No script."""

import re
from contextlib import suppress
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for

from sandbox.core.clock import nairobi, now
from sandbox.core.context import box
from sandbox.core.errors import Mistaken, Refused, Unknown
from sandbox.core.store import Doc
from sandbox.daraja import menu, prompts
from sandbox.people.mailbox import linked
from sandbox.sms import inbox

pages = Blueprint("phone", __name__)
DEMO = "254708374149"


@pages.get("/phone")
def phones() -> Any:
    """Every phone that was asked to pay; `?number=` opens one."""
    if number := request.args.get("number"):
        return redirect(url_for("phone.phone", number=normal(number)), 303)
    latest: dict[str, Doc] = {}
    for prompt in box().store.all("prompt", 500):
        latest.setdefault(prompt["phone"], prompt)
    return render_template("phones.html", latest=latest, demo=DEMO, told=_told, alive=_is_alive, refresh=4)


@pages.get("/phone/<number>")
def phone(number: str) -> Any:
    """One phone. It looks again by itself while nothing is on the screen, and when an unanswered prompt has gone."""
    if number != normal(number):
        return redirect(url_for("phone.phone", number=normal(number)), 303)
    at_menu = "menu" in request.args
    prompt = prompts.alive(box(), number)
    left = int(prompt["until"] - now()) + 1 if prompt else 0
    asked = box().store.by_ref("prompt", number)[:6]
    ended = [p for p in (*asked, *box().store.by_ref(menu.KIND, number)[:6]) if p.get("result") != prompts.OPEN]
    ended.sort(key=lambda payment: -payment["answered"])
    return render_template(
        "phone.html",
        number=number,
        prompt=prompt,
        left=left,
        refresh=left + 1 if prompt else 0 if at_menu else 3,  # nobody is interrupted while typing
        at_menu=at_menu,
        messages=[(nairobi(p["answered"], "%H:%M"), _message(p)) for p in ended],
        clock=nairobi(now(), "%H:%M"),
        pin=prompts.RIGHT_PIN,
        shortcode=box().credentials.mpesa_shortcode,
        wrong=request.args.get("wrong", ""),
        texts=[(sms["at"][11:16], sms["from"], linked(sms["text"])) for sms in inbox.of_phone(number)],
    )


@pages.post("/phone/<number>")
def answer(number: str) -> Any:
    """What the payer did."""
    act = request.form.get("act", "")
    pin = request.form.get("pin", "")
    if act == "pay" and pin != prompts.RIGHT_PIN:
        act = "wrong_pin"
    if act not in prompts.WORDS:
        abort(400)
    with suppress(Refused, Unknown):  # it ended while the payer was typing; the phone shows how
        prompts.answer(box(), request.form.get("prompt", ""), prompts.WORDS[act])
    return redirect(url_for("phone.phone", number=normal(number)), 303)


@pages.post("/phone/<number>/menu")
def pay_bill(number: str) -> Any:
    """Lipa na M-Pesa, Pay Bill: all of it typed by hand."""
    typed = {name: request.form.get(name, "").strip() for name in ("shortcode", "account", "amount", "pin")}
    wrong = ""
    if typed["pin"] != prompts.RIGHT_PIN:
        wrong = "Wrong PIN."
    elif not (typed["shortcode"].isdecimal() and typed["amount"].isdecimal() and typed["account"]):
        wrong = "Business number and amount are digits; an account number is needed."
    else:
        try:
            menu.pay(
                box(),
                phone=normal(number),
                account=typed["account"],
                amount=int(typed["amount"]),
                shortcode=typed["shortcode"],
            )
        except Mistaken as error:
            wrong = str(error)
    more: dict[str, Any] = {"wrong": wrong, "menu": 1} if wrong else {}
    return redirect(url_for("phone.phone", number=normal(number), **more), 303)


def normal(number: str) -> str:
    """The number as Daraja writes it: 254 and nine digits."""
    digits = re.sub(r"\D", "", number)
    return f"254{digits[1:]}" if digits.startswith("0") else digits


def _is_alive(prompt: Doc) -> bool:
    return bool(prompt["result"] == prompts.OPEN and prompt["until"] > now())


def _told(prompt: Doc) -> str:
    return "waiting for the PIN" if _is_alive(prompt) else _message(prompt)


def _message(prompt: Doc) -> str:
    """The SMS a payer would get."""
    amount = f"Ksh{prompt['amount']:,}.00"
    if prompt.get("result", prompts.PAID) == prompts.PAID:
        return f"{prompt['receipt']} Confirmed. {amount} paid to Kikao for account {prompt['reference']}."
    if prompt["result"] == prompts.OPEN:
        return f"{amount} to Kikao: no answer yet."
    return f"{amount} to Kikao was not paid. {prompts.RESULTS[prompt['result']]}"
