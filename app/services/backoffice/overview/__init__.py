"""What the practitioner's and the staff's pages show: reading only; nothing here changes or decides anything."""
