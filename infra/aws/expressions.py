"""Items and guarded writes in DynamoDB's low-level form. Values only, no calls."""

from collections.abc import Mapping
from typing import Any, Final

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer

Item = dict[str, Any]
"""An item in Python values: text, int, bytes, bool, dict, list."""

Write = dict[str, Any]
"""One member of TransactItems, without the table's name."""

_serializer: Final = TypeSerializer()
_deserializer: Final = TypeDeserializer()


def encoded(item: Mapping[str, Any]) -> Item:
    """The item as the low-level client wants it; members that are None are left out."""
    return {name: _serializer.serialize(value) for name, value in item.items() if value is not None}


def decoded(item: Mapping[str, Any]) -> Item:
    """The item in plain Python values, as `encoded` took it."""
    return {name: _plain(_deserializer.deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Binary):
        return bytes(value)
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    return int(value) if hasattr(value, "as_tuple") else value


def key(pk: str, sk: str) -> Item:
    """The primary key in the low-level form."""
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def put(item: Mapping[str, Any]) -> Write:
    """Write an item whose key no other record can have."""
    return {"Put": {"Item": encoded(item)}}


def put_once(item: Mapping[str, Any]) -> Write:
    """Write an item that must not exist yet. Refused = a race lost, or our own earlier success whose acknowledgement was lost."""
    return {"Put": {"Item": encoded(item), "ConditionExpression": "attribute_not_exists(pk)"}}


def put_if(item: Mapping[str, Any], condition: str, values: Mapping[str, Any]) -> Write:
    """Write an item if the condition holds for what is there now."""
    return {"Put": {"Item": encoded(item), "ConditionExpression": condition, "ExpressionAttributeValues": encoded(values)}}


def delete(pk: str, sk: str, condition: str = "", values: Mapping[str, Any] | None = None, names: Mapping[str, str] | None = None) -> Write:
    """Delete an item, where told only if the condition holds; without one, an item that is gone already is no failure."""
    body: Write = {"Key": key(pk, sk)}
    if condition:
        body["ConditionExpression"] = condition
    if values:
        body["ExpressionAttributeValues"] = encoded(values)
    if names:
        body["ExpressionAttributeNames"] = dict(names)
    return {"Delete": body}


def update_of(
    pk: str, sk: str, expression: str, condition: str, values: Mapping[str, Any], names: Mapping[str, str] | None = None
) -> Write:
    """The body of a guarded change; wrapped in `{"Update": …}` it is a member of a transaction."""
    body: Write = {
        "Key": key(pk, sk),
        "UpdateExpression": expression,
        "ConditionExpression": condition,
        "ExpressionAttributeValues": encoded(values),
    }
    return body | ({"ExpressionAttributeNames": dict(names)} if names else {})
