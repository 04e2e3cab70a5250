"""Pages for other times: moving, waiting, sessions at once."""
