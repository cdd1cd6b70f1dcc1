//! What a workspace decided about when, and how often, its members are written to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::{Code, Period, Problem, Time, ids::WorkspaceId};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use store::{Db, DbErr, FromQueryResult, Sql, Tx};
use utoipa::ToSchema;

use super::hours::{self, Clocks, Hours, Per, TimeOfDay, Whose};

/// Messages of this priority or a higher one pass caps and hours, unless the policy says otherwise.
pub(crate) const CRITICAL: i64 = 100;

const MOST_CAPS: usize = 50;
const MOST_WINDOWS: usize = 20;
const MOST_HOURS: usize = 20;
const LARGEST_CAP: i64 = 1_000;
const LONGEST_WORD: usize = 100;

/// What becomes of a message that may not go now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Then {
    /// It waits for the next time at which it may.
    #[default]
    Wait,
    /// It is not sent. What waited already when the policy was changed waits on.
    Drop,
}

/// At most so many messages to one member within one of his local days, weeks or months.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cap {
    /// Through channels of this kind; through all of them together when it is `null`.
    #[serde(default)]
    pub channel_kind: Option<String>,
    /// About this; about anything when it is `null`.
    #[serde(default)]
    pub topic: Option<String>,
    /// How many (1 to 1,000).
    pub most: i64,
    /// Within what.
    pub per: Per,
    /// What becomes of the next one.
    #[serde(default)]
    pub then: Then,
}

impl Cap {
    /// Whether a message of this kind and topic is counted by it.
    pub(crate) fn counts(&self, channel_kind: &str, topic: &str) -> bool {
        self.channel_kind.as_deref().is_none_or(|kind| kind == channel_kind)
            && self.topic.as_deref().is_none_or(|wanted| wanted == topic)
    }
}

/// Hours in which nobody is written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuietHours {
    /// From this time of day on, such as `22:00`.
    #[schema(value_type = String)]
    pub from: TimeOfDay,
    /// Until before this time of day, such as `08:00`.
    #[schema(value_type = String)]
    pub to: TimeOfDay,
    /// By whose clock.
    #[serde(default)]
    pub zone: Whose,
    /// What becomes of a message that is due then.
    #[serde(default)]
    pub then: Then,
}

/// When messages of one kind of channel may go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Windows {
    /// The hours; a message may go in any of them.
    pub open: Vec<Hours>,
    /// By whose clock.
    #[serde(default)]
    pub zone: Whose,
    /// What becomes of a message that is due outside of them.
    #[serde(default)]
    pub then: Then,
}

/// The policy of a workspace. Messages that a member caused himself (topic `transactional`), and those that go to systems
/// (webhooks), are neither capped nor kept waiting by it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Policy {
    /// Frequency caps; all of them hold.
    #[serde(default)]
    pub caps: Vec<Cap>,
    /// Hours in which nobody is written to.
    #[serde(default)]
    pub quiet_hours: Option<QuietHours>,
    /// By kind of channel, when its messages may go; other kinds at any time.
    #[serde(default)]
    pub windows: BTreeMap<String, Windows>,
    /// How long a message may wait that does not say so itself, as an ISO 8601 duration; 72 hours when it is `null`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub expire_after: Option<Period>,
    /// Whether critical messages pass caps, quiet hours and windows.
    #[serde(default = "passes")]
    pub critical_passes: bool,
}

fn passes() -> bool {
    true
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            caps: Vec::new(),
            quiet_hours: None,
            windows: BTreeMap::new(),
            expire_after: None,
            critical_passes: passes(),
        }
    }
}

impl Policy {
    /// Whether it can be kept to; a problem names the path of what is wrong. `kinds` are the kinds of channels to people.
    pub(crate) fn check(&self, kinds: &[&str]) -> Result<(), Problem> {
        let wrong = |path: String, text: String| Err(Problem::at(Code::InvalidBody, path, text));
        if self.caps.len() > MOST_CAPS {
            return wrong("policy.caps".to_owned(), format!("has more than {MOST_CAPS} caps"));
        }
        let check_kind = |path: String, kind: &str| match kinds.contains(&kind) {
            true => Ok(()),
            false => wrong(path, format!("is not one of {}", kinds.join(", "))),
        };
        let mut scopes = BTreeSet::new();
        for (nth, cap) in self.caps.iter().enumerate() {
            let path = format!("policy.caps[{nth}]");
            if !(1..=LARGEST_CAP).contains(&cap.most) {
                return wrong(format!("{path}.most"), format!("is not from 1 to {LARGEST_CAP}"));
            }
            if let Some(kind) = &cap.channel_kind {
                check_kind(format!("{path}.channel_kind"), kind)?;
            }
            if let Some(topic) = &cap.topic {
                check_topic(topic).or_else(|text| wrong(format!("{path}.topic"), text))?;
            }
            if !scopes.insert((&cap.channel_kind, &cap.topic, cap.per)) {
                return wrong(path, "is for the same kind, topic and period as one before it".to_owned());
            }
        }
        if let Some(quiet) = &self.quiet_hours {
            Hours::daily(quiet.from, quiet.to).check("policy.quiet_hours")?;
        }
        if self.windows.len() > MOST_WINDOWS {
            return wrong("policy.windows".to_owned(), format!("has more than {MOST_WINDOWS} kinds"));
        }
        for (kind, windows) in &self.windows {
            let path = format!("policy.windows.{kind}");
            check_kind(path.clone(), kind)?;
            if windows.open.is_empty() || windows.open.len() > MOST_HOURS {
                return wrong(format!("{path}.open"), format!("has from 1 to {MOST_HOURS} elements"));
            }
            for (nth, hours) in windows.open.iter().enumerate() {
                hours.check(&format!("{path}.open[{nth}]"))?;
            }
        }
        self.check_hours(kinds)
    }

    /// Refuses hours that leave no time at all. Where two clocks are looked at, any zone may be the member's.
    fn check_hours(&self, kinds: &[&str]) -> Result<(), Problem> {
        let clocks = Clocks { member: TimeZone::UTC, workspace: TimeZone::UTC };
        let start = Time::from_millis(1_767_571_200_000);
        for kind in kinds.iter().filter(|_| self.quiet_hours.is_some()) {
            if self.closed(kind, &clocks, start).is_some() && self.next_open(kind, &clocks, start).is_none() {
                let path = match self.windows.contains_key(*kind) {
                    true => format!("policy.windows.{kind}"),
                    false => "policy.quiet_hours".to_owned(),
                };
                return Err(Problem::at(Code::InvalidBody, path, "leaves no hour in which anything could be sent"));
            }
        }
        Ok(())
    }

    /// Why a message of this kind has to wait for another hour: which hours, and what becomes of it.
    pub(crate) fn closed(&self, kind: &str, clocks: &Clocks, at: Time) -> Option<(Closed, Then)> {
        if let Some(quiet) = &self.quiet_hours
            && hours::shows(clocks.of(quiet.zone), at, &[Hours::daily(quiet.from, quiet.to)])
        {
            return Some((Closed::QuietHours, quiet.then));
        }
        let windows = self.windows.get(kind)?;
        let is_open = hours::shows(clocks.of(windows.zone), at, &windows.open);
        (!is_open).then_some((Closed::OutsideWindow, windows.then))
    }

    /// The first moment after `now` at which a message of this kind may go, as far as hours decide.
    pub(crate) fn next_open(&self, kind: &str, clocks: &Clocks, now: Time) -> Option<Time> {
        let quiet: Vec<Hours> = self.quiet_hours.iter().map(|quiet| Hours::daily(quiet.from, quiet.to)).collect();
        let mut limits: Vec<(&TimeZone, &[Hours])> = Vec::new();
        if let Some(hours) = &self.quiet_hours {
            limits.push((clocks.of(hours.zone), &quiet));
        }
        if let Some(windows) = self.windows.get(kind) {
            limits.push((clocks.of(windows.zone), &windows.open));
        }
        hours::next_open(now, &limits, |at| self.closed(kind, clocks, at).is_none())
    }

    /// Whether it can keep any message waiting.
    pub(crate) fn restrains(&self) -> bool {
        !self.caps.is_empty() || self.quiet_hours.is_some() || !self.windows.is_empty()
    }
}

/// Which hours keep a message waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// Quiet ones.
    QuietHours,
    /// Those outside of the windows of its kind.
    OutsideWindow,
}

fn check_topic(topic: &str) -> Result<(), String> {
    match topic {
        people::consent::TRANSACTIONAL => Err("is never capped".to_owned()),
        _ if topic.is_empty() || topic.len() > LONGEST_WORD || topic.contains('\0') => {
            Err(format!("has 1 to {LONGEST_WORD} bytes"))
        }
        _ => Ok(()),
    }
}

/// The policy of a workspace with what its application needs.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// What was decided.
    pub policy: Policy,
    /// How often it was changed.
    pub revision: i64,
    /// When it was last changed: what was queued until then is never dropped by it.
    pub changed_at: Time,
    /// By whom.
    pub changed_by: String,
    /// How far looking again at what it keeps waiting has come after that; `None` when it is done.
    pub wake_from: Option<i64>,
    /// Where the workspace is.
    pub zone: TimeZone,
}

impl Rules {
    /// When a message is not sent any more, and the reason that it gets then.
    pub(crate) fn deadline(
        &self,
        queued_at: Time,
        expires_at: Option<Time>,
        stale_after: std::time::Duration,
    ) -> (Time, &'static str) {
        match (expires_at, &self.policy.expire_after) {
            (Some(at), _) => (at, "expired"),
            (None, Some(period)) => (period.after(queued_at, &self.zone), "expired"),
            (None, None) => (queued_at.plus(stale_after + std::time::Duration::from_millis(1)), "stale"),
        }
    }
}

#[derive(FromQueryResult)]
struct RulesRow {
    id: i64,
    time_zone: String,
    revision: i64,
    policy_json: Option<String>,
    updated_at: i64,
    updated_by: String,
    wake_from: Option<i64>,
}

/// The rules of these workspaces, or of all.
pub(crate) async fn load_rules(
    db: &impl Sql,
    workspaces: Option<&[WorkspaceId]>,
) -> Result<HashMap<i64, Rules>, DbErr> {
    const SELECT: &str = "SELECT w.id, w.time_zone, COALESCE(p.revision, 0) AS revision, p.policy_json,
                            COALESCE(p.updated_at, 0) AS updated_at, COALESCE(p.updated_by, '') AS updated_by, p.wake_from";
    const JOINED: &str = "LEFT JOIN outbox_policies p ON p.workspace_id = w.id";
    let rows: Vec<RulesRow> = match workspaces {
        None => db.all(&format!("{SELECT} FROM workspaces w {JOINED}"), Vec::new()).await?,
        Some(workspaces) => {
            let mut keys: Vec<(i64,)> = workspaces.iter().map(|workspace| (workspace.0,)).collect();
            keys.sort_unstable();
            keys.dedup();
            let sql =
                format!("{SELECT} FROM {{rows}} JOIN workspaces w ON w.id = CAST(r.value->>0 AS BIGINT) {JOINED}");
            db.all_rows(&sql, &keys, Vec::new()).await?
        }
    };
    rows.into_iter()
        .map(|row| {
            let policy = match &row.policy_json {
                None => Policy::default(),
                Some(text) => serde_json::from_str(text)
                    .map_err(|error| DbErr::Custom(format!("the policy of {}: {error}", WorkspaceId(row.id))))?,
            };
            let rules = Rules {
                policy,
                revision: row.revision,
                changed_at: Time::from_millis(row.updated_at),
                changed_by: row.updated_by,
                wake_from: row.wake_from,
                zone: TimeZone::get(&row.time_zone).unwrap_or(TimeZone::UTC),
            };
            Ok((row.id, rules))
        })
        .collect()
}

/// Saves a policy over the one with `revision` (0 where there is none yet); false when that one is gone.
pub(crate) async fn save(
    tx: &Tx,
    workspace: WorkspaceId,
    policy: &Policy,
    revision: i64,
    (now, who): (Time, &str),
) -> Result<bool, DbErr> {
    // The last number that there is was never given to anybody.
    let Some(next) = revision.checked_add(1) else { return Ok(false) };
    let text = serde_json::to_string(policy).map_err(|error| DbErr::Custom(error.to_string()))?;
    let changed = tx
        .run(
            "INSERT INTO outbox_policies (workspace_id, revision, policy_json, updated_at, updated_by, wake_from)
             SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS BIGINT), CAST($5 AS TEXT), 0
             WHERE $2 = 1 OR EXISTS (SELECT 1 FROM outbox_policies WHERE workspace_id = $1)
             ON CONFLICT (workspace_id) DO UPDATE SET revision = excluded.revision, policy_json = excluded.policy_json,
               updated_at = excluded.updated_at, updated_by = excluded.updated_by, wake_from = 0
             WHERE outbox_policies.revision = excluded.revision - 1",
            vec![workspace.0.into(), next.into(), text.into(), now.millis().into(), who.into()],
        )
        .await?;
    Ok(changed == 1)
}

/// Rows that are looked at again in one transaction after a policy was changed.
const WAKES_AT_ONCE: i64 = 2_000;

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

/// After a change: lets some of what the policy kept waiting be looked at again.
pub(crate) async fn reconsider(db: &Db, rules: &HashMap<i64, Rules>, now: Time) -> Result<(), DbErr> {
    for (workspace, rules) in rules {
        let Some(from) = rules.wake_from else { continue };
        let tx = db.begin().await?;
        let rows: Vec<IdRow> = tx
            .all(
                "SELECT id FROM deliveries
                 WHERE workspace_id = $1 AND state = 'queued' AND waits_for IS NOT NULL AND id > $2 ORDER BY id LIMIT $3",
                vec![(*workspace).into(), from.into(), WAKES_AT_ONCE.into()],
            )
            .await?;
        let keys: Vec<(i64, i64)> = rows.iter().map(|row| (row.id, now.millis())).collect();
        tx.run_rows(
            "UPDATE deliveries SET next_attempt_at = x.now
             FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, CAST(r.value->>1 AS BIGINT) AS now FROM {rows}) AS x
             WHERE deliveries.id = x.id AND deliveries.state || '' = 'queued' AND deliveries.next_attempt_at > x.now",
            &keys,
        )
        .await?;
        let next = rows.last().filter(|_| rows.len() as i64 == WAKES_AT_ONCE).map(|row| row.id);
        tx.run(
            "UPDATE outbox_policies SET wake_from = $3 WHERE workspace_id = $1 AND revision = $2",
            vec![(*workspace).into(), rules.revision.into(), next.into()],
        )
        .await?;
        tx.commit().await?;
    }
    Ok(())
}
