"""The session itself: its room, reminders, evidence, private notes, ratings."""
