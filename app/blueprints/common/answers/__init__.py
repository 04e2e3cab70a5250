"""Answers of every kind: headers, the pages of what went wrong, tables as files, and what the front asks beforehand."""
