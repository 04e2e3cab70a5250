"""Calls about accounts and one's own data."""
