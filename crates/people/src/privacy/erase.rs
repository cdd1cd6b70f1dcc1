//! Erasing a member from the state: an event of the pipeline that is alone in its batch and works in the database, as
//! a parting does, before anybody is loaded.
//!
//! The moment of an erasure is that at which its command arrived. What arrived until then and names him is his, and
//! brings nobody back however late it is met (`gone.rs`); what arrives later makes a new stranger.

use std::sync::Arc;

use base::{
    Event, EventKind, IdSource, Time,
    ids::{ErasureId, IdentityId, JobId, MemberId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::json;
use store::{
    Sql, Tx,
    jobs::{self, NewJob},
};

use super::{Counts, HisIdentity, MemberSection, Subject, job, marks::Marks, withheld};
use crate::members::current;

/// The command that erases a member: `{"erasure": "ers_…", "reason": "…"}`.
pub const MEMBER_ERASED: &str = "Member Erased";

/// Carries out erasures: who keeps what, and the key of the marks.
pub struct Eraser {
    /// The list of all who keep something about members.
    pub sections: Vec<Arc<dyn MemberSection>>,
    /// Makes the marks of the erased.
    pub marks: Marks,
}

/// Whether an event erases somebody, and therefore has a batch of its own.
pub(crate) fn erases(event: &Event) -> bool {
    event.kind == EventKind::Command && event.name == MEMBER_ERASED
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

#[derive(FromQueryResult)]
struct IdentityRow {
    id: i64,
    kind: String,
    value: String,
}

impl Eraser {
    /// Carries out an event for which [`erases`] holds; gives the members who are gone by it. Done once: a second
    /// command for the same erasure finds nothing to do.
    pub(crate) async fn carry_out(&self, tx: &Tx, ids: &IdSource, event: &Event) -> Result<Vec<MemberId>, DbErr> {
        let properties = event.properties_value();
        let text = |name: &str| properties.get(name).and_then(serde_json::Value::as_str);
        let (Some(erasure), Some(member)) = (text("erasure").and_then(|id| id.parse().ok()), event.member) else {
            return Ok(Vec::new());
        };
        let request = Request {
            erasure,
            workspace: event.workspace,
            member,
            reason: text("reason").unwrap_or_default().to_owned(),
            requested_by: event.source.clone(),
            at: event.received_at,
        };
        if !request.note(tx).await? {
            return Ok(Vec::new());
        }
        let subject = subject_of(tx, ids, &request).await?;
        self.erase(tx, ids, &subject).await?;
        Ok(subject.members)
    }

    /// Erases the state of a subject whose erasure is noted, and leaves the rest to the job.
    pub(super) async fn erase(&self, tx: &Tx, ids: &IdSource, subject: &Subject) -> Result<(), DbErr> {
        let counts = self.erase_sections(tx, ids, subject).await?;
        let marks = self.marks_of(subject);
        note_marks(tx, subject.workspace, subject.erasure, subject.at, &marks).await?;
        tx.run(
            "UPDATE erasures SET state = 'erased', erased_at = $2, marks_json = $3, subject_json = $4, counts_json = $5
             WHERE id = $1",
            vec![
                subject.erasure.0.into(),
                subject.at.millis().into(),
                json!(marks).to_string().into(),
                json!(subject).to_string().into(),
                json!(counts).to_string().into(),
            ],
        )
        .await?;
        enqueue(tx, ids, subject.workspace, Some(subject.erasure), subject.at).await?;
        Ok(())
    }

    /// Has every section erase what it keeps. Which of his addresses get nothing is first noted without them.
    pub(super) async fn erase_sections(&self, tx: &Tx, ids: &IdSource, subject: &Subject) -> Result<Counts, DbErr> {
        let mut counts = Counts::default();
        let kept = withheld::keep(tx, &self.marks, subject).await?;
        if kept > 0 {
            counts.blank(withheld::TABLE, kept);
        }
        for section in &self.sections {
            counts.add(section.erase(tx, ids, subject).await?);
        }
        Ok(counts)
    }

    /// The marks by which the erased is known again. `nobody` is among them: what is still told of his messages is
    /// about no one.
    fn marks_of(&self, subject: &Subject) -> Vec<String> {
        let identities = subject.identities.iter();
        let identities = identities.map(|one| self.marks.of_identity(subject.workspace, &one.kind, &one.value));
        let members = subject.members.iter().chain([&subject.nobody]).map(|member| self.marks.of_member(*member));
        identities.chain(members).collect()
    }
}

/// Who asked for which erasure.
pub(super) struct Request {
    pub(super) erasure: ErasureId,
    pub(super) workspace: WorkspaceId,
    pub(super) member: MemberId,
    pub(super) reason: String,
    pub(super) requested_by: String,
    pub(super) at: Time,
}

impl Request {
    /// Makes sure that the erasure is noted; false when it has been carried out.
    pub(super) async fn note(&self, tx: &Tx) -> Result<bool, DbErr> {
        self.insert(tx).await?;
        let state: Option<String> =
            tx.scalar("SELECT state FROM erasures WHERE id = $1", vec![self.erasure.0.into()]).await?;
        Ok(state.as_deref() == Some("requested"))
    }

    /// Notes that somebody asked for it.
    pub(super) async fn insert(&self, tx: &Tx) -> Result<(), DbErr> {
        tx.run(
            "INSERT INTO erasures (id, workspace_id, member_id, state, reason, requested_by, requested_at)
             VALUES ($1, $2, $3, 'requested', $4, $5, $6) ON CONFLICT (id) DO NOTHING",
            vec![
                self.erasure.0.into(),
                self.workspace.0.into(),
                self.member.0.into(),
                self.reason.as_str().into(),
                self.requested_by.as_str().into(),
                self.at.millis().into(),
            ],
        )
        .await?;
        Ok(())
    }
}

/// The member with all who were merged into him; nobody when he is not there any more.
async fn subject_of(tx: &Tx, ids: &IdSource, request: &Request) -> Result<Subject, DbErr> {
    let member = current(tx, request.member).await?;
    let members: Vec<IdRow> = tx
        .all(
            "SELECT id FROM members WHERE workspace_id = $1 AND (id = $2 OR merged_into = $2) ORDER BY id",
            vec![request.workspace.0.into(), member.0.into()],
        )
        .await?;
    let members: Vec<MemberId> = members.into_iter().map(|row| MemberId(row.id)).collect();
    Ok(Subject {
        erasure: request.erasure,
        workspace: request.workspace,
        identities: identities_of(tx, &members).await?,
        members,
        partly: Vec::new(),
        nobody: ids.next(MemberId),
        at: request.at,
    })
}

/// The identities that these members have now.
pub(super) async fn identities_of(tx: &Tx, members: &[MemberId]) -> Result<Vec<HisIdentity>, DbErr> {
    let keys: Vec<(i64,)> = members.iter().map(|id| (id.0,)).collect();
    let rows: Vec<IdentityRow> = tx
        .all_rows(
            "SELECT i.id, i.kind, i.value FROM {rows} JOIN identities i ON i.member_id = CAST(r.value->>0 AS BIGINT)",
            &keys,
            Vec::new(),
        )
        .await?;
    let identity = |row: IdentityRow| HisIdentity { id: IdentityId(row.id), kind: row.kind, value: row.value };
    Ok(rows.into_iter().map(identity).collect())
}

/// Remembers marks; of two erasures of one identity the later counts.
pub(super) async fn note_marks(
    tx: &Tx,
    workspace: WorkspaceId,
    erasure: ErasureId,
    at: Time,
    marks: &[String],
) -> Result<(), DbErr> {
    let rows: Vec<(i64, &str, i64, i64)> =
        marks.iter().map(|mark| (workspace.0, mark.as_str(), at.millis(), erasure.0)).collect();
    tx.run_rows(
        "INSERT INTO erased (workspace_id, mark, erased_at, erasure_id)
         SELECT CAST(r.value->>0 AS BIGINT), r.value->>1, CAST(r.value->>2 AS BIGINT), CAST(r.value->>3 AS BIGINT)
         FROM {rows} WHERE true
         ON CONFLICT (workspace_id, mark) DO UPDATE SET erased_at = excluded.erased_at, erasure_id = excluded.erasure_id
         WHERE erased.erased_at < excluded.erased_at",
        &rows,
    )
    .await?;
    Ok(())
}

/// Asks the job to go through log and texts; with no erasure, for records that were late.
pub(super) async fn enqueue(
    tx: &Tx,
    ids: &IdSource,
    workspace: WorkspaceId,
    erasure: Option<ErasureId>,
    now: Time,
) -> Result<Option<JobId>, DbErr> {
    let work = NewJob {
        workspace,
        kind: job::KIND,
        payload: json!({"erasure": erasure}),
        // A job that runs already has begun without the records that were late.
        unique_key: erasure.map(|erasure| format!("{}/{erasure}", job::KIND)),
        created_by: "pipeline",
    };
    jobs::enqueue(tx, ids, now, work).await
}
