"""Paying, and where gateways report."""
