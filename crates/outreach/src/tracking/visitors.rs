//! Telling readers from scanners.
//!
//! Security products fetch every link of a mail within seconds, often before the reader sees it.
//! What gives them away: the time, the method, the name, following a link that nobody can see,
//! following several links at once, or one network that fetches from many messages at once. The first link of such a burst cannot be told from a reader's when it
//! is followed: what it leads to is served and told at once, and only what comes after it is marked.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use base::{Time, ids::DeliveryId};

use super::HIDDEN_LINK;

/// Within this time one visitor does not follow two links.
const BURST: Duration = Duration::from_secs(2);
/// A visitor who followed the hidden link is a scanner for so long.
const MARKED: Duration = Duration::from_secs(600);
/// Visitors that are remembered.
const KEPT: usize = 10_000;
/// So many messages whose links one network follows within [`BURST`] were not read by as many people.
const MESSAGES_AT_ONCE: usize = 5;

/// Parts of names of programs that fetch links without a reader.
const PROGRAMS: &[&str] = &[
    "crawler",
    "spider",
    "scanner",
    "barracuda",
    "proofpoint",
    "mimecast",
    "safelinks",
    "symantec",
    "fortinet",
    "trendmicro",
    "cloudmark",
    "urldefense",
    "bingpreview",
    "facebookexternalhit",
    "whatsapp",
    "headlesschrome",
    "phantomjs",
    "curl/",
    "wget/",
    "python-requests",
    "python-urllib",
    "aiohttp",
    "httpx",
    "go-http-client",
    "okhttp",
    "java/",
    "libwww",
    "node-fetch",
    "axios",
];

/// One request for something in a message.
#[derive(Clone, Debug)]
pub struct Visit<'a> {
    /// Which message.
    pub delivery: DeliveryId,
    /// Which link; `None` for the image.
    pub link: Option<i64>,
    /// Whether it was a `HEAD` request.
    pub is_head: bool,
    /// What the visitor calls himself.
    pub user_agent: &'a str,
    /// Where he comes from.
    pub address: &'a str,
    /// When.
    pub at: Time,
    /// When the message was accepted; `None` if that is not recorded yet.
    pub accepted_at: Option<Time>,
}

/// Who fetched what a moment ago.
#[derive(Default)]
pub struct Visitors {
    recent: Mutex<HashMap<(DeliveryId, u64), Visitor>>,
    /// By network: the last messages whose links were followed from there, and when.
    networks: Mutex<HashMap<u64, VecDeque<(Time, DeliveryId)>>>,
}

#[derive(Clone, Copy)]
struct Visitor {
    link: i64,
    at: Time,
    marked_until: Time,
}

impl Visitors {
    /// Why a visit is not a reader's; `None` for a reader's.
    pub fn judge(&self, visit: &Visit<'_>, scanner_window: Duration) -> Option<&'static str> {
        let by_link = visit.link.and_then(|link| self.follow(visit, link));
        let by_network = visit.link.and_then(|_| self.follow_from_network(visit));
        if visit.is_head {
            return Some("asked for the headers only");
        }
        let name = visit.user_agent.to_ascii_lowercase();
        if name.trim().is_empty() || is_bot(&name) || PROGRAMS.iter().any(|program| name.contains(program)) {
            return Some("is a program by its own account");
        }
        if visit.accepted_at.is_none_or(|accepted| visit.at < accepted.plus(scanner_window)) {
            return Some("came too soon after the message");
        }
        by_link.or(by_network)
    }

    /// A gateway that looks at mail for a whole company follows links of many messages at once.
    fn follow_from_network(&self, visit: &Visit<'_>) -> Option<&'static str> {
        let network = network_of(visit.address)?;
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        if networks.len() >= KEPT && !networks.contains_key(&network) {
            networks.retain(|_, seen| seen.back().is_some_and(|(at, _)| at.plus(BURST) > visit.at));
            if networks.len() >= KEPT {
                networks.clear();
            }
        }
        let seen = networks.entry(network).or_default();
        seen.retain(|(at, delivery)| at.plus(BURST) > visit.at && *delivery != visit.delivery);
        seen.push_back((visit.at, visit.delivery));
        if seen.len() > MESSAGES_AT_ONCE {
            seen.pop_front();
        }
        (seen.len() >= MESSAGES_AT_ONCE).then_some("came from a network that followed links of many messages at once")
    }

    fn follow(&self, visit: &Visit<'_>, link: i64) -> Option<&'static str> {
        let key = (visit.delivery, xxhash_rust::xxh3::xxh3_64(visit.address.as_bytes()));
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() >= KEPT {
            recent.retain(|_, visitor| visitor.at.plus(BURST) > visit.at || visitor.marked_until > visit.at);
            if recent.len() >= KEPT {
                recent.clear();
            }
        }
        let before = recent.get(&key).copied();
        let hidden = link == HIDDEN_LINK;
        let burst = before.filter(|visitor| visit.at < visitor.at.plus(BURST));
        let several = burst.is_some_and(|visitor| visitor.link != link);
        let marked = before.is_some_and(|visitor| visit.at < visitor.marked_until);
        let marked_until = match (hidden || several, before) {
            (true, _) => visit.at.plus(MARKED),
            (false, Some(visitor)) => visitor.marked_until,
            (false, None) => Time::EPOCH,
        };
        recent.insert(key, Visitor { link, at: visit.at, marked_until });
        if hidden {
            return Some("followed a link that cannot be seen");
        }
        if marked {
            return Some("followed a link that cannot be seen, or several at once");
        }
        if several {
            return Some("followed several links at once");
        }
        burst.map(|_| "followed the same link twice at once")
    }
}

/// The network of an address: the first 24 bits of an IPv4 address, the first 48 of an IPv6 address.
fn network_of(address: &str) -> Option<u64> {
    match address.parse::<IpAddr>().ok()?.to_canonical() {
        IpAddr::V4(address) => Some(u64::from(u32::from(address) >> 8)),
        IpAddr::V6(address) => Some((1 << 63) | (u128::from(address) >> 80) as u64),
    }
}

/// Whether a word of the name, in lower case, is or ends with "bot". Telephones of the brand Cubot have
/// readers.
fn is_bot(name: &str) -> bool {
    name.split(|c: char| !c.is_ascii_alphabetic()).any(|word| word.ends_with("bot") && word != "cubot")
}

#[cfg(test)]
mod tests {
    use super::*;

    const READER: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15";
    const WINDOW: Duration = Duration::from_secs(10);

    fn visit(link: i64, seconds: i64) -> Visit<'static> {
        Visit {
            delivery: DeliveryId(1),
            link: Some(link),
            is_head: false,
            user_agent: READER,
            address: "192.0.2.1",
            at: Time::from_millis(seconds * 1_000),
            accepted_at: Some(Time::from_millis(0)),
        }
    }

    #[test]
    fn a_reader_counts_and_hasty_or_automatic_visitors_do_not() {
        let judge = |visit: Visit<'_>| Visitors::default().judge(&visit, WINDOW);
        assert_eq!(judge(visit(5, 10)), None);
        assert!(judge(visit(5, 9)).is_some());
        assert!(judge(Visit { accepted_at: None, ..visit(5, 60) }).is_some());
        assert!(judge(Visit { is_head: true, ..visit(5, 60) }).is_some());
        assert!(judge(Visit { user_agent: "", ..visit(5, 60) }).is_some());
        assert!(judge(Visit { user_agent: "Mozilla/5.0 (compatible; SomeBot/2.0)", ..visit(5, 60) }).is_some());
        assert_eq!(judge(Visit { link: None, ..visit(5, 60) }), None);
        let telephone = "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (Bottle)";
        assert_eq!(judge(Visit { user_agent: telephone, ..visit(5, 60) }), None);
    }

    #[test]
    fn several_links_at_once_mark_the_visitor_and_nobody_else() {
        let visitors = Visitors::default();
        assert_eq!(visitors.judge(&visit(5, 60), WINDOW), None);
        assert!(visitors.judge(&visit(6, 61), WINDOW).is_some());
        assert!(visitors.judge(&visit(7, 100), WINDOW).is_some());
        assert_eq!(visitors.judge(&Visit { address: "192.0.2.9", ..visit(7, 100) }, WINDOW), None);
        assert_eq!(visitors.judge(&visit(7, 1_000), WINDOW), None);
    }

    #[test]
    fn the_hidden_link_marks_the_visitor() {
        let visitors = Visitors::default();
        assert!(visitors.judge(&visit(HIDDEN_LINK, 60), WINDOW).is_some());
        assert!(visitors.judge(&visit(5, 70), WINDOW).is_some());
    }

    #[test]
    fn a_network_that_follows_links_of_many_messages_at_once_reads_none_of_them() {
        let visitors = Visitors::default();
        let from = |delivery: i64, last: u8, seconds: i64| {
            let address = format!("192.0.2.{last}");
            let visit = Visit { delivery: DeliveryId(delivery), address: &address, ..visit(5, seconds) };
            visitors.judge(&visit, WINDOW).is_some()
        };
        let judged: Vec<bool> = (1..=6).map(|nth| from(nth, nth as u8, 60)).collect();
        assert_eq!(judged, [false, false, false, false, true, true], "addresses of one network are one visitor");
        assert!(!from(7, 7, 62), "later, somebody there reads a message");
        for nth in 10..30 {
            assert!(!from(nth, 1, 100 + nth * 2), "many readers behind one address do not come at once");
        }
    }
}
