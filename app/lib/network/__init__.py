"""Who may be talked to, and who is believed about where they come from."""
