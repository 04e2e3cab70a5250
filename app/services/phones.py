"""Telephone numbers as people type them, kept in E.164 and shown masked."""

import phonenumbers


def normalise(text: str, region: str | None) -> str:
    """The number in E.164, read as one of `region` unless it begins with +. Raises ValueError."""
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
