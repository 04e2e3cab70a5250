"""What an installation stands on, whose keys are in the environment: gateways, mail and SMS, and whether each works."""

from dataclasses import dataclass, replace

from flask import current_app

from app import gateways
from app.extensions import db
from app.lib import chance
from app.models import User
from app.services.backoffice import checkups
from app.services.core import payment_methods
from app.services.notifications import mail, sms


@dataclass(frozen=True)
class Link:
    """One of them: `missing` variables, the address to enter at the vendor, and what asking has found."""

    source: str
    label: str
    gateway: str = ""  # its code
    missing: tuple[str, ...] = ()
    address: str = ""
    found: tuple[str, ...] = ()

    @property
    def is_set(self) -> bool:
        """Whether its variables are there."""
        return not self.missing


def all_of() -> list[Link]:
    """Every one as the environment has it; nobody is asked."""
    return [*map(_gateway, dict.fromkeys([*gateways.REGISTRY, *payment_methods.offered()])), _mail(), _sms()]


def examined() -> list[Link]:
    """Every one, and what is wrong with it by its own answer. Takes seconds."""
    seen = checkups.look()
    told = {link.source: tuple(each.remark.words for each in seen if each.source == link.source) for link in all_of()}
    return [replace(link, found=told[link.source]) for link in all_of()]


def _gateway(code: str) -> Link:
    kind = gateways.adapter(code)
    is_there = code in payment_methods.offered()
    required = kind.Settings.required()
    unset = tuple(name for name in required if not current_app.config["ENVIRON"].get(name, "").strip())
    return Link(
        f"gateway {code}",
        kind.label,
        code,
        missing=() if is_there else unset or ("GATEWAYS",),
        address=checkups.callback_url(code) if kind.capabilities.signs_callbacks else "",
    )


def _mail() -> Link:
    return Link("mail", "mail", missing=() if current_app.config["SMTP_URL"] else ("SMTP_URL", "MAIL_FROM"))


def _sms() -> Link:
    carrier = sms.messenger()
    return Link("SMS account", "SMS", missing=() if carrier else ("KIKAO_SMS", "KIKAO_SMS_COUNTRIES"))


def send_letter(user: User) -> str:
    """A letter to try the mail with is on its way to the person; why not, in few words, where it is not."""
    if not current_app.config["SMTP_URL"]:
        return "SMTP_URL"
    written = mail.write(user, "backoffice/house/letter.txt", {})
    db.session.rollback()  # nothing is held open while the server thinks
    try:
        mail.post(user, written, chance.token())
    except mail.Undelivered as error:
        return str(error)
    return ""
