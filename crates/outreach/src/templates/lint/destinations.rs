//! Where links and images lead.

use std::collections::BTreeSet;

use url::{Host, Url};

use super::{Known, Linter, letter::without_tags};
use crate::{
    templates::{Content, pieces::position, plain_text},
    tracking::scan_text,
};

/// A link that is the same for everybody, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::templates) struct Link {
    pub path: String,
    /// Line and column.
    pub place: Option<(usize, usize)>,
    pub address: String,
}

/// The links of a template that are the same for everybody, each address once, apart from those that cannot lead
/// anywhere as they are.
pub(in crate::templates) fn fixed_links(content: &Content) -> Vec<Link> {
    let known = Known::default();
    let mut linter = Linter::new(content, &known, false);
    for (before, parts) in content.named_parts() {
        for (name, source) in parts.named() {
            linter.destinations(&format!("{before}{name}"), source);
        }
    }
    let mut seen = BTreeSet::new();
    linter.links.retain(|link| seen.insert(link.address.clone()));
    linter.links
}

impl Linter<'_> {
    /// Where the links and images of a part lead.
    pub(super) fn destinations(&mut self, path: &str, source: &str) {
        match path.rsplit('.').next() {
            Some("html" | "mjml") => self.markup(path, source),
            Some("text") => self.plain(path, source),
            _ => {}
        }
    }

    fn plain(&mut self, path: &str, source: &str) {
        for link in scan_text(source) {
            // An address ends where a tag begins; with what the tag writes, it is another.
            if !source[link.range.end..].starts_with('{') {
                self.link(path, Some(position(source, link.range.start)), &link.url);
            }
        }
    }

    fn markup(&mut self, path: &str, source: &str) {
        let mut at = 0;
        while let Some(start) = source[at..].find('<').map(|found| at + found) {
            let Some(end) = source[start..].find('>').map(|end| start + end) else { break };
            let tag = &source[start + 1..end];
            at = end + 1;
            let name =
                tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default().to_ascii_lowercase();
            let place = Some(position(source, start));
            let lacks = |wanted: &str| plain_text::attribute(tag, wanted).is_none();
            let is_foreign = match name.as_str() {
                "mj-social-element" => !lacks("name") && lacks("src"),
                "mj-accordion" => lacks("icon-wrapped-url") || lacks("icon-unwrapped-url"),
                "mj-carousel" => lacks("left-icon") || lacks("right-icon"),
                _ => false,
            };
            if is_foreign {
                let en = format!(
                    "MJML takes the icon of <{name}> from a server of others, which learns who reads the message; name one of yours"
                );
                let zh = format!("<{name}> 默认使用第三方服务器上的图标，会泄露读者信息，请指定自己的图标地址");
                self.warn(("outside_image", "warning"), path.to_owned(), place, en, zh);
            }
            match name.as_str() {
                "a" | "area" | "mj-button" | "mj-navbar-link" | "mj-social-element" => {
                    if let Some(href) = plain_text::attribute(tag, "href") {
                        self.link(path, place, &href);
                    }
                }
                "img" | "mj-image" => {
                    if plain_text::attribute(tag, "alt").is_none() {
                        let en = "An image has no alt: it says nothing to those who do not see it";
                        let zh = "图片缺少 alt 文字，看不到图片的人无从得知内容";
                        self.warn(("image_without_alt", "hint"), path.to_owned(), place, en.into(), zh.into());
                    }
                    let href = plain_text::attribute(tag, "href").filter(|_| name == "mj-image");
                    for address in plain_text::attribute(tag, "src").into_iter().chain(href) {
                        self.link(path, place, &address);
                    }
                }
                _ => {}
            }
        }
    }

    fn link(&mut self, path: &str, place: Option<(usize, usize)>, href: &str) {
        let href = href.trim();
        let path = path.to_owned();
        if href.starts_with("{{")
            || href.starts_with("{%")
            || href.starts_with("mailto:")
            || href.starts_with("tel:")
            || href.starts_with("cid:")
            || href.starts_with("data:image/")
            || href.starts_with("sms:")
        {
            return;
        }
        if href.is_empty() || href.starts_with('#') {
            let (en, zh) = ("A link leads nowhere", "链接为空，点击后无处可去");
            self.warn(("dead_link", "error"), path, place, en.into(), zh.into());
            return;
        }
        let address = without_tags(href);
        let dead = match Url::parse(&address) {
            Ok(url) if !["http", "https"].contains(&url.scheme()) => true,
            Ok(url) => !is_public(&url),
            // The host itself may come from a variable.
            Err(_) => !(href.contains("{{") && href.starts_with("http")),
        };
        if !dead && !href.contains('{') {
            self.links.push(Link { path: path.clone(), place, address: href.to_owned() });
        }
        if dead {
            let en = format!("\"{href}\" cannot be opened by members");
            let zh = format!("会员无法打开“{href}”");
            self.warn(("dead_link", "error"), path, place, en, zh);
        } else if address.starts_with("http:") {
            let en = format!("\"{href}\" is not encrypted; use https");
            let zh = format!("“{href}”未加密，请使用 https");
            self.warn(("insecure_link", "warning"), path, place, en, zh);
        }
    }
}

/// Whether an address may lead to something on the internet, as far as it tells by itself.
fn is_public(url: &Url) -> bool {
    match url.host() {
        None => false,
        Some(Host::Ipv4(address)) => {
            !(address.is_loopback() || address.is_private() || address.is_unspecified() || address.is_link_local())
        }
        Some(Host::Ipv6(address)) => !(address.is_loopback() || address.is_unspecified()),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            let inside = [".local", ".localhost", ".internal", ".lan", ".invalid", ".test"];
            name.contains('.') && !inside.iter().any(|end| name.ends_with(end))
        }
    }
}
