"""The ground of all districts: transactions, errors, idempotency, sealed columns, payment methods."""
