"""The tables of the database: how they come to be, and how rows are written into them."""
