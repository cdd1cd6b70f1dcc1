//! How often each way out of a step was taken, for the report.

use std::collections::BTreeMap;

use serde_json::Value;
use store::{DbErr, Sql, Tx};

use super::runs::TraceLine;

/// Counts the ways that these lines tell of, where a step has several of one kind.
pub(super) async fn flush(tx: &Tx, lines: &[TraceLine]) -> Result<(), DbErr> {
    let mut counts: BTreeMap<(i64, i64, &str, String), i64> = BTreeMap::new();
    for line in lines {
        let Some(way) = way(line.action, &line.detail) else { continue };
        *counts.entry((line.journey.0, line.version, line.step.as_str(), way)).or_default() += 1;
    }
    let rows: Vec<(i64, i64, &str, String, i64)> =
        counts.into_iter().map(|((journey, version, step, way), n)| (journey, version, step, way, n)).collect();
    tx.run_rows(
        "INSERT INTO journey_ways (journey_id, version, step, way, happened)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), r.value->>2, r.value->>3,
                CAST(r.value->>4 AS BIGINT) FROM {rows} WHERE true
         ON CONFLICT (journey_id, version, step, way)
         DO UPDATE SET happened = journey_ways.happened + excluded.happened",
        &rows,
    )
    .await?;
    Ok(())
}

/// The way of a line: `case 0` and `else` of a branch, `way 1` of a split, an outcome of a task.
fn way(action: &str, detail: &Value) -> Option<String> {
    match action {
        "branched" => Some(detail["case"].as_u64().map_or("else".to_owned(), |case| format!("case {case}"))),
        "split" => detail["way"].as_u64().map(|way| format!("way {way}")),
        "task_done" => detail["outcome"].as_str().map(|outcome| format!("outcome {outcome}")),
        _ => None,
    }
}
