#!/bin/sh
# For certbot: certbot certonly --manual --preferred-challenges dns --manual-auth-hook ./certbot-auth.sh …
set -eu
nsupdate <<UPDATE
server $DNS_SERVER
key $TSIG_KEY
update add _acme-challenge.$CERTBOT_DOMAIN 60 TXT "$CERTBOT_VALIDATION"
send
UPDATE
