"""What a request meets: rules for newcomers, how much somebody has open already, and the approval."""
