"""Documents: where they lie, and that nothing but the very bytes comes back."""

import gzip
from hashlib import sha256
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.ports.outside import EvidenceCorrupt, StoreUnavailable
from infra.aws.clients import S3_CONFIG
from infra.aws.payloads import Payloads
from tests.support.effort import examples
from tests.support.emulators import Aws
from tests.support.faults import Line, refused

DOCUMENT = b'{"a":' + b"1234567890" * 100 + b"}"
DIGEST = sha256(DOCUMENT).hexdigest()
KEY = f"bank-a/runs/rr_1/{DIGEST}.json.gz"


@pytest.fixture
def in_s3(aws: Aws) -> Payloads:
    return Payloads(aws.s3, aws.bucket, inline_max_bytes=0)


def keep(payloads: Payloads, document: bytes = DOCUMENT) -> dict[str, Any]:
    return payloads.keep("bank-a", "runs", "rr_1", document)


def test_a_small_document_lies_inline_and_a_larger_one_in_s3(aws: Aws) -> None:
    packed = len(gzip.compress(DOCUMENT, compresslevel=6, mtime=0))
    assert "gz" in keep(Payloads(aws.s3, aws.bucket, inline_max_bytes=packed))
    assert aws.s3.list_objects_v2(Bucket=aws.bucket)["KeyCount"] == 0
    assert keep(Payloads(aws.s3, aws.bucket, inline_max_bytes=packed - 1)) == {"sha256": DIGEST, "size": 1006, "key": KEY}
    assert [stored["Key"] for stored in aws.s3.list_objects_v2(Bucket=aws.bucket)["Contents"]] == [KEY]


def test_the_object_is_gzip_that_anybody_can_open(aws: Aws, in_s3: Payloads) -> None:
    keep(in_s3)
    body = aws.s3.get_object(Bucket=aws.bucket, Key=KEY)["Body"].read()
    assert gzip.decompress(body) == DOCUMENT
    assert body[4:8] == b"\0\0\0\0"  # no time: equal documents make equal objects


def test_keeping_a_document_twice_writes_it_once(aws: Aws, in_s3: Payloads) -> None:
    keep(in_s3)
    before = aws.s3.head_object(Bucket=aws.bucket, Key=KEY)["LastModified"]
    assert in_s3.read(keep(in_s3)) == DOCUMENT
    assert aws.s3.head_object(Bucket=aws.bucket, Key=KEY)["LastModified"] == before


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"not gzip",
        gzip.compress(DOCUMENT, mtime=0)[:-20],
        gzip.compress(DOCUMENT[:-1], mtime=0),
        gzip.compress(DOCUMENT + b" ", mtime=0),
        gzip.compress(DOCUMENT.replace(b"1", b"2"), mtime=0),
    ],
)
def test_anything_but_the_document_is_corrupt(aws: Aws, in_s3: Payloads, stored: bytes) -> None:
    attribute = keep(in_s3)
    aws.s3.put_object(Bucket=aws.bucket, Key=KEY, Body=stored)
    with pytest.raises(EvidenceCorrupt) as corrupt:
        in_s3.read(attribute)
    assert corrupt.value.key == KEY


def test_a_missing_document_is_corrupt(aws: Aws, in_s3: Payloads) -> None:
    attribute = keep(in_s3)
    aws.s3.delete_object(Bucket=aws.bucket, Key=KEY)
    with pytest.raises(EvidenceCorrupt) as corrupt:
        in_s3.read(attribute)
    assert corrupt.value.key == KEY


def test_an_inline_document_is_verified_too(aws: Aws) -> None:
    inline = Payloads(aws.s3, aws.bucket, inline_max_bytes=4096)
    attribute = keep(inline)
    with pytest.raises(EvidenceCorrupt) as corrupt:
        inline.read(attribute | {"gz": gzip.compress(b"{}", mtime=0)})
    assert corrupt.value.key == DIGEST


@pytest.mark.soak
@given(document=st.binary(max_size=4000), limit=st.sampled_from([0, 100, 65536]))
@settings(examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_come_back(aws: Aws, document: bytes, limit: int) -> None:
    payloads = Payloads(aws.s3, aws.bucket, inline_max_bytes=limit)
    assert payloads.read(keep(payloads, document)) == document


@pytest.mark.parametrize("limit", [-1, 65537])
def test_an_inline_limit_that_an_item_could_not_hold_is_refused(aws: Aws, limit: int) -> None:
    with pytest.raises(ValueError, match="DPM_INLINE_PAYLOAD_MAX_BYTES"):
        Payloads(aws.s3, aws.bucket, inline_max_bytes=limit)


def test_a_document_that_is_just_being_written_is_tried_again(aws: Aws, in_s3: Payloads) -> None:
    line = Line(aws.s3)
    line.break_at(range(2), refused("ConditionalRequestConflict"))
    assert in_s3.read(keep(in_s3)) == DOCUMENT
    line.break_at(range(100), refused("ConditionalRequestConflict"))
    with pytest.raises(StoreUnavailable):
        keep(in_s3, b"another")
    assert len(line.calls) == 3


@pytest.mark.parametrize(
    ("region", "host"), [("ap-southeast-1", "s3.ap-southeast-1"), ("us-east-1", "s3"), ("eu-central-1", "s3.eu-central-1")]
)
def test_links_are_signed_so_that_encrypted_objects_answer_in_every_region(region: str, host: str) -> None:
    signed = boto3.client("s3", region_name=region, config=S3_CONFIG, aws_access_key_id="test", aws_secret_access_key="test")
    link = Payloads(signed, "payloads-1").link({"key": "t/runs/r/1.json.gz"}, 60)
    assert link is not None
    assert link.startswith(f"https://payloads-1.{host}.amazonaws.com/")
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in link
