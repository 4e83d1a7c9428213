"""`sam local` without a container engine: python3 sam_local.py EMULATOR_FILE local invoke|start-api OPTION...

All is SAM's own up to the container, which it would start with an image, a mounted directory, the addresses of hosts and
variables. In its place runs the command in EMULATOR_FILE, a JSON array, with the function's handler behind it, in a mount
name space of its own (Linux, as root): with the same directory at /var/task, the same hosts, those variables and no
others. The first words of the command are the runtime interface emulator, as in the container.

What is printed on standard error besides SAM's own lines is what SAM would have made the container of.
"""

import io
import json
import pathlib
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import types
import urllib.error
import urllib.request

from samcli.cli.main import cli
from samcli.local.docker.container_client_factory import ContainerClientFactory
from samcli.local.lambdafn.runtime import LambdaRuntime

EMULATOR = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
MACHINE = {"x86_64": "x86_64", "aarch64": "arm64"}[platform.machine()]
# The host's own address as a container sees it; here the two are one machine.
GATEWAY = {"host-gateway": "127.0.0.1"}
LIMIT = 60

# $1 is the directory of the function, $2 the file of hosts; the rest is the command.
MOUNT = """
set -e
code="$1" hosts="$2"
shift 2
mount --bind "$hosts" /etc/hosts
mkdir "$hosts.empty"
mount --bind "$hosts.empty" /mnt
mkdir /mnt/function
mount --bind "$code" /mnt/function
mount -t tmpfs none /var
mkdir /var/task
mount --bind /mnt/function /var/task
cd /var/task
exec "$@"
"""


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def answer(url, event):
    """The emulator's answer, from when it listens on."""
    request = urllib.request.Request(url, event.encode("utf-8"), method="POST")
    end = time.monotonic() + LIMIT
    while True:
        try:
            with urllib.request.urlopen(request, timeout=LIMIT) as reply:
                return reply.read().decode("utf-8")
        except urllib.error.HTTPError as e:
            return e.read().decode("utf-8")
        except urllib.error.URLError as e:
            if not isinstance(e.reason, ConnectionRefusedError) or time.monotonic() > end:
                raise


def invoke(_runtime, function, event, _tenant=None, *, stdout=None, stderr=None, extra_hosts=None, **_more):
    """In the place of LambdaRuntime.invoke, which starts the container."""
    variables = function.env_vars.resolve()
    made_of = {
        "runtime": function.runtime,
        "architecture": function.architecture,
        "handler": function.handler,
        "memory": function.memory,
        "timeout": function.timeout,
        "layers": [layer.name for layer in function.layers],
        "hosts": extra_hosts,
        "variables": variables,
    }
    print(json.dumps({"container": made_of}), file=sys.stderr, flush=True)
    if function.architecture != MACHINE:
        sys.exit(f"The function is for {function.architecture}, which this machine would have to emulate.")
    with tempfile.TemporaryDirectory() as scratch:
        hosts = pathlib.Path(scratch, "hosts")
        lines = [f"{GATEWAY.get(to, to)} {name}\n" for name, to in (extra_hosts or {}).items()]
        hosts.write_text("127.0.0.1 localhost\n" + "".join(lines), encoding="utf-8")
        api, front = free_port(), free_port()
        command = [
            *(shutil.which("unshare"), "--mount", "--", shutil.which("sh"), "-c", MOUNT, "sh"),
            *(function.code_abs_path, str(hosts)),
            *(EMULATOR[0], "--runtime-api-address", f"127.0.0.1:{api}"),
            *("--runtime-interface-emulator-address", f"127.0.0.1:{front}"),
            *EMULATOR[1:],
            function.handler,
        ]
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LAMBDA_TASK_ROOT": "/var/task", "TZ": ":UTC"}
        process = subprocess.Popen(
            command, env=environment | variables, stdin=subprocess.DEVNULL, stdout=sys.stderr, stderr=sys.stderr
        )
        try:
            stdout.write_str(answer(f"http://127.0.0.1:{front}/2015-03-31/functions/function/invocations", event))
        finally:
            children = subprocess.run(
                ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=False
            ).stdout.split()
            process.kill()
            process.wait()
            # The emulator ends without its runtime.
            for child in children:
                subprocess.run(["kill", "-KILL", child], check=False)


LambdaRuntime.invoke = invoke
# An engine where nothing ever happens.
ContainerClientFactory.create_client = staticmethod(lambda: types.SimpleNamespace(events=lambda **_: io.StringIO()))
sys.argv = ["sam", *sys.argv[2:]]
cli(prog_name="sam")
