"""From the list of practitioners to a time that is asked for, with an account or without one yet."""
