"""Calls about other times."""
