//! Trying a channel before it is saved, and the kinds there are.

use std::{sync::Arc, time::Duration};

use api::{ApiResult, Area, Caller, Json, ProblemBody, Verb};
use axum::extract::State;
use base::{Code, ids::ChannelId};
use channels::{Form, TestStep, Trying};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{live, routes::secret_failed, secrets, store};
use crate::Outreach;

/// How long a test may take before what has come of it is told.
const PATIENCE: Duration = Duration::from_secs(50);

/// The routes of trying channels out.
pub(super) fn routes() -> OpenApiRouter<Arc<Outreach>> {
    OpenApiRouter::new().routes(routes!(try_channel)).routes(routes!(list_kinds))
}

/// A kind of channel.
#[derive(Debug, Serialize, ToSchema)]
struct ChannelKindInfo {
    /// `email`, `webhook` …
    kind: &'static str,
    /// What people call it, in English.
    en: &'static str,
    /// The same in Chinese.
    zh: &'static str,
    /// Whether a message needs an address of the member; a kind without sends everything to one place.
    needs_address: bool,
    /// What its messages are made of: `letter` (subject, text, HTML) or `payload` (JSON).
    form: &'static str,
    /// Fields of the configuration that are kept encrypted and read `•••`: `password`, `accounts[name].password`.
    secrets: Vec<&'static str>,
    /// Fields that say where the secrets go; when one of them changes, the secrets have to be given anew.
    destinations: Vec<&'static str>,
    /// A configuration to begin with.
    #[schema(value_type = Object)]
    example: Value,
}

/// The kinds of channels.
#[derive(Debug, Serialize, ToSchema)]
struct ChannelKinds {
    /// Each of them.
    items: Vec<ChannelKindInfo>,
}

/// Lists the kinds of channels that this program knows.
#[utoipa::path(get, path = "/api/v1/channel-kinds", tag = "channels",
    responses((status = 200, body = ChannelKinds), (status = "4XX", body = ProblemBody)))]
async fn list_kinds(State(outreach): State<Arc<Outreach>>, caller: Caller) -> ApiResult<Json<ChannelKinds>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let mut items = Vec::new();
    for name in outreach.registry.kinds() {
        let kind = outreach.registry.kind(name)?;
        let (en, zh) = kind.names();
        items.push(ChannelKindInfo {
            kind: kind.kind(),
            en,
            zh,
            needs_address: kind.needs_address(),
            form: if kind.form() == Form::Letter { "letter" } else { "payload" },
            secrets: kind.secret_fields().to_vec(),
            destinations: kind.destination_fields().to_vec(),
            example: kind.example(),
        });
    }
    Ok(Json(ChannelKinds { items }))
}

/// A channel to try out, which may not be saved yet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChannelDraft {
    /// `email`, `webhook` …
    kind: String,
    /// Its configuration, with secrets.
    #[schema(value_type = Object)]
    config: Map<String, Value>,
    /// The saved channel (`chn_…`) from which secrets that read `•••` are taken.
    #[schema(value_type = Option<String>)]
    id: Option<ChannelId>,
}

/// What a test did, step by step.
#[derive(Debug, Serialize, ToSchema)]
struct ChannelTrial {
    /// Whether everything went well.
    ok: bool,
    /// What was tried, in order. Behind a step that failed, nothing else of the same account is tried.
    steps: Vec<ChannelTrialStep>,
}

/// One step of a test.
#[derive(Debug, Serialize, ToSchema)]
struct ChannelTrialStep {
    /// `connect`, `tls`, `greeting`, `sign_in`, `sender`, `mailbox`, or `request` for a webhook.
    what: &'static str,
    /// The part of the configuration, such as `accounts[0]` or `mailbox`; empty for the channel itself.
    path: String,
    /// With whom: host and port, an address.
    target: String,
    /// Whether it went well.
    ok: bool,
    /// What happened, and what to look at when it failed.
    words: TrialWords,
    /// What the other side said, or why there was no answer, when it failed.
    message: Option<String>,
    /// How long it took, in milliseconds.
    took_ms: u64,
}

/// A sentence in both languages.
#[derive(Debug, Serialize, ToSchema)]
struct TrialWords {
    /// In English.
    en: &'static str,
    /// In Chinese.
    zh: &'static str,
}

/// Tries a configuration before it is saved, step by step. Nothing is saved or sent. A configuration that cannot be read is
/// a problem; one that does not work is an answer with `"ok": false`.
#[utoipa::path(post, path = "/api/v1/channels/test", tag = "channels", request_body = ChannelDraft,
    responses((status = 200, body = ChannelTrial), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
async fn try_channel(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Json(draft): Json<ChannelDraft>,
) -> ApiResult<Json<ChannelTrial>> {
    caller.require(Area::Settings, Verb::Write)?;
    store::check_size(&draft.config)?;
    let kind = outreach.registry.kind(&draft.kind)?;
    let mut config = draft.config;
    if let Some(id) = draft.id {
        let db = outreach.db.read();
        let row = store::get(db, caller.workspace, id).await?.ok_or(Code::NotFound)?;
        if row.kind != draft.kind {
            return Err(base::Problem::at(Code::InvalidChannel, "kind", "is not the kind of the saved channel").into());
        }
        // Nobody has a secret sent elsewhere whom he does not know.
        secrets::check_destinations(kind.as_ref(), &row.config(), &config)?;
        config =
            store::fill_secrets(db, &outreach.secrets, kind.as_ref(), row.id, config).await.map_err(secret_failed)?;
    } else if let Some(place) = hidden(kind.as_ref(), &config) {
        return Err(base::Problem::at(Code::InvalidChannel, format!("config.{place}"), "is missing").into());
    }
    config.retain(|_, value| !value.is_null());
    let channel = live::connect(kind.as_ref(), config)?;
    let steps = tokio::time::timeout(PATIENCE, channel.try_out()).await.map_err(|_| Code::Timeout)?;
    let ok = steps.iter().all(|step| step.problem.is_none());
    Ok(Json(ChannelTrial { ok, steps: steps.into_iter().map(told).collect() }))
}

/// A secret that stands for what is kept, where nothing is kept.
fn hidden(kind: &dyn channels::ChannelKind, config: &Map<String, Value>) -> Option<String> {
    let config = Value::Object(config.clone());
    secrets::places(kind, &config).into_iter().find(|place| place.is_hidden(&config)).map(|place| place.path)
}

fn told(step: TestStep) -> ChannelTrialStep {
    let TestStep { path, what, target, problem, took } = step;
    let (en, zh) = match (&problem, what) {
        (None, Trying::Connect) => ("Connected.", "已连接。"),
        (None, Trying::Tls) => ("The connection is encrypted.", "连接已加密。"),
        (None, Trying::Greeting) => ("The server answers.", "服务器应答正常。"),
        (None, Trying::SignIn) => ("Signed in.", "登录成功。"),
        (None, Trying::Sender) => ("The server takes messages from this sender.", "服务器接受此发件人。"),
        (None, Trying::Mailbox) => ("The mailbox can be read.", "邮箱可以读取。"),
        (None, Trying::Request) => ("The receiver answers.", "对方有应答。"),
        (Some(_), Trying::Connect) => (
            "The server cannot be reached. Check host and port, and whether a firewall stands between.",
            "无法连接服务器。请检查主机和端口，以及是否被防火墙阻挡。",
        ),
        (Some(_), Trying::Tls) => (
            "The connection cannot be encrypted. Check whether the port goes with the encryption, and the certificate.",
            "无法建立加密连接。请检查端口与加密方式是否匹配，以及证书是否有效。",
        ),
        (Some(_), Trying::Greeting) => (
            "The server does not greet as a mail server should. Check the port and the encryption.",
            "服务器没有按邮件服务器的方式应答。请检查端口和加密方式。",
        ),
        (Some(_), Trying::SignIn) => (
            "The server does not let us in. Check user name and password; many providers want an app password.",
            "登录被拒绝。请检查用户名和密码；许多服务商要求使用授权码。",
        ),
        (Some(_), Trying::Sender) => (
            "The server does not take messages from this sender. The address must belong to the account.",
            "服务器不接受此发件人。发件地址须属于该账号。",
        ),
        (Some(_), Trying::Mailbox) => (
            "The mailbox for bounces cannot be read. Check its server, its password and the folder.",
            "无法读取退信邮箱。请检查服务器、密码和文件夹。",
        ),
        (Some(_), Trying::Request) => {
            ("The receiver does not answer. Check the address.", "对方没有应答。请检查地址。")
        }
    };
    ChannelTrialStep {
        what: what.as_str(),
        path,
        target,
        ok: problem.is_none(),
        words: TrialWords { en, zh },
        message: problem,
        took_ms: took.as_millis() as u64,
    }
}
