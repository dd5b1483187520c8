#!/bin/sh
# shellcheck disable=SC2034,SC2154  # The parts share their variables.
# Work in directories in which, or above which, somebody else may write.
# Whoever may write in a directory can exchange each name in it for a link, at any moment. Therefore a path is walked
# name by name, with a look at where each step has led. Files are made in a folder that nobody else may enter. From
# there the directory is "..", whatever becomes of its name; files get into it by a rename, which follows no link.
# Functions that fail say why in $trouble.
# @see safe_path in OpenSSH, "unsafe path transition" in systemd-tmpfiles

me=$(id -u)
tab=$(printf '\t')
trouble=

# Of a name itself, not of what it leads to.
if stat -c %a / >/dev/null 2>&1; then
  identity() { stat -c '%d:%i' "$1" 2>/dev/null; }
  mode_and_owner() { stat -c '%a %u' "$1" 2>/dev/null; }
else
  identity() { stat -f '%d:%i' "$1" 2>/dev/null; }
  mode_and_owner() { stat -f '%Mp%Lp %u' "$1" 2>/dev/null; }
fi
owner_of() { mode_and_owner "$1" | cut -d' ' -f2; }

# Whether others than root and this user may write in a directory.
others_write() { # directory
  # shellcheck disable=SC2046  # Split into mode and owner.
  set -- $(mode_and_owner "$1")
  case $2 in 0 | "$me") ;; *) return 0 ;; esac
  case $1 in *[2367] | *[2367]?) return 0 ;; *) return 1 ;; esac
}

# Whether others can exchange a name in "."; in a sticky directory everybody keeps his own.
exchangeable() { # name
  others_write . || return 1
  # shellcheck disable=SC2046  # Split into mode and owner.
  set -- "$1" $(mode_and_owner .)
  case $2:$3 in [1357]???:0 | [1357]???:"$me") ;; *) return 0 ;; esac
  case $(owner_of "./$1") in 0 | "$me") return 1 ;; *) return 0 ;; esac
}

# Goes to a directory by its path. $safe is "yes" where nobody else could have a say in where that is, or write in it.
enter() { # path [make], to make what is missing, with mode 0755; each goes to note_made
  rest=$1 making=${2-} walked='' links=0 open=0 safe=yes
  cd / || return 1
  while [ -n "$rest" ]; do
    part=${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
    case $part in
      "" | .) ;;
      ..) climb || return 1 ;;
      "$tab"*) end_link "${part#"$tab"}" || return 1 ;;
      *)
        [ "$open" -gt 0 ] || walked=$walked/$part
        if [ -L "./$part" ]; then follow "$part" || return 1; else step "$part" || return 1; fi
        ;;
    esac
  done
  if others_write .; then safe=; fi
}

climb() {
  above=$(identity ..)
  cd -P .. && [ "$(identity .)" = "$above" ] || { trouble="$walked was exchanged while this ran"; return 1; }
}

step() { # name
  from=
  if exchangeable "$1"; then from=$(identity .) safe=; fi
  # Not at the end of a link: who made that could so have directories made anywhere.
  if [ -n "$making" ] && [ "$open" = 0 ] && [ ! -e "./$1" ]; then
    if trouble=$( (umask 022; mkdir "./$1") 2>&1); then note_made "$walked"; elif [ ! -d "./$1" ]; then return 1; fi
  fi
  cd -P "./$1" 2>/dev/null || { trouble=$(cd -P "./$1" 2>&1 || :); return 1; }
  [ -z "$from" ] || [ "$(identity ..)" = "$from" ] || { trouble="$walked was exchanged while this ran"; return 1; }
}

# A link that others can exchange is followed to a directory of its owner, or of the owner of the directory that it is
# in: there he can write himself. This is what web servers call "if owner match".
follow() { # name of a link
  links=$((links + 1)) open=$((open + 1))
  target=$(readlink "./$1")
  case $links:$target in 41:* | *:*"$tab"*) trouble="$walked: too many links"; return 1 ;; esac
  allowed=any
  if exchangeable "$1"; then
    safe='' allowed=$(owner_of "./$1") keeper=$(owner_of .)
    case $keeper in
      0 | "$me") ;;
      *) case $allowed in 0 | "$me") allowed=$keeper ;; *) allowed="$allowed $keeper" ;; esac ;;
    esac
  fi
  rest=$target/$tab$allowed/$rest
  case $target in /*) cd / ;; esac
}
end_link() { # owners
  open=$((open - 1))
  case " $1 " in " any " | *" $(owner_of .) "*) return 0 ;; esac
  trouble="$walked is a link, or lies behind one, that others may change and that leads to a directory of somebody else's"
  return 1
}

# Makes a folder in "." that nobody else may enter, and goes there. $work is its name, $around the identity of "..".
enter_work() { # beginning of its name
  around=$(identity .)
  # mkdir(2) has to be given the mode: else a default access list lets others in until the chmod, which goes by name.
  if command -v mktemp >/dev/null 2>&1; then trouble=$(mktemp -d "./$1XXXXXX" 2>&1) || return 1; work=${trouble#./}
  else trouble=$(mkdir -m 0700 "./$1" 2>&1) || return 1; work=$1
  fi
  cd -P "./$work" 2>/dev/null && is_ours_within "$around" || { trouble="$work was exchanged while this ran"; return 1; }
}
# Whether "." is a folder of this user's alone, in the directory of that identity.
is_ours_within() { # identity
  case $(mode_and_owner .) in *"700 $me") [ "$(identity ..)" = "$1" ] ;; *) return 1 ;; esac
}

# Removes the work folder. Its content is this user's: nobody has exchanged a name in it.
leave_work() {
  for inner in ./*/; do
    [ -L "${inner%/}" ] || [ ! -d "$inner" ] || { rm -f "$inner"* "$inner".[!.]*; rmdir "$inner"; }
  done 2>/dev/null
  rm -f ./* ./.[!.]* 2>/dev/null
  cd -P .. && [ "$(identity .)" = "$around" ] && rmdir "./$work"
}

# How this system's mv and ln are told to take a link for itself.
find_tools() {
  ln -s a ./b && ln -s c ./d || { trouble="it does not take symbolic links"; return 1; }
  if mv -f -T ./b ./d 2>/dev/null; then exactly=-T
  elif mv -f -h ./b ./d 2>/dev/null; then exactly=-h
  else trouble="this mv knows neither -T nor -h"; return 1
  fi
  if ln -P ./d ./e 2>/dev/null; then hard=-P
  elif ln ./d ./e 2>/dev/null; then hard=
  else hard=none
  fi
  rm -f ./d ./e
}
# A rename, whatever lies at the new name: never a move into a directory.
rename() { mv -f $exactly "$1" "$2"; }
# A second name for a file here, or a copy of it; of a link for the link itself.
same_file() { # path, new name
  { [ "$hard" != none ] && ln $hard "$1" "$2" 2>/dev/null; } || cp -R -P -p "$1" "$2"
}
