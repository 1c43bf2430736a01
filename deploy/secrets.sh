#!/bin/sh
# Make each secret of docker-compose.yml that is not there yet, a file in secrets/. What is there already stays.
#
# The folder is its owner's alone; the files can be read by all, since a container sees them under their own owner
# and mode, and runs as another user.
set -eu
cd "$(dirname "$0")/.."
umask 022
mkdir -p secrets
chmod 700 secrets

make() { # name, the command that makes it
  name=$1
  shift
  [ -s "secrets/$name" ] || "$@" | tr -d '\n' > "secrets/$name" # Airflow would take a line's end for part of it
}

address() { # driver, user and database, server, more: with the password that lies beside it
  printf '%s://%s:%s@%s/%s%s' "$1" "$2" "$(cat "secrets/$2_db_password")" "$3" "$2" "${4:-}"
}

make airflow_db_password openssl rand -hex 24
make padan_db_password openssl rand -hex 24
make airflow_secret_key openssl rand -hex 32
make airflow_jwt_secret openssl rand -hex 32
make airflow_fernet_key sh -c "openssl rand -base64 32 | tr '+/' '-_'"
make airflow_db_address address postgresql+psycopg2 airflow airflow-db
# Between the two containers nobody is on the way; to another machine, take sslmode away: then TLS is verified.
make padan_db_address address postgresql+psycopg padan padan-db '?sslmode=disable'
