"""script/new-gateway: what docs/adding-a-gateway.md asks for, begun; every part that is not written yet says so when run."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from string import Template

from script.support.settings import ROOT

TEMPLATES = Path(__file__).parent / "gateway"
REGISTRY = ROOT / "app" / "gateways" / "__init__.py"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,19}")
_LINES = re.compile(r"^REGISTRY: .*?^(?=\})", re.MULTILINE | re.DOTALL)


def main(words: Sequence[str]) -> int:
    """The files are written and registered; 1 and a sentence when they cannot be."""
    if len(words) != 1 or not _NAME.fullmatch(words[0]):
        print("script/new-gateway NAME: at most 20 of a-z, 0-9 and _, a letter first", file=sys.stderr)
        return 1
    [name] = words
    files = _files(name)
    if taken := [path for path in files if path.exists()] or _registered(name):
        print(f"{name} is taken: {', '.join(map(str, taken))}", file=sys.stderr)
        return 1
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    _register(name)
    print(f"registered it in {REGISTRY.relative_to(ROOT)}")
    print(f"Now docs/adding-a-gateway.md; script/test tests/gateways/test_{name}.py says what is not written yet.")
    return 0


def _files(name: str) -> dict[Path, str]:
    tests = ROOT / "tests" / "gateways"
    return {
        ROOT / "app" / "gateways" / f"{name}.py": _filled("adapter.py.txt", name),
        tests / f"test_{name}.py": _filled("test.py.txt", name),
        tests / "samples" / name / "paid.json": "{}\n",
    }


def _filled(template: str, name: str) -> str:
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    return Template(text).substitute(name=name, host=name.replace("_", "-"), prefix=name.upper(), label=_label(name))


def _label(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _registered(name: str) -> list[str]:
    return [line.strip() for line in REGISTRY.read_text(encoding="utf-8").splitlines() if f'"{name}"' in line]


def _register(name: str) -> None:
    line = f'    "{name}": "app.gateways.{name}:{_label(name)}Gateway",\n'
    text = REGISTRY.read_text(encoding="utf-8")
    REGISTRY.write_text(_LINES.sub(lambda found: found[0] + line, text, count=1), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
