"""Finding a time, asking for it, and the pages of bookings."""
