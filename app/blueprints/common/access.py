"""Who is there, and who may open a door: people who are logged in, have the right role, and the second factor they must have."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import flash, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from app.blueprints.common.redirects import go, page_asked_for
from app.models import Role, User
from app.services.accounts import second_factors
from app.services.core.errors import NotFound

_P = ParamSpec("_P")
_R = TypeVar("_R")
SET_UP_FOR = "set_up_for"  # in the session: where somebody was going who had to set up a second factor first
_WHERE_IT_IS_SET_UP = ("second_factors", "security")


def members_only(view: Callable[_P, ResponseReturnValue]) -> Callable[_P, ResponseReturnValue]:
    """The view is for people who are logged in; others log in first and come back."""
    return cast(Callable[_P, ResponseReturnValue], login_required(_set_up(view)))


def person() -> User:
    """Who is logged in."""
    return cast(User, current_user._get_current_object())


def is_known() -> bool:
    """Whether anybody is logged in."""
    return bool(current_user.is_authenticated)


def needs(*roles: Role) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """The view is for people with one of `roles`: strangers are asked to log in, others find nothing there."""

    def decorate(view: Callable[_P, _R]) -> Callable[_P, _R]:
        @wraps(view)
        def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            if current_user.role not in roles:
                raise NotFound
            return _set_up(view)(*args, **kwargs)

        guarded_by_login: Callable[_P, _R] = login_required(guarded)
        return guarded_by_login

    return decorate


def moves_money(view: Callable[_P, _R]) -> Callable[_P, _R]:
    """The view, which is for people who are logged in, decides where money goes: who must have a second factor sets it up first."""
    return _set_up(view, for_money=True)


def _set_up(view: Callable[_P, _R], *, for_money: bool = False) -> Callable[_P, _R]:
    @wraps(view)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        if request.blueprint not in _WHERE_IT_IS_SET_UP and second_factors.is_missing(person(), for_money=for_money):
            return cast(_R, _lead())
        return view(*args, **kwargs)

    return guarded


def _lead() -> ResponseReturnValue:
    """To where a second factor is set up, and then back to the page that was asked for, or that the form stood on."""
    session[SET_UP_FOR] = page_asked_for()
    flash(_("To do this, you need a second step when you log in. Set it up now, then carry on where you were."), "info")
    return go("second_factors.choose")
