"""Papers as PDF, in every script our readers use."""
