"""Who may be talked to, who is believed about where they come from, and what a browser keeps for us and sends."""
