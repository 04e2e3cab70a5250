"""What everybody sees of a practitioner: the profile and the photo."""
