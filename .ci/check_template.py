"""Checks of the template what no linter knows: python3 check_template.py TEMPLATE

They look at what SAM makes of it rather than at its text. What the function's own classes must agree with is in
TemplateTest.
"""

import itertools
import json
import os
import pathlib
import re
import sys

import yaml
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

LAMBDA = {"Invocations", "Errors", "Throttles", "Duration", "DestinationDeliveryFailures"}
FUNCTION = set(
    "Invocations Latency Attempts Retries Conflicts ConnectionsOpened Replays OutcomeUnknown Rows Bytes ColdStart"
    " Problems".split()
)
# Namespace: its metrics, and the dimension with the resource that it must name.
METRICS = {
    "AWS/Lambda": (LAMBDA, "FunctionName", {"${Function}"}),
    "AWS/SQS": (
        {"ApproximateNumberOfMessagesVisible"},
        "QueueName",
        {"${FailedEvents.QueueName}", "${UndeliveredSchedules.QueueName}"},
    ),
    "AWS/ApiGateway": ({"Count", "4xx", "5xx", "Latency", "IntegrationLatency"}, "ApiId", {"${HttpApi}"}),
    "DsqlFunction": (FUNCTION, "FunctionName", {"${Function}"}),
}
ACTIONS = {"create", "insert", "query"}
KEPT = {"AWS::SQS::Queue": "Delete", "AWS::Logs::LogGroup": "Delete", "AWS::DSQL::Cluster": "Retain"}
# Names that clash when two stacks, or two regions for a dashboard, give the same.
NAMES = "FunctionName RoleName QueueName TopicName AlarmName DashboardName LogGroupName Name".split()
NAMED = {
    "AWS::IAM::Role", "AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard",
    "AWS::Logs::LogGroup", "AWS::Scheduler::Schedule", "AWS::Lambda::Function",
}  # fmt: skip


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


def short_form(loader, suffix, node):
    name = suffix if suffix in ("Ref", "Condition") else "Fn::" + suffix
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        return {name: value.split(".", 1) if suffix == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


Loader.add_multi_constructor("!", short_form)


class Template:
    """The template for one set of parameters."""

    def __init__(self, raw, given):
        self.conditions = raw["Conditions"]
        self.given = {n: str(p.get("Default", "")) for n, p in raw["Parameters"].items()} | given

    def holds(self, name):
        return self.truth(self.conditions[name])

    def truth(self, condition):
        (operator, operands), = condition.items()
        if operator == "Condition":
            return self.holds(operands)
        if operator == "Fn::Equals":
            first, second = (str(self.of(operand)) for operand in operands)
            return first == second
        truths = [self.truth(operand) for operand in operands]
        return {"Fn::Not": lambda: not truths[0], "Fn::And": lambda: all(truths), "Fn::Or": lambda: any(truths)}[operator]()

    def of(self, value):
        """The value with its choices made; what names a resource becomes `${Name}` or `${Name.Attribute}`."""
        if isinstance(value, list):
            return [self.of(item) for item in value]
        if not isinstance(value, dict):
            return value
        if value.keys() == {"Fn::If"}:
            condition, yes, no = value["Fn::If"]
            return self.of(yes if self.holds(condition) else no)
        if value.keys() == {"Ref"}:
            name = value["Ref"]
            return self.given.get(name, "${%s}" % name)
        if value.keys() == {"Fn::GetAtt"}:
            return "${%s}" % ".".join(value["Fn::GetAtt"])
        if value.keys() == {"Fn::Sub"} and isinstance(value["Fn::Sub"], str):
            return re.sub(r"\$\{(\w+)\}", lambda m: self.given.get(m[1], m[0]), value["Fn::Sub"])
        return {name: self.of(item) for name, item in value.items()}


def as_list(value):
    return value if isinstance(value, list) else [value]


def translated(path):
    raw = yaml.load(path.read_text(encoding="utf-8"), Loader)
    sam = yaml.load(path.read_text(encoding="utf-8"), Loader)
    sam["Resources"]["Function"]["Properties"]["CodeUri"] = "s3://bucket/key"
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    # No managed policies to look up: a role that needs one fails here.
    return raw, Translator(managed_policy_map={}, sam_parser=Parser()).translate(sam, parameter_values={})["Resources"]


def permission(raw, resources):
    """Each kind of user, on each kind of cluster, gets the one action that it needs, on that cluster, and no more."""
    clusters = {"": "${Cluster.ResourceArn}", "arn:aws:dsql:us-east-1:123456789012:cluster/abc": None}
    for user, (arn, made) in itertools.product(("admin", "orders"), clusters.items()):
        template = Template(raw, {"ClusterUser": user, "ClusterArn": arn, "ClusterEndpoint": arn and "abc"})
        role = template.of(resources["FunctionRole"]["Properties"])
        where = f"FunctionRole of user {user} on {'the cluster ' + arn if arn else 'its own cluster'}"
        statements = [s for policy in role["Policies"] for s in policy["PolicyDocument"]["Statement"]]
        granted = [
            (action, as_list(statement["Resource"]))
            for statement in statements
            for action in as_list(statement["Action"])
        ]
        wanted = [("dsql:DbConnectAdmin" if user == "admin" else "dsql:DbConnect", [made or arn])]
        if [grant for grant in granted if grant[0].startswith("dsql:") or "*" in grant[0]] != wanted:
            yield f"{where} grants {granted}, not just {wanted} of DSQL"
        if any("*" in "".join(on) and not action.startswith("xray:") for action, on in granted):
            yield f"{where} grants something on every resource: {granted}"
        if role.get("ManagedPolicyArns"):
            yield f"{where} has managed policies"
    if resources["Function"]["Properties"]["Role"] != {"Fn::GetAtt": ["FunctionRole", "Arn"]}:
        yield "the function has another role than FunctionRole"


def doors(raw, resources):
    events = raw["Resources"]["Function"]["Properties"]["Events"]
    for name, event in events.items():
        if event["Type"] == "ScheduleV2":
            properties = event["Properties"]
            if properties.get("OmitName") is not True or "Name" in properties:
                yield f"the schedule {name} has a name, which a second stack would want too"
            for needed in ("RetryPolicy", "DeadLetterConfig"):
                if needed not in properties:
                    yield f"the schedule {name} has no {needed}"
    schedules = [r["Properties"]["Target"]["Arn"] for r in resources.values() if r["Type"] == "AWS::Scheduler::Schedule"]
    if schedules != [{"Ref": "FunctionAliaslive"}]:
        yield f"schedules go to {schedules}, not to the alias, whose snapshot they keep"
    if raw["Resources"]["Function"]["Properties"].get("SnapStart") != {"ApplyOn": "PublishedVersions"}:
        yield "no SnapStart"


def kept(raw):
    for name, resource in raw["Resources"].items():
        wanted = KEPT.get(resource["Type"])
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if wanted and resource.get(policy) != wanted:
                yield f"{name} has {policy} {resource.get(policy)}, not {wanted}"
        if wanted == "Retain" and resource["Properties"].get("DeletionProtectionEnabled") is not True:
            yield f"{name} has no deletion protection"


def names(resources):
    for name, resource in resources.items():
        for key in NAMES if resource["Type"] in NAMED else ():
            given = resource.get("Properties", {}).get(key)
            if given is not None and "${AWS::StackName}" not in json.dumps(given):
                yield f"{name} has the {key} {given}, which a second stack would want too"
            if key == "DashboardName" and given is not None and "${AWS::Region}" not in json.dumps(given):
                yield f"{name} has the {key} {given}, which the same stack in another region would want too"


def metric(where, namespace, name, dimensions):
    known, dimension, values = METRICS.get(namespace, (set(), None, set()))
    if name not in known:
        yield f"{where} uses {namespace} {name}, which nobody sends"
    if dimensions.get(dimension) not in values or not dimensions.keys() <= {dimension, "Action"}:
        yield f"{where} looks for {namespace} {name} of {dimensions}"
    if "Action" in dimensions and (namespace != "DsqlFunction" or dimensions["Action"] not in ACTIONS):
        yield f"{where} looks for {namespace} {name} of {dimensions}"


def alarms(template, resources):
    found = {name: r["Properties"] for name, r in resources.items() if r["Type"] == "AWS::CloudWatch::Alarm"}
    for name, properties in found.items():
        properties = template.of(properties)
        parts = [m["MetricStat"]["Metric"] for m in properties.get("Metrics", []) if "MetricStat" in m]
        for part in parts or [properties]:
            dimensions = {d["Name"]: d["Value"] for d in part["Dimensions"]}
            yield from metric(name, part["Namespace"], part["MetricName"], dimensions)
        if properties.get("TreatMissingData") != "notBreaching":
            yield f"{name} takes no data for a fault"
        if properties.get("AlarmActions") != ["${AlarmTopic}"]:
            yield f"{name} tells nobody"
    watched = {p.get("MetricName") for p in found.values()} | {
        m["MetricStat"]["Metric"]["MetricName"] for p in found.values() for m in p.get("Metrics", []) if "MetricStat" in m
    }
    for wanted in ("Errors", "Throttles", "Duration", "5xx", "Conflicts", "OutcomeUnknown"):
        if wanted not in watched:
            yield f"no alarm watches {wanted}"
    for queue in ("FailedEvents", "UndeliveredSchedules"):
        if f'["{queue}", "QueueName"]' not in json.dumps(found):
            yield f"no alarm watches the queue {queue}"


def dashboard(template, resources):
    body = json.loads(template.of(resources["Dashboard"]["Properties"]["DashboardBody"]))
    shown = set()
    for widget in body["widgets"]:
        title = f"the widget {widget['properties']['title']}"
        for alarm in widget["properties"].get("alarms", []):
            shown.add(alarm)
        for namespace, name, *rest in widget["properties"].get("metrics", []):
            words = rest[:-1] if isinstance(rest[-1], dict) else rest
            shown.add(name)
            yield from metric(title, namespace, name, dict(zip(words[::2], words[1::2], strict=True)))
    for name, resource in resources.items():
        if resource["Type"] == "AWS::CloudWatch::Alarm" and "${%s.Arn}" % name not in shown:
            yield f"the dashboard does not show {name}"
    for name in sorted(FUNCTION - shown - {"Invocations"}):
        yield f"the dashboard does not show {name}"
    boxes = [(w["x"], w["y"], w["x"] + w["width"], w["y"] + w["height"], w["properties"]["title"]) for w in body["widgets"]]
    for a, b in itertools.combinations(boxes, 2):
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] or b[2] > 24:
            yield f"the widgets {a[4]} and {b[4]} overlap"


def main():
    raw, resources = translated(pathlib.Path(sys.argv[1]))
    template = Template(raw, {})
    found = [
        *permission(raw, resources),
        *doors(raw, resources),
        *kept(raw),
        *names(resources),
        *alarms(template, resources),
        *dashboard(template, resources),
    ]
    if found:
        sys.exit("The template is not as it should be:\n" + "\n".join(f"- {fault}" for fault in found))
    print(f"{len(resources)} resources, all as they should be")


main()
