"""A practitioner, their services, hours, slots and other calendars."""
