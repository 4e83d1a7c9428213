"""The function behind HTTP, for the checks that use it from outside."""

import re
import subprocess
import sys
import threading
from contextlib import contextmanager


def discard(lines):
    for _ in lines:
        pass


@contextmanager
def served():
    """The address of exec:exec@serve, which runs meanwhile; its console is at _console/ below it."""
    command = ["mvn", "-q", "test-compile", "exec:exec@serve", "-Dserve.port=0"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        try:
            for line in program.stdout:
                found = re.match(r"For a browser: (http://127\.0\.0\.1:\d+/)_console/$", line)
                if found:
                    break
            else:
                sys.exit("exec:exec@serve named no console")
            # A line for each request follows, and the program would wait for its reader.
            rest = threading.Thread(target=discard, args=[program.stdout])
            rest.start()
            yield found[1]
        finally:
            # It ends with its input.
            program.stdin.close()
        rest.join()
