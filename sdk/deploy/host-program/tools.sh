#!/bin/sh
# shellcheck disable=SC2034,SC2154  # The parts share their variables.
# What every program on the host uses: words, sums, facts about files.
# POSIX sh. Beyond POSIX it needs base64, a SHA-256 tool, stat, and a mv that can replace a link to a directory; GNU,
# busybox and BSD differ there.

tab=$(printf '\t')

# Every line for the other side begins with the tag of this run: nothing else on standard output is from here.
say() { echo "$tag $*" 2>/dev/null || :; }

pack() { base64 | tr -d '\n'; }
pack_text() { if [ -n "$1" ]; then printf '%s' "$1" | pack; else printf '%s' -; fi; }
unpack() { echo "$1" | base64 -d; }

if command -v sha256sum >/dev/null 2>&1; then
  sum() { sha256sum <"$1" 2>/dev/null | cut -d' ' -f1; }
else
  sum() { shasum -a 256 <"$1" 2>/dev/null | cut -d' ' -f1; }
fi

# mode/uid/gid/owner/group of what a path leads to
if stat -c %a / >/dev/null 2>&1; then
  facts() { stat -L -c '%a/%u/%g/%U/%G' "$1" 2>/dev/null; }
else
  facts() { stat -L -f '%Lp/%u/%g/%Su/%Sg' "$1" 2>/dev/null; }
fi

missing_tool() {
  for tool in base64 stat readlink mkfifo tail tr cut; do
    command -v "$tool" >/dev/null 2>&1 || { echo "$tool"; return; }
  done
  command -v sha256sum >/dev/null 2>&1 || command -v shasum >/dev/null 2>&1 || echo sha256sum
}

# The folder of files that .current leads to, if it does. It is one of the directory and nothing else: files in it are
# carried over and removed.
current() { # directory
  if [ -L "$1/.current" ]; then
    leads=$(readlink "$1/.current")
    case $leads in */*) ;; .v-*) [ -L "$1/$leads" ] || { [ ! -d "$1/$leads" ] || echo "$leads"; return 0; } ;; esac
    echo ".current leads to $leads, which is not from here"
    return 1
  fi
  [ ! -e "$1/.current" ] || { echo ".current is there, and is no link"; return 1; }
}

# The line of a file in a manifest: resource, sum, specification, mode/uid/gid
recorded() { # manifest name
  [ -f "$1" ] && [ ! -L "$1" ] || return 0
  while IFS=$tab read -r r s p f label; do
    [ "$label" = "$2" ] && { echo "$r $s $p $f"; return 0; }
  done <"$1"
}
