"""Why a book is not run, or was not run to its end."""

from enum import StrEnum

from engine.usecases.refusals import Code, SaidInCodes


class BookFault(StrEnum):
    """What a book failed of, as its `fault` and the cause of its execution begin; docs/books.md says what each means.

    Beside them stand the errors of its state machine, `BookIncomplete` and `BookStopped`.
    """

    START_INVALID = "BOOK_START_INVALID"
    OBJECT_FOREIGN = Code.BOOK_OBJECT_FOREIGN
    OBJECT_MISSING = Code.BOOK_OBJECT_MISSING
    DIGEST_MISMATCH = "BOOK_DIGEST_MISMATCH"
    SHARED_INVALID = "BOOK_SHARED_INVALID"
    SHARED_TOO_LARGE = "BOOK_SHARED_TOO_LARGE"
    PACK_DIFFERS = "BOOK_PACK_DIFFERS"
    PACK_NOT_FOUND = Code.DPM_POLICY_PACK_NOT_FOUND
    ID_TAKEN = "BOOK_ID_TAKEN"
    INPUT_CHANGED = "BOOK_INPUT_CHANGED"
    CANCELLED = "BOOK_CANCELLED"
    EXECUTION_GONE = "BOOK_EXECUTION_GONE"
    TIMED_OUT = "BOOK_TIMED_OUT"
    ENGINE_CHANGED = "BOOK_ENGINE_CHANGED"


class BookRefused(SaidInCodes):
    """The book can never be run as it was asked for: a fault, perhaps what of the start is meant, and nothing of what was sent."""
