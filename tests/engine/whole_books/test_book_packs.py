"""The policy pack of a book is the bank's: what whoever starts the book states can loosen nothing."""

import json
from typing import Any

import pytest

from engine.books.evidence import DIFFERS, run_of_line
from engine.books.shared import SharedBook
from engine.contracts.packs import PackContent, TurnoverPolicy, parse_pack
from engine.contracts.violations import InvalidRequest
from engine.evidence.artifacts import artifact_of
from engine.evidence.verification import Verdict, verify, verify_file
from engine.policy_packs import PackRules, PackSource, PolicyPack
from engine.records.runs import PackTrace
from engine.usecases.books.packs import PackOfBook
from engine.usecases.books.refused import BookRefused
from engine.usecases.packs import PackResolution
from tests.support.books import Book, bought, simple
from tests.support.packs import MemoryPacks

STATED = {"version": "2026.1", "turnover_policy": {"max_turnover_pct": "1E-7"}, "constraint_policy": {"single_position_max_weight": "0.2"}}
LIMITS = {"policy_pack_id": "house-limits"} | STATED
LOOSE = LIMITS | {"constraint_policy": {"single_position_max_weight": "1"}}
CONTENT = parse_pack(json.dumps(STATED | {"turnover_policy": {"max_turnover_pct": "0.0000001"}}).encode())


def catalog() -> MemoryPacks:
    """Two packs of the bank, the second at its second revision."""
    packs = MemoryPacks()
    packs.put("bank-a", PolicyPack("house-limits", CONTENT, 0), expected=None, actor="a")
    for share in (1, 0):
        content = PackContent(version="1", turnover_policy=TurnoverPolicy(max_turnover_pct=share))  # type: ignore[arg-type]
        packs.put("bank-a", PolicyPack("careful", content, 0), expected=None, actor="a")
    return packs


def kept(document: bytes, *, strict: bool = False, tenant: str = "bank-a", **rules: Any) -> bytes:
    """The book's own copy, in a deployment where packs are in use."""
    return PackOfBook(PackResolution(PackRules(**{"enabled": True} | rules), catalog(), strict))(tenant, document)


def document(**members: Any) -> bytes:
    return json.dumps(json.loads(simple()) | members).encode()


def trace(copy: bytes) -> tuple[str, int, str] | None:
    found = SharedBook.of(copy).trace
    return None if found is None else (found.policy_pack_id, found.revision, found.source)


def test_a_book_that_states_no_pack_is_decided_under_the_banks() -> None:
    assert trace(kept(document(), default_pack_id="house-limits")) == ("house-limits", 1, "GLOBAL_DEFAULT")
    assert trace(kept(document(policy_pack=None), tenant_packs={"bank-a": "careful"})) == ("careful", 2, "TENANT_DEFAULT")
    assert trace(kept(document(), default_pack_id="careful", tenant="bank-b")) is None  # whose catalog has none
    assert kept(document()) == document()  # nobody names one


def test_a_document_may_name_its_pack_or_state_what_the_catalog_says() -> None:
    for named in ({"policy_pack_id": " house-limits "}, LIMITS):
        assert trace(kept(document(policy_pack=named), default_pack_id="careful")) == ("house-limits", 1, "REQUEST")


@pytest.mark.parametrize(
    ("stated", "strict", "code"),
    [
        (LOOSE, False, "BOOK_PACK_DIFFERS"),
        ({"policy_pack_id": "careful", "version": "1"}, False, "BOOK_PACK_DIFFERS"),  # as it was before, or never
        (LIMITS | {"policy_pack_id": "mine"}, False, "DPM_POLICY_PACK_NOT_FOUND"),
        ({"policy_pack_id": "mine"}, True, "DPM_POLICY_PACK_NOT_FOUND"),
    ],
)
def test_a_pack_that_is_not_the_catalogs_is_refused(stated: dict[str, Any], strict: bool, code: str) -> None:
    with pytest.raises(BookRefused, match=f"^{code}$"):
        kept(document(policy_pack=stated), strict=strict, default_pack_id="house-limits")


def test_a_default_that_the_catalog_does_not_know_counts_as_for_a_single_run() -> None:
    assert kept(document(), default_pack_id="gone") == document()
    with pytest.raises(BookRefused, match=r"^DPM_POLICY_PACK_NOT_FOUND$"):
        kept(document(), default_pack_id="gone", strict=True)


def test_a_document_that_says_by_null_that_it_holds_no_catalogs_pack_is_refused_before_a_copy_is_kept_that_nobody_reads() -> None:
    with pytest.raises(BookRefused, match=r"^BOOK_PACK_DIFFERS$"):
        kept(document(catalog_pack=None), default_pack_id="house-limits")
    assert trace(kept(document(policy_pack={"policy_pack_id": "house-limits"}))) == ("house-limits", 1, "REQUEST")


def test_where_packs_are_off_a_stated_pack_counts_as_it_stands_there() -> None:
    assert kept(document(policy_pack=LOOSE), enabled=False, default_pack_id="house-limits") == document(policy_pack=LOOSE)
    assert trace(document(policy_pack=LOOSE)) == ("house-limits", 0, "REQUEST")
    with pytest.raises(InvalidRequest):
        kept(document(policy_pack={"policy_pack_id": "house-limits"}), enabled=False)


CLAIMED = {"definition": LOOSE, "revision": 1, "source": "GLOBAL_DEFAULT"}


@pytest.mark.parametrize("rules", [{"enabled": False}, {}, {"default_pack_id": "house-limits"}, {"default_pack_id": "careful"}])
def test_nobody_but_the_service_says_that_a_pack_is_the_catalogs(rules: dict[str, Any]) -> None:
    with pytest.raises(BookRefused, match=r"^BOOK_PACK_DIFFERS$"):
        kept(document(catalog_pack=CLAIMED), **rules)


def test_the_copy_of_a_book_starts_another_one_until_the_catalog_changes() -> None:
    copy = kept(document(), default_pack_id="house-limits")
    assert kept(copy, default_pack_id="house-limits") == copy
    with pytest.raises(BookRefused, match=r"^BOOK_PACK_DIFFERS$"):
        kept(copy, default_pack_id="careful")


def test_all_else_of_the_copy_is_what_was_sent_byte_for_byte() -> None:
    sent = document(options={"max_turnover_pct": 0.10}).replace(b"0.1}", b"0.10}") + b" \n"
    copy = kept(sent, default_pack_id="house-limits")
    assert copy.startswith(sent.rstrip()[:-1] + b',"catalog_pack":{"definition":{')
    assert SharedBook.of(copy).market.digest == SharedBook.of(sent).market.digest


def decided(copy: bytes) -> tuple[dict[str, Any], SharedBook]:
    book = Book(copy, [bought("pf_1", "1000")])
    book.run()
    [line] = book.results()
    return line, SharedBook.of(copy)


def test_a_run_under_the_banks_pack_is_proved_without_a_catalog() -> None:
    line, shared = decided(kept(document(), default_pack_id="house-limits"))
    head, documents = run_of_line(line, shared)
    text = PolicyPack("house-limits", CONTENT, 1)
    assert head.pack == PackTrace("house-limits", "2026.1", 1, text.trace(PackSource.GLOBAL_DEFAULT).digest, "GLOBAL_DEFAULT")
    assert json.loads(documents.options)["single_position_max_weight"] == "0.2"
    assert verify(head, documents).verdict is Verdict.VERIFIED
    assert verify_file(artifact_of(head, documents)).verdict is Verdict.VERIFIED


@pytest.mark.parametrize("change", [{"revision": 7}, {"source": "REQUEST"}, {"version": "2"}])
def test_a_line_that_tells_another_origin_of_its_pack_proves_nothing(change: dict[str, Any]) -> None:
    line, shared = decided(kept(document(), default_pack_id="house-limits"))
    with pytest.raises(InvalidRequest) as refused:
        run_of_line(line | {"policy_pack": line["policy_pack"] | change}, shared)
    assert [(found.type, found.loc) for found in refused.value.violations] == [(DIFFERS, ("body", "policy_pack"))]
