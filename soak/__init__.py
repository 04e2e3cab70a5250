"""Long runs against a whole Kikao: what must hold after hundreds of kills, and in every race at a deadline."""
