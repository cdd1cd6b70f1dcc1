-- How long the queues are, without reading them: what is queued, by what it waits for and by when it is due. due_part is
-- the number of the ten seconds since 1970 within which it is due, the last moment of them included, so that what waits for
-- a whole minute is in a part that ends with it. The database itself keeps these, in the transaction in which a row of
-- the ledger changes, whoever changes it.
CREATE TABLE outbox_counts (
  channel_id BIGINT NOT NULL, waits_for TEXT NOT NULL, due_part BIGINT NOT NULL, number BIGINT NOT NULL,
  PRIMARY KEY (channel_id, waits_for, due_part)
) {nr};
INSERT INTO outbox_counts (channel_id, waits_for, due_part, number)
  SELECT channel_id, COALESCE(waits_for, reason, ''), (next_attempt_at + 9999) / 10000, COUNT(*)
  FROM deliveries WHERE state = 'queued' GROUP BY 1, 2, 3;
-- Of PostgreSQL only: what is to be added to them. Transactions beside each other would wait for each other's counts;
-- here each adds rows of its own, and the outbox adds them up.
CREATE TABLE outbox_changes (
  channel_id BIGINT NOT NULL, waits_for TEXT NOT NULL, due_part BIGINT NOT NULL, number BIGINT NOT NULL
);

-- {sqlite}
CREATE TRIGGER deliveries_queued AFTER INSERT ON deliveries WHEN NEW.state = 'queued' BEGIN
  INSERT INTO outbox_counts (channel_id, waits_for, due_part, number)
  VALUES (NEW.channel_id, COALESCE(NEW.waits_for, NEW.reason, ''), (NEW.next_attempt_at + 9999) / 10000, 1)
  ON CONFLICT (channel_id, waits_for, due_part) DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER deliveries_queued_again AFTER UPDATE OF state, channel_id, waits_for, reason, next_attempt_at ON deliveries
WHEN NEW.state = 'queued' BEGIN
  INSERT INTO outbox_counts (channel_id, waits_for, due_part, number)
  VALUES (NEW.channel_id, COALESCE(NEW.waits_for, NEW.reason, ''), (NEW.next_attempt_at + 9999) / 10000, 1)
  ON CONFLICT (channel_id, waits_for, due_part) DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER deliveries_queued_no_more AFTER UPDATE OF state, channel_id, waits_for, reason, next_attempt_at ON deliveries
WHEN OLD.state = 'queued' BEGIN
  UPDATE outbox_counts SET number = number - 1
  WHERE channel_id = OLD.channel_id AND waits_for = COALESCE(OLD.waits_for, OLD.reason, '')
    AND due_part = (OLD.next_attempt_at + 9999) / 10000;
END;
CREATE TRIGGER deliveries_deleted AFTER DELETE ON deliveries WHEN OLD.state = 'queued' BEGIN
  UPDATE outbox_counts SET number = number - 1
  WHERE channel_id = OLD.channel_id AND waits_for = COALESCE(OLD.waits_for, OLD.reason, '')
    AND due_part = (OLD.next_attempt_at + 9999) / 10000;
END;
-- {postgres}
CREATE FUNCTION count_queued() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO outbox_changes (channel_id, waits_for, due_part, number)
  SELECT channel_id, COALESCE(waits_for, reason, ''), (next_attempt_at + 9999) / 10000, COUNT(*)
  FROM became WHERE state = 'queued' GROUP BY 1, 2, 3;
  RETURN NULL;
END $$;
CREATE FUNCTION count_queued_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO outbox_changes (channel_id, waits_for, due_part, number)
  SELECT x.channel_id, x.waits_for, x.due_part, SUM(x.number) FROM (
    SELECT channel_id, COALESCE(waits_for, reason, '') AS waits_for, (next_attempt_at + 9999) / 10000 AS due_part,
           1 AS number FROM became WHERE state = 'queued'
    UNION ALL
    SELECT channel_id, COALESCE(waits_for, reason, ''), (next_attempt_at + 9999) / 10000, -1 FROM was WHERE state = 'queued'
  ) AS x GROUP BY 1, 2, 3 HAVING SUM(x.number) <> 0;
  RETURN NULL;
END $$;
CREATE FUNCTION count_queued_less() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO outbox_changes (channel_id, waits_for, due_part, number)
  SELECT channel_id, COALESCE(waits_for, reason, ''), (next_attempt_at + 9999) / 10000, -COUNT(*)
  FROM was WHERE state = 'queued' GROUP BY 1, 2, 3;
  RETURN NULL;
END $$;
CREATE TRIGGER deliveries_queued AFTER INSERT ON deliveries REFERENCING NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION count_queued();
CREATE TRIGGER deliveries_queued_again AFTER UPDATE ON deliveries REFERENCING OLD TABLE AS was NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION count_queued_anew();
CREATE TRIGGER deliveries_deleted AFTER DELETE ON deliveries REFERENCING OLD TABLE AS was
  FOR EACH STATEMENT EXECUTE FUNCTION count_queued_less();
-- {both}

-- Which message of a queue was asked for first.
CREATE INDEX deliveries_queued_by_age ON deliveries (channel_id, queued_at) WHERE state = 'queued';

-- The ledger by state, newest first, however few there are in one; all of it is read state by state.
CREATE INDEX deliveries_by_state ON deliveries (workspace_id, state, id);
DROP INDEX deliveries_by_workspace;
CREATE INDEX deliveries_by_reason ON deliveries (workspace_id, reason, id) WHERE reason IS NOT NULL;
CREATE INDEX deliveries_by_channel ON deliveries (channel_id, id);
-- The same of a journey. What was simply sent is found among all of its messages.
CREATE INDEX deliveries_of_journey_by_state ON deliveries (journey_id, state, id) WHERE state NOT IN ('sending', 'accepted');

-- What of a journey is queued, in the order in which it goes.
DROP INDEX deliveries_queued_by_journey;
CREATE INDEX deliveries_queued_by_journey ON deliveries (journey_id, priority, next_attempt_at, id) WHERE state = 'queued';

-- How many attempts there had been when a person last had the message sent again. They count no more.
ALTER TABLE deliveries ADD COLUMN attempts_before BIGINT NOT NULL DEFAULT 0;
