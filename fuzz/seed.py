#!/usr/bin/env python3
"""Fills corpus/<target>/ with the inputs of fixtures/vectors and the committed seeds."""

import hashlib
import json
import pathlib
import shutil

HERE = pathlib.Path(__file__).parent
VECTORS = HERE.parent / "fixtures/vectors"


def read_bytes(value):
    """A string, or pieces, as fixtures/vectors/README.md describes them."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, list):
        return b"".join(map(read_bytes, value))
    if "hex" in value:
        return bytes.fromhex(value["hex"])
    unit = value["repeat"].encode() if "repeat" in value else bytes.fromhex(value["repeat_hex"])
    return unit * value["times"]


def inputs(pattern, key):
    for path in sorted(VECTORS.glob(pattern)):
        for vector in json.loads(path.read_text()).get("vectors", []):
            if key in vector:
                # The first byte of the WebSocket targets chooses who sends, and RSV1.
                client, rsv1 = vector.get("from") == "client", vector.get("rsv", 0) == 4
                yield bytes([client | rsv1 << 1]), read_bytes(vector[key])


def fill(target, seeds):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        if len(seed) <= 4096:
            (folder / hashlib.sha1(seed).hexdigest()).write_bytes(seed)
    for seed in sorted((HERE / "seeds" / target).glob("*")):
        shutil.copy(seed, folder)


def payloads():
    for vector in json.loads((VECTORS / "ws/deflate.json").read_text())["vectors"]:
        bits, takeover = vector.get("window_bits", 15), vector.get("context_takeover", True)
        for message in vector["messages"]:
            payload = message["payload"]
            data = bytes.fromhex(payload) if isinstance(payload, str) else read_bytes(payload)
            yield bytes([bits - 8 | takeover << 3]) + data


streams = [data for _, data in inputs("sse/*.json", "input")]
frames = [choice + data for choice, data in inputs("ws/*.json", "input")]
fill("sse_laws", streams)
fill("sse_peer", streams)
fill("sse_encode", [])
fill("ws_laws", frames)
fill("ws_peer", frames)
fill("http_laws", [data for _, data in inputs("[hw]*/*.json", "head")])
fill("deflate", payloads())
