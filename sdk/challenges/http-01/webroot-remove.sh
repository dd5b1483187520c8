#!/bin/sh
# shellcheck disable=SC2154  # root is set by the caller.
# Removes challenge files below $root. Reads tokens, an empty line, and the directories that were made for them, the
# innermost first; one a line. hosts/directory.sh comes before it.
enter "$root/.well-known/acme-challenge" || exit 0
while read -r token && [ -n "$token" ]; do set -- "$@" "./$token"; done
rm -f -- "$@" || exit 1
# A directory stays while it holds a token of another certificate.
while read -r directory; do enter "${directory%/*}" && rmdir "./${directory##*/}"; done 2>/dev/null
exit 0
