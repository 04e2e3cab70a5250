"""One test at least for every cell of the table of faults: what must come of each fault in each step."""
