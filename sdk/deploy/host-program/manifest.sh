#!/bin/sh
# shellcheck disable=SC2034,SC2154  # The parts share their variables.
# Keeps runs apart, and records which resource a file belongs to.
# The manifest lies in each directory that holds deployed files, as .pulumi-acme: every user who can write there can use
# it, and it moves with the directory. One line per file, separated by tabs: RESOURCE[/URN in base64] SHA256 SPECIFICATION
# MODE/UID/GID NAME; a line "@made" where the directory is ours, too.

# 0 to 2 are the usual ones, 3 is the other side's words, 4 their copy with a time limit.
descriptor=5

alive() { kill -0 "$1" 2>/dev/null || [ -d "/proc/$1" ] || ps -p "$1" >/dev/null 2>&1; }
each_directory() { # function
  i_directory=0
  while [ "$i_directory" -lt "$directories" ]; do
    i_directory=$((i_directory + 1))
    "$1" "$i_directory"
  done
}

# One run at a time in a directory. The lock is a folder with a file that names the process: making a folder succeeds
# for one alone and follows no link, and nobody else can open that file. Where there is flock, its process holds it as
# well, so that the kernel knows when it is gone.
lock() { # number
  number=$1 waited=0
  go "$number" || abort "lock $directory" 1 "$trouble"
  until mkdir ../.pulumi-acme.lock 2>/dev/null; do (clear_lock) || await_lock; done
  at=0
  cd -P ../.pulumi-acme.lock && [ "$(identity ..)" = "$around" ] && [ "$(owner_of .)" = "$me" ] && chmod 0700 . &&
    echo $$ >./process && chmod 0600 ./process || abort "lock $directory" 1 "the lock was exchanged"
  if command -v flock >/dev/null 2>&1 && [ "$descriptor" -le 9 ]; then
    eval "exec $descriptor<./process"
    if flock -n "$descriptor" 2>/dev/null; then echo "$$ flock" >|./process; descriptor=$((descriptor + 1)); fi
  fi
  go "$number" || abort "lock $directory" 1 "$trouble"
}
await_lock() {
  at=0
  go "$number" || abort "lock $directory" 1 "$trouble"
  [ -e ../.pulumi-acme.lock ] || must "lock $directory" mkdir ../.pulumi-acme.lock
  [ "$waited" -lt "$patience" ] || abort "wait for another run in $directory" 1 "it did not end within $patience s"
  sleep 1
  waited=$((waited + 1))
}

# Succeeds where the lock of a run that is gone was taken away.
clear_lock() {
  cd -P ../.pulumi-acme.lock 2>/dev/null && [ "$(identity ..)" = "$around" ] || return 1
  case $(owner_of .) in 0 | "$me") ;; *) return 1 ;; esac
  stale=$(identity .)
  # Without a number after a second: that run is gone, or it would have been written.
  read_locker || { sleep 1; read_locker || owner=gone; }
  if [ "$how" = flock ] && command -v flock >/dev/null 2>&1; then exec 9<./process && flock -n 9 || return 1
  elif alive "$owner"; then return 1
  fi
  at=0
  go "$number" || return 1
  rename ../.pulumi-acme.lock ./stale 2>/dev/null || return 1
  # Another run may have been faster, and this is its own.
  [ "$(identity ./stale)" = "$stale" ] || { rename ./stale ../.pulumi-acme.lock; return 1; }
  rm -f ./stale/process
  rmdir ./stale
}
read_locker() { read -r owner how <./process; } 2>/dev/null
unlock() {
  (cd -P ../.pulumi-acme.lock && [ "$(identity ..)" = "$around" ] && read_locker && [ "$owner" = $$ ] &&
    rm -f ./process) 2>/dev/null && rmdir ../.pulumi-acme.lock
}

# Removes a folder of the directory, or a file, with what lies in it: first it is renamed to here, where nobody can
# exchange it. Its own folders go where nobody else could exchange those.
discard() { # name
  rename "../$1" ./trash 2>/dev/null || return 0
  if [ -L ./trash ] || [ ! -d ./trash ]; then rm -f ./trash; return 0; fi
  rm -f ./trash/* ./trash/.[!.]* 2>/dev/null
  if ! others_write ./trash; then
    for inner in ./trash/*/; do
      [ -L "${inner%/}" ] || [ ! -d "$inner" ] || { rm -f "$inner"* "$inner".[!.]*; rmdir "$inner"; }
    done 2>/dev/null
  fi
  rmdir ./trash 2>/dev/null || rename ./trash "../$1"
}

# Runs that were killed (by the power, or by force) left things behind; who made them stands in their names.
sweep() { # number
  inside "$1" sweep_here
}
sweep_here() {
  now=$(current ..) || now=
  for left in ../.v-* ../.pulumi-acme-*; do
    [ -e "$left" ] || [ -L "$left" ] || continue
    left=${left#../}
    [ "$left" != "$now" ] || continue
    maker=$(echo "$left" | sed 's/^\.pulumi-acme-//; s/^\.v-//; s/-.*//')
    case $maker in "" | *[!0-9]*) continue ;; esac
    alive "$maker" || discard "$left"
  done
}

# The manifest as it is now, here as "known": there nobody exchanges it. One that not everybody may read is none of ours.
read_manifest() {
  rm -f ./known
  [ -f ../.pulumi-acme ] && same_file ../.pulumi-acme ./known 2>/dev/null || return 0
  if [ -L ./known ] || [ ! -f ./known ]; then rm -f ./known; return 0; fi
  case $(mode_and_owner ./known) in *[4567]" "*) ;; *) rm -f ./known ;; esac
}
learn() { inside "$1" read_manifest; }

# Decides what may be removed: what the manifest still calls this resource's, and nobody changed.
choose_removals() {
  i=0
  while [ "$i" -lt "$removals" ]; do
    i=$((i + 1))
    eval "where=\$gone_where_$i f=\$gone_name_$i"
    eval "d=\$directory_$where"
    fate=$(inside "$where" judge "$f")
    case $fate in
      gone | yes) eval "removed_$i=\$fate" ;;
      another* | changed) say kept "$(pack_text "$d/$f")" "$fate" ;;
    esac
  done
}
judge() { # name
  # shellcheck disable=SC2046  # Split into the fields of the line.
  set -- "$1" $(recorded ./known "$1")
  if [ ! -e "../$1" ] && [ ! -L "../$1" ]; then [ "${2%%/*}" != "$resource" ] || echo gone
  elif [ "${2%%/*}" != "$resource" ]; then echo "another $2"
  elif [ "$3" != "$(sum_of "$1")" ]; then echo changed
  else echo yes
  fi
}
sum_of() { # name
  if [ -L "../$1" ] && [ "$(readlink "../$1")" = ".current/$1" ]; then in_version sum "./$1"
  elif [ -f "../$1" ]; then sum "../$1"
  fi
}
# Runs a command in the folder that .current leads to.
in_version() (
  now=$(current ..) && [ -n "$now" ] && cd -P "../$now" && [ "$(identity ..)" = "$around" ] && "$@"
)

# Whether this run writes or removes the file, so that its old line goes.
touched() { # number name
  j=0
  while [ "$j" -lt "$n" ]; do
    j=$((j + 1))
    eval "[ \"\$where_$j\" = \"\$1\" ] && [ \"\$name_$j\" = \"\$2\" ]" && return 0
  done
  leaves "$1" "$2"
}
leaves() { # number name
  j=0
  while [ "$j" -lt "$removals" ]; do
    j=$((j + 1))
    eval "[ -n \"\$removed_$j\" ] && [ \"\$gone_where_$j\" = \"\$1\" ] && [ \"\$gone_name_$j\" = \"\$2\" ]" && return 0
  done
  return 1
}

# Writes the manifest as it will be, beside: once everything is switched a rename is all that is left to do.
prepare_manifest() { # number
  eval "directory=\$directory_$1"
  must "write $directory/.pulumi-acme" inside "$1" draft_manifest "$1"
}
draft_manifest() { # number
  write_manifest "$1" >./manifest || return 1
  [ "$(tail -n 1 ./manifest)" = "@end" ] || { echo "no space left on device"; return 1; }
  chmod 0644 ./manifest || return 1
  sync ./manifest >/dev/null 2>&1 || :
}
write_manifest() { # number
  case "
$made" in *"
$directory
"*) echo @made ;; *) [ -f ./known ] && grep -x @made ./known ;; esac
  if [ -f ./known ]; then
    while IFS=$tab read -r r s p f label; do
      [ -n "$label" ] || continue
      touched "$1" "$label" || printf '%s\t%s\t%s\t%s\t%s\n' "$r" "$s" "$p" "$f" "$label"
    done <./known
  fi
  i=0
  while [ "$i" -lt "$n" ]; do
    i=$((i + 1))
    eval "[ \"\$where_$i\" = \"\$1\" ]" || continue
    eval "printf '%s\t%s\t%s\t%s\t%s\n' \"$holder\" \"\$sum_$i\" \"\$specification_$i\" \"\$(ids \"\$facts_$i\")\" \"\$name_$i\""
  done
  echo @end
}
ids() { echo "$1" | cut -d/ -f1-3; }
