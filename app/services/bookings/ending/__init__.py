"""How bookings end before their session, and what becomes of the money."""
