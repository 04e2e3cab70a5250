"""What everybody sees of a practitioner: the profile, the photo, and the notice while they are away."""
