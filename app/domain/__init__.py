"""The field itself, as tables and arithmetic: statuses, modes, terms, money, opening hours. Standard library only."""
