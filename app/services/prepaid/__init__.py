"""Credit in its forms: the wallet, gifts, packages."""
