"""The front: the ASGI application between the web server and Flask (decision 0012). It knows neither Kikao nor Flask.

A thread is taken only by a request whose body is here, and given back as soon as the answer is made: who sends or reads slowly,
and who waits for news, costs a connection and nothing else.
"""

from app.front.door import REFUSED, Front
from app.front.limits import Limits
from app.front.waiting import HOLD, MAY_HOLD

__all__ = ["HOLD", "MAY_HOLD", "REFUSED", "Front", "Limits"]
