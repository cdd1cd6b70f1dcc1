/** All that the log may speak of: a word, and what was done. An action that is not here is shown as it is written. */
export const ACTIONS = [
  "channel.created", "channel.updated", "channel.paused", "channel.resumed", "channel.key_made", "channel.deleted",
  "consent.decided", "dead_letter.replayed", "dead_letter.deleted", "deliveries.cancelled", "delivery.cancelled", "delivery.settled", "holdout.changed",
  "import.uploaded", "import.read_anew", "import.started", "import.deleted", "import.rejects_exported",
  "import_mapping.created", "import_mapping.saved", "import_mapping.updated", "import_mapping.deleted", "job.cancelled", "list.exported",
  "journey.created", "journey.updated", "journey.published", "journey.paused", "journey.resumed", "journey.live", "journey.finishing", "journey.stopped", "journey.entered", "journey.simulated", "journey.deleted",
  "key.created", "key.revoked",
  "member.updated", "member.tagged", "member.merged", "member.split", "member.exported", "member.erased", "members.tagged", "members.exported", "merge.undone",
  "outbox_policy.updated", "retention.changed", "segment.created", "segment.updated", "segment.deleted",
  "session.begun", "session.ended", "setup.done", "stages.updated", "suggestion.accepted", "suggestion.dismissed", "suppression.added", "suppression.removed",
  "tag.described", "tag.deleted", "tag_group.created", "tag_group.updated", "tag_group.deleted", "task.assigned", "task.completed",
  "template.created", "template.updated", "template.tested", "template.deleted", "template.partial_created", "template.partial_deleted",
  "topic.described", "topic.deleted", "trait.described", "trait.deleted",
  "user.created", "user.changed", "user.removed", "user.password_changed", "workspace.changed",
] as const;

/** Midnight at the beginning of a date (`2026-11-23`) in a zone, as the API writes moments. */
export function startOfDate(date: string, timeZone: string): string {
  const wanted = Date.parse(`${date}T00:00:00Z`);
  // The zone's offset at the moment itself; a second look settles days on which clocks change.
  let moment = wanted;
  for (let round = 0; round < 2; round += 1) moment = wanted - offsetAt(moment, timeZone);
  return new Date(moment).toISOString();
}

function offsetAt(moment: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" }).formatToParts(new Date(moment));
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second")) - Math.floor(moment / 1000) * 1000;
}

/** The date after this one. */
export function dateAfter(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + 24 * 3_600_000).toISOString().slice(0, 10);
}
