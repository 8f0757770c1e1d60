"""The emulator's table under threads and transactions."""

import time
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from infra.local.dynamodb import SerialDynamoDB
from infra.template import ACCOUNT, REGION

TABLE = "t"


@pytest.fixture
def client():
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


def put(pk, *, sk="s", once=True, **attributes):
    item = {"pk": {"S": pk}, "sk": {"S": sk}} | {name: {"S": value} for name, value in attributes.items()}
    return {"Put": {"TableName": TABLE, "Item": item} | ({"ConditionExpression": "attribute_not_exists(pk)"} if once else {})}


def count(pk):
    return {
        "Update": {
            "TableName": TABLE,
            "Key": {"pk": {"S": pk}, "sk": {"S": "s"}},
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }


def stored(client):
    items = client.scan(TableName=TABLE)["Items"]
    return {item["pk"]["S"]: int(item["n"]["N"]) if "n" in item else None for item in items}


def test_a_transaction_writes_everything(client):
    client.transact_write_items(TransactItems=[put("a"), put("b"), count("c")])
    client.transact_write_items(TransactItems=[{"Delete": {"TableName": TABLE, "Key": {"pk": {"S": "a"}, "sk": {"S": "s"}}}}, count("c")])
    assert stored(client) == {"b": None, "c": 2}


def test_a_refused_transaction_writes_nothing_and_tells_why(client):
    client.transact_write_items(TransactItems=[put("b"), count("c")])
    with pytest.raises(ClientError) as refused:
        client.transact_write_items(TransactItems=[put("a"), put("b"), count("c")])
    codes = [reason["Code"] for reason in refused.value.response["CancellationReasons"]]
    assert codes == ["None", "ConditionalCheckFailed", "None"]
    assert stored(client) == {"b": None, "c": 1}


def test_an_item_named_twice_is_refused(client):
    with pytest.raises(ClientError, match="multiple operations on one item"):
        client.transact_write_items(TransactItems=[put("a"), put("a", once=False)])
    assert stored(client) == {}


def test_a_table_that_is_not_there_is_refused(client):
    write = {"Put": {"TableName": "nowhere", "Item": {"pk": {"S": "a"}, "sk": {"S": "s"}}}}
    with pytest.raises(ClientError):
        client.transact_write_items(TransactItems=[put("a"), write])
    assert stored(client) == {}


def test_a_conditional_update_sees_what_is_there(client):
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


def test_of_many_racing_transactions_one_wins_and_no_other_write_is_lost(client):
    def race(number):
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


def test_the_cost_of_a_transaction_does_not_grow_with_the_table(client):
    def seconds(rounds):
        started = time.perf_counter()
        for _ in range(rounds):
            client.transact_write_items(TransactItems=[count("a"), count("b")])
        return (time.perf_counter() - started) / rounds

    small = seconds(20)
    for first in range(0, 3000, 25):
        requests = [{"PutRequest": {"Item": {"pk": {"S": f"p{n}"}, "sk": {"S": "s"}}}} for n in range(first, first + 25)]
        client.batch_write_item(RequestItems={TABLE: requests})
    assert seconds(20) < 10 * small  # moto's own copy of the table would make it some hundred times
