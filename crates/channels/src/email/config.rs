//! The configuration of an e-mail channel: one SMTP account, or several.

use std::{collections::BTreeMap, time::Duration};

use base::Problem;
use lettre::{Address, transport::smtp::extension::ClientId};
use serde::Deserialize;
use serde_json::Value as Json;
use url::Host;

use super::{
    address,
    bounce_policy::BouncePolicy,
    dkim::{self, KeyConfig},
    domains::{self, Limit},
    endpoint::{Endpoint, Security},
    mailbox::MailboxConfig,
    warm_up::WarmUp,
};
use crate::config::{self, within, wrong};

/// The most accounts that one channel has.
const MAX_ACCOUNTS: usize = 10;
/// The most that one account may send on a day.
const MOST_PER_DAY: i64 = 100_000_000;
/// `+dlv_`, thirteen digits, a dot, and the seal of sixteen.
const VERP_LENGTH: usize = 35;
const MAX_LOCAL_PART: usize = 64;

/// An e-mail channel and how to use it. The server stands either in the fields `host`, `port` … or, when there are
/// several, in `accounts`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Host name or address of the server.
    #[serde(default)]
    pub host: Option<String>,
    /// Port; by default 465 for `tls`, 587 for `starttls`, 25 for `none`.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is encrypted.
    #[serde(default)]
    pub security: Option<Security>,
    /// Name to sign in with; without it there is no sign-in.
    #[serde(default)]
    pub username: Option<String>,
    /// Password that goes with it. Secret.
    #[serde(default)]
    pub password: Option<String>,
    /// A certificate authority (PEM) to trust beside the public ones, for a server of one's own.
    #[serde(default)]
    pub ca_certificate: Option<String>,
    /// Several servers, instead of the one in the fields above.
    #[serde(default)]
    pub accounts: Vec<AccountConfig>,
    /// Which account is taken first.
    #[serde(default)]
    pub choose: Choose,
    /// Whose name the messages bear.
    pub from: Sender,
    /// Where answers go; by default to `from`.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// What this program calls itself to the server; by default the domain of `from`.
    #[serde(default)]
    pub helo_name: Option<String>,
    /// The envelope's sender, to which bounces go; by default `from`.
    #[serde(default)]
    pub return_path: Option<String>,
    /// Whether the delivery is written into the return path (`bounces+dlv_….…@`), so that every
    /// bounce names its message.
    #[serde(default)]
    pub verp: bool,
    /// Keys that sign messages.
    #[serde(default)]
    pub dkim: Vec<KeyConfig>,
    /// How a new account is warmed up; for accounts that say nothing of their own.
    #[serde(default)]
    pub warm_up: Option<WarmUp>,
    /// How fast the mailboxes of a provider may be written to, by domain; `*` for all others.
    #[serde(default)]
    pub domains: BTreeMap<String, Limit>,
    /// Where bounces and complaints arrive.
    #[serde(default)]
    pub mailbox: Option<MailboxConfig>,
    /// What bounces and complaints lead to.
    #[serde(default)]
    pub bounces: BouncePolicy,
    /// Messages per second.
    #[serde(default = "default_per_second")]
    pub per_second: f64,
    /// Connections at the same time, to each server.
    #[serde(default = "default_concurrency")]
    pub concurrency: usize,
    /// Seconds after which one attempt is given up.
    #[serde(default = "default_timeout_seconds")]
    pub timeout_seconds: u64,
}

/// One of several SMTP accounts.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountConfig {
    /// What operators call it.
    pub name: String,
    /// Host name or address of the server.
    pub host: String,
    /// Port; by default 465 for `tls`, 587 for `starttls`, 25 for `none`.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is encrypted.
    #[serde(default)]
    pub security: Security,
    /// Name to sign in with.
    #[serde(default)]
    pub username: Option<String>,
    /// Password that goes with it. Secret.
    #[serde(default)]
    pub password: Option<String>,
    /// A certificate authority (PEM) to trust beside the public ones.
    #[serde(default)]
    pub ca_certificate: Option<String>,
    /// Whose name its messages bear, if another than the channel's.
    #[serde(default)]
    pub from: Option<Sender>,
    /// Its part of the messages when they are divided by weight.
    #[serde(default = "default_weight")]
    pub weight: u32,
    /// The most messages on one day of the workspace.
    #[serde(default)]
    pub most_per_day: Option<i64>,
    /// How it is warmed up.
    #[serde(default)]
    pub warm_up: Option<WarmUp>,
}

/// Which account is taken first; the others are for when it cannot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choose {
    /// The first in the list.
    #[default]
    InOrder,
    /// Each for its part of the messages.
    ByWeight,
}

/// A name and an address.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// The name that readers see.
    #[serde(default)]
    pub name: Option<String>,
    /// The address.
    pub email: String,
}

fn default_per_second() -> f64 {
    20.0
}

fn default_concurrency() -> usize {
    8
}

fn default_timeout_seconds() -> u64 {
    30
}

fn default_weight() -> u32 {
    1
}

impl Config {
    /// Reads and checks a configuration.
    ///
    /// Errors: [`base::Code::InvalidChannel`] with the path of the field.
    pub fn read(json: &Json) -> Result<Config, Problem> {
        let config: Config = config::read(json)?;
        within("per_second", config.per_second, 0.001, 10_000.0)?;
        within("concurrency", config.concurrency, 1, 200)?;
        within("timeout_seconds", config.timeout_seconds, 1, 300)?;
        config.check_servers()?;
        config.check_addresses()?;
        config.check_warm_up()?;
        dkim::check(&config.dkim)?;
        domains::check(&config.domains)?;
        config.bounces.check()?;
        if let Some(mailbox) = &config.mailbox {
            mailbox.check()?;
        }
        Ok(config)
    }

    /// How long one attempt may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds)
    }

    /// The accounts, in order; the fields of the channel itself are one with an empty name.
    pub fn accounts(&self) -> Vec<AccountConfig> {
        if !self.accounts.is_empty() {
            let with_default = |account: &AccountConfig| AccountConfig {
                warm_up: account.warm_up.clone().or_else(|| self.warm_up.clone()),
                ..account.clone()
            };
            return self.accounts.iter().map(with_default).collect();
        }
        vec![AccountConfig {
            name: String::new(),
            host: self.host.clone().unwrap_or_default(),
            port: self.port,
            security: self.security.unwrap_or_default(),
            username: self.username.clone(),
            password: self.password.clone(),
            ca_certificate: self.ca_certificate.clone(),
            from: None,
            weight: default_weight(),
            most_per_day: None,
            warm_up: self.warm_up.clone(),
        }]
    }

    /// The server of one of the [`Config::accounts`].
    pub fn endpoint(&self, at: usize, account: &AccountConfig) -> Endpoint {
        let default_port = match account.security {
            Security::None => 25,
            Security::Starttls => 587,
            Security::Tls => 465,
        };
        Endpoint {
            path: if self.accounts.is_empty() { String::new() } else { format!("accounts[{at}].") },
            host: account.host.clone(),
            port: account.port.unwrap_or(default_port),
            security: account.security,
            username: account.username.clone(),
            password: account.password.clone(),
            ca_certificate: account.ca_certificate.clone(),
        }
    }

    /// Whose name the messages of an account bear: the address with its domain in ASCII.
    pub fn from_address(&self, account: &AccountConfig) -> Result<Address, Problem> {
        let sender = account.from.as_ref().unwrap_or(&self.from);
        address::read(&sender.email).map_err(|error| wrong("from.email", error))
    }

    /// Where answers go, if not to `from`.
    pub fn reply_to_address(&self) -> Result<Option<Address>, Problem> {
        let Some(text) = &self.reply_to else { return Ok(None) };
        address::read(text).map(Some).map_err(|error| wrong("reply_to", error))
    }

    /// The envelope's sender, before the delivery is written into it.
    pub fn return_address(&self, account: &AccountConfig) -> Result<Address, Problem> {
        let Some(text) = &self.return_path else { return self.from_address(account) };
        address::read(text).map_err(|error| wrong("return_path", error))
    }

    /// What this program calls itself to the server.
    pub fn client_id(&self, account: &AccountConfig) -> Result<ClientId, Problem> {
        let Some(name) = &self.helo_name else {
            return Ok(ClientId::Domain(self.from_address(account)?.domain().to_owned()));
        };
        match Host::parse(name) {
            Ok(Host::Ipv4(address)) => Ok(ClientId::Ipv4(address)),
            Ok(Host::Ipv6(address)) => Ok(ClientId::Ipv6(address)),
            Ok(Host::Domain(domain)) if !name.contains('%') => Ok(ClientId::Domain(domain)),
            _ => Err(wrong("helo_name", "is not a host name")),
        }
    }

    fn check_servers(&self) -> Result<(), Problem> {
        if self.accounts.is_empty() && self.host.is_none() {
            return Err(wrong("host", "is missing; name a server here, or several in accounts"));
        }
        if !self.accounts.is_empty() {
            let fields = [
                ("host", self.host.is_some()),
                ("port", self.port.is_some()),
                ("security", self.security.is_some()),
                ("username", self.username.is_some()),
                ("password", self.password.is_some()),
                ("ca_certificate", self.ca_certificate.is_some()),
            ];
            if let Some((field, _)) = fields.iter().find(|(_, given)| *given) {
                return Err(wrong(*field, "stands in each of the accounts when there are several"));
            }
        }
        if self.accounts.len() > MAX_ACCOUNTS {
            return Err(wrong("accounts", format!("are at most {MAX_ACCOUNTS}")));
        }
        let accounts = self.accounts();
        for (at, account) in accounts.iter().enumerate() {
            self.endpoint(at, account).check()?;
            if self.accounts.is_empty() {
                continue;
            }
            let path = |field: &str| format!("accounts[{at}].{field}");
            if account.name.trim().is_empty() || account.name.len() > 100 || account.name.chars().any(char::is_control)
            {
                return Err(wrong(path("name"), "has 1 to 100 bytes and no control character"));
            }
            if accounts[..at].iter().any(|other| other.name == account.name) {
                return Err(wrong(path("name"), "is the name of another account"));
            }
            within(&path("weight"), account.weight, 1, 1_000)?;
            if let Some(most) = account.most_per_day {
                within(&path("most_per_day"), most, 1, MOST_PER_DAY)?;
            }
        }
        Ok(())
    }

    fn check_addresses(&self) -> Result<(), Problem> {
        let own = |at: usize| format!("accounts[{at}].from");
        let accounts = self.accounts();
        for (at, account) in accounts.iter().enumerate() {
            let path = if account.from.is_some() { own(at) } else { "from".to_owned() };
            let sender = account.from.as_ref().unwrap_or(&self.from);
            if sender.name.as_ref().is_some_and(|name| name.len() > 200) {
                return Err(wrong(format!("{path}.name"), "must have at most 200 bytes"));
            }
            address::read(&sender.email).map_err(|error| wrong(format!("{path}.email"), error))?;
            self.client_id(account)?;
            let return_address = self.return_address(account)?;
            if self.verp && return_address.user().len() + VERP_LENGTH > MAX_LOCAL_PART {
                let path = if self.return_path.is_some() { "return_path".to_owned() } else { format!("{path}.email") };
                return Err(wrong(path, "is too long before the @ to take the delivery (verp); 29 bytes are possible"));
            }
        }
        self.reply_to_address()?;
        Ok(())
    }

    fn check_warm_up(&self) -> Result<(), Problem> {
        if let Some(warm_up) = &self.warm_up {
            warm_up.check("warm_up")?;
        }
        for (at, account) in self.accounts.iter().enumerate() {
            if let Some(warm_up) = &account.warm_up {
                warm_up.check(&format!("accounts[{at}].warm_up"))?;
            }
        }
        Ok(())
    }
}
