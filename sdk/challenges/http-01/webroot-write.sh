#!/bin/sh
# shellcheck disable=SC2154  # root is set by the caller.
# Writes challenge files below $root. Reads "TOKEN CONTENT", one a line. Answers "made DIRECTORY" for each directory that
# it had to make. hosts/directory.sh comes before it: the web root may be somebody else's.
umask 022
if ! [ -d "$root" ]; then echo "$root is not a directory" >&2; exit 1; fi
note_made() { echo "made $1"; }
fail() { echo "$1" >&2; exit 1; }
# Another certificate removes the directory that it made while it is empty: then it is made again.
tries=0
until enter "$root/.well-known/acme-challenge" make && enter_work .pulumi-acme-; do
  tries=$((tries + 1))
  [ "$tries" -lt 20 ] || fail "$trouble"
done
trap leave_work EXIT
trap 'exit 1' HUP INT TERM
find_tools || fail "$trouble"
# Renamed into place when complete: a CA may ask for it at any moment.
while read -r token content; do
  printf %s "$content" >"./$token" && chmod 0644 "./$token" && rename "./$token" "../$token" || exit 1
done
