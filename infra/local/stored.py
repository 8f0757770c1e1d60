"""Where the local stack keeps a run: the items of its tables and the objects of its buckets that name it."""

from collections.abc import Iterator
from typing import Any


def stored(dynamodb: Any, s3: Any, run_id: str) -> str:
    """The key of every item and object of a run, part by part. Reads whole tables, which only an emulator's may be."""
    return "\n".join((*items(dynamodb, run_id), *objects(s3, run_id)))


def items(dynamodb: Any, run_id: str) -> Iterator[str]:
    """Partition and sort key of every item that holds the run's id in any attribute, under the name of its table."""
    for table in dynamodb.list_tables()["TableNames"]:
        pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        found = [item for page in pages for item in page["Items"] if names(item, run_id)]
        if found:
            yield f"DynamoDB table {table}"
        for item in found:
            yield f"  {item['pk']['S']}\n    {item['sk']['S']}"


def objects(s3: Any, run_id: str) -> Iterator[str]:
    """Folder, name and size of every object whose key holds the run's id, under the name of its bucket."""
    for bucket in s3.list_buckets()["Buckets"]:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket["Name"])
        found = [entry for page in pages for entry in page.get("Contents", ()) if run_id in entry["Key"]]
        if found:
            yield f"S3 bucket {bucket['Name']}"
        for entry in found:
            folder, _, name = entry["Key"].rpartition("/")
            yield f"  {folder}/\n    {name}, {entry['Size']:,} bytes"


def names(value: Any, run_id: str) -> bool:
    """Whether an attribute holds the id, at any depth; bytes are documents and are not searched."""
    if isinstance(value, str):
        return run_id in value
    if isinstance(value, dict):
        return any(names(inner, run_id) for inner in value.values())
    return isinstance(value, list) and any(names(inner, run_id) for inner in value)
