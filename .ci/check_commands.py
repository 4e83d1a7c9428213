"""The commands that the pages print, as far as they can be tried without AWS: check_commands.py TEMPLATE PAGE...

Each page's blocks of bash, and the commands of its console sessions, run in one shell after the other, in which `sam`,
`aws`, Maven and every other program that would reach something is replaced by one that notes what it was called with.
What `sam` was called with is then read by the SAM CLI's own parser, and its parameters by the template's own patterns and
rules, as a stack has them: those of its earlier deployments on the page go on to hold.
"""

import json
import os
import pathlib
import re
import shlex
import stat
import subprocess
import sys
import tempfile

import click
import yaml
from check_template import Loader, Template
from samcli.cli.main import cli

BLOCK = re.compile(r"^```(bash|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RECORDED = "sam aws mvn psql curl".split()
# Notes its arguments, and answers with something that stands for an id, a host and an address at once.
RECORDER = """#!/usr/bin/env python3
import json, os, sys
words = [os.path.abspath(word) if os.path.isfile(word) else word for word in sys.argv[1:]]
with open(os.environ["RECORD"], "a", encoding="utf-8") as record:
    record.write(json.dumps([os.path.basename(sys.argv[0]), *words]) + "\\n")
if "describe-stacks" in sys.argv and "Arn'" in str(sys.argv):
    print("arn:aws:dsql:us-east-1:123456789012:cluster/abc")
elif "get-vpc-endpoint-service-name" in sys.argv:
    print("com.amazonaws.us-east-1.dsql-0a1b2c")
elif "create-vpc-endpoint" in sys.argv:
    print("vpce-0123456789abcdef0")
elif "invoke" in sys.argv[:3] and "sam" not in sys.argv[0]:
    open(sys.argv[-1], "w", encoding="utf-8").write("{}")
elif "create-security-group" in sys.argv:
    print("sg-0123456789abcdef0")
elif "export-credentials" in sys.argv:
    print("export AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_SESSION_TOKEN=c")
else:
    print("abc")
"""


def script(page):
    parts = []
    for language, text in BLOCK.findall(page):
        if language == "console":
            # A session's replies have no prompt; a command may go on to the next lines within quotes or after a backslash.
            text = "\n".join(re.findall(r"^\$ ((?:[^'\n]|'[^']*')*)$", text, re.MULTILINE)) + "\n"
        parts.append(text)
    return "set -eu\n" + "".join(parts)


def recorded(page):
    """What was called, each as its words; files that the page makes are there meanwhile."""
    with tempfile.TemporaryDirectory() as scratch:
        programs = pathlib.Path(scratch, "bin")
        programs.mkdir()
        for name in RECORDED:
            program = programs / name
            program.write_text(RECORDER, encoding="utf-8")
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
        for name, text in re.findall(r"^```json (\S+\.json)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
            pathlib.Path(scratch, name).write_text(text, encoding="utf-8")
        record = pathlib.Path(scratch, "record")
        environment = {
            "PATH": f"{programs}:{os.environ['PATH']}", "RECORD": str(record), "HOME": scratch,
            # What the pages leave to the reader.
            "TOKEN": "token", "PORT": "5432",
        }  # fmt: skip
        run = subprocess.run(
            ["bash", "-c", script(page)], cwd=scratch, env=environment, capture_output=True, text=True, check=False
        )
        if run.returncode:
            sys.exit(f"The commands do not run: {run.stderr}")
        yield from map(json.loads, record.read_text(encoding="utf-8").splitlines())


def options(words):
    """What the SAM CLI makes of it; it says what is wrong."""
    context = cli.make_context("sam", list(words), resilient_parsing=False)
    command, rest = cli, list(words)
    while isinstance(command, click.Group):
        name, command, rest = command.resolve_command(context, rest)
        if isinstance(command, click.Group):
            context = command.make_context(name, rest, parent=context)
            rest = context.protected_args + context.args
    return command.make_context(name, rest, parent=context).params


def faults(template, stacks, words):
    parameters = template["Parameters"]
    try:
        given = options(words)
    except (click.ClickException, click.exceptions.Exit) as e:
        yield getattr(e, "message", str(e))
        return
    for name, value in (given.get("parameter_overrides") or {}).items():
        if name not in parameters:
            yield f"{name} is no parameter of the template"
            continue
        pattern = parameters[name].get("AllowedPattern")
        if pattern and not re.search(pattern, value):
            yield f"{name} may not be {value!r}"
        if value not in map(str, parameters[name].get("AllowedValues", [value])):
            yield f"{name} may not be {value!r}"
    if words[0] == "deploy":
        stack = stacks.setdefault((given.get("stack_name"), given.get("region")), {})
        stack |= given.get("parameter_overrides") or {}
        yield from Template(template, stack).refused(template["Rules"])


def main():
    template = yaml.load(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"), Loader)
    found, count = [], 0
    for path in sys.argv[2:]:
        page, stacks = pathlib.Path(path).read_text(encoding="utf-8"), {}
        for program, *words in recorded(page):
            if program == "sam":
                count += 1
                found += [f"{path}: sam {' '.join(words)}: {fault}" for fault in faults(template, stacks, words)]
        names = "|".join(template["Parameters"])
        for text in re.findall(rf"`('?(?:{names})=[^`…]*)`", page):
            words = ["deploy", "--parameter-overrides", *shlex.split(text)]
            found += [f"{path}: {text}: {fault}" for fault in faults(template, {}, words)]
    if found or count < 10:
        sys.exit("Commands of the pages are not as they should be:\n" + "\n".join(found or [f"only {count} are found"]))
    print(f"{count} commands of sam are as SAM and the template want them")


if __name__ == "__main__":
    main()
