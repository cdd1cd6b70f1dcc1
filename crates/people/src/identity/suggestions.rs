//! Two members who may be one person, for an operator to decide.
//!
//! A suggestion is open until somebody accepts or dismisses it, or until a merge of another reason makes the two one: it is
//! obsolete then. When they are two again, what says that they may be one opens it again; but not against an operator
//! who dismissed it, or who has parted the two since. Of several about one pair the first is shown, unless that says no
//! more than that both gave one address.

use std::collections::{HashMap, hash_map::Entry};

use base::{
    IdSource, Time,
    ids::{MemberId, WorkspaceId},
};
use sea_orm::DbErr;
use serde_json::{Value, json};
use store::{Sql, Tx};

use crate::{members::WorkingSet, pipeline::MergeRow};

/// Both gave the same address, and nobody has verified it.
pub(super) const SAME_ADDRESS: &str = "same address";
/// One has verified the address that is the other's only by his word: it is perhaps not the other's at all.
pub(super) const VERIFIED_OF_A_CLAIM: &str = "verified address that the other only claims";

/// A row of the suggestions table.
#[derive(Clone, Debug)]
pub struct Suggestion {
    pub(crate) workspace: WorkspaceId,
    /// The older of the two, each as he first was; both may have been absorbed by others.
    pub(crate) one: MemberId,
    pub(crate) other: MemberId,
    pub(crate) reason: &'static str,
    /// The identity of each that says so: `{"member", "kind", "value", "verified"}`.
    pub(crate) identities: Value,
    /// The event that says so.
    pub(crate) message_id: String,
    pub(crate) source: String,
    pub(crate) at: Time,
    /// Whether an operator has parted them.
    pub(crate) are_kept_apart: bool,
}

type Row<'a> = (i64, i64, i64, i64, &'a str, String, i64);

/// Writes suggestions; of several about one pair the first that says more than that both gave one address.
pub(crate) async fn flush_suggestions(tx: &Tx, ids: &IdSource, suggestions: &[Suggestion]) -> Result<(), DbErr> {
    let (mut kept_apart, mut others): (Vec<Row<'_>>, Vec<Row<'_>>) = (Vec::new(), Vec::new());
    for s in first_of_each_pair(suggestions) {
        let evidence = json!({"message_id": s.message_id, "source": s.source, "identities": s.identities}).to_string();
        let row = (ids.next_number(), s.workspace.0, s.one.0, s.other.0, s.reason, evidence, s.at.millis());
        let rows = if s.are_kept_apart { &mut kept_apart } else { &mut others };
        rows.push(row);
    }
    insert(tx, &kept_apart, "DO NOTHING").await?;
    insert(
        tx,
        &others,
        &format!(
            "DO UPDATE SET state = 'open', reason = excluded.reason, evidence_json = excluded.evidence_json,
               suggested_at = excluded.suggested_at, decided_at = NULL, decided_by = NULL
             WHERE merge_suggestions.state IN ('accepted', 'obsolete')
                OR (merge_suggestions.state = 'open' AND merge_suggestions.reason = '{SAME_ADDRESS}'
                    AND excluded.reason <> '{SAME_ADDRESS}')"
        ),
    )
    .await
}

/// In the order of the pairs, what would stand there if each were written by itself.
fn first_of_each_pair(suggestions: &[Suggestion]) -> Vec<&Suggestion> {
    let mut chosen: Vec<&Suggestion> = Vec::new();
    let mut places = HashMap::new();
    for suggestion in suggestions {
        match places.entry((suggestion.workspace, suggestion.one, suggestion.other)) {
            Entry::Vacant(place) => {
                place.insert(chosen.len());
                chosen.push(suggestion);
            }
            Entry::Occupied(place) => {
                let first = &mut chosen[*place.get()];
                if first.reason == SAME_ADDRESS && suggestion.reason != SAME_ADDRESS && !suggestion.are_kept_apart {
                    *first = suggestion;
                }
            }
        }
    }
    chosen
}

async fn insert(tx: &Tx, rows: &[Row<'_>], on_conflict: &str) -> Result<(), DbErr> {
    tx.run_rows(
        &format!(
            "INSERT INTO merge_suggestions (id, workspace_id, one_id, other_id, reason, evidence_json, state, suggested_at)
             SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT),
                    CAST(r.value->>3 AS BIGINT), r.value->>4, r.value->>5, 'open', CAST(r.value->>6 AS BIGINT)
             FROM {{rows}} WHERE true ON CONFLICT (workspace_id, one_id, other_id) {on_conflict}"
        ),
        rows,
    )
    .await?;
    Ok(())
}

/// Closes what is open about members whom these merges, which are written, have made one.
pub(crate) async fn close_suggestions(tx: &Tx, people: &WorkingSet, merges: &[MergeRow]) -> Result<(), DbErr> {
    let rows: Vec<(i64, i64, i64)> =
        merges.iter().map(|merge| (merge.workspace.0, people.current(merge.kept).0, merge.at.millis())).collect();
    // Everybody for whom the one who remains stands now, and what is suggested of two of them.
    tx.run_rows(
        "UPDATE merge_suggestions SET state = 'obsolete', decided_at = x.at
         FROM (
           SELECT s.id, one.at FROM (
             SELECT CAST(r.value->>0 AS BIGINT) AS workspace_id, CAST(r.value->>1 AS BIGINT) AS kept,
                    CAST(r.value->>1 AS BIGINT) AS id, CAST(r.value->>2 AS BIGINT) AS at FROM {rows}
             UNION ALL
             SELECT m.workspace_id, m.merged_into, m.id, CAST(r.value->>2 AS BIGINT)
             FROM {rows} JOIN members m ON m.merged_into = CAST(r.value->>1 AS BIGINT)) AS one
           JOIN merge_suggestions s ON s.workspace_id = one.workspace_id AND s.one_id = one.id AND s.state = 'open'
           JOIN members other ON other.id = s.other_id
           WHERE COALESCE(other.merged_into, other.id) = one.kept) AS x
         WHERE merge_suggestions.id = x.id",
        &rows,
    )
    .await?;
    Ok(())
}
