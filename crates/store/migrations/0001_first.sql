CREATE TABLE account (
    id BLOB NOT NULL PRIMARY KEY,
    serial INTEGER NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE TABLE "user" (
    serial INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    account_id BLOB NOT NULL REFERENCES account (id),
    version INTEGER NOT NULL,
    login TEXT,
    extension TEXT,
    email TEXT,
    deleted INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX user_login ON "user" (account_id, login)
    WHERE login IS NOT NULL AND deleted = 0;
CREATE UNIQUE INDEX user_extension ON "user" (account_id, extension)
    WHERE extension IS NOT NULL AND deleted = 0;
CREATE UNIQUE INDEX user_email ON "user" (account_id, email)
    WHERE email IS NOT NULL AND deleted = 0;

CREATE TABLE resource (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL,
    serial INTEGER NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    deleted INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (account_id, kind, serial)
) STRICT;

CREATE TABLE change (
    sequence INTEGER NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL,
    subject BLOB NOT NULL,
    subject_kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    caller TEXT NOT NULL,
    dialect TEXT NOT NULL,
    address TEXT,
    diff TEXT NOT NULL,
    body TEXT NOT NULL,
    previous_hash BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX change_subject ON change (subject, version);
CREATE INDEX change_account ON change (account_id, sequence);

CREATE TABLE idempotency (
    account_id BLOB NOT NULL,
    key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    response TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (account_id, key)
) STRICT;

CREATE INDEX idempotency_age ON idempotency (at);

CREATE TABLE state (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    account_id BLOB,
    expires_at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT;

CREATE INDEX state_expiry ON state (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE call_record (
    serial INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    account_id BLOB NOT NULL,
    started_at INTEGER NOT NULL,
    answered_at INTEGER,
    ended_at INTEGER NOT NULL,
    direction TEXT NOT NULL,
    result TEXT NOT NULL,
    caller TEXT NOT NULL,
    caller_digits TEXT NOT NULL,
    called TEXT NOT NULL,
    called_digits TEXT NOT NULL,
    number_id BLOB,
    team_id BLOB,
    answered_user INTEGER,
    users TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE INDEX call_record_time ON call_record (account_id, started_at DESC, serial DESC);

CREATE TABLE call_record_user (
    user_serial INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    call_record INTEGER NOT NULL REFERENCES call_record (serial),
    PRIMARY KEY (user_serial, started_at DESC, call_record DESC)
) STRICT, WITHOUT ROWID;

CREATE INDEX call_record_user_record ON call_record_user (call_record, user_serial);
