//! THE list of lists that can be had as files, with their columns.

use api::{Area, Verb};

/// A list of the API.
#[derive(Debug)]
pub(super) struct List {
    /// Its address; the file's is the same with `/export` behind it.
    pub path: &'static str,
    /// What the file is called.
    pub name: &'static str,
    /// What is needed beside the right to look at the list: taking all of it along is more than looking, where members
    /// stand in it.
    pub needs: Option<(Area, Verb)>,
    /// Fields of an item, by their names; `name.en` is a field of a field.
    pub columns: &'static [&'static str],
    /// Columns that hold ids, behind each of which stands a column with the name.
    pub named: &'static [&'static str],
    /// How many items are asked for at once.
    pub at_once: u64,
    /// A parameter with which the list is asked in any case.
    pub always: Option<(&'static str, &'static str)>,
}

const PEOPLE: Option<(Area, Verb)> = Some((Area::People, Verb::Write));
const OUTREACH: Option<(Area, Verb)> = Some((Area::Outreach, Verb::Write));
const USUALLY: u64 = 500;
/// Without documents and bodies, and with numbers.
const AS_SUMMARY: Option<(&str, &str)> = Some(("fields", "summary"));

#[rustfmt::skip]
pub(super) const LISTS: &[List] = &[
    List { path: "/api/v1/deliveries", name: "deliveries", needs: OUTREACH, at_once: USUALLY, always: None,
        columns: &["id", "member", "channel", "channel_kind", "address", "journey", "run", "step", "template", "topic", "state",
            "reason", "why.en", "why.zh", "error", "priority", "attempts", "queued_at", "accepted_at", "delivered_at",
            "opened_at", "clicked_at", "ended_at", "expires_at"],
        named: &["member", "channel", "journey", "template"] },
    List { path: "/api/v1/outbox/queue", name: "queue", needs: OUTREACH, at_once: USUALLY, always: None,
        columns: &["id", "member", "channel", "journey", "step", "template", "topic", "priority", "attempts", "queued_at",
            "not_before", "expires_at", "why.code", "why.en", "why.zh"],
        named: &["member", "channel", "journey", "template"] },
    List { path: "/api/v1/suppressions", name: "suppressions", needs: OUTREACH, at_once: USUALLY, always: None,
        columns: &["channel_kind", "address", "topic", "reason", "source", "created_at"], named: &[] },
    List { path: "/api/v1/tasks", name: "tasks", needs: OUTREACH, at_once: USUALLY, always: None,
        columns: &["id", "title", "state", "assignee", "member", "journey", "step", "note", "opened_at", "due_at", "closed_at",
            "closed_by", "outcome", "remark"],
        named: &["member", "journey", "closed_by"] },
    List { path: "/api/v1/journeys/{id}/runs", name: "runs", needs: OUTREACH, at_once: 200, always: None,
        columns: &["id", "member", "version", "key", "state", "step", "entered_at", "wake_at", "goal_at", "ended_at",
            "end_reason"],
        named: &["member"] },
    List { path: "/api/v1/journeys", name: "journeys", needs: None, at_once: 100, always: AS_SUMMARY,
        columns: &["id", "name", "state", "published_version", "entry.kind", "steps", "under_way", "entered", "entered_7d",
            "goals", "goals_7d", "has_problems", "created_at", "updated_at"],
        named: &[] },
    List { path: "/api/v1/journeys/{id}/versions", name: "versions", needs: None, at_once: 20, always: None,
        columns: &["version", "is_current", "under_way", "published_at", "published_by"], named: &["published_by"] },
    List { path: "/api/v1/templates", name: "templates", needs: None, at_once: USUALLY, always: AS_SUMMARY,
        columns: &["id", "name", "channel_kind", "subject", "version", "created_at", "updated_at"], named: &[] },
    List { path: "/api/v1/channels", name: "channels", needs: None, at_once: 100, always: None,
        columns: &["id", "kind", "name", "state", "health.problem", "created_at", "updated_at"], named: &[] },
    List { path: "/api/v1/topics", name: "topics", needs: None, at_once: USUALLY, always: None,
        columns: &["topic", "name.en", "name.zh", "description.en", "description.zh", "shown", "position", "double_opt_in",
            "confirm_template"],
        named: &["confirm_template"] },
    List { path: "/api/v1/segments", name: "segments", needs: None, at_once: 200, always: None,
        columns: &["id", "name", "state", "size", "snapshot_of", "rule", "created_at", "updated_at"],
        named: &["snapshot_of"] },
    List { path: "/api/v1/segments/{id}/changes", name: "changes", needs: PEOPLE, at_once: USUALLY, always: None,
        columns: &["member_id", "entered", "at"], named: &["member_id"] },
    List { path: "/api/v1/merges", name: "merges", needs: PEOPLE, at_once: USUALLY, always: None,
        columns: &["id", "kept", "absorbed", "reason", "source", "merged_at", "undone_at", "undone_by"],
        named: &["kept", "absorbed", "source", "undone_by"] },
    List { path: "/api/v1/merge-suggestions", name: "merge-suggestions", needs: PEOPLE, at_once: USUALLY, always: None,
        columns: &["id", "one", "other", "reason", "evidence", "state", "suggested_at"], named: &["one", "other"] },
    List { path: "/api/v1/tags", name: "tags", needs: None, at_once: USUALLY, always: None,
        columns: &["tag", "kind", "members", "group_id", "description", "expires_after", "rule", "model"], named: &[] },
    List { path: "/api/v1/tag-groups", name: "tag-groups", needs: None, at_once: USUALLY, always: None,
        columns: &["id", "name", "exclusive"], named: &[] },
    List { path: "/api/v1/traits", name: "traits", needs: None, at_once: USUALLY, always: None,
        columns: &["name", "title", "value_type", "conflict", "state", "computed"], named: &[] },
    List { path: "/api/v1/groups", name: "groups", needs: None, at_once: 100, always: None,
        columns: &["id", "key", "members", "traits", "created_at"], named: &["id"] },
    List { path: "/api/v1/erasures", name: "erasures", needs: PEOPLE, at_once: USUALLY, always: None,
        columns: &["id", "member", "state", "reason", "requested_at", "requested_by", "erased_at", "completed_at", "sha256"],
        named: &["requested_by"] },
    List { path: "/api/v1/members/{id}/timeline", name: "timeline", needs: PEOPLE, at_once: 200, always: None,
        columns: &["timestamp", "kind", "name", "properties", "source", "member", "message_id", "received_at", "id"],
        named: &["source"] },
    List { path: "/api/v1/imports", name: "imports", needs: None, at_once: 20, always: None,
        columns: &["id", "name", "state", "bytes", "created_by", "created_at", "progress.rows", "progress.total",
            "result.imported", "result.rejected", "error"],
        named: &["created_by"] },
    List { path: "/api/v1/dead-letters", name: "dead-letters", needs: Some((Area::Ingest, Verb::Write)), at_once: 100, always: None,
        columns: &["id", "received_at", "source", "code", "message", "replayed_at", "payload"], named: &["source"] },
    List { path: "/api/v1/jobs", name: "jobs", needs: None, at_once: 100, always: None,
        columns: &["id", "kind", "title.en", "title.zh", "target.kind", "target.id", "state", "done", "total", "attempts",
            "error", "created_by", "created_at", "started_at", "ended_at"],
        named: &["target.id", "created_by"] },
    List { path: "/api/v1/audit", name: "audit", needs: None, at_once: USUALLY, always: None,
        columns: &["id", "at", "actor", "action", "target", "detail"], named: &["actor", "target"] },
    List { path: "/api/v1/users", name: "users", needs: None, at_once: USUALLY, always: None,
        columns: &["id", "email", "name", "role", "created_at", "disabled_at"], named: &[] },
    List { path: "/api/v1/keys", name: "keys", needs: None, at_once: USUALLY, always: None,
        columns: &["id", "kind", "name", "hint", "scopes", "role", "trusted", "created_by", "created_at", "last_used_at",
            "revoked_at"],
        named: &["created_by"] },
];
