#!/usr/bin/env python3
"""Autobahn|Testsuite and pushspec on the same server, in one session: time, memory, and where their verdicts differ.

    bench/autobahn/compare.py WSTEST PUSHSPEC [--server NAME]... [--sections 1,2,…] [--rounds N]
    bench/autobahn/compare.py WSTEST PUSHSPEC --exhaustive [--server NAME]... [--rounds N]

WSTEST is the `wstest` of autobahntestsuite 25.10.1 (Python 2.7), PUSHSPEC a release build. The servers are those of
`fixtures/zoo`, and tokio-tungstenite beside this file; each is started once and answers both. Both run only the cases of the
sections that are named: by default all but 9, 12 and 13, which is what takes Autobahn seconds instead of minutes. The table is
Markdown. Behind it stands every case whose class differs, with the clause that decides it (`differences.tsv`); where none is
known, the exit status is 1.

`--exhaustive` runs pushspec alone, the cases behind sections 12 and 13 with as many messages as Autobahn sends, and holds its wall
time against the CPU time that the server spent: what it cannot be faster than. That takes minutes.
"""

import argparse
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
ZOO = ROOT / "fixtures" / "zoo"
HERE = pathlib.Path(__file__).resolve().parent
SERVERS = {"npm-ws": ZOO / "npm-ws", "pypi-websockets": ZOO / "pypi-websockets", "tokio-tungstenite": HERE / "tokio-tungstenite"}
# Autobahn's classes, the worst last; UNDECIDED is ours alone.
CLASSES = ["OK", "INFORMATIONAL", "NON-STRICT", "UNIMPLEMENTED", "UNDECIDED", "UNCLEAN", "WRONG CODE", "FAILED"]
SHORT = "1,2,3,4,5,6,7,10"


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def start(name):
    """The server's process and its port, once it takes connections."""
    port = free_port()
    command = [str(SERVERS[name] / "run.sh")]
    server = subprocess.Popen(command, env={**os.environ, "PORT": str(port)}, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return server, port
        time.sleep(0.05)
    sys.exit(f"{name} does not listen")


def timed(command, cwd):
    """Wall seconds, CPU seconds and peak MiB of a command. Its exit status tells of verdicts, and is not looked at."""
    began = time.monotonic()
    child = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, used = os.wait4(child.pid, 0)
    child.returncode = 0
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def autobahn(wstest, url, sections, folder):
    """Its classes by case, and what it took."""
    spec = {
        "outdir": folder,
        "servers": [{"agent": "target", "url": url}],
        "cases": [f"{section}.*" for section in sections],
        "exclude-cases": [],
        "exclude-agent-cases": {},
    }
    path = pathlib.Path(folder) / "spec.json"
    path.write_text(json.dumps(spec))
    took = timed([wstest, "-m", "fuzzingclient", "-s", str(path)], folder)
    cases = json.loads((pathlib.Path(folder) / "index.json").read_text())["target"]
    return {case: max(said["behavior"], said["behaviorClose"], key=CLASSES.index) for case, said in cases.items()}, took


def pushspec(binary, url, sections, folder, *options):
    """Its classes by case of Autobahn's, and what it took."""
    report = pathlib.Path(folder) / "report.json"
    command = [binary, "check", url, "--profile", "autobahn", "--report", f"json={report}", "--i-own-this-target", *options]
    for section in sections:
        command += ["--case", f"autobahn:{section}.*"]
    took = timed(command, folder)
    return {case["id"]: case["class"] for case in json.loads(report.read_text())["autobahn"]}, took


def cpu(pid):
    """CPU seconds of a process so far, all its threads together."""
    behind_the_name = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(behind_the_name[11]) + int(behind_the_name[12])) / os.sysconf("SC_CLK_TCK")


def exhaustive(binary, names, rounds):
    """The table of what as many messages as Autobahn sends take."""
    print("| server | cases | not OK | wall | CPU | peak | the server's CPU | wall by that |\n|---|---|---|---|---|---|---|---|")
    for name in names:
        server, port = start(name)
        try:
            for _ in range(rounds):
                before = cpu(server.pid)
                with tempfile.TemporaryDirectory() as folder:
                    said, (wall, own, peak) = pushspec(binary, f"ws://127.0.0.1:{port}/", ["12", "13"], folder, "--exhaustive")
                spent = cpu(server.pid) - before
                bad = sum(class_ != "OK" for class_ in said.values())
                row = f"{len(said)} | {bad} | {wall:.1f} s | {own:.1f} s | {peak:.0f} MiB | {spent:.1f} s | {wall / spent:.2f}"
                print(f"| {name} | {row} |", flush=True)
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait()


def known_differences():
    """The clause and the reason by case and the two classes."""
    known = {}
    for line in (HERE / "differences.tsv").read_text().splitlines():
        cases, theirs, ours, clause, why = line.split("\t")
        known.update({(case, theirs, ours): f"{clause}: {why}" for case in cases.split()})
    return known


def differences(theirs, ours, known):
    """Each case whose classes differ, and why that is right, if that is known."""
    for case, class_ in sorted(theirs.items(), key=lambda row: [int(part) for part in row[0].split(".")]):
        own = ours.get(case, "not run")
        if class_ != own:
            yield f"- {case}: Autobahn {class_}, pushspec {own}. ", known.get((case, class_, own))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wstest")
    parser.add_argument("pushspec")
    parser.add_argument("--server", action="append", choices=SERVERS)
    parser.add_argument("--sections", default=SHORT)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--exhaustive", action="store_true")
    arguments = parser.parse_args()
    sections = arguments.sections.split(",")
    binary = str(pathlib.Path(arguments.pushspec).resolve())
    if arguments.exhaustive:
        return exhaustive(binary, arguments.server or SERVERS, arguments.rounds)
    wstest = str(pathlib.Path(arguments.wstest).resolve())
    known = known_differences()
    unknown = 0
    print("| server | suite | cases | wall | CPU | peak |\n|---|---|---|---|---|---|")
    notes = []
    for name in arguments.server or SERVERS:
        server, port = start(name)
        url = f"ws://127.0.0.1:{port}/"
        try:
            walls = {}
            for suite, run, program in (("Autobahn", autobahn, wstest), ("pushspec", pushspec, binary)):
                took = []
                for _ in range(arguments.rounds):
                    with tempfile.TemporaryDirectory() as folder:
                        said, figures = run(program, url, sections, folder)
                        took.append(figures)
                wall, cpu, peak = (statistics.median(column) for column in zip(*took))
                walls[suite] = (wall, said)
                print(f"| {name} | {suite} | {len(said)} | {wall:.2f} s | {cpu:.2f} s | {peak:.0f} MiB |", flush=True)
            ratio = walls["Autobahn"][0] / walls["pushspec"][0]
            notes.append(f"\n{name}: pushspec takes 1/{ratio:.1f} of the time (medians of {arguments.rounds})")
            for told, why in differences(walls["Autobahn"][1], walls["pushspec"][1], known):
                notes.append(told + (why or "NOBODY KNOWS WHY"))
                unknown += why is None
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait()
    print("\n".join(notes))
    sys.exit(unknown > 0)


if __name__ == "__main__":
    main()
