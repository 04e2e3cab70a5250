"""What all pages share: who is there, errors, forms, tables, papers."""
