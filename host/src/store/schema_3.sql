-- Version 3: several hosts on one store. As in version 1, PostgreSQL reads TEXT as TEXT COLLATE "C".

-- What was spent of each helpdesk's budget: a log, whose beginning is folded into a book now and then. Positions in it are
-- counted in characters; it begins at base. It is of use for minutes, so that PostgreSQL may lose it in a crash. Moments
-- of it are in microseconds.
CREATE /* UNLOGGED */ TABLE budgets (
    helpdesk TEXT PRIMARY KEY,
    written_at BIGINT NOT NULL,
    base BIGINT NOT NULL,
    book TEXT NOT NULL,
    log TEXT NOT NULL
);

-- Calls that are made once: content is of the helpdesk, the tool and what a record is known by that the call makes, an HMAC
-- like hash and digest; none where no record of it is looked for. A call without an answer (data_key is null) may have made
-- any such record of its time.
ALTER TABLE calls ADD COLUMN content BYTEA;
CREATE INDEX calls_by_content ON calls (content) WHERE content IS NOT NULL;

-- Records of Freshdesk, each of which one call has made.
CREATE TABLE claims (
    helpdesk TEXT NOT NULL,
    kind TEXT NOT NULL,
    record TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (helpdesk, kind, record)
);
CREATE INDEX claims_by_expiry ON claims (expires_at);
