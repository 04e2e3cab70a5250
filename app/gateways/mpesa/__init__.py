"""M-Pesa by Daraja: the adapter, what it sends and hears, codes that people show, and the organisation's statement."""

from app.gateways.mpesa.mpesa_gateway import MpesaGateway, MpesaSettings

__all__ = ["MpesaGateway", "MpesaSettings"]
