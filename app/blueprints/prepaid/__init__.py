"""Pages of credit: wallet, gifts, packages."""
