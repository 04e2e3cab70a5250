"""Calendar entries: ours for others, and strangers' for us."""
