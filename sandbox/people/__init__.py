"""What people look at: a phone, a mailbox, the front page and the money page."""
