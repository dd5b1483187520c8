#!/bin/sh
# shellcheck disable=SC2034,SC2154  # The parts share their variables.
# Receives files and writes them beside the old ones, with hosts/directory.sh.
# $id marks everything that this run creates on the disk. It begins with the number of the process, so that a later run
# can tell what a killed one left behind. $n counts files: where_1, name_1, path_1, staged_1 …; where is the number of a
# directory: directory_1, work_1 … In each directory the run has a work folder. All that it does with the directory it
# does from in there, where the directory is ".."; this process stays in the one of the first directory.

n=0; removals=0; readers=0; made=; directories=0; at=0; together=; where=; number=

# Runs a short command that has to succeed; its words go to the other side when it does not.
must() { # step command …
  step=$1; shift
  said=$("$@" 2>&1 </dev/null) || abort "$step" $? "$said"
}

# Goes to the work folder of a directory, if it is still where it was made.
go() { # number
  [ "$at" != "$1" ] || return 0
  at=0
  eval "directory=\$directory_$1 work=\$work_$1 around=\$around_$1 safe=\$safe_$1 mark=\$mark_$1"
  if cd -P "$directory/$work" 2>/dev/null && [ "$(identity .)" = "$mark" ]; then at=$1; return 0; fi
  trouble="$directory was exchanged while this ran"
  return 1
}
# Runs a command in the work folder of a directory.
inside() { # number command …
  if [ "$at" = "$1" ]; then shift; "$@"
  else (go "$1" || { echo "$trouble" >&2; exit 1; }; shift; "$@")
  fi
}

note_made() { made="$1
$made"; }

# Takes a directory into this run, and goes to its work folder; $number is its number from here on.
enter_directory() { # directory
  number=0
  while [ "$number" -lt "$directories" ]; do
    number=$((number + 1))
    eval "[ \"\$directory_$number\" = \"\$1\" ]" || continue
    go "$number" || abort "write in $1" 1 "$trouble"
    return 0
  done
  at=0 directory=$1
  enter "$1" make || abort "make the directory $1" 1 "$trouble"
  enter_work ".pulumi-acme-$id" || abort "write in $1" 1 "$trouble"
  directories=$((directories + 1)) number=$directories at=$directories mark=$(identity .)
  eval "directory_$number=\$directory work_$number=\$work around_$number=\$around safe_$number=\$safe mark_$number=\$mark"
  [ "$number" = 1 ] || return 0
  must "write in $1" mkfifo ./answer
  # Made now, so that a disk that fills up stops neither a command nor the watch over it.
  : >./output && : >./1 && : >./2 && : >./3 && : >./4 && : >./5 || abort "write in $1" 1 "no file can be made there"
  find_tools || abort "look for tools" 1 "$trouble"
}

open_version() { # directory
  enter_directory "$1"
  together=$number
  must "write in $1" mkdir ./new
}

# Lines of base64 up to a dot. Builtins alone see them: nothing of it reaches a command line.
receive() {
  while IFS= read -r line; do
    [ "$line" = . ] && return 0
    echo "$line" 2>/dev/null
  done
}

take_file() { # directory name mode owner sum specification acl
  n=$((n + 1))
  path=$1/$2
  enter_directory "$1"
  if [ "$number" = "$together" ]; then kind=together; staged=./new/$2; else kind=single; staged=./file.$n; fi
  eval "where_$n=\$number name_$n=\$2 path_$n=\$path kind_$n=\$kind staged_$n=\$staged was_$n= "
  eval "sum_$n=\$5 specification_$n=\$6"
  said=$({ receive | base64 -d >"$staged"; } 2>&1) || abort "write $path" $? "$said"
  [ "$(sum "$staged")" = "$5" ] || abort "write $path" 1 "the content did not arrive whole"
  # The owner first: chown may clear bits of the mode, and the mode sets the mask of the access list.
  [ "$4" = - ] || must "give $path to $4" chown -h "$4" "$staged"
  # The directory's default access list may have been inherited: the one that is asked for would put it in force.
  [ "$7" = - ] || must "set the access list of $path" setfacl -b "$staged"
  must "set the mode of $path" chmod "$3" "$staged"
  [ "$7" = - ] || must "set the access list of $path" setfacl -m "$7" "$staged"
  # To the disk before its name points there. Not every sync takes a name; it is a matter of power cuts alone.
  sync "$staged" >/dev/null 2>&1 </dev/null || :
  found=$(facts "$staged")
  eval "facts_$n=\$found"
}

# A file that is already as it should be, and that another resource wrote: only the manifest changes.
claim_file() { # directory name sum specification
  n=$((n + 1))
  enter_directory "$1"
  found=$(facts "../$2")
  eval "where_$n=\$number name_$n=\$2 path_$n=\$1/\$2 kind_$n=claimed staged_$n= was_$n= sum_$n=\$3 specification_$n=\$4 facts_$n=\$found"
}

# A file that is to go; what is not there need not.
take_removal() { # directory name
  [ -d "$1" ] || return 0
  enter_directory "$1"
  removals=$((removals + 1))
  eval "gone_where_$removals=\$number gone_name_$removals=\$2 removed_$removals="
}

# Daemons lie where a user's search path often does not lead.
need() { # programs package
  (PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; for program in $1; do command -v "$program" && exit; done; exit 1) >/dev/null 2>&1 ||
    abort "look for $(echo "$1" | sed 's/ / or /g')" 1 "it is not installed there (on Debian: apt-get install $2)"
}

# Reads all that is to be done. Nothing of it is visible to anybody before the last line has arrived.
take_everything() {
  while read -r word a b c d e f g; do
    case $word in
      needs) need "$(unpack "$a")" "$(unpack "$b")" ;;
      together) open_version "$(unpack "$a")" ;;
      file) take_file "$(unpack "$a")" "$(unpack "$b")" "$c" "$(unpack_or_dash "$d")" "$e" "$f" "$(unpack_or_dash "$g")" ;;
      claim) claim_file "$(unpack "$a")" "$(unpack "$b")" "$c" "$d" ;;
      remove) take_removal "$(unpack "$a")" "$(unpack "$b")" ;;
      readable)
        readers=$((readers + 1))
        reader=$(unpack "$a"); subject=$(unpack "$b")
        eval "reader_$readers=\$reader subject_$readers=\$subject"
        ;;
      test) test_command=$(unpack "$a") ;;
      reload) reload_command=$(unpack "$a") ;;
      patience) patience=$a; command_seconds=$b; reload_seconds=$c; verdict_seconds=$d ;;
      end) goal=$a; return 0 ;;
    esac
  done
  abort "receive the files" 1 "the connection was cut before everything had arrived"
}
unpack_or_dash() { if [ "$1" = - ]; then echo -; else unpack "$1"; fi; }
