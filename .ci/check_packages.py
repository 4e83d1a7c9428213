"""What a scanner finds in the artefact, and what it reads in the bill of materials there, is what the bill lists.

    check_packages.py BILL SCAN...

BILL is CycloneDX's JSON; each SCAN is what `syft -o syft-json` wrote.
"""

import json
import sys


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def listed(bill):
    return {component["purl"] for component in bill["components"]}


def found(scan):
    # The bill's own subject is a package too when the bill is read, and has no address.
    return {package["purl"] for package in scan["artifacts"] if package["purl"]}


def main(bill, *scans):
    wanted = listed(read(bill))
    if not wanted or not scans:
        sys.exit(f"{bill} lists nothing, or nothing was scanned")
    faults = []
    for scan in scans:
        packages = found(read(scan))
        faults += [f"{scan}: {purl} is not found" for purl in sorted(wanted - packages)]
        faults += [f"{scan}: {purl} is not in the bill" for purl in sorted(packages - wanted)]
        print(f"{scan}: {len(packages)} packages")
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main(*sys.argv[1:])
