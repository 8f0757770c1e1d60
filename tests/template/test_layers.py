"""What functions carry: enough to start in production, nothing they do not need, and never too much."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest

from infra.local.stack import TEMPLATE
from infra.settings.container import Settings
from infra.settings.guardrails import Need, Profile
from infra.template import Template
from layers import processor
from layers.size import sizes

ROOT = TEMPLATE.parent
FUNCTIONS = dict(Template.load(TEMPLATE).of_type("AWS::Serverless::Function"))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_importing_a_function_loads_no_solver_and_verifies_tokens_in_the_authorizer_alone(name: str) -> None:
    path = [str(ROOT / FUNCTIONS[name]["CodeUri"]), str(ROOT)]
    code = f"import sys; sys.path[:0] = {path}; import app; print(sorted({{'numpy', 'scipy', 'cvxpy', 'clarabel', 'moto', 'yaml', 'jwt', 'cryptography'}} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603  (our own interpreter)
    assert loaded.stdout.splitlines()[-1] == str(["cryptography", "jwt"] if name == "AuthorizerFunction" else [])


SOLVING = {"SimulateFunction", "AnalyzeFunction", "AsyncDispatchFunction", "WorkerFunction", "VerificationFunction", "BookChunkFunction"}


def test_only_functions_that_decide_carry_the_solver() -> None:
    assert {name for name, function in FUNCTIONS.items() if {"Ref": "SolverLayer"} in function["Layers"]} == SOLVING


def test_only_the_authorizer_carries_what_verifies_tokens() -> None:
    assert {name for name, function in FUNCTIONS.items() if {"Ref": "TokenLayer"} in function["Layers"]} == {"AuthorizerFunction"}


def test_every_function_carries_our_code_and_its_libraries() -> None:
    for function in FUNCTIONS.values():
        assert function["Layers"][:2] == [{"Ref": "RuntimeLayer"}, {"Ref": "EngineLayer"}]


def test_simulate_starts_in_production_with_the_templates_environment() -> None:
    variables = FUNCTIONS["SimulateFunction"]["Environment"]["Variables"]
    environ = {name: value["Ref"] if isinstance(value, dict) else str(value) for name, value in variables.items()}
    settings = Settings.from_environ(environ, needs=(Need.RUNS, Need.PACKS))  # as its handler does
    assert (settings.profile, settings.store.table, settings.store.bucket) == (Profile.PRODUCTION, "RunsTable", "PayloadBucket")
    assert settings.store.inline_payload_max_bytes == 4096


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_in_production_what_it_says_that_it_needs(name: str) -> None:
    """Of its own variables alone: in the local stack all functions share one environment, and what one lacks another has."""
    declared = FUNCTIONS[name].get("Environment", {}).get("Variables", {})
    packs = {flag: "true" for flag in ("DPM_POLICY_PACKS_ENABLED", "DPM_POLICY_PACK_ADMIN_APIS_ENABLED") if flag in declared}
    environ = {variable: str(value) for variable, value in declared.items()} | packs
    stated = re.findall(r"\bNeed\.([A-Z_]+)", (ROOT / FUNCTIONS[name]["CodeUri"] / "app.py").read_text())
    assert Settings.from_environ(environ, needs={Need(need) for need in stated}).profile is Profile.PRODUCTION


def test_the_runtime_layer_keeps_the_services_that_the_code_calls() -> None:
    (services,) = re.findall(r"^SERVICES := (.*)$", (ROOT / "layers/Makefile").read_text(), re.MULTILINE)
    kept = set(services.split())
    deployed = [path for folder in ("infra", "functions") for path in (ROOT / folder).rglob("*.py") if "local" not in path.parts]
    called = {name for path in deployed for name in re.findall(r"""\bclient\(["'](\w+)["']""", path.read_text())}
    assert {"dynamodb", "s3"} <= called <= kept


def test_a_functions_size_is_its_code_and_its_own_layers(tmp_path: Path) -> None:
    for file, size in {"Solver/python/a.so": 700, "Runtime/b.py": 50, "code/app.py": 3, "code/deep/c.py": 4}.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_bytes(b"x" * size)
    layer = {"Type": "AWS::Serverless::LayerVersion"}
    document = {
        "Globals": {"Function": {"Layers": [{"Ref": "Runtime"}]}},
        "Resources": {
            "Solver": layer | {"Properties": {"ContentUri": "Solver"}},
            "Runtime": layer | {"Properties": {"ContentUri": "Runtime"}},
            "Large": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "code", "Layers": [{"Ref": "Solver"}]}},
            "Small": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "code"}},
        },
    }
    assert sizes(Template(document, tmp_path)) == {"Large": {"code": 7, "Runtime": 50, "Solver": 700}, "Small": {"code": 7, "Runtime": 50}}


def library(machine: int, *, big_endian: bool = False) -> bytes:
    """The first bytes of a shared library for a processor, as the ELF specification lays them out."""
    order: Literal["big", "little"] = "big" if big_endian else "little"
    identification = b"\x7fELF" + bytes([2, 2 if big_endian else 1, 1]) + bytes(9)
    return identification + (3).to_bytes(2, order) + machine.to_bytes(2, order) + bytes(44)


X86_64, AARCH64, S390 = 62, 183, 22


@pytest.mark.parametrize(
    ("files", "architecture", "status"),
    [
        ({"a.so": library(X86_64), "b.cpython-313.so.1": library(X86_64)}, "x86_64", 0),
        ({"a.so": library(AARCH64)}, "arm64", 0),
        ({"a.so": library(AARCH64)}, "x86_64", 1),
        ({"a.so": library(X86_64), "deep.so": library(AARCH64)}, "x86_64", 1),
        ({"a.so": library(X86_64), "deep.so": library(S390, big_endian=True)}, "x86_64", 1),
        ({"a.so": library(X86_64), "linker.so": b"INPUT(a.so)", "short.so": b"\x7fELF"}, "x86_64", 0),
        ({"a.py": b"print()"}, "x86_64", 2),
        ({"a.so": library(X86_64)}, "sparc", 2),
    ],
)
def test_libraries_for_another_processor_are_found(tmp_path: Path, files: dict[str, bytes], architecture: str, status: int) -> None:
    folder = tmp_path / "RuntimeLayer" / "python"
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    assert processor.main([architecture, str(tmp_path)]) == status
