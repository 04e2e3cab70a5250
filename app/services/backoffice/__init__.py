"""What staff, operators and the clock do over everything."""
