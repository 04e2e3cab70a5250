"""Accounts, and everybody's own data."""
