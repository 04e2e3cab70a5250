"""Money as rows."""
