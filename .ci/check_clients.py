"""Generates clients from openapi.yaml, compiles them and lets them talk to exec:exec@serve: check_clients.py DIRECTORY

DIRECTORY is where everything is generated, from a copy of .ci/clients. The programs session.ts and session.py there are
written as a user of the clients writes them.
"""

import os
import pathlib
import shutil
import subprocess
import sys

from served import served

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
# Node.js comes from the same environment as this Python.
TOOLS = {**os.environ, "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])}


def run(directory, *command):
    subprocess.run(command, cwd=directory, env=TOOLS, check=True)


def generate_typescript(directory):
    run(directory, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent")
    run(directory, "npx", "openapi-ts", "--silent", "--input", str(REPOSITORY / "openapi.yaml"), "--output", "api")
    run(directory, "npx", "tsc", "--project", ".")


def generate_python(directory):
    # The generator takes no reference to another file.
    bundle = ["npx", "redocly", "bundle", str(REPOSITORY / "openapi.yaml"), "--output", "api.yaml"]
    subprocess.run(bundle, cwd=directory, env=TOOLS, check=True, stderr=subprocess.DEVNULL)
    package = "aurora_dsql_from_events_client"
    generator = ["openapi-python-client", "generate", "--path", "api.yaml", "--meta", "none", "--output-path", package]
    run(directory, *generator, "--fail-on-warning")
    run(directory, "mypy", "session.py")


def main(directory):
    shutil.copytree(REPOSITORY / ".ci/clients", directory, dirs_exist_ok=True)
    generate_typescript(directory)
    generate_python(directory)
    with served() as address:
        run(directory, "node", "compiled/session.js", address)
        run(directory, sys.executable, "session.py", address)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
