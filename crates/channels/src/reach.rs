//! Whether an address answers, for links that people are to follow.

use std::{error::Error, time::Duration};

use base::{Code, Problem};
use reqwest::Method;
use url::Url;

use crate::guard::Guard;

/// How long one address may take, all questions together.
const PATIENCE: Duration = Duration::from_secs(5);

/// What became of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// There is something, or it leads on to something.
    Answers,
    /// There is nothing, by this status.
    Gone(u16),
    /// Nobody answered in time.
    Silent,
    /// It is none of the addresses that may be asked.
    Inside,
    /// Machines are not told: the status is that of a lock, not of a gap.
    Unclear,
}

/// Asks addresses whether they answer. It connects only where its guard allows, follows nothing and reads no content.
pub struct Prober {
    guard: Guard,
    client: reqwest::Client,
}

impl Prober {
    /// A prober behind this guard.
    ///
    /// Errors: [`Code::Internal`] when TLS cannot be set up.
    pub fn new(guard: &Guard) -> Result<Prober, Problem> {
        Ok(Prober { guard: guard.clone(), client: guard.http_client(PATIENCE)? })
    }

    /// Asks for the head, and for the whole where the head alone is not given.
    pub async fn reach(&self, address: &str) -> Reach {
        let Ok(url) = self.guard.check_url(address) else { return Reach::Inside };
        let asked = async {
            match self.ask(Method::HEAD, &url).await {
                Reach::Answers => Reach::Answers,
                Reach::Inside => Reach::Inside,
                _ => self.ask(Method::GET, &url).await,
            }
        };
        tokio::time::timeout(PATIENCE, asked).await.unwrap_or(Reach::Silent)
    }

    async fn ask(&self, method: Method, url: &Url) -> Reach {
        match self.client.request(method, url.clone()).send().await {
            Ok(answer) => match answer.status() {
                status if status.is_success() || status.is_redirection() => Reach::Answers,
                status if matches!(status.as_u16(), 404 | 410) || status.is_server_error() => {
                    Reach::Gone(status.as_u16())
                }
                _ => Reach::Unclear,
            },
            Err(error) if leads_inside(&error) => Reach::Inside,
            Err(_) => Reach::Silent,
        }
    }
}

fn leads_inside(error: &reqwest::Error) -> bool {
    let mut cause: Option<&dyn Error> = Some(error);
    while let Some(inner) = cause {
        if inner.downcast_ref::<Problem>().is_some_and(|problem| problem.code == Code::ForbiddenAddress) {
            return true;
        }
        cause = inner.source();
    }
    false
}
