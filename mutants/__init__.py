"""Planted bugs: the code is broken on purpose, one line at a time, and the suite must notice each."""
