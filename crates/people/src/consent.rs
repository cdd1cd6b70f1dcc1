//! Consent: who may be written to, on which kind of channel, about what.
//!
//! A decision belongs to the identity that made it and follows that identity through merges. For
//! one member and topic the latest decision of any of his identities counts; of two at the same
//! moment, the withdrawal. The topic `*` speaks of everything: a withdrawal there covers all
//! topics, until a later grant of one topic takes that topic out of it. What was merely claimed, in a
//! page (`consent/stage.rs`), counts only where nobody decided at all, and not at all about a topic that asks for
//! confirmation (double opt-in, `consent/topics.rs`). Suppressed addresses are refused whatever the consent says. Neither is forgotten when whoever had the address is erased
//! (`privacy/withheld.rs`).

pub mod pauses;
mod routes;
mod stage;
pub mod topics;

use std::collections::{HashMap, HashSet};

use base::{
    IdSource, Time,
    ids::{IdentityId, MemberId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use store::{Sql, Tx};

use crate::{identity, privacy::Marks};

pub use routes::{ConsentChange, ConsentItem, ConsentState, routes};
pub use stage::{CONSENT_GIVEN, CONSENT_WITHDRAWN, ConsentStage, about, asks_to_confirm};

/// The topic that stands for all topics.
pub const ALL_TOPICS: &str = "*";

/// The topic of messages that a member caused himself (a receipt, a password link): they need no
/// consent and carry no unsubscribe link.
pub const TRANSACTIONAL: &str = "transactional";

/// Most bytes of a kind of channel and of a topic.
const MAX_NAME_BYTES: usize = 100;
/// Most bytes of a proof.
const MAX_PROOF_BYTES: usize = 10_000;

/// One message that is about to go out.
#[derive(Clone, Debug)]
pub struct Check {
    /// Whose data this is.
    pub workspace: WorkspaceId,
    /// To whom; may have been absorbed by another member in the meantime.
    pub member: MemberId,
    /// `email`, `webhook` …
    pub channel_kind: String,
    /// What the message is about.
    pub topic: String,
    /// Where it goes.
    pub address: String,
    /// Whether silence counts as a refusal.
    pub requires_consent: bool,
}

/// Who decided.
#[derive(Clone, Debug)]
pub enum Who {
    /// This identity.
    Identity(IdentityId),
    /// The member: his identity with this address if he has one, else his strongest one.
    Member {
        /// The member, who may have been absorbed by another one.
        member: MemberId,
        /// The address at which the decision was made.
        address: Option<String>,
    },
}

/// A consent that is given or withdrawn.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Whose data this is.
    pub workspace: WorkspaceId,
    /// Who decided.
    pub who: Who,
    /// `email`, `webhook` …
    pub channel_kind: String,
    /// About what, or [`ALL_TOPICS`].
    pub topic: String,
    /// Given or withdrawn.
    pub granted: bool,
    /// When.
    pub at: Time,
    /// Where it was made: `unsubscribe_link`, `operator:…`, `import:…`.
    pub source: String,
    /// What proves it.
    pub proof: serde_json::Value,
}

/// What became of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It is in force and something else was before.
    Changed,
    /// It is in force, as it was before, or an even later decision stands.
    Unchanged,
    /// The member has no identity to which it could be attached.
    Nobody,
}

#[derive(FromQueryResult)]
struct NthRow {
    nth: i64,
}

#[derive(FromQueryResult)]
struct DecisionRow {
    nth: i64,
    topic: String,
    granted: i64,
    decided_at: i64,
    claimed: i64,
}

/// The address as suppressions and identities keep it.
pub fn normal_address(channel_kind: &str, address: &str) -> String {
    identity::normalise(channel_kind, address).unwrap_or_else(|| address.trim().to_owned())
}

/// For each check the reason why the message must not go out: `suppressed_address`,
/// `consent_withdrawn`, `no_consent`, `not_confirmed` (the member agreed and has not confirmed it where that is
/// asked for), or `None`.
/// `marks` are those of the addresses of the erased, which get no more than they did before.
pub async fn refusals(db: &impl Sql, marks: &Marks, checks: &[Check]) -> Result<Vec<Option<&'static str>>, DbErr> {
    let rows = check_rows(checks, Some(marks));
    let suppressed: Vec<NthRow> = db
        .all_rows(
            "SELECT CAST(r.value->>0 AS BIGINT) AS nth FROM {rows}
             JOIN suppressions s ON s.workspace_id = CAST(r.value->>1 AS BIGINT)
               AND s.channel_kind = r.value->>3 AND s.address = r.value->>5
             UNION ALL
             SELECT CAST(r.value->>0 AS BIGINT) FROM {rows}
             JOIN withheld w ON w.workspace_id = CAST(r.value->>1 AS BIGINT) AND w.mark = r.value->>6 AND w.topic = ''",
            &rows,
            Vec::new(),
        )
        .await?;
    let to_confirm: HashSet<usize> = to_confirm(db, &rows).await?;
    let verdicts = verdicts(db, &rows, checks).await?;
    let mut refusals: Vec<Option<&'static str>> = checks
        .iter()
        .zip(verdicts)
        .enumerate()
        .map(|(nth, (check, verdict))| match verdict {
            _ if check.topic == TRANSACTIONAL => None,
            Verdict::Withdrawn => Some("consent_withdrawn"),
            Verdict::Claimed if to_confirm.contains(&nth) => Some("not_confirmed"),
            Verdict::Undecided if check.requires_consent || to_confirm.contains(&nth) => Some("no_consent"),
            _ => None,
        })
        .collect();
    for row in suppressed {
        if let Some(refusal) = refusals.get_mut(row.nth as usize) {
            *refusal = Some("suppressed_address");
        }
    }
    Ok(refusals)
}

/// The checks of topics about which only a confirmed consent counts.
async fn to_confirm(db: &impl Sql, rows: &[CheckRow<'_>]) -> Result<HashSet<usize>, DbErr> {
    let found: Vec<NthRow> = db
        .all_rows(
            "SELECT CAST(r.value->>0 AS BIGINT) AS nth FROM {rows}
             JOIN topics t ON t.workspace_id = CAST(r.value->>1 AS BIGINT) AND t.topic = r.value->>4
             WHERE t.double_opt_in = 1",
            rows,
            Vec::new(),
        )
        .await?;
    Ok(found.into_iter().map(|row| row.nth as usize).collect())
}

/// Place, workspace, member, kind of channel, topic, address, the mark of the address.
type CheckRow<'a> = (usize, i64, i64, &'a str, &'a str, String, String);

/// Without `marks`, nothing is found of what those who were erased had decided.
fn check_rows<'a>(checks: &'a [Check], marks: Option<&Marks>) -> Vec<CheckRow<'a>> {
    checks
        .iter()
        .enumerate()
        .map(|(nth, check)| {
            let (kind, topic) = (check.channel_kind.as_str(), check.topic.as_str());
            let address = normal_address(kind, &check.address);
            let mark = marks.map(|marks| marks.of_address(check.workspace, kind, &address)).unwrap_or_default();
            (nth, check.workspace.0, check.member.0, kind, topic, address, mark)
        })
        .collect()
}

/// What is in force about one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody ever decided.
    Undecided,
    /// Somebody said in the member's name that he agrees.
    Claimed,
    /// The member agreed.
    Granted,
    /// The member refused.
    Withdrawn,
}

/// What is in force for each check.
pub async fn in_force(db: &impl Sql, checks: &[Check]) -> Result<Vec<Verdict>, DbErr> {
    verdicts(db, &check_rows(checks, None), checks).await
}

/// The decision in force for each check. A withdrawal by somebody who had the address
/// and was erased counts as one of the member's own, so a later grant of his goes before it.
async fn verdicts(db: &impl Sql, rows: &[CheckRow<'_>], checks: &[Check]) -> Result<Vec<Verdict>, DbErr> {
    // Who is meant may have been absorbed; the way leads to the member who has his identities now.
    let found: Vec<DecisionRow> = db
        .all_rows(
            "WITH RECURSIVE way (nth, workspace_id, member_id, channel_kind, topic) AS (
               SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT),
                      CAST(r.value->>3 AS TEXT), CAST(r.value->>4 AS TEXT) FROM {rows}
               UNION
               SELECT w.nth, w.workspace_id, m.merged_into, w.channel_kind, w.topic
               FROM way w JOIN members m ON m.id = w.member_id WHERE m.merged_into IS NOT NULL)
             SELECT w.nth, c.topic, c.granted, c.decided_at, c.claimed
             FROM way w
             JOIN identities i ON i.member_id = w.member_id AND i.workspace_id = w.workspace_id
             JOIN consents c ON c.identity_id = i.id AND c.channel_kind = w.channel_kind AND c.topic IN (w.topic, '*')
             UNION ALL
             SELECT CAST(r.value->>0 AS BIGINT), c.topic, c.granted, c.decided_at, c.claimed
             FROM {rows}
             JOIN identities i ON i.workspace_id = CAST(r.value->>1 AS BIGINT)
               AND i.kind = r.value->>3 AND i.value = r.value->>5
             JOIN consents c ON c.identity_id = i.id AND c.channel_kind = r.value->>3
               AND c.topic IN (r.value->>4, '*')
             UNION ALL
             SELECT CAST(r.value->>0 AS BIGINT), h.topic, CAST(0 AS BIGINT), h.since, CAST(0 AS BIGINT)
             FROM {rows}
             JOIN withheld h ON h.workspace_id = CAST(r.value->>1 AS BIGINT) AND h.mark = r.value->>6
               AND h.topic <> '' AND h.topic IN (r.value->>4, '*')",
            rows,
            Vec::new(),
        )
        .await?;
    let mut by_check: HashMap<i64, Vec<DecisionRow>> = HashMap::new();
    for row in found {
        by_check.entry(row.nth).or_default().push(row);
    }
    Ok(checks
        .iter()
        .enumerate()
        .map(|(nth, check)| by_check.get(&(nth as i64)).map_or(Verdict::Undecided, |rows| verdict(rows, &check.topic)))
        .collect())
}

fn verdict(rows: &[DecisionRow], topic: &str) -> Verdict {
    match decided(rows, topic) {
        Some(true) => Verdict::Granted,
        Some(false) => Verdict::Withdrawn,
        None if rows.iter().any(|row| row.claimed != 0) => Verdict::Claimed,
        None => Verdict::Undecided,
    }
}

/// The same without what was merely claimed.
fn decided(rows: &[DecisionRow], topic: &str) -> Option<bool> {
    let latest = |wanted: &str| {
        rows.iter()
            .filter(|row| row.topic == wanted && row.claimed == 0)
            .map(|row| (row.decided_at, row.granted == 0))
            .max()
            .map(|(at, withdrawn)| (at, !withdrawn))
    };
    match (latest(topic), latest(ALL_TOPICS)) {
        (Some((_, false)), _) => Some(false),
        (Some((decided_at, true)), Some((all_at, false))) => Some(all_at < decided_at),
        (Some((_, true)), _) => Some(true),
        (None, all) => all.map(|(_, granted)| granted),
    }
}

/// Records a decision. A later one that is there already stays in force; in the history each stands as it was made.
pub async fn decide(tx: &Tx, ids: &IdSource, decision: &Decision) -> Result<Decided, DbErr> {
    let Some((identity, member)) = identity_of(tx, decision).await? else { return Ok(Decided::Nobody) };
    let check = Check {
        workspace: decision.workspace,
        member: MemberId(member),
        channel_kind: decision.channel_kind.clone(),
        topic: decision.topic.clone(),
        address: String::new(),
        requires_consent: false,
    };
    let checks = [check];
    let rows = check_rows(&checks, None);
    let before = verdicts(tx, &rows, &checks).await?;
    tx.run(
        "INSERT INTO consents (identity_id, channel_kind, topic, workspace_id, granted, decided_at, source, proof_json)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (identity_id, channel_kind, topic) DO UPDATE SET granted = excluded.granted,
           decided_at = excluded.decided_at, source = excluded.source, proof_json = excluded.proof_json, claimed = 0
         WHERE consents.claimed = 1 OR consents.decided_at <= excluded.decided_at",
        vec![
            identity.into(),
            decision.channel_kind.as_str().into(),
            decision.topic.as_str().into(),
            decision.workspace.0.into(),
            i64::from(decision.granted).into(),
            decision.at.millis().into(),
            decision.source.as_str().into(),
            decision.proof.to_string().into(),
        ],
    )
    .await?;
    tx.run(
        "INSERT INTO consent_changes (id, identity_id, workspace_id, channel_kind, topic, granted, decided_at, source,
                                      proof_json)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        vec![
            ids.next_number().into(),
            identity.into(),
            decision.workspace.0.into(),
            decision.channel_kind.as_str().into(),
            decision.topic.as_str().into(),
            i64::from(decision.granted).into(),
            decision.at.millis().into(),
            decision.source.as_str().into(),
            decision.proof.to_string().into(),
        ],
    )
    .await?;
    let after = verdicts(tx, &rows, &checks).await?;
    Ok(if before == after { Decided::Unchanged } else { Decided::Changed })
}

#[derive(FromQueryResult)]
struct OwnerRow {
    id: i64,
    kind: String,
    value: String,
    member_id: i64,
}

/// The identity that decides, and the member who has it now.
async fn identity_of(tx: &Tx, decision: &Decision) -> Result<Option<(i64, i64)>, DbErr> {
    let workspace = decision.workspace.0;
    let (member, address) = match &decision.who {
        Who::Identity(id) => {
            let row: Option<OwnerRow> = tx
                .one(
                    "SELECT id, kind, value, member_id FROM identities WHERE workspace_id = $1 AND id = $2",
                    vec![workspace.into(), id.0.into()],
                )
                .await?;
            return Ok(row.map(|row| (row.id, row.member_id)));
        }
        Who::Member { member, address } => (member, address),
    };
    let address = address.as_deref().map(|text| normal_address(&decision.channel_kind, text)).unwrap_or_default();
    let rows: Vec<OwnerRow> = tx
        .all(
            "WITH RECURSIVE way (member_id) AS (
               SELECT CAST($2 AS BIGINT)
               UNION
               SELECT m.merged_into FROM way w JOIN members m ON m.id = w.member_id WHERE m.merged_into IS NOT NULL)
             SELECT i.id, i.kind, i.value, i.member_id FROM identities i JOIN way w ON i.member_id = w.member_id
             WHERE i.workspace_id = $1
             UNION
             SELECT i.id, i.kind, i.value, i.member_id FROM identities i
             WHERE i.workspace_id = $1 AND i.kind = $3 AND i.value = $4",
            vec![workspace.into(), member.0.into(), decision.channel_kind.as_str().into(), address.as_str().into()],
        )
        .await?;
    let strongest = rows.iter().min_by_key(|row| {
        let is_address = row.kind == decision.channel_kind && row.value == address;
        (!is_address, std::cmp::Reverse(identity::priority(&row.kind)), row.id)
    });
    Ok(strongest.map(|row| (row.id, row.member_id)))
}

/// Whether a text can be the name of a kind of channel: 1 to 100 small letters, digits and `_`.
pub fn is_channel_kind(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    !name.is_empty() && name.len() <= MAX_NAME_BYTES && name.chars().all(is_plain)
}

/// Whether a text can be a topic: 1 to 100 bytes, none of them a control character, and no blanks around them.
pub fn is_topic(name: &str) -> bool {
    let is_bounded = !name.is_empty() && name.len() <= MAX_NAME_BYTES;
    is_bounded && name.trim().len() == name.len() && !name.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(topic: &str, granted: bool, decided_at: i64) -> DecisionRow {
        DecisionRow { nth: 0, topic: topic.to_owned(), granted: i64::from(granted), decided_at, claimed: 0 }
    }

    fn claim(topic: &str, decided_at: i64) -> DecisionRow {
        DecisionRow { claimed: 1, ..row(topic, true, decided_at) }
    }

    #[test]
    fn a_claim_counts_where_nobody_decided_and_changes_no_decision() {
        assert_eq!(verdict(&[claim("news", 9)], "news"), Verdict::Claimed);
        assert_eq!(verdict(&[claim("*", 9)], "news"), Verdict::Claimed);
        assert_eq!(verdict(&[claim("news", 9), row("news", false, 1)], "news"), Verdict::Withdrawn);
        assert_eq!(verdict(&[claim("news", 9), row("*", false, 1)], "news"), Verdict::Withdrawn);
        assert_eq!(verdict(&[claim("*", 9), row("news", false, 1)], "news"), Verdict::Withdrawn);
        assert_eq!(verdict(&[claim("news", 9), row("*", false, 1), row("news", true, 2)], "news"), Verdict::Granted);
    }

    #[test]
    fn the_latest_decision_of_any_identity_counts() {
        assert_eq!(verdict(&[row("news", false, 1), row("news", true, 2)], "news"), Verdict::Granted);
        assert_eq!(verdict(&[row("news", true, 1), row("news", false, 2)], "news"), Verdict::Withdrawn);
        assert_eq!(verdict(&[row("news", true, 1), row("news", false, 1)], "news"), Verdict::Withdrawn);
        assert_eq!(verdict(&[], "news"), Verdict::Undecided);
    }

    #[test]
    fn withdrawing_everything_covers_each_topic_until_one_is_granted_again() {
        assert_eq!(verdict(&[row("news", true, 1), row("*", false, 2)], "news"), Verdict::Withdrawn);
        assert_eq!(verdict(&[row("*", false, 2)], "news"), Verdict::Withdrawn);
        assert_eq!(verdict(&[row("*", false, 1), row("news", true, 2)], "news"), Verdict::Granted);
        assert_eq!(verdict(&[row("news", false, 1), row("*", true, 2)], "news"), Verdict::Withdrawn);
        assert_eq!(verdict(&[row("*", true, 2)], "news"), Verdict::Granted);
    }
}
