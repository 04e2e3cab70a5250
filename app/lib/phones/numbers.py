"""Telephone numbers as people type them, kept in E.164 and shown masked; and where each is from."""

import re

# Numbers as they stand in vendors' news: with a plus, or Kenyan and Indian mobiles as the vendors there write them.
_WRITTEN = re.compile(r"(?<![\d.])(?:\+\d{4,12}|(?:254|0)[17]\d{5}|(?:91)[6-9]\d{6})(?=\d{3}(?!\d))")
_IN_CHECKOUT_ID = re.compile(r"(ws_CO_\d{14,18})\d{6}(?=\d{3}(?!\d))")  # M-Pesa's ids end with the number asked


def normalise(text: str, region: str | None) -> str:
    """The number in E.164, read as one of `region` unless it begins with +. Raises ValueError."""
    import phonenumbers  # noqa: PLC0415  (its tables of countries are for those who type a number)

    try:
        number = phonenumbers.parse(text, region)
        if not phonenumbers.is_valid_number(number) and text.strip().startswith(("2", "9")):
            number = phonenumbers.parse(f"+{text.strip()}", None)  # 2547..., typed without the plus
    except phonenumbers.NumberParseException as error:
        raise ValueError("not a phone number") from error
    if not phonenumbers.is_valid_number(number):
        raise ValueError("not a phone number")
    if region and phonenumbers.region_code_for_number(number) != region:
        raise ValueError("a number of another country")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def masked(number: str | None) -> str:
    """Enough of the number for its owner to know it: 0712 xxx 678."""
    if not number:
        return ""
    digits = number.lstrip("+")
    local = f"0{digits[3:]}" if digits.startswith("254") else f"+{digits}"
    return f"{local[:4]} xxx {local[-3:]}"


def masked_in(text: str, *known: str) -> str:
    """Return the text with every telephone number masked, `known` ones also inside a longer word."""
    for number in known:
        local = number.lstrip("+")[-9:]
        if len(local) == 9:
            text = text.replace(local, f"xxxxxx{local[-3:]}")
    text = _IN_CHECKOUT_ID.sub(r"\1xxxxxx", text)
    return _WRITTEN.sub(lambda found: f"{found[0][:4]}xxx", text)


def country_of(number: str) -> str:
    """The ISO country of a mobile number in E.164; empty for what is none: a landline, a number that costs its caller more."""
    import phonenumbers  # noqa: PLC0415  (its tables of countries are for those who have a number)

    mobile = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.region_code_for_number(parsed) or "" if phonenumbers.number_type(parsed) in mobile else ""


def countries() -> frozenset[str]:
    """Every country that has numbers."""
    import phonenumbers  # noqa: PLC0415  (as above)

    return frozenset(phonenumbers.SUPPORTED_REGIONS)
