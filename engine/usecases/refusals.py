"""How a use case says no, and every code that it may say it with."""

from enum import StrEnum, auto

from engine.workflow.proposal_objections import Objection


class Code(StrEnum):
    """Every stable code of a refused call. `infra.http.problems` gives each its HTTP status and its title."""

    @staticmethod
    def _generate_next_value_(name: str, *_: object) -> str:
        return name  # a code is written as it is called

    # The call itself
    BAD_REQUEST = auto()
    UNAUTHORIZED = auto()
    FORBIDDEN = auto()
    SCOPE_REQUIRED = auto()
    TENANT_MISMATCH = auto()
    ACTOR_MISMATCH = auto()
    NOT_FOUND = auto()
    METHOD_NOT_ALLOWED = auto()
    REQUEST_TOO_LARGE = auto()
    RESPONSE_TOO_LARGE = auto()
    UNSUPPORTED_MEDIA_TYPE = auto()
    UNSUPPORTED_CONTENT_ENCODING = auto()
    REQUEST_VALIDATION_FAILED = auto()
    DUPLICATE_MEMBER = auto()
    IDEMPOTENCY_KEY_CONFLICT = auto()
    TOO_MANY_REQUESTS = auto()
    INTERNAL_SERVER_ERROR = auto()
    EXECUTION_TIME_EXCEEDED = auto()

    # Runs, their evidence and their review
    DPM_RUN_NOT_FOUND = auto()
    DPM_IDEMPOTENCY_KEY_NOT_FOUND = auto()
    EVIDENCE_CORRUPT = auto()
    DPM_WORKFLOW_NOT_REQUIRED_FOR_RUN_STATUS = auto()
    DPM_WORKFLOW_INVALID_TRANSITION = auto()
    DPM_WORKFLOW_AMBIGUOUS_RUN = auto()
    FOUR_EYES_REQUIRED = auto()

    # Operations
    DPM_ASYNC_OPERATION_NOT_FOUND = auto()
    DPM_ASYNC_OPERATION_NOT_EXECUTABLE = auto()
    DPM_ASYNC_OPERATION_TOO_LARGE_FOR_INLINE = auto()

    # Books
    BOOK_NOT_FOUND = auto()
    BOOK_NOT_SUMMED_UP = auto()
    BOOK_RUN_NOT_FOUND = auto()
    BOOK_OBJECT_FOREIGN = auto()
    BOOK_OBJECT_MISSING = auto()
    BOOK_UNDER_WAY = auto()
    BOOK_COMPLETE = auto()
    BOOK_TOO_MANY = auto()

    # Policy packs
    DPM_POLICY_PACK_NOT_FOUND = auto()
    DPM_POLICY_PACK_CATALOG_READ_ONLY = auto()
    DPM_POLICY_PACK_REVISION_MISMATCH = auto()

    # Proposals
    PROPOSAL_SIMULATION_DISABLED = auto()
    PROPOSAL_ENGINE_VERSION_CHANGED = auto()

    # The life of a proposal
    PROPOSAL_NOT_FOUND = auto()
    PROPOSAL_IDEMPOTENCY_KEY_NOT_FOUND = auto()
    PROPOSAL_ASYNC_OPERATION_NOT_FOUND = auto()
    PROPOSAL_METADATA_TOO_LARGE = auto()
    PROPOSAL_REASON_TOO_LARGE = auto()
    USER_IDENTITY_REQUIRED = auto()
    STATE_CONFLICT = auto()
    APPROVAL_RECORD_REQUIRED = auto()
    INVALID_TRANSITION = auto()
    INVALID_APPROVAL_STATE = auto()
    REASON_REQUIRED = auto()
    GATE_BLOCKED = auto()
    GATE_REQUIRES_COMPLIANCE_REVIEW = auto()
    GATE_REVIEW_REQUIRED = auto()
    GATE_APPROVAL_MISSING = auto()
    EXECUTION_IN_PROGRESS = auto()
    EXECUTION_CHECK_REQUIRED = auto()
    PROPOSAL_EXPIRED = auto()
    PROPOSAL_TERMINAL_STATE = auto()
    PROPOSAL_VERSION_NOT_FOUND = auto()
    PROPOSAL_VERSION_LIMIT = auto()
    PORTFOLIO_CONTEXT_MISMATCH = auto()
    VALID_UNTIL_BOUNDS = auto()

    # Groups of calls that are switched off
    DPM_SUPPORT_APIS_DISABLED = auto()
    DPM_SUPPORTABILITY_SUMMARY_APIS_DISABLED = auto()
    DPM_SUPPORT_BUNDLE_APIS_DISABLED = auto()
    DPM_ARTIFACTS_DISABLED = auto()
    DPM_ASYNC_OPERATIONS_DISABLED = auto()
    DPM_ASYNC_MANUAL_EXECUTION_DISABLED = auto()
    DPM_WORKFLOW_DISABLED = auto()
    DPM_LINEAGE_APIS_DISABLED = auto()
    DPM_IDEMPOTENCY_HISTORY_APIS_DISABLED = auto()
    DPM_POLICY_PACK_ADMIN_APIS_DISABLED = auto()
    PROPOSAL_WORKFLOW_LIFECYCLE_DISABLED = auto()
    PROPOSAL_SUPPORT_APIS_DISABLED = auto()
    PROPOSAL_ASYNC_OPERATIONS_DISABLED = auto()
    BOOKS_DISABLED = auto()

    # Outages
    DPM_SUPPORTABILITY_STORE_UNAVAILABLE = auto()
    DPM_POLICY_PACK_STORE_UNAVAILABLE = auto()
    STORE_PROPOSAL_UNAVAILABLE = auto()
    PROPOSAL_STORE_CONTENTION = auto()
    STORE_QUEUE_UNAVAILABLE = auto()
    BOOK_STORE_UNAVAILABLE = auto()
    BOOK_MACHINE_UNAVAILABLE = auto()
    RECORDED_BY_NEWER_RELEASE = auto()

    # An environment that may not serve
    DPM_SUPPORTABILITY_TABLE_REQUIRED = auto()
    STORE_PROPOSAL_TABLE_REQUIRED = auto()
    DPM_POLICY_PACK_TABLE_REQUIRED = auto()
    PERSISTENCE_PROFILE_REQUIRES_DPM_STORE = auto()
    PERSISTENCE_PROFILE_REQUIRES_DPM_STORE_TABLE = auto()
    PERSISTENCE_PROFILE_REQUIRES_ADVISORY_STORE = auto()
    PERSISTENCE_PROFILE_REQUIRES_ADVISORY_STORE_TABLE = auto()
    PERSISTENCE_PROFILE_REQUIRES_POLICY_PACK_STORE = auto()
    PERSISTENCE_PROFILE_REQUIRES_POLICY_PACK_STORE_TABLE = auto()
    PERSISTENCE_PROFILE_REQUIRES_DPM_PAYLOAD_BUCKET = auto()
    PERSISTENCE_PROFILE_REQUIRES_DPM_QUEUE = auto()
    PERSISTENCE_PROFILE_REQUIRES_BOOKS_BUCKET = auto()
    PERSISTENCE_PROFILE_REQUIRES_BOOK_MACHINE = auto()
    PERSISTENCE_PROFILE_LOCAL_ON_LAMBDA = auto()
    PROPOSAL_SUITABILITY_THRESHOLDS_INVALID = auto()


class SaidInCodes(ValueError):  # noqa: N818  (a base of what is named for what happened)
    """An error whose text is ours alone, codes and places: whoever called may be told it as it stands."""


class FailureCode(StrEnum):
    """What an accepted operation failed of. It stands in the operation and is never a status of its own (dpm-service S16)."""

    REQUEST_VALIDATION_FAILED = Code.REQUEST_VALIDATION_FAILED
    EVIDENCE_CORRUPT = Code.EVIDENCE_CORRUPT
    EXECUTION_ERROR = "EXECUTION_ERROR"
    EXECUTION_RETRIES_EXHAUSTED = "EXECUTION_RETRIES_EXHAUSTED"
    OPERATION_TYPE_UNKNOWN = "OPERATION_TYPE_UNKNOWN"


class Refused(Exception):  # noqa: N818  (named for what the caller is told)
    """A call that will not be served, by its code; `because` stands behind the code's colon where the specification says more.

    `of_body` tells a body that names what is not there from a path that does, where one code is for both.
    """

    def __init__(self, code: Code, because: str = "", *, of_body: bool = False) -> None:
        super().__init__(code, because)
        self.code = code
        self.because = because
        self.of_body = of_body

    @classmethod
    def by(cls, objection: Objection) -> "Refused":
        """The refusal of a command on a proposal that this stands against."""
        return cls(Code(objection.code), objection.because, of_body=objection.of_body)
