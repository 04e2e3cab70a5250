"""Small things about words and amounts."""


def words(text: str) -> frozenset[str]:
    """The words of a text: a readable way to write a long list of names."""
    return frozenset(text.split())


ZERO_DECIMAL = words("bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf")


def money(amount: int, currency: str) -> str:
    """Minor units as people read them: `KES 1,500.00`."""
    digits = 0 if currency.lower() in ZERO_DECIMAL else 2
    return f"{currency.upper()} {amount / 10**digits:,.{digits}f}"
