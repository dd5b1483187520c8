/**
 * The program that a deployment runs on the host, as text. Pure.
 *
 * From the first byte to the verdict it is one process there: whatever becomes of the connection, either all of the
 * new files are in use, or all of the old ones. It says where it is, line by line, and asks twice: before the reload
 * (which others may share), and for the verdict of the handshake check, the one thing that is seen from our side.
 * Silence is a no.
 */
import { MANIFEST } from "./program-manifest";
import { STAGING } from "./program-staging";
import { SWITCH } from "./program-switch";
import { INSPECTION, TOOLS } from "./program-tools";

const COMMANDS = String.raw`
turn=0; answer=; reloaded=

# Every command and every question has a file for its length, and a watch over it.
watch() { # seconds action …
  seconds=$1; shift
  (
    while [ "$seconds" -gt 0 ]; do
      sleep 1 4<&-
      [ -e "$work/$turn" ] || exit 0
      seconds=$((seconds - 1))
    done
    "$@"
  ) </dev/null >/dev/null 2>&1 3<&- 5<&- 6<&- 7<&- 8<&- 9<&- &
  watcher=$!
}
# Its file goes first: a watch that is just waking up finds that there is nothing to stop.
unwatch() {
  rm -f "$work/$turn"
  kill -KILL "$watcher" 2>/dev/null
  wait "$watcher" 2>/dev/null
}

# Runs a command of the user's, with the signals and descriptors that it would have had without us.
run_command() { # seconds command
  turn=$((turn + 1))
  (
    trap - HUP INT TERM PIPE
    umask "$mask"
    exec sh -c "$2"
  ) </dev/null >|"$work/output" 2>&1 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&- &
  command=$!
  watch "$1" stop_command
  wait "$command"
  outcome=$?
  unwatch
  return "$outcome"
}
stop_command() {
  echo "it did not end in time, and was stopped" >>"$work/output"
  kill -TERM "$command"
  sleep 2
  [ ! -e "$work/$turn" ] || kill -KILL "$command"
}

# The next line of the other side: "cut" when there is none any more, "late" when it does not come.
ask() { # seconds
  turn=$((turn + 1))
  (
    IFS= read -r line <&3 || line=cut
    echo "$turn $line" >&4
  ) </dev/null 2>/dev/null 5<&- 6<&- 7<&- 8<&- 9<&- >/dev/null &
  reader=$!
  watch "$1" answer_late
  while IFS=' ' read -r about answer <&4; do [ "$about" != "$turn" ] || break; done
  unwatch
  # It holds nothing and has started nothing; TERM it ignores.
  [ "$answer" != late ] || kill -KILL "$reader"
  wait "$reader" 2>/dev/null
}
# Again and again: without an answer this process, and its locks, would stay for ever.
answer_late() { while [ -e "$work/$turn" ]; do echo "$turn late" >&4; sleep 1 4<&-; done; }

# What failed goes to the other side, when everything is as it was before.
abort() { # step code words
  aborted_step=$1 aborted_code=$2
  aborted_words=$(printf '%s' "$3" | tail -c 2000 | pack)
  again=nothing
  [ -z "$switched" ] || again=restored
  restore
  if [ -n "$reloaded" ]; then
    if run_command "$reload_seconds" "$reload_command"; then again=reloaded; else again=failed; fi
  fi
  tidy
  [ -z "$incomplete" ] || again=incomplete
  say failed "$(pack_text "$aborted_step")" "$aborted_code" "$aborted_words" "$again"
  exit 3
}

can_read() { # user path
  if [ "$(id -un)" = "$1" ]; then test -r "$2"
  elif [ "$(id -u)" != 0 ]; then sudo -n -u "$1" test -r "$2"
  elif command -v runuser >/dev/null 2>&1; then runuser -u "$1" -- test -r "$2"
  else ACME_FILE=$2 su -s /bin/sh "$1" -c 'test -r "$ACME_FILE"'
  fi
}
check_readers() {
  i=0
  while [ "$i" -lt "$readers" ]; do
    i=$((i + 1))
    eval "reader=\$reader_$i subject=\$subject_$i"
    said=$(can_read "$reader" "$subject" 2>&1 </dev/null) ||
      abort "check that $reader can read $subject" $? "it cannot; give it the group, the mode or an access list. $said"
  done
}
`;

const MAIN = String.raw`
trap '' HUP INT TERM PIPE
mask=$(umask)
umask 077
# A name that somebody else laid ready, a link above all, is not written through.
set -C
while read -r word tag nonce resource; do [ "$word" != begin ] || break; done
[ -n "$resource" ] || exit 1
id=$$-$nonce
none=$(missing_tool)
if [ -n "$none" ]; then say lacks "$none"; exit 1; fi

test_command=; reload_command=; goal=
take_everything
if [ -z "$work" ]; then say done; exit 0; fi
exec 3<&0 4<>"$work/answer"
prepare_switch
say prepared
switch
say switched
check_readers
if [ -n "$test_command" ]; then
  run_command "$command_seconds" "$test_command" || abort test "$outcome" "$(cat "$work/output")"
  say tested
fi
if [ -n "$reload_command" ]; then
  say ready
  # Another run's reload may come first, and fail, and be done once more.
  ask $((patience + 2 * reload_seconds))
  case $answer in
    reload)
      reloaded=yes
      run_command "$reload_seconds" "$reload_command" || abort reload "$outcome" "$(cat "$work/output")"
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
say done
exit 0
`;

/** Starts {@link TRANSACTION} or {@link INSPECTION}, which comes in first: no command line shows more than this. */
export const BOOTSTRAP = `eval "$(while IFS= read -r line && [ "$line" != '#go' ]; do printf '%s\\n' "$line"; done)"`;

/** `text` as {@link BOOTSTRAP} reads it. One group: of a text that was cut off a shell runs nothing. */
export function sendable(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !/^\s*#/.test(line));
  return `{\n${lines.join("\n")}\n}\n#go\n`;
}

/**
 * Receives files, switches to them, tests, reloads, waits for the verdict; see {@link ./records.ts} for the lines
 * that it reads, and {@link ./run.ts} for those that it says.
 */
export const TRANSACTION = [TOOLS, STAGING, MANIFEST, SWITCH, COMMANDS, MAIN].join("\n");

export { INSPECTION };
