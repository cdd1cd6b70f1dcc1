//! E-mail over SMTP (RFC 5321) by one account or several, signed (DKIM), with one-click unsubscribe (RFC 8058), within
//! the limits of accounts and of mailbox providers; and reading the bounces and complaints that come back.
//!
//! Invariant: how far an attempt got is known at every moment (`stage::Stage`), so only a
//! failure between the end of the message and the server's reply is an unknown outcome.

mod accounts;
mod address;
mod bounce_policy;
mod compose;
mod config;
mod domains;
mod endpoint;
mod mailbox;
mod outcome;
mod pool;
mod queue_id;
mod server;
mod session;
mod stage;
mod stream;
mod tls;
mod warm_up;
mod words;

pub mod bounce;
pub mod dkim;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use base::{Clock, Code, Problem, ids::ChannelId, problem::FieldProblem};
use serde_json::{Value as Json, json};

use crate::{
    Attempt, Attempted, Channel, ChannelKind, DayCounts, Form, Mailbox, Message, Outcome, Pace, Room, TestStep, Trying,
    Way, guard::Guard,
};

pub use bounce_policy::{Blocked, BouncePolicy, Complaint, Hard, Soft};
pub use config::{AccountConfig, Choose, Config, Sender};
pub use endpoint::Security;

use accounts::{Account, Accounts};
use domains::{Domains, Pass};
use mailbox::ImapMailbox;
use outcome::{Fault, Refusal};
use stage::{Failure, Stage};
use warm_up::{Quota, Wait};

/// The kind `email`.
pub struct EmailKind {
    clock: Arc<dyn Clock>,
    guard: Guard,
    counts: Option<Arc<dyn DayCounts>>,
}

impl EmailKind {
    /// A kind whose channels date their messages by `clock` and connect only where `guard` allows.
    pub fn new(clock: Arc<dyn Clock>, guard: Guard) -> EmailKind {
        EmailKind { clock, guard, counts: None }
    }

    /// With a place where the messages of a day are counted. Without it, nothing is limited by the day.
    pub fn counting(mut self, counts: Arc<dyn DayCounts>) -> EmailKind {
        self.counts = Some(counts);
        self
    }

    fn connect_as(&self, channel: Option<ChannelId>, config: &Json) -> Result<Arc<dyn Channel>, Problem> {
        let config = Config::read(config)?;
        let quota = |account: &AccountConfig| Quota::of(account, channel?, self.counts.clone()?, self.clock.clone());
        let mailbox =
            config.mailbox.as_ref().map(|mailbox| ImapMailbox::new(mailbox, self.guard.clone())).transpose()?;
        Ok(Arc::new(EmailChannel {
            accounts: Accounts::new(&config, &self.clock, &self.guard, quota)?,
            domains: Domains::new(&config.domains),
            mailbox: mailbox.map(Arc::new),
            pace: Pace { per_second: config.per_second, concurrency: config.concurrency },
            clock: self.clock.clone(),
        }))
    }
}

impl ChannelKind for EmailKind {
    fn kind(&self) -> &'static str {
        "email"
    }

    fn names(&self) -> (&'static str, &'static str) {
        ("E-mail", "邮件")
    }

    fn example(&self) -> Json {
        json!({"host": "smtp.example.com", "port": 465, "security": "tls", "username": "hello@example.com",
            "from": {"name": "Example", "email": "hello@example.com"}, "physical_address": "1 Example Street",
            "track_links": true, "track_opens": true})
    }

    fn form(&self) -> Form {
        Form::Letter
    }

    fn needs_address(&self) -> bool {
        true
    }

    fn destination_fields(&self) -> &'static [&'static str] {
        &[
            "host",
            "port",
            "security",
            "ca_certificate",
            "accounts[name].host",
            "accounts[name].port",
            "accounts[name].security",
            "accounts[name].ca_certificate",
            "mailbox.host",
            "mailbox.port",
            "mailbox.security",
            "mailbox.ca_certificate",
        ]
    }

    fn secret_fields(&self) -> &'static [&'static str] {
        &["password", "accounts[name].password", "mailbox.password", "dkim[domain,selector].private_key"]
    }

    fn connect(&self, config: &Json) -> Result<Arc<dyn Channel>, Problem> {
        self.connect_as(None, config)
    }

    fn connect_kept(&self, channel: ChannelId, config: &Json) -> Result<Arc<dyn Channel>, Problem> {
        self.connect_as(Some(channel), config)
    }
}

/// An e-mail channel.
struct EmailChannel {
    accounts: Accounts,
    domains: Arc<Domains>,
    mailbox: Option<Arc<ImapMailbox>>,
    clock: Arc<dyn Clock>,
    pace: Pace,
}

/// What became of a message with one account.
enum Tried {
    /// This is the outcome.
    Done(Outcome),
    /// It certainly did not leave, and another account may take it.
    Failed(Outcome),
}

#[async_trait]
impl Channel for EmailChannel {
    async fn send(&self, message: &Message) -> Outcome {
        self.hand_over(message, Attempt::default().priority).await.0
    }

    async fn attempt(&self, message: &Message, attempt: &Attempt) -> Attempted {
        let (outcome, account) = self.hand_over(message, attempt.priority).await;
        let through = account.map(|account| account.name.clone()).filter(|name| !name.is_empty());
        Attempted { through, ..Attempted::from(outcome) }
    }

    async fn test(&self) -> Result<(), Problem> {
        let mut failures: Vec<(String, String)> = Vec::new();
        for (at, account) in self.accounts.all().iter().enumerate() {
            if let Err(failure) = account.test().await {
                failures.push((self.path_of(at), self.named(&account.name, &failure.to_string())));
            }
        }
        if let Some(mailbox) = &self.mailbox
            && let Err(problem) = mailbox.test().await
        {
            failures.push(("mailbox".to_owned(), format!("mailbox: {problem}")));
        }
        if failures.is_empty() {
            return Ok(());
        }
        let told: Vec<&str> = failures.iter().map(|(_, failure)| failure.as_str()).collect();
        let mut problem = Problem::with(Code::ChannelTestFailed, told.join("; "));
        problem.errors = failures
            .into_iter()
            .filter(|(path, _)| !path.is_empty())
            .map(|(path, message)| FieldProblem { path, code: Code::ChannelTestFailed.as_str(), message })
            .collect();
        Err(problem)
    }

    /// All accounts at the same time: an operator who waits for one that hangs is not to wait for all of them.
    async fn try_out(&self) -> Vec<TestStep> {
        let accounts = self.accounts.all().iter().enumerate();
        let accounts = accounts.map(|(at, account)| async move { account.try_out(&self.path_of(at)).await });
        let mailbox = async {
            let mailbox = self.mailbox.as_ref()?;
            let began = self.clock.monotonic();
            let problem = mailbox.test().await.err().map(|problem| problem.detail.unwrap_or_default());
            let took = self.clock.monotonic().saturating_sub(began);
            Some(TestStep { path: "mailbox".to_owned(), what: Trying::Mailbox, target: mailbox.shown(), problem, took })
        };
        let (accounts, mailbox) = tokio::join!(futures::future::join_all(accounts), mailbox);
        accounts.into_iter().flatten().chain(mailbox).collect()
    }

    fn pace(&self) -> Pace {
        self.pace
    }

    /// None once every account that works has sent what it may today. Accounts of which all rest are the breaker's
    /// affair, and how much is left of a day that is not over only the database knows.
    fn room(&self) -> Option<Room> {
        let mut shortest: Option<Wait> = None;
        let mut rest = Duration::MAX;
        for account in self.accounts.all() {
            match (account.rests_for(), account.quota.as_ref().and_then(Quota::spent)) {
                (_, Some(wait)) => {
                    shortest = Some(shortest.filter(|other| other.pause <= wait.pause).unwrap_or(wait));
                }
                (Some(pause), None) => rest = rest.min(pause),
                (None, None) => return None,
            }
        }
        shortest.map(|Wait { reason, pause }| Room { messages: 0, ask_again: pause.min(rest), reason })
    }

    fn ways(&self) -> Vec<Way> {
        if self.is_single() { Vec::new() } else { self.accounts.all().iter().map(Account::way).collect() }
    }

    fn mailbox(&self) -> Option<Arc<dyn Mailbox>> {
        self.mailbox.clone().map(|mailbox| mailbox as Arc<dyn Mailbox>)
    }
}

impl EmailChannel {
    /// Hands a message over by the first account that takes it; says also by which one it was settled.
    async fn hand_over(&self, message: &Message, priority: i64) -> (Outcome, Option<&Account>) {
        let domain = message.address.rsplit_once('@').map_or("", |(_, domain)| domain).to_ascii_lowercase();
        let pass = match self.domains.enter(&domain, priority, self.clock.monotonic()) {
            Ok(pass) => pass,
            Err(retry_after) => return (Outcome::NotNow { reason: "domain_rate", retry_after }, None),
        };
        let mut failed: Vec<(&str, Outcome)> = Vec::new();
        let mut wait: Option<Wait> = None;
        for account in self.accounts.in_order_for(message.delivery) {
            if !account.is_open() {
                continue;
            }
            if let Some(quota) = &account.quota
                && let Err(longer) = quota.take().await
            {
                account.was_not_tried();
                wait = Some(wait.filter(|shorter| shorter.pause <= longer.pause).unwrap_or(longer));
                continue;
            }
            match self.send_by(account, message, &pass).await {
                Tried::Done(outcome) => return (outcome, Some(account)),
                Tried::Failed(outcome) => failed.push((&account.name, outcome)),
            }
        }
        (self.not_sent(failed, wait), None)
    }

    async fn send_by(&self, account: &Account, message: &Message, pass: &Pass) -> Tried {
        let composed = match account.composer.compose(message, self.clock.now()) {
            Ok(composed) => composed,
            Err(Refusal { reason, suppress }) => {
                account.was_not_tried();
                give_back(account).await;
                return Tried::Done(Outcome::Refused { reason, suppress });
            }
        };
        let failure = match account.hand_over(&composed).await {
            Ok(reply) => {
                account.works();
                pass.works();
                return Tried::Done(Outcome::Accepted { provider_id: queue_id::find(&reply) });
            }
            Err(failure) => failure,
        };
        let left_certainly_not = failure.stage < Stage::FinalReply;
        if left_certainly_not {
            give_back(account).await;
        }
        self.judge(account, failure, pass, left_certainly_not)
    }

    fn judge(&self, account: &Account, failure: Failure, pass: &Pass, left_certainly_not: bool) -> Tried {
        let fault = outcome::fault(&failure);
        let problem = failure.to_string();
        let outcome = outcome::of_failure(failure);
        match fault {
            Fault::Message => {
                // Its server answered as it should.
                account.was_not_tried();
                Tried::Done(outcome)
            }
            Fault::Provider => {
                account.was_not_tried();
                let retry_after = pass.too_many(self.clock.monotonic());
                Tried::Done(match outcome {
                    // Some providers say so for good, and of a mailbox that is dead as well: it costs an attempt, or one
                    // such message would keep its provider resting again and again.
                    Outcome::Refused { reason, .. } => Outcome::Retry { reason, after: Some(retry_after) },
                    _ => Outcome::NotNow { reason: "domain_rate", retry_after },
                })
            }
            // What happens to the only account is the channel's own trouble, which the outbox deals with.
            Fault::Account if self.is_single() => Tried::Done(outcome),
            Fault::AccountLimit if self.is_single() => Tried::Done(match outcome {
                // No message is to use up its attempts on it.
                Outcome::Retry { reason, .. } => Outcome::Broken { reason },
                outcome => outcome,
            }),
            Fault::Account | Fault::AccountLimit => {
                account.rest(problem, fault == Fault::AccountLimit);
                if left_certainly_not { Tried::Failed(outcome) } else { Tried::Done(outcome) }
            }
        }
    }

    /// What to say when no account took the message: those that failed, that rest, or that have sent enough today.
    fn not_sent(&self, failed: Vec<(&str, Outcome)>, wait: Option<Wait>) -> Outcome {
        if let Some(Wait { reason, pause }) = wait.filter(|_| failed.is_empty()) {
            // An account that merely rests may work again sooner.
            let rest = self.accounts.all().iter().filter_map(Account::rests_for).min().unwrap_or(pause);
            return Outcome::NotNow { reason, retry_after: pause.min(rest) };
        }
        let rests = |account: &Account| {
            let problem = account.way().problem;
            problem.map(|problem| format!("{}: {problem}", account.name))
        };
        let reasons: Vec<String> = self.accounts.all().iter().filter_map(rests).collect();
        Outcome::Broken { reason: format!("no account can send; {}", reasons.join("; ")) }
    }

    fn is_single(&self) -> bool {
        self.accounts.all().len() == 1
    }

    fn path_of(&self, at: usize) -> String {
        if self.is_single() { String::new() } else { format!("accounts[{at}]") }
    }

    fn named(&self, account: &str, failure: &str) -> String {
        if self.is_single() { failure.to_owned() } else { format!("{account}: {failure}") }
    }
}

async fn give_back(account: &Account) {
    if let Some(quota) = &account.quota {
        quota.give_back().await;
    }
}
