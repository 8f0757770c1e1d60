"""Documents of a run in one object: what lies where, what a reader fetches, and that nothing but the very bytes comes back."""

import gzip
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.ports.outside import EvidenceCorrupt
from engine.records.runs import RunDocuments
from infra.aws.payloads import Payloads
from infra.aws.runs.documents import Binder, Kept
from tests.support.effort import examples
from tests.support.emulators import Aws
from tests.support.faults import Line

RESULT, REQUEST, OPTIONS = b'{"status":"READY"}', b'{"shelf_entries":[]}', b'{"mode":"FULL"}'
ARTIFACT = b'{"artifact":1,"result":%s,"recomputation":{"request":%s,"options":%s}}' % (RESULT, REQUEST, OPTIONS)
WITH = RunDocuments(RESULT, REQUEST, OPTIONS, ARTIFACT)
WITHOUT = replace(WITH, artifact=None)


def kept(aws: Aws, documents: RunDocuments, inline_max_bytes: int = 0) -> Kept:
    payloads = Payloads(aws.s3, aws.bucket, inline_max_bytes=inline_max_bytes)
    return Kept(payloads, "bank-a", "rr_1", Binder.of(documents).kept(payloads, "bank-a", "rr_1"))


def objects(aws: Aws) -> list[str]:
    return [stored["Key"] for stored in aws.s3.list_objects_v2(Bucket=aws.bucket).get("Contents", [])]


def test_the_artifact_is_the_object_and_the_others_stand_in_it(aws: Aws) -> None:
    """`{"artifact":1,"result":` has 23 bytes, the result 18, `,"recomputation":{"request":` 28, the request 20, `,"options":` 11, the options 15."""
    documents = kept(aws, WITH)
    assert documents.told["spans"] == {"result": [23, 41], "request": [69, 89], "options": [100, 115], "artifact": [0, 117]}
    assert len(documents.told["packed"]) == 3
    [name] = documents.objects()
    assert objects(aws) == [name]
    assert name == f"bank-a/runs/rr_1/{documents.told['sha256']['all'].hex()}.json.gz"
    assert gzip.decompress(aws.s3.get_object(Bucket=aws.bucket, Key=name)["Body"].read()) == ARTIFACT
    assert (documents.result(), documents.all()) == (RESULT, WITH)


def test_without_an_artifact_the_documents_follow_each_other(aws: Aws) -> None:
    documents = kept(aws, WITHOUT)
    assert documents.told["spans"] == {"result": [0, 18], "request": [18, 38], "options": [38, 53]}
    assert len(documents.told["packed"]) == 2
    assert (documents.result(), documents.all()) == (RESULT, WITHOUT)


def test_small_ones_lie_in_meta_as_long_as_all_members_together_fit(aws: Aws) -> None:
    size = sum(Binder.of(WITH).told["packed"])
    assert kept(aws, WITH, size).objects() == []
    assert objects(aws) == []
    inline = kept(aws, WITH, size)
    assert (inline.result(), inline.all()) == (RESULT, WITH)
    assert kept(aws, WITH, size - 1).objects() == objects(aws) != []


def test_the_result_is_fetched_alone(aws: Aws) -> None:
    documents, line = kept(aws, WITH), Line(aws.s3)
    ranges: list[Any] = []
    aws.s3.meta.events.register("provide-client-params.s3.GetObject", lambda params, **_: ranges.append(params.get("Range")))
    first, second, _ = documents.told["packed"]
    assert documents.result() == RESULT
    assert documents.all() == WITH
    assert ranges == [f"bytes={first}-{first + second - 1}", None]
    assert line.calls == ["GetObject", "GetObject"]


@pytest.mark.parametrize("length", [0, 10, -1])
def test_an_object_that_was_cut_short_is_corrupt(aws: Aws, length: int) -> None:
    documents = kept(aws, WITHOUT)
    [name] = objects(aws)
    body = aws.s3.get_object(Bucket=aws.bucket, Key=name)["Body"].read()
    aws.s3.put_object(Bucket=aws.bucket, Key=name, Body=body[:length])
    with pytest.raises(EvidenceCorrupt) as corrupt:
        documents.all()
    assert corrupt.value.key == name
    if length >= 0:
        with pytest.raises(EvidenceCorrupt):
            documents.result()


def test_equal_documents_make_equal_objects_and_others_never_the_same_name() -> None:
    """Of two runs of one id, as a scenario's second attempt: same result, other artifact."""
    assert Binder.of(WITH) == Binder.of(replace(WITH))
    names = {Binder.of(documents).told["sha256"]["all"] for documents in (WITH, WITHOUT, replace(WITH, artifact=ARTIFACT + b" "))}
    assert len(names) == 3


@pytest.mark.soak
@given(parts=st.tuples(*[st.binary(min_size=1, max_size=300)] * 3), artifact=st.none() | st.binary(max_size=300), within=st.booleans())
@settings(examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_come_back(aws: Aws, parts: tuple[bytes, bytes, bytes], artifact: bytes | None, within: bool) -> None:
    artifact = b"-".join((artifact, *parts)) if within and artifact is not None else artifact
    result, request, options = parts
    documents = RunDocuments(result, request, options, artifact)
    stored = kept(aws, documents)
    assert (stored.result(), stored.all()) == (documents.result, documents)
