"""The emulator's table under threads and transactions."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from infra.local.dynamodb import SerialDynamoDB
from infra.template import ACCOUNT, REGION

TABLE = "t"


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        SerialDynamoDB.install(REGION, ACCOUNT)
        made = boto3.client("dynamodb", region_name=REGION)
        made.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        )
        yield made


def put(pk: Any, *, sk: str = "s", once: bool = True, **attributes: Any) -> Any:
    item = {"pk": {"S": pk}, "sk": {"S": sk}} | {name: {"S": value} for name, value in attributes.items()}
    return {"Put": {"TableName": TABLE, "Item": item} | ({"ConditionExpression": "attribute_not_exists(pk)"} if once else {})}


def count(pk: Any) -> Any:
    return {
        "Update": {
            "TableName": TABLE,
            "Key": {"pk": {"S": pk}, "sk": {"S": "s"}},
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }


def stored(client: Any) -> Any:
    items = client.scan(TableName=TABLE)["Items"]
    return {item["pk"]["S"]: int(item["n"]["N"]) if "n" in item else None for item in items}


def test_a_transaction_writes_everything(client: Any) -> None:
    client.transact_write_items(TransactItems=[put("a"), put("b"), count("c")])
    client.transact_write_items(TransactItems=[{"Delete": {"TableName": TABLE, "Key": {"pk": {"S": "a"}, "sk": {"S": "s"}}}}, count("c")])
    assert stored(client) == {"b": None, "c": 2}


def test_a_refused_transaction_writes_nothing_and_tells_why(client: Any) -> None:
    client.transact_write_items(TransactItems=[put("b"), count("c")])
    with pytest.raises(ClientError) as refused:
        client.transact_write_items(TransactItems=[put("a"), put("b"), count("c")])
    codes = [reason["Code"] for reason in refused.value.response["CancellationReasons"]]
    assert codes == ["None", "ConditionalCheckFailed", "None"]
    assert stored(client) == {"b": None, "c": 1}


def test_an_item_named_twice_is_refused(client: Any) -> None:
    with pytest.raises(ClientError, match="multiple operations on one item"):
        client.transact_write_items(TransactItems=[put("a"), put("a", once=False)])
    assert stored(client) == {}


def test_a_table_that_is_not_there_is_refused(client: Any) -> None:
    write = {"Put": {"TableName": "nowhere", "Item": {"pk": {"S": "a"}, "sk": {"S": "s"}}}}
    with pytest.raises(ClientError):
        client.transact_write_items(TransactItems=[put("a"), write])
    assert stored(client) == {}


def test_a_conditional_update_sees_what_is_there(client: Any) -> None:
    client.transact_write_items(TransactItems=[put("a", state="open")])
    change = {
        "TableName": TABLE,
        "Key": {"pk": {"S": "a"}, "sk": {"S": "s"}},
        "UpdateExpression": "SET #s = :new",
        "ConditionExpression": "#s = :old",
        "ExpressionAttributeNames": {"#s": "state"},
        "ExpressionAttributeValues": {":old": {"S": "open"}, ":new": {"S": "shut"}},
        "ReturnValues": "ALL_NEW",
    }
    assert client.update_item(**change)["Attributes"]["state"] == {"S": "shut"}
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        client.update_item(**change)


def test_of_many_racing_transactions_one_wins_and_no_other_write_is_lost(client: Any) -> None:
    def race(number: Any) -> Any:
        client.transact_write_items(TransactItems=[count("total"), put(f"own-{number}", once=False)])
        try:
            client.transact_write_items(TransactItems=[put(f"run-{number}"), put("claim"), count("wins")])
        except ClientError:
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        wins = sum(pool.map(race, range(48)))
    found = stored(client)
    assert (wins, found["wins"], found["total"]) == (1, 1, 48)
    assert sum(name.startswith("own-") for name in found) == 48
    assert sum(name.startswith("run-") for name in found) == 1


def test_the_cost_of_a_transaction_does_not_grow_with_the_table(client: Any) -> None:
    def seconds(rounds: Any) -> Any:
        started = time.perf_counter()
        for _ in range(rounds):
            client.transact_write_items(TransactItems=[count("a"), count("b")])
        return (time.perf_counter() - started) / rounds

    small = seconds(20)
    for first in range(0, 3000, 25):
        requests = [{"PutRequest": {"Item": {"pk": {"S": f"p{n}"}, "sk": {"S": "s"}}}} for n in range(first, first + 25)]
        client.batch_write_item(RequestItems={TABLE: requests})
    assert seconds(20) < 10 * small  # moto's own copy of the table would make it some hundred times


QUERIES: list[dict[str, Any]] = [
    {"KeyConditionExpression": "pk = :v", "ExpressionAttributeValues": {":v": {"S": "p1"}}},
    {"KeyConditionExpression": "pk = :v AND sk > :s", "ExpressionAttributeValues": {":v": {"S": "p1"}, ":s": {"S": "s4"}}},
    {"KeyConditionExpression": "pk = :v", "ExpressionAttributeValues": {":v": {"S": "nobody"}}},
    {"IndexName": "some", "KeyConditionExpression": "g = :v", "ExpressionAttributeValues": {":v": {"S": "g2"}}},
    {
        "IndexName": "some",
        "KeyConditionExpression": "g = :v AND sk < :s",
        "FilterExpression": "seen = :w OR unshown = :w",
        "ExpressionAttributeValues": {":v": {"S": "g1"}, ":s": {"S": "s8"}, ":w": {"S": "0"}},
        "ScanIndexForward": False,
    },
    {"IndexName": "keys", "KeyConditionExpression": "n = :v", "ExpressionAttributeValues": {":v": {"N": "1.0"}}},
    {"IndexName": "whole", "KeyConditionExpression": "seen = :v", "ExpressionAttributeValues": {":v": {"S": "1"}}},
]


def indexed(*, serial: bool) -> Any:
    """Twelve items under three keys; moto's own table or ours."""
    if serial:
        SerialDynamoDB.install(REGION, ACCOUNT)
    made = boto3.client("dynamodb", region_name=REGION)
    shapes = [("some", ("g", "sk"), "INCLUDE"), ("keys", ("n", "pk"), "KEYS_ONLY"), ("whole", ("seen", "sk"), "ALL")]
    made.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "N" if name == "n" else "S"} for name in ("pk", "sk", "g", "n", "seen")
        ],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": name,
                "KeySchema": [{"AttributeName": keys[0], "KeyType": "HASH"}, {"AttributeName": keys[1], "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": kind} | ({"NonKeyAttributes": ["seen", "more"]} if kind == "INCLUDE" else {}),
            }
            for name, keys, kind in shapes
        ],
    )
    for number in range(12):
        item: dict[str, Any] = {
            "pk": {"S": f"p{number % 3}"},
            "sk": {"S": f"s{number}"},
            "seen": {"S": str(number % 2)},
            "unshown": {"S": str(number % 2)},
        }
        item |= {"more": {"M": {"deep": {"L": [{"N": str(number)}]}}}, "n": {"N": str(number % 4)}}
        made.put_item(TableName=TABLE, Item=item | ({"g": {"S": f"g{number % 3}"}} if number != 5 else {}))
    return made


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_finds_what_moto_finds_page_by_page(query: dict[str, Any]) -> None:
    def pages(*, serial: bool) -> list[Any]:
        with mock_aws():
            found = indexed(serial=serial).get_paginator("query").paginate(TableName=TABLE, **query, PaginationConfig={"PageSize": 2})
            return [(page["Items"], page["Count"], page.get("LastEvaluatedKey")) for page in found]

    ours = pages(serial=True)
    assert ours == pages(serial=False)
    assert sum(len(items) for items, _, _ in ours) == [4, 1, 0, 3, 2, 3, 6][QUERIES.index(query)]


def test_a_query_for_what_is_not_there_is_refused(client: Any) -> None:
    query = {"KeyConditionExpression": "pk = :v", "ExpressionAttributeValues": {":v": {"S": "a"}}}
    with pytest.raises(ClientError, match="ResourceNotFound"):
        client.query(TableName="nowhere", **query)
    with pytest.raises(ClientError, match="index"):
        client.query(TableName=TABLE, IndexName="nowhere", **query)
