"""Calls about the session itself."""
