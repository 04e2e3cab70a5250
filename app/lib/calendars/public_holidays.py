"""Public holidays by country and region, from the library of that name: it is loaded by who asks, a country at a time."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

_KEPT = 512  # years of countries in languages: some kilobytes each


@lru_cache(maxsize=1)
def countries() -> tuple[str, ...]:
    """Every country there are holidays of; ISO 3166 codes."""
    # The library's own list of them would load all two hundred and fifty countries to name their regions.
    from holidays.registry import COUNTRIES  # noqa: PLC0415  (few processes ask, and it is large)

    return tuple(sorted(names[1] for names in COUNTRIES.values()))


@lru_cache(maxsize=_KEPT)
def regions(country: str) -> Mapping[str, str]:
    """The regions of a country where holidays differ, by their codes, with their names where they have any; in their order."""
    if country not in countries():
        return {}
    kind = _country(country)
    names = {code: aliases[0] for code, aliases in kind.get_subdivision_aliases().items() if aliases}
    found = {code: names.get(code, code) for code in kind.subdivisions}
    return dict(sorted(found.items(), key=lambda pair: pair[1]))


@lru_cache(maxsize=_KEPT)
def of_year(country: str, region: str, year: int, language: str = "") -> Mapping[date, str]:
    """The holidays of a year with their names, in `language` (ISO 639) where the library has it, else in English or its own.

    Nothing for a country or region that there is none of, and for years it does not know.
    """
    if country not in countries() or (region and region not in regions(country)):
        return {}
    kind = _country(country)
    if not kind.start_year <= year <= kind.end_year:
        return {}
    # Without `expand`: asked for another year it would go on growing.
    found = kind(years=year, subdiv=region or None, language=_spoken(kind, language), expand=False)
    return {day: name for day, name in found.items() if day.year == year}


def _country(code: str) -> Any:
    import holidays  # noqa: PLC0415  (as above)

    return getattr(holidays, code)


def _spoken(kind: Any, language: str) -> str | None:
    """The library's own name of the language for this country; None for the country's first."""
    wanted = [each for each in (language, "en") if each]
    known = ((each, name) for each in wanted for name in kind.supported_languages)
    return next((str(name) for each, name in known if name.split("_")[0] == each), None)
