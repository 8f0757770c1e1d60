"""What callers wrote is shown and does nothing: no markup, no style, no turned text, no flood."""

import json
import re
from typing import Final

import pytest

from engine.report.run_page import run_page
from infra.pages.markup import plain
from infra.pages.markup import shown as shown_as_markup
from infra.pages.render import render
from tests.pages.decided import artifact
from tests.pages.shown import Markup, expected, read

SCRIPT: Final = "</style></title><script>document.title='taken'</script><img src=x onerror=alert(1)>"
TURNED: Final = "\u202eABC\u2066\u200f\u2067"
LONG: Final = "N" * 10_240
NAMES: Final = [SCRIPT, TURNED, LONG, "\"'><b>", "{{ 7 * 7 }}", "a\u2028b\x00c", "url(https://elsewhere.example/x)"]
TURNING: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def hostile(name: str) -> bytes:
    """The artifact of the review with this name for an instrument, a currency, an asset class, a region and the portfolio."""
    text = artifact("review").decode()
    for given in ("AAPL", "GOOG", "UPS", "EUR", "EQUITY", "NORTH_AMERICA", "pf_global_balanced_eur"):
        text = re.sub(rf'(?<="){given}(?=")', lambda _: json.dumps(name)[1:-1], text)
    text = text.replace("sector:INFORMATION_TECHNOLOGY", json.dumps(f"sector:{name}")[1:-1])
    return text.encode()


def shown(name: str) -> tuple[bytes, Markup]:
    document = json.loads(hostile(name))
    page = render(run_page(document))
    markup = read(page)
    assert [one for one in markup.figures if one.text.replace("\r", "\n") != expected(one, document)] == []
    return page, markup


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_hostile_name_is_text(name: str) -> None:
    _, markup = shown(name)
    ordinary = {tag for tag, _ in read(render(run_page(json.loads(artifact("review"))))).tags}
    assert {tag for tag, _ in markup.tags} == ordinary
    assert [
        attribute for _, given in markup.tags for attribute in given if attribute.startswith("on") or attribute in {"src", "srcdoc"}
    ] == []
    assert {given["href"] for _, given in markup.tags if "href" in given and not given["href"].startswith("#i-")} == {"data:,"}


def test_turned_text_is_isolated_wherever_it_is_shown() -> None:
    page, markup = shown(TURNED)
    found = [(text, elements) for text, elements in markup.written if TURNING.search(text)]
    assert len(found) > 10
    assert [text for text, elements in found if elements[-1] != "bdi"] == []
    assert [value for _, given in markup.tags for name, value in given.items() if name != "data-path" and TURNING.search(value)] == []
    assert shown_as_markup(TURNED) == "\ufffdABC\ufffd\ufffd\ufffd"
    assert plain(TURNED) == "\ufffdABC\ufffd\ufffd\ufffd"
    assert "\N{REPLACEMENT CHARACTER}ABC" in page.decode().partition("</title>")[0]


def test_ten_thousand_characters_take_a_line() -> None:
    page, _ = shown(LONG)
    text = page.decode()
    assert "N" * 65 not in text
    assert "(10,240 characters)" in text


def test_a_header_in_a_style_sheet_is_letters_digits_and_numbers() -> None:
    page, _ = shown(SCRIPT)
    style = page.decode().partition("<style>")[2].partition("</style>")[0]
    assert r'content:"In \3c \2f style\3e \3c ' in style
    assert "url(" not in style
    assert "@import" not in style


def test_the_only_style_sheet_asks_for_nothing() -> None:
    style = render(run_page(json.loads(artifact("review")))).decode().partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@font-face" not in style
