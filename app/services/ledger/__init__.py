"""Money as rows: what is to be paid, the journal, refunds, receipts, statements, disputes."""
