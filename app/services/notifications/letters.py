"""A mail as text and as HTML from one template, whose buttons, facts and links are told apart by what the template calls.

Nothing is guessed from words: what people have written is a paragraph, whatever it looks like, and no address in it is a link.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

from flask import render_template

from app.lib import chance


class Sort(StrEnum):
    """What a part of a mail is; the template of the HTML has a look for each."""

    PARAGRAPH = "paragraph"
    FACT = "fact"  # "When: Friday 10:00"
    BUTTON = "button"  # what the mail is for
    ALSO = "also"  # a link beside it
    ITEM = "item"
    DIGITS = "digits"  # what is typed elsewhere
    FOOTER = "footer"


class Mail(NamedTuple):
    """A message as it is sent."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Part:
    """A part of a mail: its words, and how they stand in the text."""

    sort: Sort
    words: str
    text: str = ""
    url: str = ""

    @property
    def pair(self) -> list[str]:
        """A fact's name and value, each as a line of its own begins; the name is ours and has no colon in it."""
        name, _, value = (each.strip() for each in self.words.partition(":"))
        return [name, value[:1].upper() + value[1:]]

    @property
    def lines(self) -> list[str]:
        """A paragraph's lines."""
        return self.words.split("\n")


class Letter:
    """What a template says while it is rendered; a mark that nobody can guess stands for each part."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url
        self._mark = chance.reference()
        self._parts: list[Part] = []

    def tools(self) -> dict[str, Callable[..., str]]:
        """What templates of mails call."""
        names = ("button", "fact", "also", "item", "digits", "footer")
        return {name: getattr(self, name) for name in names}

    def button(self, words: str, path: str, *, said: bool = False) -> str:
        """What the reader may do; `said` where the sentence before says so already, as the text shows the address alone."""
        url = self._public_url + path
        return self._keep(Part(Sort.BUTTON, words, url if said else f"{words}:\n{url}", url))

    def fact(self, sentence: str) -> str:
        """A name, a colon and what it is."""
        return self._keep(Part(Sort.FACT, sentence, sentence))

    def also(self, words: str, path: str) -> str:
        """Another page, of ours or of somebody else's."""
        url = self._public_url + path if path.startswith("/") else path
        return self._keep(Part(Sort.ALSO, words, f"{words}: {url}", url))

    def item(self, sentence: str) -> str:
        """One of several."""
        return self._keep(Part(Sort.ITEM, sentence, f"- {sentence}"))

    def digits(self, digits: str, sentence: str = "") -> str:
        """A code; the text has the sentence that names it."""
        return self._keep(Part(Sort.DIGITS, digits, sentence or digits))

    def footer(self, sentence: str) -> str:
        """Why the reader gets this."""
        return self._keep(Part(Sort.FOOTER, sentence, f"-- \n{sentence}"))

    def written(self, rendered: str) -> Mail:
        """The whole mail; what was rendered begins with its subject."""
        first, _, body = rendered.strip().partition("\n")
        subject = " ".join(first.split())
        text = self._pattern.sub(lambda found: self._parts[int(found[1])].text, body).strip() + "\n"
        return Mail(
            subject, text, render_template("mail/letter.html", subject=subject, groups=list(self._groups(body)))
        )

    @property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(rf"\x02{self._mark}:(\d+)\x03")

    def _keep(self, part: Part) -> str:
        self._parts.append(part)
        return f"\x02{self._mark}:{len(self._parts) - 1}\x03"

    def _groups(self, body: str) -> Iterator[tuple[Sort, list[Part]]]:
        """What stands together: facts, links and items that follow each other; paragraphs each."""
        for sort, parts in groupby(self._sorted(body), key=lambda part: part.sort):
            if sort in (Sort.FACT, Sort.ALSO, Sort.ITEM):
                yield sort, list(parts)
            else:
                yield from ((sort, [part]) for part in parts)

    def _sorted(self, body: str) -> Iterator[Part]:
        for index, piece in enumerate(self._pattern.split(body)):
            if index % 2:
                yield self._parts[int(piece)]
            else:
                paragraphs = (each.strip() for each in re.split(r"\n\s*\n", piece))
                yield from (Part(Sort.PARAGRAPH, words) for words in paragraphs if words)
