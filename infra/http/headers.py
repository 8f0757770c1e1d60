"""Request headers: each once, within its bounds. `c_none` is nobody."""

import re
from collections.abc import Mapping
from typing import Final

from engine.contracts.violations import InvalidRequest, Violation
from engine.records.runs import NO_CORRELATION
from infra.http.messages import Event

Headers = Mapping[str, tuple[str, ...]]

_MAX_HEADER: Final = 255
_PRINTABLE_WITHOUT_SLASH: Final = re.compile(r"[ -.0-~]+")


def headers_of(event: Event) -> Headers:
    """All values of every header by lower-case name, each once, without surrounding blanks."""
    many = event.get("multiValueHeaders") or {name: [value] for name, value in (event.get("headers") or {}).items()}
    found: dict[str, list[str]] = {}
    for name, values in many.items():
        kept = found.setdefault(name.lower(), [])
        kept.extend(value for value in (str(given).strip(" \t") for given in values or ()) if value not in kept)
    return {name: tuple(values) for name, values in found.items()}


def single(headers: Headers, name: str) -> str | None:
    """The value of a header that may be given once, None without it; differing values are a violation."""
    values = headers.get(name.lower(), ())
    if len(values) > 1:
        raise _violation(name, "multiple_values", "The header may be given once only")
    return values[0] if values else None


def idempotency_key(headers: Headers) -> str:
    """The caller's key: 1 to 255 printable ASCII characters, not blank, without a slash (dpm-service S2)."""
    value = single(headers, "Idempotency-Key")
    if value is None:
        raise _violation("Idempotency-Key", "missing", "Field required")
    return _bounded("Idempotency-Key", value)


def optional_idempotency_key(headers: Headers) -> str | None:
    """The caller's key where one is given, within the same bounds."""
    return None if single(headers, "Idempotency-Key") is None else idempotency_key(headers)


def correlation_id(headers: Headers) -> str | None:
    """The caller's correlation id, within the bounds of a key; None when absent, empty, or the id that stands for none."""
    value = single(headers, "X-Correlation-Id")
    return _bounded("X-Correlation-Id", value) if value and value != NO_CORRELATION else None


def policy_pack_id(headers: Headers) -> str:
    """The pack that the caller asks for, trimmed; empty when none."""
    return single(headers, "X-Policy-Pack-Id") or ""


def _bounded(name: str, value: str) -> str:
    if not value:
        raise _violation(name, "string_too_short", "The header may not be blank")
    if len(value) > _MAX_HEADER:
        raise _violation(name, "string_too_long", f"The header may have at most {_MAX_HEADER} characters")
    if not _PRINTABLE_WITHOUT_SLASH.fullmatch(value):
        raise _violation(name, "string_pattern_mismatch", "The header may hold printable ASCII characters other than '/'")
    return value


def _violation(name: str, kind: str, message: str) -> InvalidRequest:
    return InvalidRequest((Violation(("header", name), kind, message),))


def accepts_gzip(headers: Headers) -> bool:
    """Whether the caller takes gzip (RFC 9110, 12.5.3): named, or by `*`, and not with weight zero."""
    weights: dict[str, bool] = {}
    for part in ",".join(headers.get("accept-encoding", ())).split(","):
        coding, _, parameters = part.partition(";")
        weight = parameters.replace(" ", "").lower()
        weights[coding.strip().lower()] = not re.fullmatch(r"q=0(\.0*)?", weight)
    return weights.get("gzip", weights.get("*", False))
