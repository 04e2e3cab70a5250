"""Calls about bookings."""
