"""Who is who: accounts, passwords, phone numbers."""
