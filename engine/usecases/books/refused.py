"""Why a book is not run at all."""


class BookRefused(ValueError):  # noqa: N818  (named for what whoever started it is told)
    """The book can never be run as it was asked for: a code, perhaps what of the start is meant, and nothing of what was sent."""
