# The passwords of the three logins, where PgBouncer looks for them. A quote in one is doubled, as the file wants it.
set -eu
umask 077
quoted() { printf '%s' "$1" | sed 's/"/""/g'; }
{
    printf '"crossdock_owner" "%s"\n' "$(quoted "$CROSSDOCK_OWNER_PASSWORD")"
    printf '"crossdock_tenants" "%s"\n' "$(quoted "$CROSSDOCK_TENANTS_PASSWORD")"
    printf '"crossdock_service" "%s"\n' "$(quoted "$CROSSDOCK_SERVICE_PASSWORD")"
} > /tmp/users.txt
exec pgbouncer /etc/crossdock/pgbouncer.ini
