#!/bin/sh
# For certbot: … --manual-cleanup-hook ./certbot-cleanup.sh
set -eu
nsupdate <<UPDATE
server $DNS_SERVER
key $TSIG_KEY
update delete _acme-challenge.$CERTBOT_DOMAIN TXT "$CERTBOT_VALIDATION"
send
UPDATE
