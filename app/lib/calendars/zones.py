"""Time zones as people choose them: one name for each, whatever name a browser still gives it. From the tzdata package."""

from collections import defaultdict
from functools import cache
from importlib.resources import files
from zoneinfo import available_timezones

# Old names that tzdata links past the new one, to another city that has kept the same time since 1970.
_RENAMED = {
    "Africa/Asmera": "Africa/Asmara",
    "America/Coral_Harbour": "America/Atikokan",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk",
}


@cache
def names() -> frozenset[str]:
    """The names of today: those of zone.tab, which has one for each country and part of it, and UTC."""
    lines = [line.split("\t") for line in _lines("zone.tab") if not line.startswith("#")]
    return frozenset({"UTC", *(line[2] for line in lines)}) & available_timezones()


def present(name: str) -> str:
    """The name of today for a zone that was renamed (Asia/Calcutta is Asia/Kolkata); any other as it is."""
    found = name
    while found not in names() and found in _links():
        found = _links()[found]
    return found if found in names() else name


@cache
def former() -> dict[str, list[str]]:
    """What each name was once called, as browsers still do."""
    found: dict[str, list[str]] = defaultdict(list)
    for old in sorted(_links().keys() - names()):
        found[present(old)].append(old)
    return dict(found)


@cache
def _links() -> dict[str, str]:
    """Old names and what they lead to: the lines "L target name" of tzdata.zi."""
    parts = [line.split() for line in _lines("tzdata.zi") if line.startswith("L ")]
    return {alias: target for _, target, alias in parts} | _RENAMED


def _lines(name: str) -> list[str]:
    return (files("tzdata") / "zoneinfo" / name).read_text("utf-8").splitlines()
