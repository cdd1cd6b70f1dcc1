//! Erasing again after a restore, before the restored house serves: a backup from before an erasure holds the erased,
//! and the register knows them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use base::{
    IdSource,
    ids::{IdentityId, MemberId, WorkspaceId},
};
use log::EventLog;
use sea_orm::FromQueryResult;
use store::{Db, Sql, Tx};

use super::{
    Entry, Eraser, HisIdentity, Subject,
    erase::{Request, identities_of, note_marks},
    job::{Wanted, sweep},
};
use crate::identity::{Homes, load_homes};

const IDENTITIES_AT_ONCE: i64 = 10_000;

/// What was erased again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reapplied {
    /// Erasures of which something was found in the state.
    pub erasures: usize,
    /// Members that were gone and had come back.
    pub members: usize,
    /// Records of the log.
    pub records: u64,
}

#[derive(FromQueryResult)]
struct IdentityRow {
    id: i64,
    workspace_id: i64,
    kind: String,
    value: String,
    member_id: i64,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

#[derive(FromQueryResult)]
struct MemberRow {
    id: i64,
    workspace_id: i64,
    merged_into: Option<i64>,
}

/// Erases in a restored database and log all whom the register names. The certificate is left to the job, in the
/// running house.
pub async fn reapply(
    db: &Db,
    log: &dyn EventLog,
    eraser: &Eraser,
    ids: &IdSource,
    entries: &[Entry],
) -> anyhow::Result<Reapplied> {
    let tx = db.begin().await?;
    let done: Vec<IdRow> = tx.all("SELECT id FROM erasures WHERE state <> 'requested'", Vec::new()).await?;
    let done: HashSet<i64> = done.into_iter().map(|row| row.id).collect();
    // What the copy says to have been erased is not in it. Who has come back since then is a new member.
    let open: Vec<&Entry> = entries.iter().filter(|entry| !done.contains(&entry.erasure.0)).collect();
    let found = find(&tx, eraser, &open).await?;
    let mut outcome = Reapplied::default();
    for entry in &open {
        let (subject, members) = found.subject(&tx, ids, entry).await?;
        let request = Request {
            erasure: entry.erasure,
            workspace: entry.workspace,
            member: subject.members.first().copied().unwrap_or(subject.nobody),
            reason: "erased again after a restore".to_owned(),
            requested_by: "restore".to_owned(),
            at: entry.at,
        };
        request.insert(&tx).await?;
        eraser.erase(&tx, ids, &subject).await?;
        outcome.erasures += usize::from(members > 0);
        outcome.members += members;
    }
    for entry in entries {
        note_marks(&tx, entry.workspace, entry.erasure, entry.at, &entry.marks).await?;
    }
    tx.commit().await?;
    for entry in &open {
        sweep(db, ids, eraser, entry.erasure).await?;
    }
    outcome.records = erase_from_log(log, (eraser, load_homes(db.read()).await?), entries).await?;
    db.compact().await?;
    Ok(outcome)
}

async fn erase_from_log(
    log: &dyn EventLog,
    (eraser, homes): (&Eraser, Homes),
    entries: &[Entry],
) -> anyhow::Result<u64> {
    let mut wanted = Wanted::default();
    for entry in entries {
        wanted.add(entry.workspace, entry.erasure.0, entry.at, entry.marks.clone());
    }
    let is_concerned = wanted.concern_test((eraser.marks.clone(), homes), Arc::default());
    let mut records = 0;
    for partition in 0..log.partitions() {
        let range = log.range(partition);
        let mut next = range.start;
        while next < range.end {
            let step = log.erase(partition, next, range.end, is_concerned.clone()).await?;
            records += step.records;
            next = step.next;
        }
    }
    Ok(records)
}

/// Whom the marks of each erasure mean in this database.
#[derive(Default)]
struct Found {
    identities: HashMap<i64, Vec<(HisIdentity, MemberId)>>,
    members: HashMap<i64, BTreeSet<MemberId>>,
}

/// Reads through all identities and members once.
async fn find(tx: &Tx, eraser: &Eraser, open: &[&Entry]) -> anyhow::Result<Found> {
    let mut found = Found::default();
    if open.is_empty() {
        return Ok(found);
    }
    let mut by_mark: HashMap<(WorkspaceId, &str), i64> = HashMap::new();
    for entry in open {
        by_mark.extend(entry.marks.iter().map(|mark| ((entry.workspace, mark.as_str()), entry.erasure.0)));
    }
    let mut after = i64::MIN;
    loop {
        let rows: Vec<IdentityRow> = tx
            .all(
                "SELECT id, workspace_id, kind, value, member_id FROM identities WHERE id > $1 ORDER BY id LIMIT $2",
                vec![after.into(), IDENTITIES_AT_ONCE.into()],
            )
            .await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        for row in rows {
            let workspace = WorkspaceId(row.workspace_id);
            let mark = eraser.marks.of_identity(workspace, &row.kind, &row.value);
            let Some(erasure) = by_mark.get(&(workspace, mark.as_str())) else { continue };
            let identity = HisIdentity { id: IdentityId(row.id), kind: row.kind, value: row.value };
            found.identities.entry(*erasure).or_default().push((identity, MemberId(row.member_id)));
        }
    }
    let mut after = i64::MIN;
    loop {
        let rows: Vec<MemberRow> = tx
            .all(
                "SELECT id, workspace_id, merged_into FROM members WHERE id > $1 ORDER BY id LIMIT $2",
                vec![after.into(), IDENTITIES_AT_ONCE.into()],
            )
            .await?;
        let Some(last) = rows.last() else { return Ok(found) };
        after = last.id;
        for row in rows {
            let mark = eraser.marks.of_member(MemberId(row.id));
            let Some(erasure) = by_mark.get(&(WorkspaceId(row.workspace_id), mark.as_str())) else { continue };
            let of_erasure = found.members.entry(*erasure).or_default();
            of_erasure.insert(MemberId(row.id));
            of_erasure.extend(row.merged_into.map(MemberId));
        }
    }
}

impl Found {
    /// Members all of whose identities are meant are erased whole, with those who were merged into them. Of the others
    /// only the identities that are meant.
    async fn subject(&self, tx: &Tx, ids: &IdSource, entry: &Entry) -> anyhow::Result<(Subject, usize)> {
        let meant = self.identities.get(&entry.erasure.0).cloned().unwrap_or_default();
        let mut owners: BTreeMap<MemberId, usize> = BTreeMap::new();
        for (_, owner) in &meant {
            *owners.entry(*owner).or_default() += 1;
        }
        for member in self.members.get(&entry.erasure.0).into_iter().flatten() {
            owners.entry(*member).or_default();
        }
        let mut subject = Subject {
            erasure: entry.erasure,
            workspace: entry.workspace,
            members: Vec::new(),
            identities: meant.into_iter().map(|(identity, _)| identity).collect(),
            partly: Vec::new(),
            nobody: ids.next(MemberId),
            at: entry.at,
        };
        let count = owners.len();
        for (owner, meant) in owners {
            let all = identities_of(tx, &[owner]).await?;
            match all.len() > meant {
                true => subject.partly.push(owner),
                false => {
                    let with: Vec<IdRow> = tx
                        .all("SELECT id FROM members WHERE id = $1 OR merged_into = $1", vec![owner.0.into()])
                        .await?;
                    subject.members.extend(with.into_iter().map(|row| MemberId(row.id)));
                }
            }
        }
        subject.members.sort_unstable();
        subject.members.dedup();
        Ok((subject, count))
    }
}
