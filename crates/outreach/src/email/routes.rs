//! `/api/v1/channels/{id}/status` and `/api/v1/channels/{id}/dkim`.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Path, ProblemBody, Verb};
use axum::{extract::State, http::StatusCode};
use base::{Code, Time, ids::ChannelId};
use channels::email::dkim::Algorithm;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    counts::{ChannelDays, day_of},
    keys,
    mailboxes::{self, MailboxRow},
};
use crate::{Outreach, channel_config};

/// The routes.
pub fn routes(state: Arc<Outreach>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(channel_status)).routes(routes!(make_key)).with_state(state)
}

/// How a channel is.
#[derive(Debug, Serialize, ToSchema)]
struct ChannelStatus {
    /// Its accounts, when it has several.
    accounts: Vec<AccountStatus>,
    /// What accounts with a limit may have sent today: rights are taken in blocks, so it is a little more than what left.
    taken_today: Vec<TakenToday>,
    /// What is known of the mailbox in which reports arrive; `null` when it was never read.
    mailbox: Option<MailboxStatus>,
}

/// How an account is.
#[derive(Debug, Serialize, ToSchema)]
struct AccountStatus {
    /// Its name.
    name: String,
    /// Why it rests; `null` when nothing is known to be wrong.
    problem: Option<String>,
    /// Until when it rests.
    #[schema(value_type = Option<String>, format = DateTime)]
    rests_until: Option<Time>,
}

/// What an account took of its day.
#[derive(Debug, Serialize, ToSchema)]
struct TakenToday {
    /// The account; empty for the only one.
    account: String,
    /// Messages.
    messages: i64,
}

/// What is known of a mailbox.
#[derive(Debug, Serialize, ToSchema)]
struct MailboxStatus {
    /// When it was read last.
    #[schema(value_type = String, format = DateTime)]
    read_at: Time,
    /// Why it could not be read; `null` when it could.
    problem: Option<String>,
    /// Mails that were reports about messages of the channel.
    reports: i64,
    /// Other mails, which were passed over.
    others: i64,
    /// Mails that the server could not give, which were passed over.
    unreadable: i64,
}

/// A key to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewKey {
    /// The domain that signs.
    domain: String,
    /// Which of the domain's keys it is.
    selector: String,
    /// `rsa` (the default) or `ed25519`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    algorithm: Algorithm,
}

/// What to publish.
#[derive(Debug, Serialize, ToSchema)]
struct KeyRecord {
    /// The name of the TXT record.
    name: String,
    /// Its type, `TXT`.
    r#type: &'static str,
    /// Its text. A zone file divides it into strings of at most 255 bytes.
    value: String,
}

/// How a channel is: its accounts, what they sent today, and its mailbox.
#[utoipa::path(get, path = "/api/v1/channels/{id}/status", tag = "channels",
    params(("id" = String, Path, description = "The channel")),
    responses((status = 200, body = ChannelStatus), (status = 404, body = ProblemBody)))]
async fn channel_status(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<ChannelId>,
) -> ApiResult<Json<ChannelStatus>> {
    caller.require(Area::Settings, Verb::Read)?;
    let db = outreach.db.read();
    channel_config::get(db, caller.workspace, id).await?.ok_or(Code::NotFound)?;
    let ways = outreach.live.get(id).and_then(|live| live.channel.ok()).map(|channel| channel.ways());
    let day = day_of(db, id, outreach.clock.now()).await?;
    let taken = ChannelDays::taken(db, id, day.number).await?;
    let mailbox = mailboxes::row(db, id).await?;
    Ok(Json(ChannelStatus {
        accounts: ways
            .unwrap_or_default()
            .into_iter()
            .map(|way| AccountStatus { name: way.name, problem: way.problem, rests_until: way.rests_until })
            .collect(),
        taken_today: taken
            .into_iter()
            .filter(|(way, _)| !way.contains(':'))
            .map(|(account, messages)| TakenToday { account, messages })
            .collect(),
        mailbox: mailbox.map(MailboxStatus::of),
    }))
}

impl MailboxStatus {
    fn of(row: MailboxRow) -> MailboxStatus {
        MailboxStatus {
            read_at: row.read_at(),
            problem: row.problem,
            reports: row.reports,
            others: row.others,
            unreadable: row.unreadable,
        }
    }
}

/// Makes a key that signs the channel's messages (DKIM) and says which DNS record to publish. It signs nothing before
/// the channel's configuration says `"enabled": true` for it: publish the record first.
#[utoipa::path(post, path = "/api/v1/channels/{id}/dkim", tag = "channels",
    params(("id" = String, Path, description = "The channel")), request_body = NewKey,
    responses((status = 201, body = KeyRecord), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
async fn make_key(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<ChannelId>,
    Json(body): Json<NewKey>,
) -> ApiResult<(StatusCode, Json<KeyRecord>)> {
    let key = keys::make(&outreach, &caller, id, body.algorithm, &body.domain, &body.selector).await?;
    Ok((StatusCode::CREATED, Json(KeyRecord { name: key.record_name, r#type: "TXT", value: key.record })))
}
