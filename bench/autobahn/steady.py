#!/usr/bin/env python3
"""Whether pushspec's verdicts are the same in every run, while every core is kept busy by something else.

    bench/autobahn/steady.py PUSHSPEC [--server NAME]... [--runs N] [--sections 1,2,…]

Each server of `compare.py` is started once and checked N times (30 by default), under the profile `autobahn`. Each case whose
verdict changed is told, and the exit status is 1 then.
"""

import argparse
import collections
import json
import multiprocessing
import os
import pathlib
import signal
import sys
import tempfile

from compare import SERVERS, SHORT, start, timed


def spin():
    while True:
        pass


def verdicts(binary, url, sections, folder):
    """The verdict by case, and the wall time."""
    report = pathlib.Path(folder) / "report.json"
    command = [binary, "check", url, "--profile", "autobahn", "--report", f"json={report}"]
    for section in sections:
        command += ["--case", f"autobahn:{section}.*"]
    wall, _, _ = timed(command, folder)
    return {result["case"]: result["verdict"] for result in json.loads(report.read_text())["results"]}, wall


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pushspec")
    parser.add_argument("--server", action="append", choices=SERVERS)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--sections", default=SHORT)
    arguments = parser.parse_args()
    binary = str(pathlib.Path(arguments.pushspec).resolve())
    busy = [multiprocessing.Process(target=spin, daemon=True) for _ in range(os.cpu_count() or 1)]
    changed = 0
    for process in busy:
        process.start()
    try:
        for name in arguments.server or SERVERS:
            server, port = start(name)
            try:
                seen, slowest = collections.defaultdict(collections.Counter), 0.0
                for _ in range(arguments.runs):
                    with tempfile.TemporaryDirectory() as folder:
                        run, wall = verdicts(binary, f"ws://127.0.0.1:{port}/", arguments.sections.split(","), folder)
                    slowest = max(slowest, wall)
                    for case, verdict in run.items():
                        seen[case][verdict] += 1
                unsteady = {case: counts for case, counts in seen.items() if list(counts.values()) != [arguments.runs]}
                print(f"{name}: {arguments.runs} runs of {len(seen)} cases, at most {slowest:.1f} s each: {len(unsteady)} changed", flush=True)
                for case, counts in sorted(unsteady.items()):
                    print(f"  {case}: {dict(counts)}", flush=True)
                changed += len(unsteady)
            finally:
                os.killpg(server.pid, signal.SIGTERM)
                server.wait()
    finally:
        for process in busy:
            process.terminate()
    sys.exit(changed > 0)


if __name__ == "__main__":
    main()
