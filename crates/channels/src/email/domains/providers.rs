//! Which domains belong to one mailbox provider: they have the same servers and count together.
//!
//! Read on 2026-11-23 from what the providers offer as addresses to their users.

const PROVIDERS: &[(&str, &[&str])] = &[
    ("qq.com", &["foxmail.com", "vip.qq.com"]),
    ("163.com", &["126.com", "yeah.net", "vip.163.com", "vip.126.com", "188.com"]),
    ("sina.com", &["sina.cn", "sina.com.cn", "vip.sina.com", "vip.sina.cn"]),
    ("sohu.com", &["vip.sohu.com"]),
    ("139.com", &["chinamobile.com"]),
    ("gmail.com", &["googlemail.com"]),
    ("outlook.com", &["hotmail.com", "live.com", "msn.com", "live.cn", "hotmail.co.uk", "hotmail.fr", "outlook.fr"]),
    ("yahoo.com", &["ymail.com", "rocketmail.com", "aol.com", "yahoo.co.uk", "yahoo.fr", "yahoo.de"]),
    ("icloud.com", &["me.com", "mac.com"]),
    ("proton.me", &["protonmail.com", "pm.me"]),
];

/// The first domain of the provider to which a domain belongs; the domain itself when it is of none.
pub fn provider(domain: &str) -> &str {
    let of = PROVIDERS.iter().find(|(_, others)| others.contains(&domain));
    of.map_or(domain, |(first, _)| first)
}
