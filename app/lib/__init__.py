"""What any application could have: the clock, randomness, files and addresses of strangers, papers, seals, the queue."""
