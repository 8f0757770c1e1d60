"""What functions ask of AWS: every call as IAM judges it, recorded at the SDK's clients, under the name of the function that made it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from infra.aws.clients import client
from infra.template import ACCOUNT, REGION

SERVICES: Final = ("dynamodb", "s3", "sqs", "stepfunctions")
LEADING_KEYS: Final = "dynamodb:LeadingKeys"
VIA: Final = "kms:ViaService"

MEMBERS: Final = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
"""By what a member of a transaction is judged."""

WRITES: Final = frozenset({"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"})
ENCRYPTED: Final[Mapping[str, tuple[str, ...]]] = {
    "s3:GetObject": ("Decrypt",),
    "s3:PutObject": ("GenerateDataKey",),
    "sqs:SendMessage": ("GenerateDataKey", "Decrypt"),
    "sqs:ReceiveMessage": ("Decrypt",),
}
"""What a call to an encrypted bucket or queue asks of its key. Of a table's key every call asks Decrypt, and one that writes GenerateDataKey
too: AWS's own constructs give it to writers, and no emulator tells whether they could do without."""


@dataclass(frozen=True)
class Use:
    """One question to IAM: may this be done to that? `values` are those of the condition key that comes with the call."""

    action: str
    resource: str
    key: str = ""
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}" + (f" with {self.key} {', '.join(self.values)}" if self.key else "")


@dataclass
class Recorder:
    """Writes down, by function, what `caller` does, which is nobody between two calls. `key` is what everything is encrypted with."""

    key: str
    uses: dict[str, dict[Use, None]] = field(default_factory=dict)
    called: set[str] = field(default_factory=set)
    caller: str = ""

    def heard(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        """The SDK is about to make a call, or signs a link to one."""
        assert self.caller, f"{model.name} by nobody"
        self.told(self.caller, ASKED[model.service_model.service_name](model.name, params))

    def told(self, function: str, asked: Iterable[Use]) -> None:
        """Calls, and with each what it asks of the key of what it is for."""
        uses = self.uses.setdefault(function, {})
        for use in asked:
            uses[use] = None
            uses.update({Use(f"kms:{action}", self.key, VIA, (via,)): None for action, via in key_uses(use)})

    @contextmanager
    def by(self, function: str) -> Iterator[None]:
        assert not self.caller, "one at a time"
        self.caller = function
        self.called.add(function)
        try:
            yield
        finally:
            self.caller = ""

    @contextmanager
    def listening(self) -> Iterator[None]:
        """At the clients of all functions of this process."""
        for service in SERVICES:
            client(service).meta.events.register("before-parameter-build", self.heard, unique_id="recorder")
        try:
            yield
        finally:
            for service in SERVICES:
                client(service).meta.events.unregister("before-parameter-build", unique_id="recorder")


def key_uses(use: Use) -> Iterator[tuple[str, str]]:
    """What a call asks of the key of its table, bucket or queue, and through which service."""
    service = use.action.partition(":")[0]
    if service == "dynamodb":
        actions: tuple[str, ...] = ("Decrypt", "GenerateDataKey") if use.action in WRITES else ("Decrypt",)
    else:
        actions = ENCRYPTED.get(use.action, ())
    yield from ((action, f"{service}.{REGION}.amazonaws.com") for action in actions)


def asked_of_dynamodb(operation: str, params: Mapping[str, Any]) -> Iterator[Use]:
    match operation:
        case "TransactWriteItems":
            for member in params["TransactItems"]:
                [(kind, write)] = member.items()
                yield _on_items(MEMBERS[kind], write, write.get("Item") or write["Key"])
        case "BatchGetItem":
            for table, wanted in params["RequestItems"].items():
                yield _on_items(operation, {"TableName": table}, *wanted["Keys"])
        case "Query":
            yield _on_items(operation, params, {"pk": params["ExpressionAttributeValues"][":pk"]})
        case _:
            yield _on_items(operation, params, params.get("Item") or params["Key"])


def _on_items(action: str, request: Mapping[str, Any], *named: Mapping[str, Any]) -> Use:
    index = f"/index/{request['IndexName']}" if "IndexName" in request else ""
    leading = tuple(item["pk"]["S"] for item in named)
    return Use(f"dynamodb:{action}", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{request['TableName']}{index}", LEADING_KEYS, leading)


def asked_of_s3(operation: str, params: Mapping[str, Any]) -> Iterator[Use]:
    bucket = f"arn:aws:s3:::{params['Bucket']}"
    match operation:
        case "GetObject" | "HeadObject":
            yield Use("s3:GetObject", f"{bucket}/{params['Key']}")
            yield Use("s3:ListBucket", bucket)  # without it, S3 says of what is not there that it is forbidden
        case "PutObject":
            yield Use("s3:PutObject", f"{bucket}/{params['Key']}")
        case "ListObjectsV2":
            yield Use("s3:ListBucket", bucket)
        case "CreateBucket":
            return  # as which the SDK reads the name of the bucket of a form that it signs; what the form does, its sender tells
        case "DeleteObjects":
            yield from (Use("s3:DeleteObject", f"{bucket}/{named['Key']}") for named in params["Delete"]["Objects"])
        case _:
            raise NotImplementedError(operation)


def asked_of_sqs(operation: str, params: Mapping[str, Any]) -> Iterator[Use]:
    yield Use(f"sqs:{operation}", f"arn:aws:sqs:{REGION}:{ACCOUNT}:{params['QueueUrl'].rpartition('/')[2]}")


def asked_of_states(operation: str, params: Mapping[str, Any]) -> Iterator[Use]:
    yield Use(f"states:{operation}", params.get("executionArn") or params["stateMachineArn"])


ASKED: Final[Mapping[str, Callable[[str, Mapping[str, Any]], Iterator[Use]]]] = {
    "dynamodb": asked_of_dynamodb,
    "s3": asked_of_s3,
    "sqs": asked_of_sqs,
    "stepfunctions": asked_of_states,
}
