#!/bin/sh
# shellcheck disable=SC2034,SC2154  # The parts share their variables.
# Puts the new files in use, and undoes that.
# Files that switch together: fullchain.pem is a link to .current/fullchain.pem, and .current a link to the folder of one
# version. One rename of .current switches them all. Others are renamed one by one. A name that was a plain file before
# first becomes a link to the same content, so that it switches with the others.
# Everything that a roll-back needs (links, second names of the old files) is made before the switch: undoing is renames
# and removals alone, which work on a full disk. In the work folder: "new" and "old" become .v-ID and .v-ID-before.

adopted=; switched=; first_base=; incomplete=; name=; base=

# A second name for what lies there, of the same kind: the way back.
keep() { # name backup
  if [ -L "../$1" ]; then ln -s -- "$(readlink "../$1")" "./$2"; else same_file "../$1" "./$2"; fi
}

# Fills a folder here with the files of a version that it does not have itself.
carry_over() { # version, folder
  for file in "../$1"/* "../$1"/.[!.]*; do
    label=${file##*/}
    { [ -f "$file" ] && [ ! -e "./$2/$label" ]; } || continue
    leaves "$together" "$label" && continue
    same_file "$file" "./$2/$label" || return 1
    [ -n "$safe" ] || is_of_version "$1" "$label" "./$2/$label" || {
      rm -f "./$2/$label"
      echo "$directory/$1 was exchanged while this ran"
      return 1
    }
  done
}
# Whether a file is that of a version, which may have been exchanged while the file was fetched from there.
is_of_version() { # version name file
  [ -f "$3" ] && [ ! -L "$3" ] && (
    file=$(identity "$3")
    exec <"$3"
    cd -P "../$1" && [ "$(identity ..)" = "$around" ] && [ ! -L "./$2" ] || exit 1
    [ "$(identity "./$2")" = "$file" ] || cmp -s - "./$2"
  )
}

# What lies at the name that a program opens.
kind_of() { # name
  if [ -L "../$1" ] && [ "$(readlink "../$1")" = ".current/$1" ]; then echo switched
  elif [ -d "../$1" ]; then echo directory
  elif [ -e "../$1" ] || [ -L "../$1" ]; then echo other
  else echo absent
  fi
}

prepare_version() {
  eval "path=\$directory_$together"
  base=$(inside "$together" current ..) || abort "switch $path" 1 "$base"
  first_base=$base
  [ -z "$base" ] || must "write in $path" inside "$together" carry_over "$base" new
  i=0
  while [ "$i" -lt "$n" ]; do
    i=$((i + 1))
    eval "[ \"\$kind_$i\" = together ]" && prepare_name "$i"
  done
  must "write in $path" inside "$together" lay_out_versions
}
# The folders get their names. What they hold nobody else can exchange, before or after.
lay_out_versions() {
  chmod 0755 ./new && rename ./new "../.v-$id" && ln -s ".v-$id" ./to || return 1
  if [ -z "$adopted" ]; then [ -z "$base" ] || ln -s "$base" ./back; return; fi
  chmod 0755 ./old && rename ./old "../.v-$id-before" || return 1
  ln -s ".v-$id-before" ./back && ln -s ".v-$id-before" ./before || return 1
  [ -z "$base" ] || ln -s "$base" ./first
}

# What becomes of the name that a program opens: it may be there as it should, be absent, or be something else.
prepare_name() { # number
  eval "name=\$name_$1 path=\$path_$1"
  kind=$(inside "$together" kind_of "$name")
  case $kind in
    switched) return 0 ;;
    directory) abort "write $path" 1 "it is a directory" ;;
    other)
      must "keep $path" inside "$together" adopt "$name" "was.$1"
      adopted=yes
      ;;
  esac
  must "write $path" inside "$together" ln -s ".current/$name" "./link.$1"
  eval "was_$1=\$kind"
}
# The name's content joins the folder that holds the old files.
adopt() { # name backup
  if [ ! -d ./old ]; then
    mkdir ./old || return 1
    [ -z "$base" ] || carry_over "$base" old || return 1
  fi
  rm -f "./old/$1"
  if [ ! -L "../$1" ]; then same_file "../$1" "./old/$1" || return 1
  # It may lead to a file that lies where others cannot reach it: the copy is for root alone.
  elif [ -f "../$1" ]; then cp "../$1" "./old/$1" && chmod 0600 "./old/$1" || return 1
  fi
  keep "$1" "$2"
}

prepare_single() { # number
  eval "name=\$name_$1 path=\$path_$1 where=\$where_$1"
  case $(inside "$where" kind_of "$name") in
    directory) abort "write $path" 1 "it is a directory" ;;
    absent) ;;
    *) must "keep $path" inside "$where" keep "$name" "was.$1" ;;
  esac
}

prepare_switch() {
  each_directory lock
  go 1 || abort "lock $directory" 1 "$trouble"
  each_directory sweep
  each_directory learn
  choose_removals
  [ -z "$together" ] || prepare_version
  i=0
  while [ "$i" -lt "$n" ]; do
    i=$((i + 1))
    eval "case \$kind_$i in single) prepare_single $i ;; esac"
  done
  each_directory prepare_manifest
}

# From the first line on everything can be undone; a step that fails is undone with the rest.
switch() {
  switched=yes
  # The names lead to the old content, through the folder that holds it, before that is exchanged for the new one.
  eval "directory=\$directory_$together"
  [ -z "$adopted" ] || must "switch $directory" inside "$together" rename ./before ../.current
  i=0
  while [ "$i" -lt "$n" ]; do
    i=$((i + 1))
    eval "was=\$was_$i path=\$path_$i name=\$name_$i"
    [ -z "$was" ] || must "switch $path" inside "$together" rename "./link.$i" "../$name"
    eval "[ \"\$was\" != absent ] || was_$i=created"
    eval "[ \"\$was\" != other ] || was_$i=replaced"
  done
  [ -z "$together" ] || must "switch $directory" inside "$together" rename ./to ../.current
  i=0
  while [ "$i" -lt "$n" ]; do
    i=$((i + 1))
    eval "kind=\$kind_$i staged=\$staged_$i path=\$path_$i where=\$where_$i name=\$name_$i"
    [ "$kind" = single ] || continue
    must "switch $path" inside "$where" rename "$staged" "../$name"
    eval "was_$i=renamed"
  done
  i=0
  while [ "$i" -lt "$removals" ]; do
    i=$((i + 1))
    eval "where=\$gone_where_$i name=\$gone_name_$i removed=\$removed_$i"
    [ "$removed" = yes ] || continue
    must "remove $name" inside "$where" take_away "$name" "gone.$i"
    eval "removed_$i=moved"
  done
}
take_away() { # name backup
  rename "../$1" "./$2" || return 1
  [ -L "./$2" ] || [ -f "./$2" ] || { rename "./$2" "../$1"; echo "it is not a regular file any more"; return 1; }
}

# Every name as it was before the switch.
put_back() { # number, backup, name
  inside "$1" rename "./$2" "../$3" 2>/dev/null || incomplete=yes
}
has() { [ -e "./$1" ] || [ -L "./$1" ]; }
restore() {
  [ -n "$switched" ] || return 0
  i=0
  while [ "$i" -lt "$removals" ]; do
    i=$((i + 1))
    eval "where=\$gone_where_$i name=\$gone_name_$i removed=\$removed_$i"
    [ "$removed" != moved ] || put_back "$where" "gone.$i" "$name"
  done
  if [ -n "$together" ] && inside "$together" has back; then put_back "$together" back .current; fi
  i=0
  while [ "$i" -lt "$n" ]; do
    i=$((i + 1))
    eval "was=\$was_$i where=\$where_$i name=\$name_$i"
    case $was in
      created) inside "$where" rm -f "../$name" ;;
      replaced) put_back "$where" "was.$i" "$name" ;;
      renamed)
        if inside "$where" has "was.$i"; then put_back "$where" "was.$i" "$name"; else inside "$where" rm -f "../$name"; fi
        ;;
    esac
  done
  [ -n "$together" ] || return 0
  if inside "$together" has first; then put_back "$together" first .current
  elif [ -z "$first_base" ]; then inside "$together" rm -f ../.current
  fi
}

# Makes it final: the manifests first, then what nobody needs any more.
conclude() {
  each_directory conclude_manifest
  i=0
  while [ "$i" -lt "$removals" ]; do
    i=$((i + 1))
    eval "where=\$gone_where_$i name=\$gone_name_$i removed=\$removed_$i"
    [ -z "$removed" ] || inside "$where" in_version rm -f "./$name"
  done
  if [ -n "$together" ] && [ -n "$first_base" ]; then inside "$together" discard "$first_base"; fi
}
conclude_manifest() { # number
  eval "directory=\$directory_$1"
  must "write $directory/.pulumi-acme" inside "$1" replace_manifest
}
replace_manifest() { cmp -s ./manifest ./known 2>/dev/null || rename ./manifest ../.pulumi-acme; }

# What this run made for itself goes, whatever became of it; also a directory that holds nothing any more.
tidy() {
  switched=
  each_directory tidy_directory
  cd /
  echo "$made" | while IFS= read -r one; do
    [ -z "$one" ] || { enter "${one%/*}" && rmdir "./${one##*/}" 2>/dev/null; }
  done
}
tidy_directory() { # number
  emptied=$(go "$1" && tidy_here)
  [ -z "$emptied" ] || note_made "$emptied"
}
tidy_here() {
  now=$(current ..) || now=
  for mine in ".v-$id" ".v-$id-before"; do
    [ "$mine" = "$now" ] || discard "$mine"
  done
  if [ -n "$now" ] && rmdir "../$now" 2>/dev/null; then rm -f ../.current; fi
  read_manifest
  if [ -f ./known ] && ! grep -q "$tab" ./known; then
    ! grep -qx @made ./known || echo "$directory"
    rm -f ../.pulumi-acme
  fi
  unlock
  leave_work
}
