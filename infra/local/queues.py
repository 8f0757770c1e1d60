"""Delivers queue messages to functions as Lambda's event source mappings do: batches, partial failures, redrive by the queue itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import boto3

from infra.local.functions import Function, FunctionError, PayloadTooLarge
from infra.template import REGION

MAX_RECEIVED: Final = 10  # messages that SQS hands out at once


@dataclass(frozen=True, slots=True)
class EventSource:
    """One queue and the function that takes its messages."""

    function: Function
    queue_arn: str
    queue_url: str
    batch_size: int
    partial: bool


def event_sources(function: Function, events: Mapping[str, Any]) -> Iterator[EventSource]:
    """The enabled SQS events of a function."""
    for event in events.values():
        properties = event.get("Properties", {})
        if event["Type"] == "SQS" and properties.get("Enabled", True):
            arn = properties["Queue"]
            url = boto3.client("sqs").get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
            partial = "ReportBatchItemFailures" in properties.get("FunctionResponseTypes", [])
            yield EventSource(function, arn, url, min(int(properties.get("BatchSize", 10)), MAX_RECEIVED), partial)


def deliver_batch(source: EventSource, *, retry_now: bool = False) -> int:
    """Hand one batch to the function and delete what it took care of; how many messages it was given.

    The rest comes back after the queue's visibility timeout, or at once with `retry_now`, until the queue's own redrive
    policy moves it to the dead-letter queue.
    """
    client = boto3.client("sqs")
    received = client.receive_message(
        QueueUrl=source.queue_url,
        MaxNumberOfMessages=source.batch_size,
        MessageSystemAttributeNames=["All"],
        MessageAttributeNames=["All"],
    ).get("Messages", [])
    if not received:
        return 0
    failed = _failed(source, received)
    for message in received:
        named = {"QueueUrl": source.queue_url, "ReceiptHandle": message["ReceiptHandle"]}
        if message["MessageId"] not in failed:
            client.delete_message(**named)
        elif retry_now:
            client.change_message_visibility(**named, VisibilityTimeout=0)
    return len(received)


def _failed(source: EventSource, received: Sequence[Mapping[str, Any]]) -> set[str]:
    """Ids of the messages that must come back: all of them when the function fails or names one that it was not given."""
    everything = {message["MessageId"] for message in received}
    try:
        answer = source.function.invoke({"Records": [_record(source, message) for message in received]})
    except (FunctionError, PayloadTooLarge):
        return everything
    if not source.partial or not answer:
        return set()
    try:
        named = {failure["itemIdentifier"] for failure in answer.get("batchItemFailures") or []}
    except (AttributeError, KeyError, TypeError):
        return everything
    unknown = named - everything
    return everything if unknown else named


def _record(source: EventSource, message: Mapping[str, Any]) -> dict[str, Any]:
    attributes = {
        name: {"stringValue": value.get("StringValue"), "dataType": value["DataType"]}
        for name, value in message.get("MessageAttributes", {}).items()
    }
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": attributes,
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": source.queue_arn,
        "awsRegion": REGION,
    }
