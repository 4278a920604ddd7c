#!/usr/bin/env bash
# Checks what continuous integration engines read, as far as that can be done away from them: the action and the release
# workflow against GitHub's schemas, the action's own script for real, the Dockerfile's syntax, and the archive of a
# release, for real. run.sh BINARY
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
for file in action.yml packaging/release.yml; do
    # Checked in a folder of its own: its globs are those of another repository.
    stage=$(mktemp -d)
    mkdir -p "$stage/.github/workflows"
    case $file in
        action.yml) copy=$stage/action.yml ;;
        *) copy=$stage/.github/workflows/$(basename "$file") ;;
    esac
    cp "$root/$file" "$copy"
    "$here/node_modules/.bin/action-validator" "$copy"
    rm -r "$stage"
    echo "$file obeys its schema"
done
# The script of the step that checks, as a runner would run it: two targets where nobody listens.
stage=$(mktemp -d)
awk '/^    - name: /{step=$0} step ~ /name: Check$/ && script {if (/^    - /) exit; print substr($0, 9)} step ~ /name: Check$/ && /run: \|/{script=1}' \
    "$root/action.yml" > "$stage/check.sh"
ln -s "$(realpath "$1")" "$stage/pushspec"
status=0
(cd "$stage" && env PATH="$stage:$PATH" RUNNER_TEMP="$stage" GITHUB_STEP_SUMMARY="$stage/summary" GITHUB_OUTPUT="$stage/output" \
    TARGETS="ws://127.0.0.1:1/ http://127.0.0.1:1/" START="" ARGS="" \
    bash --noprofile --norc -eo pipefail check.sh >/dev/null) || status=$?
[ "$status" = 3 ] && grep -qx 'status=3' "$stage/output" || { echo "the action ended with $status"; exit 1; }
[ "$(grep -c '^## ' "$stage/summary")" = 2 ] || { echo "the action wrote no summary for each target"; exit 1; }
rm -r "$stage"
echo "the action's script runs, and writes its summary"
"$here/node_modules/.bin/dockerfilelint" "$root/packaging/Dockerfile" >/dev/null
echo "packaging/Dockerfile can be read"
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
archive=$("$root/packaging/archive.sh" "$1" test-target "$folder" | tail -1)
listing=$(tar -tzf "$archive")
for part in /pushspec$ /man/pushspec-check.1$ /completions/pushspec.bash$ /LICENSE-MIT$; do
    grep -q "$part" <<<"$listing" || { echo "the archive lacks $part"; exit 1; }
done
(cd "$folder" && sha256sum --check --quiet ./*.sha256)
echo "an archive was packed, with $(wc -l <<<"$listing") entries"
