#!/bin/sh
# shellcheck disable=SC2034,SC2154  # The parts share their variables.
# Keeps runs apart, and records which resource a file belongs to.
# The manifest lies in each directory that holds deployed files, as .pulumi-acme: every user who can write there can use
# it, and it moves with the directory. One line per file, separated by tabs: RESOURCE SHA256 SPECIFICATION MODE/UID/GID
# NAME; a line "@made" where the directory is ours, too.

# 0 to 2 are the usual ones, 3 is the other side's words, 4 their copy with a time limit.
descriptor=5; locks=

alive() { kill -0 "$1" 2>/dev/null || [ -d "/proc/$1" ] || ps -p "$1" >/dev/null 2>&1; }

# One run at a time in a directory. The kernel's lock goes away with its process; where there is none (no flock,
# too many directories, NFS) a directory is the lock, and the process that made it is asked for.
lock() { # directory
  if command -v flock >/dev/null 2>&1 && [ "$descriptor" -le 9 ] && [ -r "$1" ]; then
    eval "exec $descriptor<\"\$1\""
    waited=0
    while :; do
      flock -n "$descriptor" 2>/dev/null
      case $? in
        0) descriptor=$((descriptor + 1)); return 0 ;;
        1) await_lock "$1" ;;
        *) break ;;
      esac
    done
    eval "exec $descriptor<&-"
  fi
  waited=0
  until mkdir "$1/.pulumi-acme.lock" 2>/dev/null; do
    owner=$(cat "$1/.pulumi-acme.lock/process" 2>/dev/null)
    if [ -n "$owner" ] && ! alive "$owner"; then rm -rf "$1/.pulumi-acme.lock"; else await_lock "$1"; fi
  done
  locks="$locks$1
"
  echo $$ >"$1/.pulumi-acme.lock/process" 2>/dev/null
}
await_lock() {
  [ "$waited" -lt "$patience" ] || abort "wait for another run in $1" 1 "it did not end within $patience s"
  sleep 1
  waited=$((waited + 1))
}

each_directory() { # function
  rest=$directories
  while [ -n "$rest" ]; do
    entered=$(echo "$rest" | head -n 1)
    rest=$(echo "$rest" | tail -n +2)
    "$1" "$entered"
  done
}

# Runs that were killed (by the power, or by force) left things behind; who made them stands in their names.
sweep() { # directory
  now=$(readlink "$1/.current" 2>/dev/null)
  for left in "$1"/.v-* "$1"/.pulumi-acme-*; do
    [ -e "$left" ] || [ -L "$left" ] || continue
    [ "$left" = "$1/$now" ] && continue
    maker=$(basename "$left" | sed 's/^\.pulumi-acme-//; s/^\.v-//; s/-.*//')
    case $maker in "" | *[!0-9]*) continue ;; esac
    alive "$maker" || rm -rf "$left"
  done
}

# Decides what may be removed: what the manifest still calls this resource's, and nobody changed.
choose_removals() {
  i=0
  while [ "$i" -lt "$removals" ]; do
    i=$((i + 1))
    eval "d=\$remove_dir_$i f=\$remove_name_$i"
    # shellcheck disable=SC2046  # Split into the fields of the line.
    set -- $(recorded "$d" "$f")
    if [ ! -e "$d/$f" ] && [ ! -L "$d/$f" ]; then [ "$1" = "$resource" ] && eval "removed_$i=gone"
    elif [ "$1" != "$resource" ]; then say kept "$(pack_text "$d/$f")" another
    elif [ "$2" != "$(sum "$d/$f")" ]; then say kept "$(pack_text "$d/$f")" changed
    else eval "removed_$i=yes"
    fi
  done
}

# Whether this run writes or removes the file, so that its old line goes.
touched() { # directory name
  j=0
  while [ "$j" -lt "$n" ]; do
    j=$((j + 1))
    eval "[ \"\$dir_$j\" = \"\$1\" ] && [ \"\$name_$j\" = \"\$2\" ]" && return 0
  done
  j=0
  while [ "$j" -lt "$removals" ]; do
    j=$((j + 1))
    eval "[ -n \"\$removed_$j\" ] && [ \"\$remove_dir_$j\" = \"\$1\" ] && [ \"\$remove_name_$j\" = \"\$2\" ]" && return 0
  done
  return 1
}

# Writes the manifest as it will be, beside: once everything is switched a rename is all that is left to do.
prepare_manifest() { # directory
  draft=$1/.pulumi-acme-$id/manifest
  said=$(write_manifest "$1" 2>&1 >"$draft") || abort "write $draft" $? "$said"
  [ "$(tail -n 1 "$draft")" = "@end" ] || abort "write $draft" 1 "no space left on device"
  must "set the mode of $draft" chmod 0644 "$draft"
  sync "$draft" >/dev/null 2>&1 </dev/null || :
}
write_manifest() {
  case "
$made" in *"
$1
"*) echo @made ;; *) [ -f "$1/.pulumi-acme" ] && grep -x @made "$1/.pulumi-acme" ;; esac
  if [ -f "$1/.pulumi-acme" ]; then
    while IFS=$tab read -r r s p f label; do
      [ -n "$label" ] || continue
      touched "$1" "$label" || printf '%s\t%s\t%s\t%s\t%s\n' "$r" "$s" "$p" "$f" "$label"
    done <"$1/.pulumi-acme"
  fi
  i=0
  while [ "$i" -lt "$n" ]; do
    i=$((i + 1))
    eval "d=\$dir_$i"
    [ "$d" = "$1" ] || continue
    eval "printf '%s\t%s\t%s\t%s\t%s\n' \"\$resource\" \"\$sum_$i\" \"\$specification_$i\" \"\$(ids \"\$facts_$i\")\" \"\$name_$i\""
  done
  echo @end
}
ids() { echo "$1" | cut -d/ -f1-3; }
