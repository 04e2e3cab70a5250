"""Credit in its forms."""
