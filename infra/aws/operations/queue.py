"""The queue of operations on SQS: a message names an operation and nothing else (RFC-0018, dpm-service 17.6)."""

import json
import re
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from engine.ports.outside import StoreUnavailable
from engine.records.operations import Family, Job
from engine.records.runs import TENANT
from engine.usecases.refusals import Code

_OPERATION: Final = re.compile(r"[dp]op_[0-9a-f]{1,32}")


class SqsQueue:
    """`engine.ports.outside.WorkQueue` on a standard queue; the tenant is the message group, so that one backlog does not hold up the others."""

    def __init__(self, sqs: Any, url: str) -> None:
        self.sqs = sqs
        self.url = url

    def send(self, job: Job) -> None:
        body = json.dumps({"tenant": job.tenant, "family": job.family.value, "operation_id": job.operation_id})
        try:
            self.sqs.send_message(QueueUrl=self.url, MessageBody=body, MessageGroupId=job.tenant)
        except (ClientError, BotoCoreError, OSError) as error:
            raise StoreUnavailable(Code.STORE_QUEUE_UNAVAILABLE) from error

    def postpone(self, receipt: str, seconds: int) -> None:
        try:
            self.sqs.change_message_visibility(QueueUrl=self.url, ReceiptHandle=receipt, VisibilityTimeout=seconds)
        except (ClientError, BotoCoreError, OSError) as error:
            raise StoreUnavailable(Code.STORE_QUEUE_UNAVAILABLE) from error


def job_of(body: str) -> Job:
    """The job that a message names. ValueError for a body that `SqsQueue` did not write."""
    try:
        told = json.loads(body)
        job = Job(str(told["tenant"]), Family(told["family"]), str(told["operation_id"]))
    except (KeyError, TypeError) as error:
        raise ValueError("not a job") from error
    if not TENANT.fullmatch(job.tenant) or not _OPERATION.fullmatch(job.operation_id):
        raise ValueError("not a job")
    return job
