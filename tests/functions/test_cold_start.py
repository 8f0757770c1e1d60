"""What a function loads before its first call."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOAD = "import sys; sys.path[:0] = ['functions/{name}', '.']; import app; {then}print(*sorted(m for m in sys.modules if '.' not in m))"


def loaded(name: str, then: str = "", **environ: str) -> set[str]:
    """The top-level modules of a fresh process that imports the function as Lambda does."""
    command = [sys.executable, "-c", LOAD.format(name=name, then=then)]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)  # noqa: S603  (our own command)
    return set(done.stdout.split("\n")[-2].split())


@pytest.mark.parametrize("name", ["simulate", "proposals", "fallback", "verification"])
def test_no_function_loads_the_solver_before_it_solves(name: str) -> None:
    modules = loaded(name)
    assert {"engine", "infra"} <= modules
    assert not modules & {"numpy", "scipy", "cvxpy", "clarabel", "moto"}


@pytest.mark.parametrize("name", ["documentation", "fallback", "run_lookup", "run_workflow", "artifact", "sweeper"])
def test_what_only_reads_builds_no_models_of_requests(name: str) -> None:
    modules = loaded(name)
    assert not modules & {"pydantic", "boto3", "jinja2"}


def test_a_run_on_memory_never_loads_boto3() -> None:
    modules = loaded("simulate", "app.handler({}, None); ", APP_PERSISTENCE_PROFILE="LOCAL")
    assert "engine" in modules
    assert "boto3" not in modules


ON_LAMBDA = {
    "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001",
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "DPM_SUPPORTABILITY_STORE_BACKEND": "DYNAMODB",
    "DPM_TABLE_NAME": "runs",
    "DPM_PAYLOAD_BUCKET": "payloads",
    "PROPOSAL_STORE_BACKEND": "DYNAMODB",
    "PROPOSAL_TABLE_NAME": "proposals",
    "BOOKS_BUCKET": "books",
    "BOOK_MACHINE_ARN": "arn:aws:states:eu-central-1:123456789012:stateMachine:books",
}


@pytest.mark.parametrize("name", ["simulate", "proposals", "worker", "dead_letters", "sweeper"])
def test_on_lambda_the_adapters_are_made_during_init(name: str) -> None:
    modules = loaded(name, **ON_LAMBDA)
    assert "boto3" in modules
    assert not modules & {"numpy", "cvxpy"}


@pytest.mark.parametrize("name", ["run_lookup", "run_workflow", "artifact"])
def test_on_lambda_what_only_reads_knows_neither_models_nor_mathematics(name: str) -> None:
    modules = loaded(name, "assert not {'engine.rebalance', 'engine.contracts.requests'} & set(sys.modules); ", **ON_LAMBDA)
    assert "boto3" in modules
    assert "pydantic" not in modules


BUILT = (
    "import os; from infra.adapters import connect; from infra.observability import logger; from infra.settings.container import Settings; "
    "settings = Settings.from_environ(os.environ); adapters = connect(settings); "
    "hasattr(app, 'build') and app.build(settings, adapters, logger('built')); "
    "assert 'infra.aws.connect' in sys.modules; "
    "assert not [m for m in sys.modules if m.startswith(('infra.memory', 'infra.local'))], sorted(sys.modules); "
)


@pytest.mark.parametrize("name", sorted(path.parent.name for path in ROOT.glob("functions/*/app.py")))
def test_what_is_deployed_loads_neither_stores_in_memory_nor_the_local_stack(name: str) -> None:
    queue = {"DPM_OPERATIONS_QUEUE_URL": "https://queue.example/ops"}
    packs = {"DPM_POLICY_PACK_CATALOG_BACKEND": "DYNAMODB", "DPM_POLICY_PACK_TABLE_NAME": "packs"}
    assert "boto3" in loaded(name, BUILT, **ON_LAMBDA, **queue, **packs)


KEPT = (
    "import os; from infra.adapters import connect; from infra.settings.container import Settings; "
    "adapters = connect(Settings.from_environ(os.environ)); "
    "assert [type(store).__name__ for store in (adapters.runs, adapters.proposal_keys)] == {kept}; "
)


@pytest.mark.parametrize(
    ("runs", "proposals", "kept"),
    [
        ("IN_MEMORY", "DYNAMODB", ["MemoryRunStore", "DynamoProposalKeys"]),
        ("DYNAMODB", "IN_MEMORY", ["DynamoRunStore", "MemoryProposalKeys"]),
    ],
)
def test_the_local_profile_keeps_each_family_of_records_where_its_own_variable_says(runs: str, proposals: str, kept: list[str]) -> None:
    local = {name: value for name, value in ON_LAMBDA.items() if name != "AWS_LAMBDA_RUNTIME_API"} | {"APP_PERSISTENCE_PROFILE": "LOCAL"}
    chosen = {"DPM_SUPPORTABILITY_STORE_BACKEND": runs, "PROPOSAL_STORE_BACKEND": proposals}
    assert "boto3" in loaded("proposals", KEPT.format(kept=kept), **(local | chosen))
