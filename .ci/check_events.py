"""Checks what the main job printed: python3 check_events.py EVENTS_DIRECTORY OUTPUT_FILE

A line that names an event file opens that file's section; the JSON documents up to the next such line are its replies.
The body of an HTTP reply counts as a reply of its own.
"""

import json
import pathlib
import re
import sys


def documents(text):
    """All JSON objects in the text, those inside others left out."""
    decoder, at = json.JSONDecoder(), text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except ValueError:
            end = at + 1
        else:
            yield value
            if isinstance(value.get("body"), str):
                yield from documents(value["body"])
        at = text.find("{", end)


def sections(names, text):
    """Replies by file name; only names that the text has."""
    # Longest first: one name may end another.
    either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    opening = re.compile(rf"(?<![\w.-])({either})(?![\w.-])")
    found, name, lines = {}, None, []
    for line in [*text.splitlines(), None]:
        match = line is not None and opening.search(line)
        if match or line is None:
            if name:
                found.setdefault(name, []).extend(documents("\n".join(lines)))
            name, lines = match and match[1], [line[match.end() :]] if match else []
        else:
            lines.append(line)
    return found


def door(name):
    return name.split("-")[0] if name.startswith(("http-", "schedule-")) else "direct"


def written(reply):
    return reply.get("action") == "insert" and reply.get("counts", {}).get("written", 0) > 0


def read(reply):
    return reply.get("action") == "query" and bool(reply.get("rows"))


def problem(reply):
    has = {"type", "title", "status", "detail", "code"} <= reply.keys()
    return has and str(reply["type"]) == f"urn:dsql:problem:{reply['code']}"


def faults(names, text):
    replies = sections(names, text)
    for name in names:
        if name not in replies:
            yield f"{name} is not named"
        elif not replies[name]:
            yield f"{name} has no JSON reply"

    def seen(test, of=None):
        return any(test(r) for n, all_ in replies.items() if of in (None, door(n)) for r in all_)

    if not seen(lambda r: r.get("action") == "create" and r.get("outcome") == "created"):
        yield "no table was created"
    for of in ("direct", "http", "schedule"):
        if not seen(written, of):
            yield f"no row was inserted through the {of} door"
    for of in ("direct", "http"):
        if not seen(read, of):
            yield f"no row was queried through the {of} door"
    if not seen(problem):
        yield "no problem document"


def main():
    names = sorted(path.name for path in pathlib.Path(sys.argv[1]).glob("*.json"))
    if not names:
        sys.exit(f"no event files in {sys.argv[1]}")
    found = list(faults(names, pathlib.Path(sys.argv[2]).read_text(encoding="utf-8")))
    if found:
        sys.exit("The main job's output is not as it should be:\n" + "\n".join(f"- {f}" for f in found))
    print(f"{len(names)} event files, all answered as they should be")


main()
