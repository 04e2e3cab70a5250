"""Every catalogue of app/translations says everything the app says now, keeps its placeholders, and is compiled."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from script.support.settings import ROOT

_KEYWORDS = ("_l", "lazy_gettext", "lazy_ngettext:1,2", "lazy_pgettext:1c,2")
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sdf]|(?<!\{)\{(\w+)\}(?!\})")


def main() -> int:
    """1 when a catalogue is not complete, with one line for each thing to do."""
    files = sorted((ROOT / "app" / "translations").glob("*/LC_MESSAGES/messages.po"))
    if not files:
        print("no translations yet")
        return 0
    template = extract()
    complaints = [f"{file.relative_to(ROOT)}: {said}" for file in files for said in _look_at(file, template)]
    print("\n".join(complaints) or f"{len(files)} catalogues of {len(template)} messages are complete")
    return 1 if complaints else 0


def _look_at(file: Path, template: Catalog) -> Iterator[str]:
    catalogue = read(file)
    yield from lint(catalogue, template)
    if not is_compiled(catalogue, file.with_suffix(".mo")):
        yield "messages.mo says something else; run: pybabel compile -d app/translations"


def extract() -> Catalog:
    """What the app says now."""
    with tempfile.TemporaryDirectory(prefix="kikao-messages-") as directory:
        target = Path(directory) / "messages.pot"
        keywords = [word for keyword in _KEYWORDS for word in ("-k", keyword)]
        command = ["--quiet", "extract", "-F", "babel.cfg", *keywords, "-o", str(target), "app"]
        subprocess.run([sys.executable, "-m", "babel.messages.frontend", *command], cwd=ROOT, check=True)
        return read(target)


def read(file: Path) -> Catalog:
    """A catalogue."""
    with file.open("rb") as stream:
        return read_po(stream)


def lint(catalogue: Catalog, template: Catalog) -> Iterator[str]:
    """What is missing, unsure, broken or no longer said."""
    for message in _messages(template):
        found = catalogue.get(message.id, message.context)
        if found is None or not all(_forms(found)):
            yield f"missing: {_name(message)}"
        elif found.fuzzy:
            yield f"fuzzy: {_name(message)}"
        elif not _same_placeholders(message, found):
            yield f"other placeholders: {_name(message)}"
    for message in _messages(catalogue):
        if template.get(message.id, message.context) is None:
            yield f"no longer said: {_name(message)}"


def is_compiled(catalogue: Catalog, file: Path) -> bool:
    """Whether the file the app reads says what the catalogue says, however old it is."""
    if not file.exists():
        return False
    with file.open("rb") as stream:
        compiled = read_mo(stream)
    return all(_in(compiled, message) == _forms(message) for message in _messages(catalogue) if message.string)


def _in(catalogue: Catalog, message: Message) -> tuple[str, ...]:
    # Babel reads contexts of compiled catalogues as bytes.
    context = message.context.encode() if message.context else None
    found = catalogue.get(message.id, message.context) or catalogue.get(message.id, context)  # type: ignore[arg-type]
    return _forms(found) if found else ()


def _messages(catalogue: Catalog) -> Iterator[Message]:
    """All but the header."""
    return (message for message in catalogue if message.id)


def _forms(message: Message) -> tuple[str, ...]:
    """The translation, in each plural form the language has."""
    return tuple(message.string) if isinstance(message.string, list | tuple) else (message.string or "",)


def _name(message: Message) -> str:
    return repr(message.id[0] if isinstance(message.id, list | tuple) else message.id)


def _same_placeholders(said: Message, translated: Message) -> bool:
    """A plural form may leave the number out; nothing may use a value it is not given."""
    if isinstance(said.id, list | tuple):
        known = _placeholders(*said.id)
        return all(_placeholders(form) <= known for form in _forms(translated))
    return _placeholders(said.id) == _placeholders(*_forms(translated))


def _placeholders(*texts: str) -> set[str]:
    return {match.group(0) for text in texts for match in _PLACEHOLDER.finditer(text)}


if __name__ == "__main__":
    sys.exit(main())
