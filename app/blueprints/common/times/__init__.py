"""Days, months and clocks as pages show them."""
