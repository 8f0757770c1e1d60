import re
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

from infra.system import new_id, utc_now, uuid7_hex


def test_a_uuid7_carries_its_version_its_variant_and_its_millisecond() -> None:
    before = int(utc_now().timestamp() * 1000)
    drawn = UUID(uuid7_hex())
    after = int(utc_now().timestamp() * 1000)
    assert (drawn.version, drawn.variant) == (7, RFC_4122)
    assert before <= drawn.int >> 80 <= after


def test_ids_are_of_their_form_and_never_the_same() -> None:
    runs = {new_id("rr") for _ in range(2_000)}
    assert len(runs) == 2_000
    assert all(re.fullmatch(r"rr_[0-9a-f]{32}", run) for run in runs)
    assert re.fullmatch(r"corr_[0-9a-f]{32}", new_id("corr"))


def test_every_random_bit_is_used() -> None:
    drawn = [UUID(uuid7_hex()).int for _ in range(400)]
    ever, always = 0, (1 << 128) - 1
    for number in drawn:
        ever, always = ever | number, always & number
    random_bits = ((1 << 12) - 1) << 64 | (1 << 62) - 1
    assert ever & random_bits == random_bits
    assert always & random_bits == 0


def test_now_is_aware_and_in_utc() -> None:
    assert utc_now().tzinfo is UTC
    assert abs(datetime.now(UTC) - utc_now()) < timedelta(seconds=5)
