"""Receipts, statements and taxes."""
