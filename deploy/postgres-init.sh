#!/bin/sh
# Makes the platform's two roles and its database in a new PostgreSQL: the owner migrates, the application runs.
# The builtin locale is the same everywhere; under C, lower('ĐẠI') would be wrong.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$MTS_DATABASE_PASSWORD" -v owner_password="$MTS_OWNER_PASSWORD" -U postgres <<'SQL'
CREATE ROLE mattranso_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE mattranso_app LOGIN PASSWORD :'password';
CREATE DATABASE mattranso OWNER mattranso_owner TEMPLATE template0
    ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C';
\connect mattranso
CREATE EXTENSION IF NOT EXISTS vector;
SQL
