#!/usr/bin/env bash
# Packs a built pushspec with its completions, man pages and licences: archive.sh BINARY TARGET FOLDER.
set -euo pipefail
binary=$1 target=$2 folder=$3
version=$("$binary" --version | cut -d' ' -f2)
name=pushspec-$version-$target
root=$(cd "$(dirname "$0")/.." && pwd)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage/$name/completions" "$stage/$name/man" "$folder"
cp "$binary" "$stage/$name/pushspec"
cp "$root"/README.md "$root"/CHANGELOG.md "$root"/LICENSE-* "$stage/$name/"
"$binary" man "$stage/$name/man"
for shell in bash elvish fish powershell zsh; do
    "$binary" completions "$shell" > "$stage/$name/completions/pushspec.$shell"
done
tar -czf "$folder/$name.tar.gz" -C "$stage" "$name"
(cd "$folder" && if command -v sha256sum >/dev/null; then sha256sum "$name.tar.gz"; else shasum -a 256 "$name.tar.gz"; fi > "$name.tar.gz.sha256")
echo "$folder/$name.tar.gz"
