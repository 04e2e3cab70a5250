"""Who may open a door: people with the right role; to everybody else the page does not exist."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask_login import current_user, login_required

from app.models import Role
from app.services.core.errors import NotFound

_P = ParamSpec("_P")
_R = TypeVar("_R")


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
