"""How a use case says no."""


class Refused(Exception):  # noqa: N818  (named for what the caller is told)
    """A call that will not be served, by its stable code.

    `detail` is the specification's full string, the code its part before a colon; the door maps the code to a status.
    """

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
