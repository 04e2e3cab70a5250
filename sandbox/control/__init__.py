"""The levers under /control, and the acts of payers and banks that they pull."""
