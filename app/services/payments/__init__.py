"""One try at one gateway, and the one place where news about money is believed."""
