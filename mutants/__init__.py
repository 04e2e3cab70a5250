"""Planted bugs: the money code is broken on purpose, one line at a time, and the suite must notice each."""
