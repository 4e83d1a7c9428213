"""Lets Schemathesis make requests of openapi.yaml and sends them to exec:exec@serve: check_schemathesis.py DIRECTORY [SEED]

Every request is valid by the schemas, so none may be refused for its form, and every reply must be as described. DIRECTORY
gets a second description, in which few names are allowed: with it, most requests mean tables and columns that exist.

The same versions make the same requests of a seed each time.
"""

import collections
import hashlib
import json
import os
import pathlib
import re
import shutil
import sys

import hypothesis
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks
from served import served

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
SEED = 20261126
# Hypothesis, which draws for Schemathesis, varies what it drew; so it begins anew after a few examples.
EXAMPLES_OF_A_SEED = 12
AS_DESCRIBED = 700
WITH_FEW_NAMES = 300

# Each says something of the reply, none of the request: whether that may be refused is decided below.
OF_REPLIES = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]

# What may come of a request in good form: done, or no such table, or at odds with what is stored.
ANSWERS = {200, 201, 207, 404, 409, 422}

# The rules that no schema can express, by what is said of a fault: its code, its place and its detail. Which of them
# were met is printed.
BEYOND_SCHEMAS = {
    "whether a table has a column": r"^unknown_column ",
    "that a name occurs once, because uniqueItems compares whole elements": r"is named twice$|would have the name"
    r"| is in the index's key already$",
    "what a column's type allows, which is said elsewhere": r": only an? .* column |cannot be in a key or an index$"
    r"|: a column of the (primary|foreign) key |: there is no \w+ of a column of type |: the database has no keys with "
    r"|: rows cannot be ordered or grouped by |: (a|the values of a) json column cannot be ",
    "that a value is one of its column's type": r"^\w+ (/columns/\d+/default/value|/rows/\d+/[^/]*): (?!a name )"
    r"|: (give (a string|an ISO 8601 string|a number, or its digits as a string|true or false|a UUID as a string)$|not (an ISO 8601|a number|a UUID))",
    "that two places name the same columns": r"listed in groupBy",
    "that two lists have the same length": r": give one value for each of the \d+ columns|: name as many columns as in ",
    "that numbers in a text, or of elements, keep a limit together": r": the scale of a numeric must not exceed its precision$"
    r"|: a table has at most \d+ indexes",
    "whether a table has a key": r" /onConflict/columns: name the columns of one key| /foreignKeys/\d+: (The table that|A column of) a foreign key| /foreignKeys/\d+: A foreign key ",
    "the length in bytes": r": an? (name|idempotency key) has at most \d+ bytes$",
    "that a field or a header is present": r'^missing /idempotencyKey: "atomicity":"chunk" needs a key',
}


def operation(openapi):
    return schemathesis.openapi.from_path(openapi)["/"]["POST"]


def with_few_names(directory):
    shutil.copytree(REPOSITORY / "schemas", directory / "schemas")
    common = directory / "schemas/common.json"
    schema = json.loads(common.read_text())
    schema["$defs"]["name"] = {"enum": ["a", "b", "c", "d", "e", "f", "g", "h"]}
    schema["$defs"]["table"] = {"enum": ["s", "t", "u", "v", "w", "x", "y", "z"]}
    common.write_text(json.dumps(schema))
    return operation(shutil.copy(REPOSITORY / "openapi.yaml", directory))


class Run:
    def __init__(self, address, seed):
        self.address = address
        self.seed = seed
        self.number = 0
        self.described = operation(REPOSITORY / "openapi.yaml")
        self.replies = collections.Counter()
        self.rules = collections.Counter()
        self.sent = set()
        self.requests = hashlib.sha256()
        self.faults = {}

    def fault(self, what, case):
        """Keeps the shortest example of each fault."""
        example = json.dumps({"headers": dict(case.headers), "body": case.body})
        self.faults[what] = min(example, self.faults.get(what, example), key=len)

    def send(self, generated):
        # A reply is held against the description itself, whatever the request was made of.
        key = {name: value for name, value in generated.headers.items() if name == "Idempotency-Key"}
        case = self.described.Case(body=generated.body, headers=key, media_type=generated.media_type)
        request = json.dumps([key, case.body], sort_keys=True)
        if request in self.sent or len(self.sent) == self.number:
            return
        self.sent.add(request)
        self.requests.update(request.encode())
        response = case.call(base_url=self.address.rstrip("/"))
        try:
            case.validate_response(response, checks=OF_REPLIES)
        except Exception as failure:
            self.fault(f"{response.status_code} {failure}", case)
            return
        reply = response.json()
        self.replies[case.body["action"], response.status_code, reply.get("code", reply.get("outcome", ""))] += 1
        if response.status_code == 400:
            self.refused(reply, case)
        elif response.status_code not in ANSWERS:
            self.fault(f"{response.status_code} {reply['detail']}", case)

    def refused(self, problem, case):
        if problem["code"] == "cursor_mismatch":
            # What is in a cursor is the function's own business.
            return
        for fault in problem.get("errors", [{"code": problem["code"], "pointer": "", "detail": problem["detail"]}]):
            told = f"{fault['code']} {fault['pointer']}: {fault['detail']}"
            rules = [rule for rule, said in BEYOND_SCHEMAS.items() if re.search(said, told)]
            self.rules.update(rules)
            if not rules:
                self.fault(f"400 {told}", case)

    def examples(self, operation, number):
        """Sends so many different requests."""
        cases = operation.as_strategy()
        self.number = len(self.sent) + number
        while len(self.sent) < self.number:
            self.draw(cases, self.seed)
            self.seed += 1

    def draw(self, cases, seed):
        @hypothesis.seed(seed)
        @hypothesis.settings(
            max_examples=EXAMPLES_OF_A_SEED,
            database=None,
            deadline=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.filter_too_much],
        )
        @hypothesis.given(case=cases)
        def send(case):
            self.send(case)

        send()


def main(directory, seed=SEED):
    with served() as address:
        run = Run(address, int(seed))
        run.examples(run.described, AS_DESCRIBED)
        run.examples(with_few_names(directory), WITH_FEW_NAMES)
    print(f"{run.replies.total()} requests, SHA-256 {run.requests.hexdigest()[:16]}")
    for (action, status, outcome), number in sorted(run.replies.items()):
        print(f"{number:6} {action} {status} {outcome}")
    print("Refused for what no schema can express:")
    for rule in BEYOND_SCHEMAS:
        print(f"{run.rules[rule]:6} {rule}")
    for what, example in run.faults.items():
        print(f"{what}\n  {example}", file=sys.stderr)
    return 1 if run.faults else 0


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":
        # What is drawn from a set depends on its order.
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})
    sys.exit(main(pathlib.Path(sys.argv[1]), *sys.argv[2:]))
