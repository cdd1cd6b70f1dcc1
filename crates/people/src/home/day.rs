//! A day, or a part of one, in numbers.

use std::collections::BTreeMap;

use base::{
    Time,
    ids::{WorkspaceId, first_number_at},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use serde_json::Value;
use store::Sql;
use utoipa::ToSchema;

/// The event that is an order, as the Segment specification calls it.
const ORDER: &str = "Order Completed";
/// Properties in which an order says what it brought, the one that counts first.
const AMOUNTS: [&str; 3] = ["revenue", "total", "value"];
/// Orders that are read at once, and all that are read of one span of time.
const ORDERS_AT_ONCE: i64 = 2_000;
const MOST_ORDERS: usize = 100_000;

/// What people did between two moments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PeopleOfDay {
    /// Members who were first seen.
    pub new_members: i64,
    /// Members who did something.
    pub active: i64,
    /// Orders.
    pub orders: i64,
    /// What they brought; none when no order says so.
    pub sales: Option<Sales>,
}

/// What orders brought.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Sales {
    /// The sum.
    pub amount: f64,
    /// In which currency, as the orders say it; empty where they do not.
    #[schema(example = "CNY")]
    pub currency: String,
    /// The property that was added up.
    #[schema(example = "revenue")]
    pub property: String,
    /// The event that counts as an order.
    #[schema(example = "Order Completed")]
    pub event: String,
    /// Sums in other currencies, which fewer orders name.
    pub others: Vec<SalesBeside>,
}

/// What orders brought in another currency.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SalesBeside {
    /// The sum.
    pub amount: f64,
    /// In which currency.
    pub currency: String,
}

#[derive(FromQueryResult)]
struct OrderRow {
    id: i64,
    properties_json: String,
}

/// Orders as they are added up.
#[derive(Default)]
struct Till {
    /// By currency: how many orders, and what they brought.
    sums: BTreeMap<String, (i64, f64)>,
    property: Option<&'static str>,
}

/// What people did from one moment until another, of which they had told until now.
pub async fn people_of_day(db: &impl Sql, workspace: WorkspaceId, from: Time, to: Time) -> Result<PeopleOfDay, DbErr> {
    let new_members = new_members(db, workspace, from, to).await?;
    // Facts that Hearth makes do not mean that the member was here. What an import tells of older days does not, either.
    let active: Option<i64> = db
        .scalar(
            "SELECT COUNT(DISTINCT i.member_id) FROM (
               SELECT DISTINCT e.identity_id FROM events e
               WHERE e.workspace_id = $1 AND e.id >= $2 AND e.id < $3 AND e.happened_at >= $4
                 AND e.kind IN ('track', 'identify', 'page', 'screen', 'group', 'alias')) AS x
             JOIN identities i ON i.id = x.identity_id",
            vec![workspace.0.into(), first_number_at(from).into(), first_number_at(to).into(), from.millis().into()],
        )
        .await?;
    let (orders, sales) = orders(db, workspace, from, to).await?;
    Ok(PeopleOfDay { new_members, active: active.unwrap_or_default(), orders, sales })
}

/// How many members came between two moments and are still members of their own.
pub(super) async fn new_members(db: &impl Sql, workspace: WorkspaceId, from: Time, to: Time) -> Result<i64, DbErr> {
    let number: Option<i64> = db
        .scalar(
            "SELECT COUNT(*) FROM members
             WHERE workspace_id = $1 AND id >= $2 AND id < $3 AND merged_into IS NULL AND created_at >= $4",
            vec![workspace.0.into(), first_number_at(from).into(), first_number_at(to).into(), from.millis().into()],
        )
        .await?;
    Ok(number.unwrap_or_default())
}

/// How many orders there were, and what they brought.
async fn orders(db: &impl Sql, workspace: WorkspaceId, from: Time, to: Time) -> Result<(i64, Option<Sales>), DbErr> {
    let name: Option<i64> = db
        .scalar(
            "SELECT id FROM event_names WHERE workspace_id = $1 AND name = $2",
            vec![workspace.0.into(), ORDER.into()],
        )
        .await?;
    let Some(name) = name else { return Ok((0, None)) };
    let mut till = Till::default();
    let mut number = 0usize;
    let mut after = first_number_at(from) - 1;
    loop {
        let rows: Vec<OrderRow> = db
            .all(
                "SELECT id, properties_json FROM events
                 WHERE workspace_id = $1 AND id > $2 AND id < $3 AND name_id = $4 AND happened_at >= $5
                 ORDER BY id LIMIT $6",
                vec![
                    workspace.0.into(),
                    after.into(),
                    first_number_at(to).into(),
                    name.into(),
                    from.millis().into(),
                    ORDERS_AT_ONCE.into(),
                ],
            )
            .await?;
        let is_last = (rows.len() as i64) < ORDERS_AT_ONCE;
        number += rows.len();
        for row in &rows {
            after = row.id;
            till.add(&row.properties_json);
        }
        if is_last || number >= MOST_ORDERS {
            return Ok((number as i64, till.into_sales()));
        }
    }
}

impl Till {
    fn add(&mut self, properties: &str) {
        let Ok(properties) = serde_json::from_str::<BTreeMap<String, Value>>(properties) else { return };
        let said = AMOUNTS.into_iter().find_map(|property| Some((property, amount(properties.get(property)?)?)));
        let Some((property, amount)) = said else { return };
        self.property.get_or_insert(property);
        let currency = properties.get("currency").and_then(Value::as_str).unwrap_or_default().trim();
        let shown: String = currency.chars().filter(|c| !c.is_control()).take(12).collect();
        let sum = self.sums.entry(shown.to_uppercase()).or_default();
        *sum = (sum.0 + 1, sum.1 + amount);
    }

    fn into_sales(self) -> Option<Sales> {
        let mut sums: Vec<(String, (i64, f64))> = self.sums.into_iter().collect();
        // That of most orders first, then by name.
        sums.sort_by(|one, other| other.1.0.cmp(&one.1.0).then_with(|| one.0.cmp(&other.0)));
        let mut sums = sums
            .into_iter()
            .map(|(currency, (_, sum))| SalesBeside { currency, amount: (sum * 100.0).round() / 100.0 });
        let first = sums.next()?;
        Some(Sales {
            amount: first.amount,
            currency: first.currency,
            property: self.property.unwrap_or_default().to_owned(),
            event: ORDER.to_owned(),
            others: sums.take(5).collect(),
        })
    }
}

/// A number, also one that was sent as a text.
fn amount(value: &Value) -> Option<f64> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64(),
    };
    number.filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sales_of(orders: &[&str]) -> Option<Sales> {
        let mut till = Till::default();
        orders.iter().for_each(|order| till.add(order));
        till.into_sales()
    }

    #[test]
    fn sums_are_kept_apart_by_currency_and_the_usual_one_comes_first() {
        let sales = sales_of(&[
            r#"{"revenue": 10.1, "currency": "cny"}"#,
            r#"{"revenue": "20.2", "currency": "CNY"}"#,
            r#"{"revenue": 900, "currency": "USD"}"#,
            r#"{"total": 1, "currency": "CNY"}"#,
            r#"{"note": "no amount"}"#,
        ])
        .unwrap();
        assert_eq!((sales.amount, sales.currency.as_str(), sales.property.as_str()), (31.3, "CNY", "revenue"));
        assert_eq!(sales.others, [SalesBeside { amount: 900.0, currency: "USD".to_owned() }]);
    }

    #[test]
    fn what_is_no_amount_brings_nothing() {
        assert_eq!(sales_of(&[r#"{"revenue": null}"#, r#"{"revenue": "a lot"}"#, r#"{"revenue": [1]}"#, "x"]), None);
        assert_eq!(sales_of(&[r#"{"revenue": "NaN"}"#]), None);
    }
}
