#!/usr/bin/env bash
# Checks what continuous integration engines read, as far as that can be done away from them: the action and the release
# workflow against GitHub's schemas, the Dockerfile's syntax, and the archive of a release, for real. run.sh BINARY
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
