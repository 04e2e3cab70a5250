"""The ground under all districts: transactions, errors, idempotency, sealed columns, what gateways can take."""
