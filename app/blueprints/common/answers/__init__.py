"""Answers of every kind: headers, how times are written, pages of what went wrong, tables as files, what the front asks."""
