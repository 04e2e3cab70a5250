"""Calls about a practitioner's own time: when nothing is given, and what services ask of the time they are booked for."""
