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
# The first word of each constant is the metric's name.
METRIC = pathlib.Path(__file__).parents[1] / "src/main/java/dsql/lambda/telemetry/Metric.java"
FUNCTION = set(re.findall(r'^  [A-Z_]+\("(\w+)", "', METRIC.read_text(encoding="utf-8"), re.MULTILINE))
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
# What Lambda needs for the network interfaces of a function in a VPC.
INTERFACES = {
    f"ec2:{action}"
    for action in (
        "CreateNetworkInterface DescribeNetworkInterfaces DescribeSubnets DeleteNetworkInterface"
        " AssignPrivateIpAddresses UnassignPrivateIpAddresses"
    ).split()
}  # fmt: skip
# What its own code is denied besides.
DETACH = {"ec2:DetachNetworkInterface"}
NO_VALUE = "${AWS::NoValue}"
# Lambda's limit of a version's description.
DESCRIPTION_LIMIT = 256
ARN = "arn:aws:dsql:us-east-1:123456789012:cluster/abc"
LISTS = ["", "create", "insert", "query", "insert,query", "query,insert", "create,insert,query"]
# Values of each parameter, the longest among them.
VALUES = {
    "ClusterEndpoint": ["a.dsql.us-east-1.on.aws", "b.dsql.us-east-1.on.aws", "b" * 62 + ":65535"],
    "ClusterArn": ["", ARN],
    "ClusterUser": ["admin", "orders", "o" * 63],
    "ClusterSchema": ["", "public", "orders", "s" * 63],
    "ClusterKmsKey": ["", "arn:aws:kms:us-east-1:123456789012:key/abc"],
    "HttpActions": LISTS,
    "DirectActions": LISTS,
    "ScheduleActions": LISTS,
    "ScheduleExpression": ["rate(1 day)", "cron(0 6 * * ? *)"],
    "ScheduleTimezone": ["UTC", "Europe/Berlin"],
    "ScheduleState": ["ENABLED", "DISABLED"],
    "ScheduledAction": ["", '{"action":"query","table":"t"}', '{ "action": "insert",\n"table":"t","rows":[{}]}'],
    "Architecture": ["arm64", "x86_64"],
    "MemorySize": ["1769", "2048", "10240"],
    "ReservedConcurrency": ["-1", "0", "100"],
    "HttpRateLimit": ["100", "1000"],
    "HttpBurstLimit": ["200", "2000"],
    "LedgerTtl": ["", "P7D", "PT8759H59M59S"],
    "SubnetIds": ["", "subnet-0a,subnet-0b", "subnet-0c"],
    "SecurityGroupIds": ["", "sg-0a", "sg-0b"],
    "LogRetentionDays": ["30", "365"],
    "AlarmTopicArn": ["", "arn:aws:sns:us-east-1:123456789012:alarms"],
    "AlarmEmail": ["", "you@example.com"],
    "Revision": ["1", "2", "2026-11-25.1"],
}
# Those that stand in a version's description, with what may not be added to the longest.
LENGTHS = {
    "ClusterEndpoint": "0", "ClusterUser": "o", "ClusterSchema": "s", "HttpActions": ",query", "DirectActions": ",query",
    "ScheduleActions": ",query", "LedgerTtl": "0", "Revision": "0",
}  # fmt: skip
# Too long for it.
BY_REVISION = {"SubnetIds", "SecurityGroupIds"}
# What else is given while one parameter changes.
BASES = [{}, {"SubnetIds": "subnet-0a"}, {"ClusterUser": "orders", "ClusterArn": ARN, "ClusterEndpoint": "abc"}]
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

    def refused(self, rules):
        """What the template's rules have against the parameters."""
        for rule in rules.values():
            if self.truth(rule["RuleCondition"]):
                yield from (a["AssertDescription"] for a in rule["Assertions"] if not self.truth(a["Assert"]))

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
            return [item for item in map(self.of, value) if item != NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, operand), = value.items()
            if name == "Fn::If":
                condition, yes, no = operand
                return self.of(yes if self.holds(condition) else no)
            if name in FUNCTIONS:
                return FUNCTIONS[name](self, operand)
        members = {name: self.of(item) for name, item in value.items()}
        return {name: item for name, item in members.items() if item != NO_VALUE}

    def ref(self, name):
        return self.given.get(name, "${%s}" % name)

    def getatt(self, path):
        return "${%s}" % ".".join(path)

    def sub(self, operand):
        text, values = (operand, {}) if isinstance(operand, str) else (operand[0], operand[1])
        known = self.given | {name: self.of(value) for name, value in values.items()}
        return re.sub(r"\$\{(\w+)\}", lambda m: known.get(m[1], m[0]), text)

    def join(self, operand):
        return operand[0].join(self.of(operand[1]))

    def split(self, operand):
        return self.of(operand[1]).split(operand[0])


FUNCTIONS = {
    "Ref": Template.ref,
    "Fn::GetAtt": Template.getatt,
    "Fn::Sub": Template.sub,
    "Fn::Join": Template.join,
    "Fn::Split": Template.split,
}


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
    clusters = {"": "${Cluster.ResourceArn}", ARN: None}
    for user, (arn, made), subnets in itertools.product(("admin", "orders"), clusters.items(), ("", "subnet-1")):
        template = Template(
            raw, {"ClusterUser": user, "ClusterArn": arn, "ClusterEndpoint": arn and "abc", "SubnetIds": subnets}
        )
        role = template.of(resources["FunctionRole"]["Properties"])
        where = f"FunctionRole of user {user} on {'the cluster ' + arn if arn else 'its own cluster'}"
        where += " in a VPC" if subnets else ""
        statements = [s for policy in role["Policies"] for s in policy["PolicyDocument"]["Statement"]]
        granted = [
            (action, as_list(statement["Resource"]))
            for statement in statements
            for action in as_list(statement["Action"])
            if statement["Effect"] == "Allow"
        ]
        interfaces = {action for action, _ in granted if action.startswith("ec2:")}
        if interfaces != (INTERFACES if subnets else set()):
            yield f"{where} grants {interfaces} of EC2"
        denied = [s for s in statements if s["Effect"] == "Deny"]
        if bool(denied) != bool(subnets) or any(set(s["Action"]) != INTERFACES | DETACH for s in denied):
            yield f"{where} denies {denied}"
        wanted = [("dsql:DbConnectAdmin" if user == "admin" else "dsql:DbConnect", [made or arn])]
        if [grant for grant in granted if grant[0].startswith("dsql:") or "*" in grant[0]] != wanted:
            yield f"{where} grants {granted}, not just {wanted} of DSQL"
        if any("*" in "".join(on) and not action.startswith(("xray:", "ec2:")) for action, on in granted):
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


def versions(raw, resources):
    """A parameter publishes a version where it changes the function, and only there: Lambda refuses a second version of
    the same function, and a version that is not published leaves the alias with the old one."""
    version = next(r["Properties"] for r in resources.values() if r["Type"] == "AWS::Lambda::Version")
    # Of the function's properties the one that is not a version's.
    function = {n: v for n, v in resources["Function"]["Properties"].items() if n != "ReservedConcurrentExecutions"}

    def seen(given):
        template = Template(raw, given)
        return template.of(function), template.of(version["Description"])

    for name in sorted(raw["Parameters"].keys() ^ VALUES.keys()):
        yield f"there are no values to try the parameter {name} with, or no such parameter"
    for base in BASES:
        for name, values in VALUES.items():
            tried = [seen(base | {name: value} | ({"ClusterArn": ARN} if name == "ClusterEndpoint" else {})) for value in values]
            for (value, before), (other, after) in itertools.combinations(zip(values, tried, strict=True), 2):
                alters, publishes = before[0] != after[0], before[1] != after[1]
                if alters != publishes and not (name in BY_REVISION and alters):
                    yield f"{name} from {value!r} to {other!r}: alters the function: {alters}, publishes it: {publishes}"
    for name in BY_REVISION:
        if "Revision" not in raw["Parameters"][name]["Description"]:
            yield f"{name} does not say that it needs another Revision"
    longest = {n: max(values, key=len) for n, values in VALUES.items()}
    length = len(seen(longest)[1])
    if length > DESCRIPTION_LIMIT:
        yield f"a version's description may have {length} characters"
    for name, values in VALUES.items():
        parameter = raw["Parameters"][name]
        for value in values:
            if "AllowedPattern" in parameter and not re.search(parameter["AllowedPattern"], value):
                yield f"{name} does not allow {value!r}"
        if name in LENGTHS:
            most = max(values, key=len)
            for more in (most + LENGTHS[name], LENGTHS[name] + most):
                if re.search(parameter["AllowedPattern"], more) and len(more) <= parameter.get("MaxLength", len(more)):
                    yield f"{name} may be longer than its longest sample: {more!r}"
    for value in ("{", "rate(5", "cron(0"):
        for name in ("ScheduledAction", "ScheduleExpression"):
            if re.search(raw["Parameters"][name]["AllowedPattern"], value):
                yield f"{name} allows {value!r}, which a shell's missing quotes make of it"


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
        *versions(raw, resources),
        *kept(raw),
        *names(resources),
        *alarms(template, resources),
        *dashboard(template, resources),
    ]
    if found:
        sys.exit("The template is not as it should be:\n" + "\n".join(f"- {fault}" for fault in found))
    print(f"{len(resources)} resources, all as they should be")


if __name__ == "__main__":
    main()
