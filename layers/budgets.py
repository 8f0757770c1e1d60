"""What each function may carry and load, in one table. Head room: a tenth over what was measured when 1.3.0 was made, 15 % for times.

A function that passes its row has grown by more than that: give it less to load, or raise the row and say in the commit what it buys.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Budget(NamedTuple):
    """The most of everything.

    `megabytes`: unzipped, its layers included (10^6 bytes; Lambda's own limit is 250 MiB). `modules` and `kilobytes`: of our own modules
    and our libraries' that its start loads. `ratio`: CPU of its start to that of the least that any function on AWS with models must load,
    `import boto3, pydantic` and two clients, both measured within one run of `make bench`.
    """

    megabytes: int
    modules: int
    kilobytes: int
    ratio: float


BUDGETS: Final[Mapping[str, Budget]] = {
    "AnalyzeFunction": Budget(200, 500, 11_400, 2.05),
    "ArtifactFunction": Budget(36, 355, 9_700, 1.5),
    "AsyncDispatchFunction": Budget(200, 590, 11_800, 2.65),
    "AuthorizerFunction": Budget(55, 193, 17_700, 0.65),
    "BookChunkFunction": Budget(200, 500, 11_400, 2.2),
    "BookIndexFunction": Budget(36, 500, 11_400, 2.2),
    "BookSummaryFunction": Budget(36, 500, 11_400, 2.2),
    "BooksFunction": Budget(36, 520, 11_400, 2.2),
    "DeadLettersFunction": Budget(36, 326, 3_850, 1.35),
    "DocumentationFunction": Budget(38, 146, 6_800, 0.55),
    "FallbackFunction": Budget(36, 132, 1_010, 0.5),
    "PolicyPacksFunction": Budget(36, 417, 11_000, 1.9),
    "ProposalWorkflowFunction": Budget(36, 594, 11_800, 2.65),
    "ProposalsFunction": Budget(36, 541, 11_600, 2.35),
    "RunLookupFunction": Budget(36, 350, 9_700, 1.45),
    "RunWorkflowFunction": Budget(36, 350, 9_700, 1.45),
    "SimulateFunction": Budget(200, 500, 11_400, 2.1),
    "SweeperFunction": Budget(36, 333, 3_850, 1.4),
    "VerificationFunction": Budget(200, 520, 11_400, 2.1),
    "WorkerFunction": Budget(200, 581, 11_800, 2.6),
}

NEVER: Final = frozenset({"numpy", "scipy", "cvxpy", "clarabel", "jinja2", "yaml", "moto"})
"""What no start loads, however well it stays within its row: the solver and the pages wait for who asks for them."""
