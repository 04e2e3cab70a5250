"""Two carriers of SMS, and what phones received."""
