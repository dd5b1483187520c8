/**
 * The part of the host program that every part of it uses: words, sums, facts about files.
 *
 * POSIX sh, for dash, bash and busybox. Beyond POSIX it needs base64, a SHA-256 tool, stat, and a `mv` that can
 * replace a link to a directory; GNU, busybox and BSD differ there. Braced expansions are avoided: this is a template.
 */
export const TOOLS = String.raw`
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

# The line of a file in its directory's manifest: resource, sum, specification, mode/uid/gid
recorded() { # directory name
  [ -f "$1/.pulumi-acme" ] || return 0
  while IFS=$tab read -r r s p f label; do
    [ "$label" = "$2" ] && { echo "$r $s $p $f"; return 0; }
  done <"$1/.pulumi-acme"
}
`;

/**
 * Tells of each file what it holds and what the manifest says of it.
 *
 * Reads `begin TAG`, `look DIRECTORY NAME` …, `end`; both in base64. Answers, for each one, in the order asked:
 * `TAG missing`, `TAG unreadable WHY` or `TAG file SHA256 MODE UID GID OWNER GROUP [RESOURCE SHA256 SPECIFICATION MODE/UID/GID]`.
 */
export const INSPECTION = String.raw`${TOOLS}
look() {
  path=$1/$2
  if [ ! -e "$path" ]; then say missing; return; fi
  if [ ! -f "$path" ]; then say unreadable "$(pack_text 'it is not a regular file')"; return; fi
  if ! why=$( { : <"$path"; } 2>&1 ); then say unreadable "$(pack_text "$why")"; return; fi
  record=$(recorded "$1" "$2")
  IFS=/; set -- $(facts "$path"); unset IFS
  say file "$(sum "$path")" "$1" "$2" "$3" "$(pack_text "$4")" "$(pack_text "$5")" $record
}
while read -r word a b; do
  case $word in
    begin) tag=$a; none=$(missing_tool); [ -z "$none" ] || { say lacks "$none"; exit 1; } ;;
    look) look "$(unpack "$a")" "$(unpack "$b")" ;;
    end) say end; exit 0 ;;
  esac
done
exit 1
`;
