"""What anybody may see besides the desk: what this is, whether it is up, the API's document, and the page that draws it."""

import gzip
import json
import re
import tomllib
from html.parser import HTMLParser
from importlib.metadata import files
from pathlib import Path
from typing import Any, Final

import pytest

from engine.version import ENGINE_VERSION
from infra.api import CALLS
from infra.release import RELEASE
from tests.support.gateway import FUNCTIONS, IDENTITY, Reply, event, load, refused

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = FUNCTIONS / "documentation" / "docs"
BROWSER: Final = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
GZIP: Final = {"Accept-Encoding": "gzip, br"}
SHOWN: Final = ["swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png", "docs.js", "docs.css", "landing.css", "colours.css"]


@pytest.fixture(scope="module")
def handler() -> Any:
    return load("documentation").handler


def ask(handler: Any, path: str, headers: dict[str, Any] | None = None, method: str = "GET", before: str = "/prod", **parts: Any) -> Reply:
    resource = re.sub(r"^/docs/.*", "/docs/{asset}", path)
    sent = event(None, headers or {}, method=method, path=path, resource=resource, before=before, **parts)
    return Reply.of(handler(sent | {"pathParameters": {"asset": path.split("/")[2]} if resource != path else None}, None))


class Links(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        assert not any(name == "style" or name.startswith("on") for name, _ in attributes), tag
        assert tag != "script" or dict(attributes).get("src"), "a script of its own"
        self.found += [value for name, value in attributes if name in {"href", "src"} and value]


# what this is, and that it is there


@pytest.mark.parametrize(("before", "path"), [("/prod", "/"), ("", "/"), ("/engine/v1", "/")], ids=["stage", "domain", "mapped"])
def test_the_address_itself_says_what_this_is_and_where_to_go_on(handler: Any, before: str, path: str) -> None:
    reply = ask(handler, path, before=before)
    assert (reply.status, reply.headers["Content-Type"], reply.headers["Vary"]) == (200, "application/json", "Accept")
    assert reply.json["title"] == json.loads((ROOT / "docs/openapi.json").read_text())["info"]["title"]
    assert (reply.json["version"], reply.json["engine_version"]) == (RELEASE, ENGINE_VERSION)
    places = {"documentation": "/docs", "openapi": "/openapi.json", "desk": "/desk", "health": "/health"}
    assert reply.json["links"] == {name: before + place for name, place in places.items()}
    page = ask(handler, path, BROWSER, before=before)
    assert (page.headers["Content-Type"], page.headers["Vary"]) == ("text/html; charset=utf-8", "Accept")
    styles = ["/docs/colours.css", "/docs/landing.css"]
    assert Links(page.body.decode()).found == ["data:,", *(before + place for place in [*styles, *places.values()])]
    assert RELEASE in page.body.decode()


def test_a_stage_may_be_asked_for_without_a_slash(handler: Any) -> None:
    sent = event(None, {}, method="GET", path="/", before="/prod")
    sent["requestContext"]["path"] = "/prod"
    assert Reply.of(handler(sent, None)).json["links"]["health"] == "/prod/health"


def test_a_mapped_path_cannot_bring_markup_into_the_page(handler: Any) -> None:
    page = ask(handler, "/", BROWSER, before='/"><script>alert(1)</script>&amp;').body.decode()
    assert "<script" not in page
    assert '/%22%3E%3Cscript%3Ealert(1)%3C/script%3E&amp;amp;/docs"' in page


def test_health_tells_the_release_and_is_never_kept(handler: Any) -> None:
    reply = ask(handler, "/health", {"X-Correlation-Id": "probe 1"})
    assert reply.json == {"status": "UP", "version": RELEASE, "engine_version": ENGINE_VERSION}
    assert (reply.headers["Cache-Control"], reply.headers["X-Correlation-Id"]) == ("no-store", "probe 1")


def test_the_release_is_the_projects() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == RELEASE


# the document


def test_the_document_is_the_committed_one_and_travels_compressed_to_who_takes_it(handler: Any) -> None:
    committed = (ROOT / "docs/openapi.json").read_bytes()
    plain, zipped = ask(handler, "/openapi.json"), ask(handler, "/openapi.json", GZIP)
    assert (plain.status, plain.body, zipped.body) == (200, committed, committed)
    assert plain.headers["Cache-Control"] == zipped.headers["Cache-Control"] == "public, max-age=300"
    assert (plain.headers["Content-Type"], plain.headers["Vary"], zipped.headers["Vary"]) == ("application/json", *["Accept-Encoding"] * 2)
    assert (plain.headers.get("Content-Encoding"), zipped.headers["Content-Encoding"]) == (None, "gzip")
    assert len(gzip.compress(committed)) < len(committed) / 5


def test_a_copy_is_asked_about_by_the_tag_of_its_own_coding(handler: Any) -> None:
    plain, zipped = (ask(handler, "/openapi.json", headers).headers["ETag"] for headers in ({}, GZIP))
    assert plain != zipped
    for headers, tag, status in (({}, plain, 304), (GZIP, zipped, 304), ({}, zipped, 200), (GZIP, plain, 200)):
        reply = ask(handler, "/openapi.json", {**headers, "If-None-Match": tag})
        assert (reply.status, bool(reply.body)) == (status, status == 200)
        assert reply.headers["ETag"] == (zipped if headers else plain)


# its page


def test_the_pages_policy_lets_in_nothing_of_others(handler: Any) -> None:
    policy = ask(handler, "/docs").headers["Content-Security-Policy"]
    assert sorted(policy.split("; ")) == [
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "img-src 'self' data:",
        "script-src 'self'",
        "style-src 'self'",
    ]


def test_everything_that_the_page_asks_for_lies_beside_it(handler: Any) -> None:
    page = ask(handler, "/docs").body.decode()
    asked = Links(page).found
    assert "openapi.json" in asked
    for address in asked:
        assert ask(handler, f"/{address.removeprefix('./')}").status == 200, address


@pytest.mark.parametrize("name", SHOWN)
def test_a_file_is_served_as_it_lies_there(handler: Any, name: str) -> None:
    places = [DOCS / name, ROOT / "infra/pages/templates" / name]
    places += [Path(str(file.locate())) for file in files("flask-swagger-ui") or () if file.name == name]
    (path,) = [place for place in places if place.is_file()]
    for headers in ({}, GZIP):
        reply = ask(handler, f"/docs/{name}", headers)
        assert (reply.status, reply.body, reply.headers["X-Content-Type-Options"]) == (200, path.read_bytes(), "nosniff")
        kinds = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".png": "image/png"}
        assert reply.headers["Content-Type"] == kinds[path.suffix]


@pytest.mark.parametrize("name", ["swagger-ui.js", "docs.html", "landing.html", "index.css", "__init__.py", "..%2Fapp.py", "desk.js"])
def test_any_other_name_is_none(handler: Any, name: str) -> None:
    assert refused(ask(handler, f"/docs/{name}")) == (404, "NOT_FOUND")


@pytest.mark.parametrize("path", [path.name for path in DOCS.glob("*.js")])
def test_a_script_of_ours_makes_no_markup_of_texts_and_no_code(path: str) -> None:
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|https?://"
    assert re.findall(forbidden, (DOCS / path).read_text()) == []


# to whom


ANYBODYS = ["/", "/health", "/openapi.json", "/docs", "/docs/docs.js"]


def test_these_calls_are_anybodys_and_no_others() -> None:
    assert [call.path for call in CALLS if call.anybodys] == [
        "/",
        "/health",
        "/openapi.json",
        "/docs",
        "/docs/{asset}",
        "/desk",
        "/desk/{asset}",
    ]


@pytest.mark.parametrize("path", ANYBODYS)
def test_who_asks_makes_no_difference(handler: Any, path: str) -> None:
    answers = [ask(handler, path, authorizer=authorizer) for authorizer in (None, IDENTITY, IDENTITY | {"expires_at": "1"})]
    assert answers[0].status == 200
    assert answers.count(answers[0]) == 3


@pytest.mark.parametrize("path", ANYBODYS)
def test_the_headers_alone_are_those_of_the_answer(handler: Any, path: str) -> None:
    """The gateway sends no body after the headers of a HEAD."""
    assert ask(handler, path, method="HEAD") == ask(handler, path)


@pytest.mark.parametrize("path", ANYBODYS)
def test_nothing_can_be_sent(handler: Any, path: str) -> None:
    reply = ask(handler, path, method="POST")
    assert (*refused(reply), reply.headers["Allow"]) == (405, "METHOD_NOT_ALLOWED", "GET, HEAD")


def test_a_slash_at_the_end_leads_nowhere(handler: Any) -> None:
    sent = event(None, {}, method="GET", path="/docs/", resource="/docs")
    assert refused(Reply.of(handler(sent, None))) == (404, "NOT_FOUND")
