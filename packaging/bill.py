"""Writes what a crate of this workspace is made of to standard output, as CycloneDX 1.5: packaging/bill.py CRATE TARGET FILE

Listed are the crates that are compiled into it for that target, with their licences, their checksums of Cargo.lock and what depends
on what; not those that only the build or the tests need. FILE is what was built of it. The same source makes the same text.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SOURCE = "registry+https://github.com/rust-lang/crates.io-index"


def cargo(*arguments):
    told = subprocess.run(["cargo", *arguments, "--locked"], cwd=ROOT, capture_output=True, text=True, check=True)
    return told.stdout


def tree(crate, target):
    """The crates below this one, and which of them each depends on, by `name version`."""
    edges = {}
    above = []
    for line in cargo("tree", "-p", crate, "--target", target, "-e", "normal,no-proc-macro", "--prefix", "depth", "-f", "\t{p}").splitlines():
        depth, package = line.split("\t")
        name, version = re.match(r"(\S+) v(\S+)", package).groups()
        here = f"{name} {version}"
        edges.setdefault(here, set())
        del above[int(depth) :]
        if above:
            edges[above[-1]].add(here)
        above.append(here)
    return edges


def component(package, checksums, kind="library"):
    name, version = package["name"], package["version"]
    purl = f"pkg:cargo/{name}@{version}"
    told = {"type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl}
    if package.get("description"):
        told["description"] = " ".join(package["description"].split())
    if package.get("license"):
        told["licenses"] = [{"expression": " ".join(package["license"].replace("/", " OR ").split())}]
    if (name, version) in checksums:
        told["hashes"] = [{"alg": "SHA-256", "content": checksums[name, version]}]
    if package.get("repository"):
        told["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
    return told


def main(crate, target, built):
    packages = json.loads(cargo("metadata", "--format-version", "1"))["packages"]
    packages = {f"{package['name']} {package['version']}": package for package in packages}
    with open(os.path.join(ROOT, "Cargo.lock"), "rb") as file:
        locked = tomllib.load(file)["package"]
    foreign = [package for package in locked if package.get("source", SOURCE) != SOURCE]
    assert not foreign, f"these are not of crates.io: {foreign}"
    checksums = {(package["name"], package["version"]): package.get("checksum") for package in locked}
    checksums = {package: checksum for package, checksum in checksums.items() if checksum}
    edges = tree(crate, target)
    own = next(package for package in edges if package.split()[0] == crate)
    purl = lambda package: "pkg:cargo/" + package.replace(" ", "@")
    whole = component(packages[own], checksums, "application")
    with open(built, "rb") as file:
        whole["hashes"] = [{"alg": "SHA-256", "content": hashlib.sha256(file.read()).hexdigest()}]
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": whole,
            "properties": [{"name": "cdx:rustc:sbom:target:triple", "value": target}],
        },
        "components": [component(packages[package], checksums) for package in sorted(edges) if package != own],
        "dependencies": [
            {"ref": purl(package), "dependsOn": sorted(purl(below) for below in edges[package])} for package in sorted(edges)
        ],
    }
    json.dump(bill, sys.stdout, indent=1, ensure_ascii=False)
    print()


if len(sys.argv) != 4:
    sys.exit(__doc__)
main(*sys.argv[1:])
