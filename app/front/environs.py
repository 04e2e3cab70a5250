"""A request as PEP 3333 wants it: https://peps.python.org/pep-3333/#environ-variables."""

import io
import sys
from collections.abc import Mapping
from typing import IO, Any
from urllib.parse import unquote_to_bytes

# Neither describes the body that the application gets: it is whole, and its length is what was counted.
_OF_THE_WIRE = (b"content-length", b"transfer-encoding")


def environ_of(scope: Mapping[str, Any], body: IO[bytes] | None = None, length: int | None = None) -> dict[str, Any]:
    """The environ of an ASGI scope; bytes of paths and headers are latin-1 characters, as they came."""
    host, port = scope["server"]
    client, client_port = scope["client"]
    environ: dict[str, Any] = {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version'] if scope['http_version'] != '1' else '1.0'}",
        "REMOTE_ADDR": client,
        "REMOTE_PORT": str(client_port),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body or io.BytesIO(),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if length is not None:
        environ["CONTENT_LENGTH"] = str(length)
    _add_headers(environ, scope["headers"])
    return environ


def _add_headers(environ: dict[str, Any], headers: list[tuple[bytes, bytes]]) -> None:
    for name, value in headers:
        # "X_Forwarded_For" would come out as "X-Forwarded-For" does, past every proxy that sets only the latter.
        if name in _OF_THE_WIRE or b"_" in name:
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        key = key if key == "CONTENT_TYPE" else f"HTTP_{key}"
        text = value.decode("latin-1")
        if key in environ:
            text = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{text}"
        environ[key] = text
