#!/bin/sh
# shellcheck disable=SC2034,SC2154  # The parts share their variables.
# Tells of each file what it holds and what its directory's manifest says of it.
# Reads "begin TAG", "look DIRECTORY NAME" … (both in base64), "end". Answers each one, in the order asked:
# "TAG missing", "TAG unreadable WHY" or
# "TAG file SHA256 MODE UID GID OWNER GROUP [RESOURCE SHA256 SPECIFICATION MODE/UID/GID]".

look() {
  path=$1/$2
  if [ -L "$path" ] && [ "$(readlink "$path")" = ".current/$2" ] && ! why=$(current "$1"); then
    say unreadable "$(pack_text "$why")"; return
  fi
  if [ ! -e "$path" ]; then say missing; return; fi
  if [ ! -f "$path" ]; then say unreadable "$(pack_text 'it is not a regular file')"; return; fi
  if ! why=$( { : <"$path"; } 2>&1 ); then say unreadable "$(pack_text "$why")"; return; fi
  record=$(recorded "$1/.pulumi-acme" "$2")
  IFS=/
  # shellcheck disable=SC2046  # Split at the slashes.
  set -- $(facts "$path")
  unset IFS
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
