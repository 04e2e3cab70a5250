"""What gateways told us, and proofs of payments by other means."""
