"""Answers of every kind: their headers, the pages of what went wrong, tables as files, and what the front asks before a thread is taken."""
