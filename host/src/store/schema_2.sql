-- Version 2. As in version 1, PostgreSQL reads TEXT as TEXT COLLATE "C".

-- The tools that a token is good for, as a list in JSON; none: all.
ALTER TABLE tokens ADD COLUMN tools TEXT;
CREATE INDEX tokens_by_making ON tokens (tenant, created_at, id);

-- Calls that are made once. hash: of the user and the idempotency key; digest: of the tool and its arguments, so that
-- neither is in here. run: which host's which try it is. It has a lease; a call whose lease is over and that has not ended
-- was broken off. What it answered is sealed.
CREATE TABLE calls (
    hash BYTEA PRIMARY KEY,
    tenant TEXT NOT NULL,
    identifier TEXT NOT NULL,
    digest BYTEA NOT NULL,
    run BIGINT NOT NULL,
    begun_at BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    ended_at BIGINT,
    expires_at BIGINT NOT NULL,
    data_key BIGINT REFERENCES data_keys (id),
    secret BYTEA
);
CREATE INDEX calls_by_account ON calls (tenant, identifier);
CREATE INDEX calls_by_expiry ON calls (expires_at);

-- What may be used once, by its hash, until it cannot be used any more.
CREATE TABLE nonces (hash BYTEA PRIMARY KEY, expires_at BIGINT NOT NULL);
CREATE INDEX nonces_by_expiry ON nonces (expires_at);
