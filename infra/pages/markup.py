"""Texts and figures as markup: everything is escaped, what callers wrote is isolated, every figure says which value it shows."""

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup, escape

from engine.report.figures import Kind
from engine.report.places import Figure, Phrase
from engine.report.words import DIRECTIONS, words

TONES: Final[Mapping[str, str]] = {
    "READY": "good",
    "EXECUTION_READY": "good",
    "PENDING_REVIEW": "warn",
    "COMPLETE": "good",
    "INCOMPLETE": "warn",
    "BLOCKED": "bad",
    "PASS": "good",
    "FAIL": "bad",
    "HIGH": "bad",
    "MEDIUM": "warn",
    "LOW": "calm",
    "BUY": "buy",
    "SELL": "sell",
    "CAPPED": "warn",
    "NEW": "bad",
    "GROWN": "bad",
    "RAISED": "bad",
    "RESOLVED": "good",
    "PERSISTENT": "calm",
}
"""Codes that are shown with a colour, a sign and their word."""

WRITTEN: Final = frozenset({Kind.TEXT, Kind.NAME, Kind.CODE, Kind.SAID, Kind.SENTENCE, Kind.MONEY})
"""Kinds whose text comes from a caller, or may end in what does: money in its currency."""


def shown(text: str) -> Markup:
    """A text as markup, piece by piece."""
    if isinstance(text, Phrase):
        return Markup("").join(shown(piece) for piece in text.pieces)
    if isinstance(text, Figure):
        return _figure(text)
    return escape(str(text).translate(DIRECTIONS))


def cell(text: str) -> Markup:
    """A table's cell: a code of a known tone is a badge."""
    return badge(text) if isinstance(text, Figure) and text.kind is Kind.CODE and str(text) in TONES else shown(text)


def badge(code: Figure) -> Markup:
    """A code with its sign, in its tone."""
    tone = tone_of(code)
    return Markup('<span class="badge {}"><svg class=i aria-hidden=true><use href="#i-{}"/></svg>{}</span>').format(tone, tone, shown(code))


def tone_of(code: str) -> str:
    """The tone of a code; calm where it has none."""
    return TONES.get(str(code), "calm")


def plain(text: str) -> str:
    """A text for a title or an attribute, where nothing can be isolated."""
    pieces = text.pieces if isinstance(text, Phrase) else (text,)
    said = "".join(piece.for_people if isinstance(piece, Figure) else str(piece) for piece in pieces)
    return said.translate(DIRECTIONS)


def sentence(name: str) -> str:
    """The name of a list or a fact, with a capital and its code in words: `left out, BELOW_MIN_NOTIONAL`."""
    said = ", ".join(words(part) if part.isupper() else part for part in str(name).split(", "))
    return said[:1].upper() + said[1:]


def css_text(name: str) -> Markup:
    """A text between quotation marks in a style sheet: whatever is not plain is written by its number."""
    spelt = "".join(character if character.isalnum() or character == " " else f"\\{ord(character):x} " for character in plain(name))
    return Markup(spelt)  # noqa: S704  (letters, digits, blanks and numbers)


def _figure(figure: Figure) -> Markup:
    """The text in an element that says where its value stands, how it is shown and, of several values, how they were folded."""
    place = f' data-path="{escape(figure.path)}" data-as={figure.kind}' if figure.path else ""
    fold = f" data-fold={figure.fold}" if figure.fold else ""
    whole = f' data-of="{escape(figure.of)}"' if figure.of else ""
    element = "bdi" if figure.kind in WRITTEN else "span"
    return Markup(f"<{element}{place}{fold}{whole}>{escape(figure.for_people)}</{element}>")  # noqa: S704  (every value in it is escaped or our own word)
