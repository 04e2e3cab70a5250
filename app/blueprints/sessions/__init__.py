"""Pages of the session itself."""
