#!/bin/bash
# The start of the lab's PostgreSQL image. It keeps the contract of the official image as far as its
# documentation states it: the same variables, the same folders, the same order of events.
set -Eeuo pipefail

say() { printf 'entrypoint: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# NAME or NAME_FILE (a secret in a file), else a default.
from_env() {
    local name=$1 default=${2:-} file="${1}_FILE"
    if [[ -n ${!name:-} && -n ${!file:-} ]]; then
        die "$name and $file are both set, one of them is enough"
    fi
    if [[ -n ${!file:-} ]]; then
        export "$name"="$(< "${!file}")"
    else
        export "$name"="${!name:-$default}"
    fi
    unset "$file"
}

own_folders() {
    mkdir -p "$PGDATA" /var/run/postgresql
    chmod 0700 "$PGDATA" 2>/dev/null || true
    chmod 3777 /var/run/postgresql 2>/dev/null || true
    if [[ $(id -u) == 0 ]]; then
        find "$PGDATA" \! -user postgres -exec chown postgres '{}' +
        find /var/run/postgresql \! -user postgres -exec chown postgres '{}' +
    fi
}

# With --user the id may have no name, which initdb insists on: give it one in a copy of passwd.
name_this_user() {
    local wrapper
    wrapper=$(find /usr/lib -name libnss_wrapper.so -print -quit)
    if getent passwd "$(id -u)" > /dev/null || [[ -z $wrapper ]]; then return; fi
    NSS_WRAPPER_PASSWD=$(mktemp) NSS_WRAPPER_GROUP=$(mktemp)
    printf 'postgres:x:%s:%s:PostgreSQL:%s:/bin/false\n' "$(id -u)" "$(id -g)" "$PGDATA" > "$NSS_WRAPPER_PASSWD"
    printf 'postgres:x:%s:\n' "$(id -g)" > "$NSS_WRAPPER_GROUP"
    export LD_PRELOAD=$wrapper NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
}

forget_name() {
    if [[ -n ${NSS_WRAPPER_PASSWD:-} ]]; then
        rm -f "$NSS_WRAPPER_PASSWD" "$NSS_WRAPPER_GROUP"
        unset LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
    fi
}

init_database() {
    local args=()
    eval "args=( ${POSTGRES_INITDB_ARGS:-} )"
    if [[ -n ${POSTGRES_INITDB_WALDIR:-} ]]; then args+=(--waldir "$POSTGRES_INITDB_WALDIR"); fi
    name_this_user
    initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") \
        --set listen_addresses='*' "${args[@]}" >&2
    forget_name
    local method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
    printf '\nhost all all all %s\n' "$method" >> "$PGDATA/pg_hba.conf"
}

sql() {
    psql --variable=ON_ERROR_STOP=1 --no-psqlrc --no-password --username "$POSTGRES_USER" "$@"
}

# A server that only this script reaches: whoever waits for the port does not see half a database.
temporary_server() {
    PGUSER=$POSTGRES_USER pg_ctl --pgdata="$PGDATA" --wait \
        --options="-c listen_addresses='' -p ${PGPORT:-5432}" "$@" >&2
}

create_database() {
    if [[ $POSTGRES_DB != postgres ]]; then
        sql --dbname postgres --set db="$POSTGRES_DB" <<< 'CREATE DATABASE :"db";' >&2
    fi
}

init_scripts() {
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        case $file in
            *.sh)
                say "running $file"
                # Sourced if it is not executable, as the official image does.
                # shellcheck source=/dev/null  # the user's own file
                if [[ -x $file ]]; then "$file" >&2; else . "$file" >&2; fi ;;
            *.sql) say "running $file"; sql --dbname "$POSTGRES_DB" --file "$file" >&2 ;;
            *.sql.gz) say "running $file"; gunzip -c "$file" | sql --dbname "$POSTGRES_DB" >&2 ;;
            */\*) ;;
            *) say "ignoring $file" ;;
        esac
    done
}

first_start() {
    if [[ -z $POSTGRES_PASSWORD && ${POSTGRES_HOST_AUTH_METHOD:-} != trust ]]; then
        die "the database is not initialised and POSTGRES_PASSWORD is not set"
    fi
    init_database
    export PGPASSWORD=$POSTGRES_PASSWORD
    temporary_server start
    create_database
    init_scripts
    temporary_server --mode=fast stop
    unset PGPASSWORD
    say "the database is initialised"
}

main() {
    if [[ ${1:-} == -* ]]; then set -- postgres "$@"; fi
    if [[ ${1:-} != postgres ]]; then exec "$@"; fi
    case " $* " in *' --help '* | *' --version '* | *' -V '* | *' -? '*) exec "$@" ;; esac
    own_folders
    if [[ $(id -u) == 0 ]]; then
        exec setpriv --reuid=postgres --regid=postgres --init-groups \
            env HOME=/var/lib/postgresql "${BASH_SOURCE[0]}" "$@"
    fi
    from_env POSTGRES_PASSWORD
    from_env POSTGRES_USER postgres
    from_env POSTGRES_DB "$POSTGRES_USER"
    from_env POSTGRES_INITDB_ARGS
    if [[ -s $PGDATA/PG_VERSION ]]; then say "the database is there"; else first_start; fi
    exec "$@"
}

main "$@"
