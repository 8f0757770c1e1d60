from pathlib import Path
from typing import Any

import pytest

from infra.template import Template, TemplateError

TEXT = """
Parameters:
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Count: {Type: Number, Default: 3}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Not [!Condition IsProd]
  Both: !And [!Condition IsProd, !Condition IsDev]
  Either: !Or [!Condition IsProd, !Condition IsDev]
Mappings:
  Sizes: {dev: {Memory: 128}, prod: {Memory: 1024}}
Globals:
  Function:
    Timeout: 5
    Layers: [common]
    Environment: {Variables: {COMMON: one, BOTH: global}}
Resources:
  Table: {Type: AWS::DynamoDB::Table}
  OnlyProd: {Type: AWS::SQS::Queue, Condition: IsProd}
  Function:
    Type: AWS::Serverless::Function
    Properties:
      MemorySize: !FindInMap [Sizes, !Ref Stage, Memory]
      Timeout: 7
      Layers: [own]
      Environment: {Variables: {TABLE: !Ref Table, ARN: !GetAtt Table.Arn, BOTH: own}}
      Name: !Sub "${AWS::StackName}-${Stage}-${Table.Arn}-${!literal}"
      Local: !Sub ["${Kind}-${Stage}", {Kind: worker}]
      Joined: !Join [":", [!Ref "AWS::Region", !Ref Count]]
      Version: !Ref Table.Alias
      Chosen: !If [Either, here, !Ref "AWS::NoValue"]
      Gone: !If [Both, here, !Ref "AWS::NoValue"]
      Items: [1, !Ref "AWS::NoValue", 2]
"""


def read(tmp_path: Path, text: str = TEXT, **parameters: str) -> Template:
    (tmp_path / "t.yaml").write_text(text)
    return Template.load(tmp_path / "t.yaml", parameters)


def attribute(name: str, attribute: str) -> str:
    return f"<{name}.{attribute}>"


def test_parameters_conditions_and_globals_are_decided(tmp_path: Path) -> None:
    assert read(tmp_path).properties("Function", attribute) == {
        "MemorySize": 128,
        "Timeout": 7,
        "Layers": ["common", "own"],
        "Environment": {"Variables": {"COMMON": "one", "BOTH": "own", "TABLE": "<Table.Ref>", "ARN": "<Table.Arn>"}},
        "Name": "local-dev-<Table.Arn>-${literal}",
        "Local": "worker-dev",
        "Joined": "eu-central-1:3",
        "Version": "<Table.Alias>",
        "Chosen": "here",
        "Items": [1, 2],
    }


def test_what_resources_give_stays_named_until_they_are_made(tmp_path: Path) -> None:
    properties = read(tmp_path).properties("Function")
    assert properties["Environment"]["Variables"]["TABLE"] == {"Ref": "Table"}
    assert properties["Environment"]["Variables"]["ARN"] == {"Fn::GetAtt": ["Table", "Arn"]}
    assert properties["Name"] == {"Fn::Sub": "${AWS::StackName}-${Stage}-${Table.Arn}-${!literal}"}
    assert properties["Local"] == "worker-dev"


def test_a_resource_exists_when_its_condition_holds(tmp_path: Path) -> None:
    assert "OnlyProd" not in read(tmp_path).resources
    assert "OnlyProd" in read(tmp_path, Stage="prod").resources
    assert read(tmp_path, Stage="prod").properties("Function")["MemorySize"] == 1024


@pytest.mark.parametrize(
    ("parameters", "message"),
    [({"Stage": "test"}, "parameter Stage: 'test' is not allowed"), ({"Staeg": "dev"}, "no such parameters: Staeg")],
)
def test_wrong_parameters_are_refused(tmp_path: Path, parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        read(tmp_path, **parameters)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("!Ref Tabel", "no such parameter or resource: Tabel"),
        ("!GetAtt Tabel.Arn", "no such parameter or resource: Tabel"),
        ('!Sub "${Tabel.Arn}"', "no such parameter or resource: Tabel"),
        ("!ImportValue other", "intrinsic function not known here: Fn::ImportValue"),
    ],
)
def test_what_cannot_be_resolved_is_an_error_and_no_guess(tmp_path: Path, value: str, message: str) -> None:
    text = f"Resources: {{Table: {{Type: AWS::DynamoDB::Table, Properties: {{Name: {value}}}}}}}"
    with pytest.raises(TemplateError, match=message):
        read(tmp_path, text).properties("Table", attribute)


RULE = """
Parameters: {Stage: {Type: String, Default: dev}, Email: {Type: String, Default: ""}}
Rules:
  ProdTells:
    RuleCondition: !Equals [!Ref Stage, prod]
    Assertions: [{Assert: !Not [!Equals [!Ref Email, ""]], AssertDescription: prod needs an address}]
Resources: {}
"""


def test_a_rule_refuses_parameters_in_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="prod needs an address"):
        read(tmp_path, RULE, Stage="prod")
    assert read(tmp_path, RULE, Stage="prod", Email="desk").values["Email"] == "desk"
    assert read(tmp_path, RULE).values["Stage"] == "dev"


def test_a_rule_without_condition_always_holds(tmp_path: Path) -> None:
    text = RULE.replace("    RuleCondition: !Equals [!Ref Stage, prod]\n", "")
    with pytest.raises(TemplateError, match="prod needs an address"):
        read(tmp_path, text)


def test_merges_and_aliases_read_as_yaml_says(tmp_path: Path) -> None:
    text = """
Resources:
  First: {Type: AWS::SNS::Topic, Properties: &all {Name: first, Keep: !Ref Second}}
  Second: {Type: AWS::SNS::Topic, Properties: {<<: *all, Name: second}}
"""
    assert read(tmp_path, text).properties("Second") == {"Name": "second", "Keep": {"Ref": "Second"}}
