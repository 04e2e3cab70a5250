"""Calls about credit."""
