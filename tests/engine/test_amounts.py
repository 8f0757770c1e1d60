"""What is written as text at once reads as if orjson had written it."""

import orjson
import pytest

from engine.result.amounts import array, quoted

TEXTS = ("", "EQ_1", 'a "quoted" name', "back\\slash", "Ä€𝄞", "\x7f\x85\u2028", *map(chr, range(0x20)))


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_a_quoted_text_is_what_orjson_writes(text: str) -> None:
    assert quoted(text).encode() == orjson.dumps(text)


def test_rows_of_text_stand_in_a_document_as_they_are() -> None:
    assert orjson.dumps({"rows": array(['{"a":"1"}', "[]"]), "none": array(())}) == b'{"rows":[{"a":"1"},[]],"none":[]}'
