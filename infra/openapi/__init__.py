"""The document of the API, made from the table of calls and the models: `python -m infra.openapi` writes docs/openapi.json (RFC-0021, dpm-service 15)."""
