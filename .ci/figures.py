"""Writes docs/figures.md to standard output, from what the steps of .ci/full left in the directory that is named."""

import json
import platform
import re
import subprocess
import sys
from pathlib import Path

LOGS = Path(sys.argv[1])

# The benches, by the name of their file of figures.
BENCHES = {
    "figures": "What a call costs, and keeping accounts",
    "agents": "What agents meet",
    "hosts": "Several hosts",
}

# What the other steps print that is a figure.
LINES = {
    "conformance": r"\d+ passed",
    "schemathesis": r"(?:Operations|Test cases|API Operations|Tested)\b.*\d",
    "supply": r"(?:bans|licenses|sources)\b.*\bok",
    "advisories": r"advisories ok|NOT CHECKED",
    "twice": r"twice the same",
    "package": r"\d+ components in|[0-9a-f]{64}  ",
    "fuzz": r"\w+: \d+ runs",
    "faults": r"with reconciliation|\d+ seeds with|\d+ schedules|HTTP\S* \d+ bytes|a handshake of|\d+ calls in",
    "soak": r".* after the warm-up, |\d+ s: ",
}


def told(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def field(file, name):
    found = re.search(rf"^{name}\s*:\s*(.*)$", Path(file).read_text(), re.MULTILINE)
    return found.group(1) if found else "unknown"


def number(value):
    return f"{value:,.0f}" if isinstance(value, (int, float)) and abs(value) >= 1000 else f"{value:g}"


def holds(value, bar):
    relation, bound = bar.split()
    return value <= float(bound) if relation == "<=" else value >= float(bound)


def bench(name, title):
    file = LOGS / f"{name}.jsonl"
    print(f"\n## {title}\n\n`cargo bench -p freshdesk-host --bench {name}`\n")
    if not file.exists():
        return print("Not measured.")
    print("| figure | measured | bar | |\n|---|---|---|---|")
    for line in file.read_text().splitlines():
        row = json.loads(line)
        value, bar = row["value"], row.get("bar") or ""
        held = "" if not bar else "held" if value is not None and holds(value, bar) else "**not held**"
        value = "none" if value is None else number(value)
        print(f"| {row['figure'].replace('|', '/')} | {value} {row['unit']} | {bar.replace('<=', '≤').replace('>=', '≥')} | {held} |")


def printed(step):
    """The lines of a step's log that are figures."""
    file = LOGS / f"{step}.log"
    lines = file.read_text(errors="replace").splitlines() if file.exists() else []
    return [line.strip() for line in lines if re.match(LINES[step], line.strip())]


def main():
    memory = int(field("/proc/meminfo", "MemTotal").split()[0]) / 1024 / 1024
    print("# Figures\n")
    print("Written by `.ci/full`, which measured them. On a machine that does nothing else, single figures vary by a third from run to run.\n")
    print("| | |\n|---|---|")
    print(f"| processor | {field('/proc/cpuinfo', 'model name')}, {told('nproc')} cores |")
    print(f"| memory | {memory:.0f} GiB |")
    print(f"| system | {platform.system()} {platform.release()} |")
    print(f"| compiler | {told('rustc', '--version')} |")
    print(f"| commit | {told('git', 'rev-parse', '--short', 'HEAD')} |")
    print("\n## Steps\n\n| command | outcome | took | on | commit | processor |\n|---|---|---|---|---|---|")
    for file in sorted(LOGS.glob("*.json"), key=lambda file: file.stat().st_mtime):
        step = json.loads(file.read_text())
        told_of = (step["outcome"], f"{step['seconds']} s", step["date"], step["commit"], step["processor"])
        print(f"| `.ci/full {step['step']}` |", " | ".join(told_of), "|")
    for step in LINES:
        if lines := printed(step):
            print(f"\n`.ci/full {step}` says:\n\n```text")
            print(*lines, "```", sep="\n")
    for name, title in BENCHES.items():
        bench(name, title)


main()
