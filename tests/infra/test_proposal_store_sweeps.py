"""Documents of proposals that nothing points at go after a week; those of versions and checks never do."""

from datetime import timedelta

from tests.support.adapters import on_aws, over
from tests.support.emulators import Aws
from tests.support.proposals import LARGE, beginning, looked_at, next_version
from tests.support.samples import TENANT, HandClock

ONE = beginning(artifact=LARGE)
ID = ONE.proposal.proposal_id


def stored(aws: Aws) -> set[str]:
    """The owners of all documents of proposals."""
    listed = aws.s3.list_objects_v2(Bucket=aws.bucket, Prefix=f"{TENANT}/proposals/")
    return {found["Key"].split("/")[2] for found in listed.get("Contents", ())}


def test_what_a_lost_race_left_is_removed_after_a_week_and_nothing_else(aws: Aws) -> None:
    clock = HandClock()
    adapters = on_aws(aws, clock)
    store = adapters.proposals
    assert ONE.kept_in(store)
    effect, second = next_version(ONE.proposal)
    assert store.add_version(effect, second, LARGE)
    seen, check = looked_at(effect.proposal, trades=({"note": LARGE.decode()},))
    assert store.add_check(seen, check)
    kept = {f"{ID}@{record}" for record in (ONE.version.version_id, second.version_id, check.check_id)}

    late, third = next_version(ONE.proposal, 1)
    assert not store.add_version(late, third, LARGE)
    nobodys = beginning(2, key="key-1", artifact=LARGE)
    assert not nobodys.kept_in(store)
    _, unseen = looked_at(effect.proposal, 2, trades=check.trades)
    assert not store.add_check(seen, unseen)
    left = {f"{ID}@{third.version_id}", f"{nobodys.proposal.proposal_id}@{nobodys.version.version_id}", f"{ID}@{unseen.check_id}"}
    assert stored(aws) == kept | left

    [newest] = sorted(found["LastModified"] for found in aws.s3.list_objects_v2(Bucket=aws.bucket)["Contents"])[-1:]
    clock.now = newest + timedelta(days=6, hours=23)
    assert adapters.retention.remove_orphans(most=100) == 0
    clock.now = newest + timedelta(days=7, seconds=1)
    assert adapters.retention.remove_orphans(most=100) == 3
    assert stored(aws) == kept
    assert store.checks(TENANT, ID, 2) == (check,)
    for version_no in (1, 2):
        found = store.version(TENANT, ID, version_no)
        assert found is not None
        assert found.artifact() == LARGE


def test_where_proposals_are_elsewhere_their_documents_are_left_alone(aws: Aws) -> None:
    clock = HandClock()
    adapters = on_aws(aws, clock)
    assert ONE.kept_in(adapters.proposals)
    assert not beginning(2, key="key-1", artifact=LARGE).kept_in(adapters.proposals)
    assert len(stored(aws)) == 2
    clock.forward(days=4000)
    assert over(adapters.runs).retention.remove_orphans(most=100) == 0
    assert len(stored(aws)) == 2
