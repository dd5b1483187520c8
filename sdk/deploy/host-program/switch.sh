#!/bin/sh
# shellcheck disable=SC2034,SC2154  # The parts share their variables.
# Puts the new files in use, and undoes that.
# Files that switch together: fullchain.pem is a link to .current/fullchain.pem, and .current a link to the folder of one
# version. One rename of .current switches them all. Others are renamed one by one. A name that was a plain file before
# first becomes a link to the same content, so that it switches with the others.
# Everything that a roll-back needs (links, second names of the old files) is made before the switch: undoing is renames
# and removals alone, which work on a full disk.

adopted=; switched=; first_base=; incomplete=; name=; dir=

# A second name for what lies there, of the same kind: the way back.
keep() { # path backup
  if [ -L "$1" ]; then ln -s "$(readlink "$1")" "$2"
  else ln "$1" "$2" 2>/dev/null || cp -p "$1" "$2"
  fi
}
same_file() { ln "$1" "$2" 2>/dev/null || cp -p "$1" "$2"; }
link_to() { ln -s "$1" "$together/.pulumi-acme-$id/$2"; }

# Fills a version's folder with the files of the one in use that it does not have itself.
carry_over() { # from to
  for file in "$1"/* "$1"/.[!.]*; do
    label=$(basename "$file")
    { [ -f "$file" ] && [ ! -e "$2/$label" ]; } || continue
    j=0; leaves=
    while [ "$j" -lt "$removals" ]; do
      j=$((j + 1))
      eval "[ -n \"\$removed_$j\" ] && [ \"\$remove_dir_$j\" = \"\$together\" ] && [ \"\$remove_name_$j\" = \"\$label\" ]" && leaves=yes
    done
    [ -n "$leaves" ] || must "write $2/$label" same_file "$file" "$2/$label"
  done
}

prepare_version() {
  new=.v-$id; base=
  if [ -L "$together/.current" ]; then
    base=$(readlink "$together/.current")
    # A folder of this directory and nothing else: in the end it is removed.
    case $base in
      */*) abort "switch $together" 1 ".current leads to $base, which is not from here" ;;
      .v-*) ;;
      *) abort "switch $together" 1 ".current leads to $base, which is not from here" ;;
    esac
    [ -d "$together/$base" ] || base=
  elif [ -e "$together/.current" ]; then
    abort "switch $together" 1 ".current is there, and is no link"
  fi
  first_base=$base
  [ -z "$base" ] || carry_over "$together/$base" "$together/$new"
  must "set the mode of $together/$new" chmod 0755 "$together/$new"
  must "write in $together" link_to "$new" to
  i=0
  while [ "$i" -lt "$n" ]; do
    i=$((i + 1))
    eval "[ \"\$kind_$i\" = together ]" && prepare_name "$i"
  done
  [ -z "$adopted" ] || base=.v-$id-before
  [ -z "$base" ] || must "write in $together" link_to "$base" back
  [ -z "$adopted" ] || must "write in $together" link_to "$base" before
  if [ -n "$adopted" ] && [ -n "$first_base" ]; then must "write in $together" link_to "$first_base" first; fi
}

# What becomes of the name that a program opens: it may be there as it should, be absent, or be something else.
prepare_name() { # number
  eval "name=\$name_$1 path=\$path_$1"
  if [ -L "$path" ] && [ "$(readlink "$path")" = ".current/$name" ]; then return 0; fi
  [ ! -d "$path" ] || abort "write $path" 1 "it is a directory"
  must "write in $together" ln -s ".current/$name" "$together/.pulumi-acme-$id/link.$1"
  if [ ! -e "$path" ] && [ ! -L "$path" ]; then eval "was_$1=absent"; return 0; fi
  before=$together/.v-$id-before
  if [ -z "$adopted" ]; then
    adopted=yes
    must "write in $together" mkdir "$before"
    [ -z "$base" ] || carry_over "$together/$base" "$before"
    must "set the mode of $before" chmod 0755 "$before"
  fi
  rm -f "$before/$name"
  # -p follows a link: what it leads to may be named relative to where it stands.
  if [ -L "$path" ]; then [ ! -e "$path" ] || must "keep $path" cp -p "$path" "$before/$name"
  else must "keep $path" same_file "$path" "$before/$name"
  fi
  must "keep $path" keep "$path" "$together/.pulumi-acme-$id/was.$1"
  eval "was_$1=other"
}

prepare_single() { # number
  eval "path=\$path_$1 dir=\$dir_$1"
  [ ! -d "$path" ] || abort "write $path" 1 "it is a directory"
  if [ -e "$path" ] || [ -L "$path" ]; then must "keep $path" keep "$path" "$dir/.pulumi-acme-$id/was.$1"; fi
}

prepare_switch() {
  each_directory lock
  each_directory sweep
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
  [ -z "$adopted" ] || must "switch $together" rename "$together/.pulumi-acme-$id/before" "$together/.current"
  i=0
  while [ "$i" -lt "$n" ]; do
    i=$((i + 1))
    eval "was=\$was_$i path=\$path_$i"
    [ -z "$was" ] || must "switch $path" rename "$together/.pulumi-acme-$id/link.$i" "$path"
    eval "[ \"\$was\" != absent ] || was_$i=created"
    eval "[ \"\$was\" != other ] || was_$i=replaced"
  done
  if [ -n "$together" ]; then
    must "switch $together" rename "$together/.pulumi-acme-$id/to" "$together/.current"
  fi
  i=0
  while [ "$i" -lt "$n" ]; do
    i=$((i + 1))
    eval "kind=\$kind_$i staged=\$staged_$i path=\$path_$i"
    [ "$kind" = single ] || continue
    must "switch $path" rename "$staged" "$path"
    eval "was_$i=renamed"
  done
  i=0
  while [ "$i" -lt "$removals" ]; do
    i=$((i + 1))
    eval "d=\$remove_dir_$i f=\$remove_name_$i removed=\$removed_$i"
    [ "$removed" = yes ] || continue
    must "remove $d/$f" rename "$d/$f" "$d/.pulumi-acme-$id/gone.$i"
    eval "removed_$i=moved"
  done
}

# Every name as it was before the switch.
put_back() { rename "$1" "$2" 2>/dev/null || incomplete=yes; }
restore() {
  [ -n "$switched" ] || return 0
  i=0
  while [ "$i" -lt "$removals" ]; do
    i=$((i + 1))
    eval "d=\$remove_dir_$i f=\$remove_name_$i removed=\$removed_$i"
    [ "$removed" != moved ] || put_back "$d/.pulumi-acme-$id/gone.$i" "$d/$f"
  done
  if [ -L "$together/.pulumi-acme-$id/back" ]; then put_back "$together/.pulumi-acme-$id/back" "$together/.current"; fi
  i=0
  while [ "$i" -lt "$n" ]; do
    i=$((i + 1))
    eval "was=\$was_$i path=\$path_$i dir=\$dir_$i"
    case $was in
      created) rm -f "$path" ;;
      replaced) put_back "$dir/.pulumi-acme-$id/was.$i" "$path" ;;
      renamed)
        kept=$dir/.pulumi-acme-$id/was.$i
        if [ -e "$kept" ] || [ -L "$kept" ]; then put_back "$kept" "$path"; else rm -f "$path"; fi
        ;;
    esac
  done
  [ -n "$together" ] || return 0
  if [ -L "$together/.pulumi-acme-$id/first" ]; then put_back "$together/.pulumi-acme-$id/first" "$together/.current"
  elif [ -z "$first_base" ]; then rm -f "$together/.current"
  fi
}

# Makes it final: the manifests first, then what nobody needs any more.
conclude() {
  each_directory conclude_manifest
  i=0
  while [ "$i" -lt "$removals" ]; do
    i=$((i + 1))
    eval "d=\$remove_dir_$i f=\$remove_name_$i removed=\$removed_$i"
    [ -z "$removed" ] || [ ! -L "$d/.current" ] || rm -f "$d/.current/$f"
  done
  if [ -n "$together" ] && [ -n "$first_base" ]; then rm -rf "${together:?}/$first_base"; fi
}
conclude_manifest() { # directory
  cmp -s "$1/.pulumi-acme-$id/manifest" "$1/.pulumi-acme" 2>/dev/null && return 0
  rename "$1/.pulumi-acme-$id/manifest" "$1/.pulumi-acme" || abort "write $1/.pulumi-acme" 1 "it cannot be renamed"
}

# What this run made for itself goes, whatever became of it; also a directory that holds nothing any more.
tidy() {
  switched=
  each_directory tidy_directory
  echo "$locks" | while IFS= read -r locked; do [ -z "$locked" ] || rm -rf "$locked/.pulumi-acme.lock"; done
  echo "$made" | while IFS= read -r one; do [ -z "$one" ] || rmdir "$one" 2>/dev/null; done
}
tidy_directory() { # directory
  now=$(readlink "$1/.current" 2>/dev/null)
  for mine in "$1/.v-$id" "$1/.v-$id-before"; do
    [ "$mine" = "$1/$now" ] || rm -rf "$mine"
  done
  rm -rf "$1/.pulumi-acme-$id"
  if [ -n "$now" ] && rmdir "$1/$now" 2>/dev/null; then rm -f "$1/.current"; fi
  [ -f "$1/.pulumi-acme" ] || return 0
  grep -q "$tab" "$1/.pulumi-acme" && return 0
  grep -qx @made "$1/.pulumi-acme" && made="$made$1
"
  rm -f "$1/.pulumi-acme"
}
