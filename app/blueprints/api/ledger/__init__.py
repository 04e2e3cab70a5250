"""Calls about receipts and statements."""
