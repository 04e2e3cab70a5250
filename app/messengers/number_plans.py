"""Which country a telephone number is of."""


def country_of(number: str) -> str:
    """The country of a number in E.164, as two letters; empty where it is of none."""
    import phonenumbers  # noqa: PLC0415  (its tables of countries are for those who send to a number)

    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number, None)) or ""
    except phonenumbers.NumberParseException:
        return ""
