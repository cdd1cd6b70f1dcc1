//! The pipeline with 20 live segments and 5 journeys: from the first request to the moment at which the
//! last event has taken effect.

use reqwest::Method;
use serde_json::{Value, json};
use store::SystemClock;

use crate::{database::Database, figures::Figures, hearth::Hearth, load};

const NAME: &str = "hearth_bench_pipeline";

/// Sends all lines as fast as they are taken, and waits until all of it has taken effect.
pub async fn measure(lines: &[String], database: Database, figures: &mut Figures) -> anyhow::Result<()> {
    let clock = SystemClock::start();
    let directory = tempfile::tempdir()?;
    let url = database.create(NAME).await?;
    let mut hearth = Hearth::found(&directory.path().join("data"), url).await?;
    hearth.start(clock.as_ref()).await?;
    configure(&hearth).await?;
    let bodies = load::bodies(lines);
    let began = clock.monotonic();
    load::send(&hearth, bodies).await?;
    hearth.wait_for_pipeline(lines.len(), clock.as_ref()).await?;
    let seconds = (clock.monotonic() - began).as_secs_f64();
    let memory = hearth.memory()? as f64 / 1e6;
    hearth.stop().await?;
    database.remove(NAME).await?;
    let target = if database == Database::Sqlite { 20_000.0 } else { 10_000.0 };
    let name = format!("pipeline, 20 segments, 5 journeys, {}", database.name());
    figures.at_least(&name, lines.len() as f64 / seconds, target, "events/s");
    figures.yardstick(&format!("— memory after that, {}", database.name()), memory, "MB");
    Ok(())
}

async fn configure(hearth: &Hearth) -> anyhow::Result<()> {
    let mut segments = Vec::new();
    for (number, rule) in rules().into_iter().enumerate() {
        segments.push(
            hearth.create("/api/v1/segments", &json!({"name": format!("segment {number}"), "rule": rule})).await?,
        );
    }
    for (number, document) in journeys(&segments).into_iter().enumerate() {
        let body = json!({"name": format!("journey {number}"), "document": document});
        let journey = hearth.create("/api/v1/journeys", &body).await?;
        hearth.call(Method::POST, &format!("/api/v1/journeys/{journey}/publish"), Some(&json!({}))).await?;
    }
    Ok(())
}

/// Twenty rules over what the demo's community does, of every kind.
fn rules() -> Vec<Value> {
    let often = |event: &str, count: u32, within: &str| json!({"event": event, "count": {"op": "gte", "value": count}, "within": within});
    let spent = |sum: u32, within: &str| json!({"event": "Order Completed", "sum": {"property": "revenue", "op": "gte", "value": sum}, "within": within});
    vec![
        often("Order Completed", 2, "P30D"),
        often("Order Completed", 1, "P7D"),
        often("Product Viewed", 5, "P1D"),
        often("Product Viewed", 20, "P30D"),
        often("Message Posted", 5, "P14D"),
        often("Message Posted", 1, "P1D"),
        often("Article Read", 3, "P30D"),
        often("Product Added", 1, "P3D"),
        spent(500, "P30D"),
        spent(1_500, "P90D"),
        json!({"all": [{"trait": "city", "op": "in", "value": ["上海", "杭州"]}, spent(300, "P60D")]}),
        json!({"all": [{"event": "Order Completed"}, {"not": {"event": "Order Completed", "within": "P45D"}}]}),
        json!({"all": [{"event": "Product Added", "within": "P3D"}, {"not": {"event": "Order Completed", "within": "P3D"}}]}),
        json!({"event": "Order Completed", "avg": {"property": "revenue", "op": "gte", "value": 500}}),
        json!({"event": "Order Completed", "min": {"property": "revenue", "op": "gte", "value": 150}}),
        json!({"event": "Order Completed", "where": [{"property": "revenue", "op": "gt", "value": 800}], "within": "P90D"}),
        json!({"any": [{"tag": "爱聊天"}, {"event": "Message Posted", "count": {"op": "gte", "value": 30}, "within": "P30D"}]}),
        json!({"trait": "city", "op": "eq", "value": "上海"}),
        json!({"all": [{"trait": "email", "op": "exists"}, {"not": {"event": "Message Posted", "within": "P7D"}}]}),
        json!({"event": "Article Read", "where": [{"property": "seconds", "op": "gte", "value": 60}], "count": {"op": "gte", "value": 2}, "within": "P14D"}),
    ]
}

/// Five journeys of the kinds that communities have.
fn journeys(segments: &[String]) -> Vec<Value> {
    let steps = |entry: Value, tag: &str| {
        json!({"entry": entry, "reentry": {"policy": "after_exit"}, "start": "wait", "steps": {
            "wait": {"type": "wait", "for": "P1D", "next": "bought"},
            "bought": {"type": "branch", "cases": [{"when": {"event": "Order Completed", "within": "P1D"}, "next": null}], "else": "tag"},
            "tag": {"type": "tag", "add": [tag], "next": null}}})
    };
    vec![
        steps(json!({"event": "Group Joined"}), "待破冰"),
        steps(json!({"event": "Product Added"}), "犹豫"),
        steps(json!({"event": "Order Completed"}), "买过"),
        steps(json!({"segment": segments[11]}), "沉睡"),
        json!({"entry": {"segment": segments[4]}, "reentry": {"policy": "never"}, "start": "tag",
            "steps": {"tag": {"type": "tag", "add": ["爱聊天"], "next": null}}}),
    ]
}
