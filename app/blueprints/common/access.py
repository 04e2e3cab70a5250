"""Who is there, and who may open a door: people who are logged in, or have the right role."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from app.models import Role, User
from app.services.core.errors import NotFound

_P = ParamSpec("_P")
_R = TypeVar("_R")


def members_only(view: Callable[_P, ResponseReturnValue]) -> Callable[_P, ResponseReturnValue]:
    """The view is for people who are logged in; others log in first and come back."""
    return cast(Callable[_P, ResponseReturnValue], login_required(view))


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
            return view(*args, **kwargs)

        guarded_by_login: Callable[_P, _R] = login_required(guarded)
        return guarded_by_login

    return decorate
