#!/bin/sh
# Builds the server on first use, then serves on 127.0.0.1:$PORT.
set -eu
cd "$(dirname "$0")"
: "${PORT:?PORT must name the port to listen on}"
cargo build --release --locked --quiet >&2
exec "${CARGO_TARGET_DIR:-target}/release/pushspec-bench-tungstenite"
