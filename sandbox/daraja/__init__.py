"""Safaricom Daraja: the API under /daraja; callbacks go unsigned, once, to the address each call names."""
