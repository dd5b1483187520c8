#!/bin/sh
# shellcheck disable=SC2034,SC2154  # The parts share their variables.
# Receives files and writes them beside the old ones.
# $id marks everything that this run creates on the disk. It begins with the number of the process, so that a later run
# can tell what a killed one left behind. $n counts files: dir_1, name_1, path_1, staged_1 …

n=0; removals=0; readers=0; made=; directories=; work=

# Runs a short command that has to succeed; its words go to the other side when it does not.
must() { # step command …
  step=$1; shift
  said=$("$@" 2>&1 </dev/null) || abort "$step" $? "$said"
}

make_directory() {
  [ -d "$1" ] && return 0
  parent=$1; new=
  while [ ! -d "$parent" ]; do
    new="$new$parent
"
    parent=$(dirname "$parent")
  done
  made="$new$made"
  must "make the directory $1" sh -c 'umask 022 && mkdir -p "$1"' sh "$1"
}

# Takes a directory into this run: it exists from here on, with a folder in it for all that this run lays beside.
enter_directory() { # directory
  case "
$directories" in *"
$1
"*) return 0 ;; esac
  make_directory "$1"
  directories="$directories$1
"
  # Whoever else may write in this directory cannot write in that one.
  must "write in $1" mkdir "$1/.pulumi-acme-$id"
  if [ -z "$work" ]; then
    work="$1/.pulumi-acme-$id"
    must "write in $1" mkfifo "$work/answer"
    # Made now, so that a disk that fills up stops neither a command nor the watch over it.
    : >"$work/output" && : >"$work/1" && : >"$work/2" && : >"$work/3" && : >"$work/4" && : >"$work/5" ||
      abort "write in $1" 1 "no file can be made there"
    find_mv
  fi
}

find_mv() {
  ln -s a "$work/b" && ln -s c "$work/d" || abort "write in $work" 1 "it does not take symbolic links"
  if mv -f -T "$work/b" "$work/d" 2>/dev/null; then exactly=-T
  elif mv -f -h "$work/b" "$work/d" 2>/dev/null; then exactly=-h
  else abort "look for tools" 1 "this mv knows neither -T nor -h"
  fi
}
# A rename, whatever lies at the new name: never a move into a directory.
rename() { mv -f $exactly "$1" "$2"; }

open_version() { # directory
  enter_directory "$1"
  together=$1
  must "write in $1" mkdir "$1/.v-$id"
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
  if [ "$1" = "$together" ]; then kind=together; staged=$1/.v-$id/$2
  else kind=single; staged=$1/.pulumi-acme-$id/file.$n
  fi
  eval "dir_$n=\$1 name_$n=\$2 path_$n=\$path kind_$n=\$kind staged_$n=\$staged was_$n= "
  eval "sum_$n=\$5 specification_$n=\$6"
  said=$({ receive | base64 -d >"$staged"; } 2>&1) || abort "write $path" $? "$said"
  [ "$(sum "$staged")" = "$5" ] || abort "write $path" 1 "the content did not arrive whole"
  # The owner first: chown may clear bits of the mode, and the mode sets the mask of the access list.
  [ "$4" = - ] || must "give $path to $4" chown "$4" "$staged"
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
  found=$(facts "$1/$2")
  eval "dir_$n=\$1 name_$n=\$2 path_$n=\$1/\$2 kind_$n=claimed staged_$n= was_$n= sum_$n=\$3 specification_$n=\$4 facts_$n=\$found"
}

# Reads all that is to be done. Nothing of it is visible to anybody before the last line has arrived.
take_everything() {
  together=
  while read -r word a b c d e f g; do
    case $word in
      together) open_version "$(unpack "$a")" ;;
      file) take_file "$(unpack "$a")" "$(unpack "$b")" "$c" "$(unpack_or_dash "$d")" "$e" "$f" "$(unpack_or_dash "$g")" ;;
      claim) claim_file "$(unpack "$a")" "$(unpack "$b")" "$c" "$d" ;;
      remove)
        remove_dir=$(unpack "$a")
        # shellcheck disable=SC2034  # Used by eval.
        remove_name=$(unpack "$b")
        [ -d "$remove_dir" ] || continue
        enter_directory "$remove_dir"
        removals=$((removals + 1))
        eval "remove_dir_$removals=\$remove_dir remove_name_$removals=\$remove_name removed_$removals="
        ;;
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
