"""What ends by itself in our account at Safaricom, as remarks: the initiator's password and the certificate that seals it.

Daraja says nothing of either before a reversal fails (2001, 8006), so what we know are dates that an operator has written down.
"""

from datetime import date
from pathlib import Path

from cryptography import x509

from app.gateways.base import SettingsMissing
from app.lib.network.remarks import Remark, of_end

# Time to see somebody who may change a password in the M-Pesa portal, and to ask Safaricom for a certificate.
PASSWORD_DAYS = 14
CERTIFICATE_DAYS = 30


def read_day(text: str) -> date | None:
    """The day in MPESA_INITIATOR_EXPIRES; None where none is set. Raises SettingsMissing."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise SettingsMissing("MPESA_INITIATOR_EXPIRES must be a day such as 2027-01-31") from None


def read_end(path: str) -> date | None:
    """The last day of the certificate in the file MPESA_CERTIFICATE (PEM or DER); None where none is set.

    Raises SettingsMissing.
    """
    try:
        return _certificate(Path(path).read_bytes()).not_valid_after_utc.date() if path else None
    except (OSError, ValueError):
        raise SettingsMissing("MPESA_CERTIFICATE must be a file with Safaricom's certificate") from None


def _certificate(content: bytes) -> x509.Certificate:
    is_text = content.lstrip().startswith(b"-----BEGIN")
    return x509.load_pem_x509_certificate(content) if is_text else x509.load_der_x509_certificate(content)


def of_password(end: date | None, today: date) -> list[Remark]:
    """Whether the initiator's password ends soon, or has ended."""
    advice = (
        "set another in the M-Pesa portal, encrypt it, set MPESA_SECURITY_CREDENTIAL and the next MPESA_INITIATOR_EXPIRES, "
        "and restart; refunds fail otherwise."
    )
    thing = "The password of M-Pesa's initiator"
    return of_end("initiator", thing, end, today, days=PASSWORD_DAYS, advice=advice) if end else []


def of_certificate(end: date | None, today: date) -> list[Remark]:
    """Whether the certificate that encrypts the initiator's password ends soon, or has ended."""
    advice = (
        "take today's from Daraja's portal, encrypt the initiator's password with it, set MPESA_CERTIFICATE and "
        "MPESA_SECURITY_CREDENTIAL, and restart; refunds fail otherwise."
    )
    thing = "Safaricom's certificate"
    return of_end("certificate", thing, end, today, days=CERTIFICATE_DAYS, advice=advice) if end else []
