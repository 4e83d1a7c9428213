"""Each action that a workflow uses is pinned by a commit's hash, and the hash's comment names its version.

    check_actions.py WORKFLOW...
"""

import re
import sys

PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def uses(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            match = re.match(r"\s*(?:- )?uses:\s*(.*?)\s*$", line)
            if match:
                yield match.group(1)


def main(*paths):
    found = [(path, use) for path in paths for use in uses(path)]
    if not found:
        sys.exit("no workflow uses an action")
    faults = [f"{path}: {use} is not pinned" for path, use in found if not PINNED.fullmatch(use)]
    if faults:
        sys.exit("\n".join(faults))
    print(f"{len(found)} uses of actions are pinned")


if __name__ == "__main__":
    main(*sys.argv[1:])
