"""Logging in by another provider, as OpenID Connect says it."""
