"""Messages in the app, and what people choose about them."""
