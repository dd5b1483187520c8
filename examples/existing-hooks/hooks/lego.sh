#!/bin/sh
# For lego: EXEC_PATH=./lego.sh lego --dns exec …
set -eu
case "$1" in
  present) change="update add $2 60 TXT \"$3\"" ;;
  cleanup) change="update delete $2 TXT \"$3\"" ;;
  *) exit 0 ;;
esac
nsupdate <<UPDATE
server $DNS_SERVER
key $TSIG_KEY
$change
send
UPDATE
