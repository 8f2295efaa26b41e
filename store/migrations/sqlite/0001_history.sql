-- +goose Up

-- "dkmw" in the header of the file: it is ours.
PRAGMA application_id = 1684761975;

-- What repeats in row after row: hosts, domains, selectors, verifiers' words,
-- names of files and sources.
CREATE TABLE term (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

-- One message's way through one queue. generation tells apart the messages that
-- had the same queue id, see messageKey in message_write.go.
CREATE TABLE message (
    id               INTEGER PRIMARY KEY,
    host_id          INTEGER NOT NULL REFERENCES term (id),
    instance         TEXT    NOT NULL,
    queue_id         TEXT    NOT NULL,
    generation       INTEGER NOT NULL,
    mta              TEXT    NOT NULL,
    message_id       TEXT    NOT NULL,
    sender           TEXT,                              -- NULL: not known; '': the null sender
    sender_domain_id INTEGER REFERENCES term (id),      -- lower case; NULL without one
    client_ip        TEXT    NOT NULL,
    client_name      TEXT    NOT NULL,
    helo             TEXT    NOT NULL,
    size             INTEGER NOT NULL,
    first_seen       INTEGER NOT NULL,
    last_seen        INTEGER NOT NULL,
    accepted         INTEGER NOT NULL,
    ended            INTEGER NOT NULL,
    local            INTEGER NOT NULL,
    outcome          TEXT    NOT NULL,
    given_up         INTEGER NOT NULL,
    stuck            INTEGER NOT NULL,
    trouble          INTEGER NOT NULL,                  -- it has a finding
    attempts         INTEGER NOT NULL,
    UNIQUE (queue_id, host_id, instance, generation)
) STRICT;

CREATE INDEX message_last_seen ON message (last_seen, first_seen);
CREATE INDEX message_trouble ON message (last_seen, first_seen) WHERE trouble;
CREATE INDEX message_open ON message (first_seen) WHERE NOT ended;
CREATE INDEX message_stuck ON message (first_seen) WHERE stuck;
CREATE INDEX message_sender_domain ON message (sender_domain_id);

CREATE TABLE recipient (
    message_id INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    seq        INTEGER NOT NULL,
    address    TEXT    NOT NULL,
    outcome    TEXT    NOT NULL,
    deferrals  INTEGER NOT NULL,
    last_reply TEXT    NOT NULL,
    at         INTEGER,
    PRIMARY KEY (message_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE signature (
    message_id  INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    seq         INTEGER NOT NULL,
    domain_id   INTEGER NOT NULL REFERENCES term (id),
    selector_id INTEGER NOT NULL REFERENCES term (id),
    algorithm   TEXT    NOT NULL,
    result      TEXT    NOT NULL,
    cause       TEXT    NOT NULL,
    reason_id   INTEGER NOT NULL REFERENCES term (id),
    ours        INTEGER NOT NULL,
    PRIMARY KEY (message_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE finding (
    message_id  INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    seq         INTEGER NOT NULL,
    domain_id   INTEGER NOT NULL REFERENCES term (id),
    selector_id INTEGER NOT NULL REFERENCES term (id),
    cause       TEXT    NOT NULL,
    harm        TEXT    NOT NULL,
    direction   TEXT    NOT NULL,
    attribution TEXT    NOT NULL,
    evidence    TEXT    NOT NULL,                       -- JSON array of strings
    at          INTEGER,
    PRIMARY KEY (message_id, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX finding_key ON finding (domain_id, selector_id);

CREATE TABLE relation (
    message_id INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    seq        INTEGER NOT NULL,
    queue_id   TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    PRIMARY KEY (message_id, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX relation_attempt ON relation (queue_id) WHERE kind = 'attempt';

-- Where the lines of a message stand.
CREATE TABLE span (
    message_id INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    seq        INTEGER NOT NULL,
    file_id    INTEGER NOT NULL REFERENCES term (id),
    first_line INTEGER NOT NULL,
    last_line  INTEGER NOT NULL,
    PRIMARY KEY (message_id, seq)
) STRICT, WITHOUT ROWID;

-- What our own lookups found, every one of them.
CREATE TABLE verdict (
    id           INTEGER PRIMARY KEY,
    domain_id    INTEGER NOT NULL REFERENCES term (id),
    selector_id  INTEGER NOT NULL REFERENCES term (id),
    at           INTEGER NOT NULL,
    status       TEXT    NOT NULL,
    fault        TEXT    NOT NULL,
    confidence   TEXT    NOT NULL,
    record       TEXT    NOT NULL,
    chain        TEXT    NOT NULL,                      -- JSON array of strings
    ttl_ns       INTEGER NOT NULL,
    detail       TEXT    NOT NULL,
    observations TEXT    NOT NULL,                      -- JSON array of objects, see observation in verdict.go
    UNIQUE (domain_id, selector_id, at)
) STRICT;

CREATE TABLE incident (
    id              INTEGER PRIMARY KEY,
    name            TEXT    NOT NULL,                   -- the short id that people see
    direction       TEXT    NOT NULL,
    domain_id       INTEGER NOT NULL REFERENCES term (id),
    selector_id     INTEGER NOT NULL REFERENCES term (id),
    about           TEXT    NOT NULL,                   -- tells apart what has no key
    cause           TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    severity        TEXT    NOT NULL,
    opened          INTEGER NOT NULL,
    last_seen       INTEGER NOT NULL,
    resolved_at     INTEGER,
    messages        INTEGER NOT NULL,
    stuck           INTEGER NOT NULL,
    tempfailed      INTEGER NOT NULL,
    rejected        INTEGER NOT NULL,
    bounced         INTEGER NOT NULL,
    delivered       INTEGER NOT NULL,
    findings        INTEGER NOT NULL,
    reopened        INTEGER NOT NULL,
    recipients      INTEGER NOT NULL,
    clients         INTEGER NOT NULL,
    oldest          INTEGER,
    explicit        INTEGER NOT NULL,
    deadline        INTEGER,
    deadline_source TEXT    NOT NULL,
    worked_until    INTEGER,
    verdict_id      INTEGER REFERENCES verdict (id),
    UNIQUE (domain_id, selector_id, direction, about, opened)
) STRICT;

-- At most one spell per key is not over.
CREATE UNIQUE INDEX incident_open ON incident (domain_id, selector_id, direction, about) WHERE state <> 'resolved';
CREATE INDEX incident_last_seen ON incident (last_seen, opened);
CREATE INDEX incident_name ON incident (name);
