-- What left by one way of a channel on a day (days since 1970-01-01 where the workspace is). granted is what the last
-- taking got. The way 'blocked:' counts what mailbox providers did not want.
CREATE TABLE channel_days (
  channel_id BIGINT NOT NULL, way TEXT NOT NULL, day BIGINT NOT NULL, taken BIGINT NOT NULL, granted BIGINT NOT NULL,
  PRIMARY KEY (channel_id, way, day)
) {nr};

-- How far the mailbox of a channel has been read, how many mails were reports about messages of ours, how many were
-- other mail, and how many could not be read.
CREATE TABLE channel_mailboxes (
  channel_id BIGINT PRIMARY KEY, numbering BIGINT NOT NULL, last_number BIGINT NOT NULL, reports BIGINT NOT NULL,
  others BIGINT NOT NULL, unreadable BIGINT NOT NULL, read_at BIGINT NOT NULL, problem TEXT
);
