"""Decisions while money may be on its way: they orchestrate gateway and booking."""
