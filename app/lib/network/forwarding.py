"""What proxies say of who asks: believed of the proxy that stands right in front of us, and of nobody else."""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

from app.lib.network import addresses
from app.lib.network.addresses import Networks

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("app.forwarding")  # a name that operators filter by


class TrustedHop:
    """The application behind `hops` proxies, the nearest of which asks from one of `proxies`.

    Of X-Forwarded-For and -Proto only the values of that many proxies count; whoever reaches us past them says nothing.
    X-Forwarded-Host is nobody's word: a proxy passes Host on, and most let what a browser sent under that name through.
    """

    def __init__(self, inner: "WSGIApplication", hops: int, proxies: Networks) -> None:
        self._inner = inner
        self._told = ProxyFix(inner, x_for=hops, x_proto=hops, x_host=0)
        self._proxies = proxies
        self._is_said = False

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """The application's answer, to whom the trusted proxy names where it is that one which asks."""
        if addresses.holds(self._proxies, environ.get("REMOTE_ADDR")):
            return self._told(environ, start_response)
        self._say(environ)
        return self._inner(environ, start_response)

    def _say(self, environ: "WSGIEnvironment") -> None:
        # Once: so an operator learns where the proxy asks from, and a stranger cannot fill the log.
        if not self._is_said and "HTTP_X_FORWARDED_FOR" in environ:
            log.warning("forwarded.not_believed from=%s see=KIKAO_PROXY_ADDRESSES", environ.get("REMOTE_ADDR"))
            self._is_said = True
