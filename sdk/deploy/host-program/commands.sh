#!/bin/sh
# shellcheck disable=SC2034,SC2154  # The parts share their variables.
# Runs the test and reload commands, asks the other side, and rolls back.

turn=0; answer=; reloaded=

# Every command and every question has a file for its length, and a watch over it.
watch() { # seconds action …
  seconds=$1; shift
  (
    while [ "$seconds" -gt 0 ]; do
      pause 1
      [ -e "./$turn" ] || exit 0
      seconds=$((seconds - 1))
    done
    "$@"
  ) </dev/null >/dev/null 2>&1 3<&- 5<&- 6<&- 7<&- 8<&- 9<&- &
  watcher=$!
}
# Not from here: who waits holds the file system that this folder is on.
pause() { (cd / && exec sleep "$1") 4<&-; }
# Who removes the file decides: a command that has ended is not stopped, and one that is being stopped is waited for.
unwatch() {
  if rm "./$turn" 2>/dev/null; then kill -KILL "$watcher" 2>/dev/null; fi
  wait "$watcher" 2>/dev/null
}

# A session of its own keeps together what a command starts, "timeout" and other groups of processes as well.
if command -v setsid >/dev/null 2>&1; then session=setsid; else session=; fi

# Runs a command of the user's, with the signals and descriptors that it would have had without us.
run_command() { # seconds command
  turn=$((turn + 1))
  (
    trap - HUP INT TERM PIPE
    umask "$mask"
    cd "$began" 2>/dev/null || cd /
    exec $session sh -c "$2"
  ) </dev/null >|./output 2>&1 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&- &
  command=$!
  watch "$1" stop_command
  wait "$command"
  outcome=$?
  unwatch
  return "$outcome"
}
# Another deployment may switch a pair of files between two that a service reads: then its test is right a moment later.
run_test() {
  run_command "$command_seconds" "$test_command" && return
  # Who was stopped has had its time.
  [ "$outcome" -lt 128 ] || return
  pause 1
  run_command "$command_seconds" "$test_command"
}
stop_command() {
  rm "./$turn" 2>/dev/null || return 0
  echo "it did not end in time, and was stopped" >>./output
  started=$command
  for signal in TERM KILL; do
    # Once more before the end: what had no parent any more by then is known from the first time.
    gather_started
    for process in $started; do kill -$signal "$process"; done
    [ -z "$session" ] || kill -$signal "-$command"
    [ $signal = KILL ] || pause 2
  done
}
# All of the command's session, and what these started in sessions of their own.
gather_started() {
  found=yes
  while [ -n "$found" ]; do
    found=
    for process in /proc/[0-9]*; do
      { read -r state <"$process/stat"; } 2>/dev/null || continue
      # After the name, in which there may be anything: state, parent, group, session.
      # shellcheck disable=SC2086  # Split at the blanks.
      set -- ${state##*')' }
      process=${process#/proc/}
      case " $started " in *" $process "*) continue ;; esac
      case " $started " in *" $2 "* | *" $4 "*) started="$started $process" found=yes ;; esac
    done
  done
}

# The next line of the other side: "cut" when there is none any more, "late" when it does not come.
ask() { # seconds
  turn=$((turn + 1))
  (
    IFS= read -r line <&3 || line="cut"
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
answer_late() { while [ -e "./$turn" ]; do echo "$turn late" >&4; pause 1; done; }

# The last of what the command said: there it says why.
command_said() { tail -c 8000 ./output | pack; }

# What failed goes to the other side, when everything is as it was before.
abort() { # step code [words]; without words, those of the command that ran last
  aborted_step=$1 aborted_code=$2
  if [ $# -gt 2 ]; then aborted_words=$(printf '%s' "$3" | tail -c 8000 | pack)
  else aborted_words=$(command_said)
  fi
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

try_as() { # user operator path
  if [ "$(id -un)" = "$1" ]; then test "$2" "$3"
  elif [ "$(id -u)" != 0 ]; then sudo -n -u "$1" test "$2" "$3"
  elif command -v runuser >/dev/null 2>&1; then runuser -u "$1" -- test "$2" "$3"
  else ACME_OPERATOR=$2 ACME_FILE=$3 su -s /bin/sh "$1" -c 'test "$ACME_OPERATOR" "$ACME_FILE"'
  fi
}
# The first directory on the way to a file that a user cannot enter; nothing where the user cannot even be tried.
barrier() { # user path
  try_as "$1" -x / || return 0
  way=
  rest=${2#/}
  while [ "$rest" != "${rest#*/}" ]; do
    way=$way/${rest%%/*} rest=${rest#*/}
    try_as "$1" -x "$way" || { echo "$way"; return 0; }
  done
}
check_readers() {
  i=0
  while [ "$i" -lt "$readers" ]; do
    i=$((i + 1))
    eval "reader=\$reader_$i subject=\$subject_$i"
    said=$(try_as "$reader" -r "$subject" 2>&1 </dev/null) && continue
    code=$?
    stop=$(barrier "$reader" "$subject" 2>/dev/null </dev/null)
    if [ -n "$stop" ]; then said="it cannot enter $stop; let it, such as by setfacl -m u:$reader:x"
    else said="it cannot; give it the group, the mode or an access list. $said"
    fi
    abort "check that $reader can read $subject" "$code" "$said"
  done
}
