"""Whom an encrypted connection believes: the authorities of this machine, or those of SSL_CERT_FILE and SSL_CERT_DIR."""

import os
import ssl
from functools import cache


def trusted() -> ssl.SSLContext:
    """The other side must prove that it has the name it was called by."""
    return _read(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@cache
def _read(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    # A tenth of a second: too much for each mail, and for who encrypts nothing.
    return ssl.create_default_context()
