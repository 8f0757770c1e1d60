"""moto's Lambda, calling the real handlers: what a state machine's `lambda:invoke` reaches."""

import json
from collections.abc import Mapping
from typing import Any

from moto.awslambda_simple.models import LambdaSimpleBackend, lambda_simple_backends

from infra.local.functions import Function, FunctionError


class HandlerLambda(LambdaSimpleBackend):
    """Lambda for the functions of one stack, by name or ARN."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.functions: Mapping[str, Function] = {}

    @classmethod
    def install(cls, region: str, account: str, functions: Mapping[str, Function]) -> None:
        """Serve these functions from here until moto is reset."""
        backend = cls(region, account)
        backend.functions = functions
        lambda_simple_backends[account][region] = backend

    def invoke(self, function_name: str, qualifier: str | None, body: Any, headers: Any, response_headers: Any) -> bytes:  # noqa: ARG002  (moto's signature)
        """The handler's answer; a failure is marked as Lambda marks it, so that Retry and Catch see it."""
        function = self.functions[_name(function_name)]
        try:
            answer = function.invoke(json.loads(body or "{}"))
        except FunctionError as error:
            response_headers["x-amz-function-error"] = "Unhandled"
            answer = error.as_json()
        return json.dumps(answer).encode()


def _name(of: str) -> str:
    """The function in a name or an ARN, without the alias that may follow either."""
    return of.partition(":function:")[2].partition(":")[0] or of.partition(":")[0]
