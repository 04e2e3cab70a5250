"""What a session leaves behind: evidence, notes, ratings."""
