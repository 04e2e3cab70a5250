"""UPI by Razorpay: the adapter, its window, and what it hears."""

from app.gateways.razorpay.razorpay_gateway import RazorpayGateway, RazorpaySettings

__all__ = ["RazorpayGateway", "RazorpaySettings"]
