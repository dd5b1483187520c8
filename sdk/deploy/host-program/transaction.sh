#!/bin/sh
# shellcheck disable=SC2034,SC2154  # The parts share their variables.
# Receives files, switches to them, tests, reloads, waits for the verdict.
# From the first byte to the verdict it is one process: if the connection is cut, either all of the new files are in use
# or all of the old ones. It reports each step, and asks twice: before the reload (which other runs may share), and for
# the result of the handshake check, which is made from the other side. No answer means no.
# deploy/records.ts has the lines that it reads, deploy/run.ts those that it reports.

trap '' HUP INT TERM PIPE
mask=$(umask)
umask 077
began=$(pwd)
while read -r word tag nonce resource urn; do [ "$word" != begin ] || break; done
[ -n "$resource" ] || exit 1
id=$$-$nonce holder=$resource${urn:+/$urn}
none=$(missing_tool)
if [ -n "$none" ]; then say lacks "$none"; exit 1; fi

test_command=; reload_command=; goal=; sum=
take_everything
if [ "$directories" = 0 ]; then say "done"; exit 0; fi
go 1 || abort "write in $directory" 1 "$trouble"
exec 3<&0 4<>./answer
prepare_switch
say prepared
switch
say switched
check_readers
if [ -n "$test_command" ]; then
  run_test || abort test "$outcome"
  say tested "$(command_said)"
fi
if [ -n "$reload_command" ]; then
  say ready
  # Another run's reload may come first, and fail, and be done once more.
  ask $((patience + 2 * reload_seconds))
  case $answer in
    reload)
      reloaded=yes
      run_command "$reload_seconds" "$reload_command" || abort reload "$outcome"
      say reloaded
      ;;
    shared) reloaded=yes ;;
    *) abort "wait for the reload" 1 "$answer" ;;
  esac
fi
if [ "$goal" = verify ]; then
  say verify
  ask "$verdict_seconds"
  [ "$answer" = commit ] || abort verify 1 "$answer"
fi
conclude
i=0
while [ "$i" -lt "$n" ]; do
  i=$((i + 1))
  eval "path=\$path_$i sum=\$sum_$i found=\$facts_$i"
  IFS=/; set -- $found; unset IFS
  say file "$(pack_text "$path")" "$sum" "$1" "$(pack_text "$4")" "$(pack_text "$5")"
done
tidy
say "done"
exit 0
