-- Version 1. PostgreSQL reads TEXT as TEXT COLLATE "C", so that both databases sort alike.

-- Wrapped data keys. Rows are only appended, and all have the same length, so that SQLite never moves them between pages:
-- a key is destroyed by zeros in its place.
CREATE TABLE data_keys (id BIGINT PRIMARY KEY, wrapped BYTEA NOT NULL);

-- The host's own keys.
CREATE TABLE keys (
    name TEXT PRIMARY KEY,
    data_key BIGINT NOT NULL REFERENCES data_keys (id),
    secret BYTEA NOT NULL
);

CREATE TABLE tenants (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    logo BYTEA,
    colour TEXT,
    public_url TEXT,
    return_urls TEXT NOT NULL,
    webhook_url TEXT,
    webhook_data_key BIGINT REFERENCES data_keys (id),
    webhook_secret BYTEA,
    created_at BIGINT NOT NULL
);

CREATE TABLE tokens (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    hash BYTEA NOT NULL UNIQUE,
    identifier TEXT,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE accounts (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    identifier TEXT NOT NULL,
    id TEXT NOT NULL,
    state TEXT NOT NULL,
    name TEXT,
    description TEXT,
    expected_email TEXT,
    expected_helpdesk TEXT,
    helpdesk TEXT,
    person TEXT,
    roles TEXT NOT NULL,
    version BIGINT NOT NULL,
    data_key BIGINT REFERENCES data_keys (id),
    secret BYTEA,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, identifier)
);

CREATE TABLE links (
    hash BYTEA PRIMARY KEY,
    tenant TEXT NOT NULL,
    identifier TEXT NOT NULL,
    proof TEXT NOT NULL,
    allow_other BIGINT NOT NULL,
    state TEXT NOT NULL,
    tries BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    opened_at BIGINT,
    expires_at BIGINT NOT NULL,
    confirmation BYTEA,
    helpdesk TEXT,
    person TEXT,
    roles TEXT,
    data_key BIGINT REFERENCES data_keys (id),
    secret BYTEA,
    FOREIGN KEY (tenant, identifier) REFERENCES accounts (tenant, identifier)
);
CREATE INDEX links_by_account ON links (tenant, identifier, created_at);
CREATE INDEX links_by_expiry ON links (expires_at);
CREATE UNIQUE INDEX links_by_confirmation ON links (confirmation) WHERE confirmation IS NOT NULL;

-- next_at: when it is to be delivered; none when it was, was given up, or was never to be. Who delivers it has a lease.
CREATE TABLE events (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    identifier TEXT NOT NULL,
    account TEXT NOT NULL,
    old_state TEXT,
    new_state TEXT NOT NULL,
    helpdesk TEXT,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT,
    lease BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    outcome TEXT
);
CREATE INDEX events_by_tenant ON events (tenant, id);
CREATE INDEX events_by_time ON events (at);
CREATE INDEX events_due ON events (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX events_undelivered ON events (tenant, identifier, id) WHERE next_at IS NOT NULL;

CREATE TABLE audit (
    host TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    tenant TEXT NOT NULL,
    identifier TEXT NOT NULL,
    detail TEXT NOT NULL,
    mac BYTEA NOT NULL,
    PRIMARY KEY (host, seq)
);
CREATE INDEX audit_by_time ON audit (at, host, seq);
CREATE INDEX audit_by_tenant ON audit (tenant, at, host, seq);

CREATE TABLE heads (host TEXT PRIMARY KEY, seq BIGINT NOT NULL, mac BYTEA NOT NULL, seal BYTEA NOT NULL);
