-- How many attempts there had been when a person last had the message sent again. They count no more.
ALTER TABLE deliveries ADD COLUMN attempts_before BIGINT NOT NULL DEFAULT 0;
