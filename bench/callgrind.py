#!/usr/bin/env python3
"""Instructions per byte of our decoders, against the budgets of budgets.toml; fails where one is exceeded.

Instructions, unlike time, are the same on every run and hardly differ between machines. Each corpus is decoded once and
four times: the difference is what three passes cost, without the start of the program and the making of the corpus.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib

HERE = pathlib.Path(__file__).parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE / "target"))


def run(case, passes):
    """The instructions that `count` executed, and the bytes in one pass."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", TARGET / "release" / "count", case, str(passes)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(re.search(r"Collected : (\d+)", done.stderr)[1]), int(done.stdout)


def main():
    if not shutil.which("valgrind"):
        print("SKIPPED: valgrind is absent")
        return 0
    build = ["cargo", "build", "--release", "--locked", "--no-default-features", "--bin", "count"]
    subprocess.run(build, cwd=HERE, check=True)
    budgets = tomllib.loads((HERE / "budgets.toml").read_text())["instructions_per_byte"]
    exceeded = False
    for case, budget in budgets.items():
        (once, size), (often, _) = run(case, 1), run(case, 4)
        measured = (often - once) / 3 / size
        exceeded |= measured > budget
        print(f"{case:20}{measured:7.2f} instructions per byte, budget {budget:5.2f}{'  EXCEEDED' if measured > budget else ''}")
    return exceeded


if __name__ == "__main__":
    sys.exit(main())
