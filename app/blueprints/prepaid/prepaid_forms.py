"""The forms about what is paid ahead: gifts, codes and packages."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Form, HiddenField, SelectField, StringField

from app.blueprints.common.fields import Whole


class GiftForm(Form):
    """Credit for somebody else."""

    amount = StringField(_l("Amount"))
    currency = SelectField(_l("Currency"), validate_choice=False)
    request_key = HiddenField()


class RedeemForm(Form):
    """A gift's code, as it was read or typed."""

    code = StringField(_l("Gift code"))


class PackageForm(Form):
    """Several sessions at once. Field names are those of packages.Wish, but for the price as it is typed."""

    service_id = SelectField(_l("For which service"), coerce=int, validate_choice=False)
    sessions = Whole(_l("How many"), default=5, empty=0)
    price = StringField(_l("Price for all of them"))
    valid_days = Whole(_l("Days to book them in"), default=None, empty=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.price.id = "package-price"
