//! Making a key that signs a channel's messages.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Verb};
use base::{Code, Problem, ids::ChannelId};
use channels::email::dkim::{self, Algorithm, GeneratedKey};
use serde_json::{Map, Value, json};

use crate::{Outreach, channel_config};

/// Makes a key for a domain and puts it into the channel's configuration, where it does not sign yet: its record has to
/// be published first. The private half is kept as a secret and shown to nobody.
pub(super) async fn make(
    outreach: &Arc<Outreach>,
    caller: &Caller,
    id: ChannelId,
    algorithm: Algorithm,
    domain: &str,
    selector: &str,
) -> ApiResult<GeneratedKey> {
    caller.require(Area::Settings, Verb::Write)?;
    let row = channel_config::get(outreach.db.read(), caller.workspace, id).await?.ok_or(Code::NotFound)?;
    if row.kind != "email" {
        return Err(Problem::with(Code::WrongState, "only e-mail is signed with such keys").into());
    }
    let made = {
        let (ids, domain, selector) = (outreach.ids.clone(), domain.to_owned(), selector.to_owned());
        // An RSA key takes a good part of a second; nobody else waits for it.
        let work = move || dkim::generate(algorithm, &domain, &selector, &|bytes| ids.fill(bytes));
        tokio::task::spawn_blocking(work).await.map_err(|_| Problem::new(Code::Internal))?
    };
    let key = made.map_err(|error| {
        let (field, message) = error.split_once(' ').unwrap_or(("", &error));
        match field {
            "domain" | "selector" => Problem::at(Code::InvalidBody, field, message),
            _ => Problem::new(Code::Internal),
        }
    })?;
    let tx = outreach.db.begin().await?;
    let mut row = channel_config::get(&tx, caller.workspace, id).await?.ok_or(Code::NotFound)?;
    let kind = outreach.registry.kind(&row.kind)?;
    let mut config = row.config();
    add(&mut config, domain, selector, &key)?;
    let filled = channel_config::fill_secrets(&tx, &outreach.secrets, kind.as_ref(), id.0, config.clone()).await;
    channel_config::connect(kind.as_ref(), filled.map_err(channel_config::secret_failed)?)?;
    let taken = channel_config::take_secrets(kind.as_ref(), &mut config)?;
    row.config_json = channel_config::check_size(&config)?;
    let put = channel_config::put_secrets(&tx, &outreach.secrets, kind.as_ref(), &row, &taken).await;
    put.map_err(channel_config::secret_failed)?;
    channel_config::update(&tx, &row, outreach.clock.now()).await?;
    let detail = json!({"domain": domain, "selector": selector});
    outreach.audit(&tx, caller, "channel.key_made", id, detail).await?;
    tx.commit().await?;
    outreach.wake.notify_one();
    Ok(key)
}

fn add(config: &mut Map<String, Value>, domain: &str, selector: &str, key: &GeneratedKey) -> Result<(), Problem> {
    let keys = config.entry("dkim").or_insert_with(|| json!([]));
    let Some(keys) = keys.as_array_mut() else { return Err(Problem::new(Code::InvalidChannel)) };
    let is_same = |other: &Value| other["domain"] == domain && other["selector"] == selector;
    if keys.iter().any(is_same) {
        return Err(Problem::at(Code::AlreadyExists, "selector", "names a key that the channel has"));
    }
    keys.push(json!({
        "domain": domain, "selector": selector, "private_key": key.private_key, "enabled": false,
    }));
    Ok(())
}
