"""Changes of time and place: moving, waiting for a place, sessions at once."""
