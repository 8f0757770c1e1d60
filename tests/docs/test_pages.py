"""The pages that people read: words in order, links and files that exist, routes, scopes and events as they are."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

import engine
from engine.records import books
from engine.report.text import render, render_proposal
from engine.usecases.books.refused import BookFault
from infra.http.identity import Scope
from infra.http.problems import PROBLEMS
from infra.local.stack import TEMPLATE
from infra.template import Template
from tests.docs.citations import ROOT

PAGES: Final = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES: Final = [str(page.relative_to(ROOT)) for page in PAGES]
ROOMS: Final = ("engine/", "infra/", "functions/", "layers/", "events/", "tests/", "docs/", "requirements/")


def page(name: str) -> str:
    return (ROOT / name).read_text()


@pytest.mark.parametrize("table", page("docs/glossary.md").split("\n## ")[1:], ids=lambda table: str(table).partition("\n")[0])
def test_words_stand_in_alphabetical_order(table: str) -> None:
    words = [word.casefold() for word in re.findall(r"^\| ([^|]+) \| (?!Means)", table, re.MULTILINE)]
    assert words == sorted(words)


def test_no_word_stands_twice() -> None:
    words = [word for word in re.findall(r"^\| ([^|]+) \|", page("docs/glossary.md"), re.MULTILINE) if word not in {"Word", "---"}]
    assert sorted({word for word in words if words.count(word) > 1}) == []


def test_every_fault_of_a_book_is_told() -> None:
    table = page("docs/books.md").partition("| Fault |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == [fault.value for fault in BookFault]


def test_every_file_of_a_book_is_told() -> None:
    told = page("docs/books.md").partition("## What it comes to")[2].partition("What a chunk came to")[0]
    names = re.findall(r"`([\w.]+?)/?`", told)
    assert sorted(names) == sorted(
        value for name, value in vars(books).items() if name.isupper() and name not in {"SYSTEM", "SHOWN_OF_DIGEST"}
    )


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    targets = [target for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page(name)) if "://" not in target]
    assert [target for target in targets if not ((ROOT / name).parent / target).exists()] == []


@pytest.mark.parametrize("name", NAMES)
def test_files_that_are_named_exist(name: str) -> None:
    named = {path for path in re.findall(r"`([\w./*-]+)`", page(name)) if path.startswith(ROOMS)}
    assert [path for path in sorted(named) if not any(ROOT.glob(path.rstrip("/")))] == []


@pytest.mark.parametrize("name", NAMES)
def test_commands_that_are_named_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", page("Makefile"), re.MULTILINE))
    assert sorted(set(re.findall(r"(?:`|^|&& )make ([a-z-]+)", page(name), re.MULTILINE)) - targets) == []


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        here = waiting.pop()
        reached.add(here)
        links = ((here.parent / target).resolve() for target in re.findall(r"\]\(([^)#:\s]+)\)", here.read_text()))
        waiting += [target for target in links if target.suffix == ".md" and target not in reached]
    assert [page for page in PAGES if page not in reached] == []


@pytest.mark.parametrize("name", [name for name in NAMES if re.search(r"decisions/\d", name)])
def test_a_decision_has_number_date_choice_and_reason(name: str) -> None:
    lines = page(name).splitlines()
    number, title = lines[0].removeprefix("# ").split(" ", 1)
    assert Path(name).name.startswith(f"{number}-")
    assert re.fullmatch(
        r"\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December) 20\d\d", lines[2]
    )
    assert re.findall(r"^\*\*(Decided|Why)\.\*\* ", page(name), re.MULTILINE) == ["Decided", "Why"]
    assert f"| [{number}]({Path(name).name}) | {title} |" in page("docs/decisions/README.md")


def test_no_two_decisions_begin_their_title_alike() -> None:
    titles = re.findall(r"^\| \[\d+\][^|]+\| ([^|]{12})", page("docs/decisions/README.md"), re.MULTILINE)
    assert len(set(titles)) == len(titles) == len(list((ROOT / "docs/decisions").glob("0*.md")))


def test_the_readme_lists_every_scope() -> None:
    assert re.findall(r"^\| `((?:dpm|advisory)\.[a-z.]+)` \|", page("README.md"), re.MULTILINE) == [scope.value for scope in Scope]


@pytest.mark.parametrize(
    ("action", "sentence"), [("s3:PutObject", r"`s3:PutObject`: ([\w, ]+)\."), ("s3:DeleteObject", r"Only (\w+) deletes")]
)
def test_the_readme_names_who_may_write_to_the_bucket_and_who_may_delete(action: str, sentence: str) -> None:
    named = re.search(sentence, page("README.md"))
    assert named is not None
    template = Template.load(TEMPLATE)
    allowed = {name for name, role in template.of_type("AWS::IAM::Role") if action in str(role.get("Policies"))}
    assert {f"{name}Role" for name in named[1].split(", ")} == allowed


@pytest.mark.parametrize("command", ["simulate", "propose"])
def test_the_readme_shows_what_the_first_requests_come_to(command: str) -> None:
    [shown] = re.findall(rf"^\$ \S+ -m engine {command} (\S+)\n(.*?)^```", page("README.md"), re.MULTILINE | re.DOTALL)
    file, report = shown
    body, ids = (ROOT / file).read_bytes(), {"run_id": "rr_1", "correlation_id": "c_1"}
    if command == "simulate":
        decided = render(json.loads(engine.simulate_json(body, **ids)), 100)
    else:
        noon = datetime(2026, 11, 26, 12, tzinfo=UTC)
        decided = render_proposal(json.loads(engine.proposal_artifact_json(body, **ids, created_at=noon)), 100)
    printed = decided.splitlines()
    assert [line for line in report.splitlines() if line != "…" and line not in printed] == []


def test_every_503_has_a_row_in_the_runbook() -> None:
    rows = re.findall(r"^\| (`[A-Z].*?) \|", page("docs/runbook.md").partition("## 503 codes")[2], re.MULTILINE)
    named = [code for row in rows for code in re.findall(r"`([A-Z_]+)(…?)`", row)]
    codes = {code.value for code, problem in PROBLEMS.items() if problem.status == 503}
    assert [code for code in sorted(codes) if not any(code == name or (rest and code.startswith(name)) for name, rest in named)] == []
    assert [name for name, rest in named if not rest and name not in codes] == []
