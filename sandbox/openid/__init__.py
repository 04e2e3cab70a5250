"""A provider of log-ins (OpenID Connect): whoever types an address is its owner, and has proved it if they say so."""
