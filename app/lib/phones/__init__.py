"""Telephones: their numbers, and how long an SMS to them is."""
