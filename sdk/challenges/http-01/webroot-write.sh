#!/bin/sh
# shellcheck disable=SC2154  # root and first are set by the caller.
# Writes challenge files below $root. Reads "TOKEN CONTENT", one a line. Answers "made DIRECTORY" for each directory that
# it had to make. $first is the first token.
set -eu
umask 022
if ! [ -d "$root" ]; then echo "$root is not a directory" >&2; exit 1; fi
challenges=$root/.well-known/acme-challenge
probe=$challenges/.$first.new
# Another certificate removes the directory that it made while it is empty: then it is made again.
tries=0
until
  for directory in "$root/.well-known" "$challenges"; do
    # Two certificates may do this at the same time: only the one that made a directory removes it.
    if mkdir -m 0755 -- "$directory" 2>/dev/null; then echo "made $directory"; fi
  done
  (: >"$probe") 2>/dev/null
do
  tries=$((tries + 1))
  # The last try shows its error message.
  if [ "$tries" = 20 ]; then [ -d "$challenges" ] || mkdir -p -- "$challenges"; : >"$probe"; fi
done
cd "$challenges"
# Renamed into place when complete: a CA may ask for it at any moment.
while read -r token content; do
  printf %s "$content" >".$token.new"
  chmod 0644 -- ".$token.new"
  mv -f -- ".$token.new" "$token"
done
