"""script/check's measure of lines that no formatter breaks: templates, stylesheets and scripts."""

from pathlib import Path

LONGEST = {".html": 160, ".txt": 160, ".css": 140, ".js": 140}  # columns
PLACES = ("app/templates", "app/static", "sandbox")


def complaint() -> str | None:
    """Each line that is too long, with its place; None if there is none."""
    return (
        "\n".join(said for place in PLACES for path in sorted(Path(place).rglob("*")) for said in _complaints(path))
        or None
    )


def _complaints(path: Path) -> list[str]:
    longest = LONGEST.get(path.suffix)
    if longest is None or "vendor" in path.parts:
        return []
    lines = enumerate(path.read_text().splitlines(), 1)
    return [f"{path}:{number}: {len(line)} columns, at most {longest}" for number, line in lines if len(line) > longest]
