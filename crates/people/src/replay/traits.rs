//! What identities had said of their traits by a moment.

use std::collections::{BTreeMap, HashMap};

use base::{EventKind, Time, ids::WorkspaceId};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::Value;
use store::{Sql, Tx};

use crate::{
    members::{TraitFact, read_traits, write_traits},
    traits::{Manner, Saying, Told, TraitRule, load_book},
};

#[derive(FromQueryResult)]
struct ToldRow {
    identity_id: i64,
    happened_at: i64,
    source: String,
    properties_json: String,
    context_json: String,
}

/// The facts of identities, given with those of today, as they were at a moment: what their events had told by then, which
/// are in this copy, and in its place whatever stands today and is older than the moment. So what no event tells any more
/// is not lost, but for what was written over since.
pub(super) async fn as_of(
    copy: &Tx,
    workspace: WorkspaceId,
    identities: &[(i64, &str)],
    moment: Time,
) -> Result<HashMap<i64, String>, DbErr> {
    let keys: Vec<(i64,)> = identities.iter().map(|(id, _)| (*id,)).collect();
    let rows: Vec<ToldRow> = copy
        .all_rows(
            "SELECT e.identity_id, e.happened_at, e.source, e.properties_json, e.context_json
             FROM {rows} JOIN events e ON e.identity_id = CAST(r.value->>0 AS BIGINT)
               AND e.name_id = (SELECT n.id FROM event_names n WHERE n.workspace_id = $2 AND n.name = $3)
             WHERE e.kind = 'identify' ORDER BY e.id",
            &keys,
            vec![workspace.0.into(), EventKind::Identify.default_name().into()],
        )
        .await?;
    let (computed, rules) = load_book(copy, workspace).await?;
    let mut facts: HashMap<i64, BTreeMap<String, Option<TraitFact>>> = HashMap::new();
    for row in rows {
        let properties = serde_json::from_str(&row.properties_json).unwrap_or_default();
        let Some(told) = Told::read(properties, &row.context_json) else { continue };
        let known = facts.entry(row.identity_id).or_default();
        if told.clears {
            known.clear();
        }
        for one in told.traits.into_iter().filter(|one| !computed.contains_key(&one.name)) {
            let rule: TraitRule = rules.get(&one.name).copied().unwrap_or_default();
            let value: Option<Value> = match one.manner {
                Manner::By(_) => Some(one.value),
                _ => rule.value_type.read(&one.value),
            };
            let Some(value) = value else { continue };
            let (at, source) = (Time::from_millis(row.happened_at), row.source.clone());
            // What does not fit what is there has no effect, as when it was told.
            let _ = Saying { manner: one.manner, value, at, source }.add_to(known.entry(one.name).or_default(), rule);
        }
    }
    let as_it_was = |(id, today): &(i64, &str)| {
        let told = facts.remove(id).unwrap_or_default();
        let mut traits: BTreeMap<String, TraitFact> =
            told.into_iter().filter_map(|(name, fact)| Some((name, fact?))).collect();
        traits.extend(read_traits(today).into_iter().filter(|(_, fact)| fact.at < moment));
        (*id, write_traits(&traits))
    };
    Ok(identities.iter().map(as_it_was).collect())
}
