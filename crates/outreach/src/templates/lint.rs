//! What may be wrong with a template although it can be rendered.

use std::collections::{BTreeMap, BTreeSet};

use base::ids::WorkspaceId;
use channels::Form;
use serde::Serialize;
use store::{DbErr, FromQueryResult, Sql};
use url::{Host, Url};
use utoipa::ToSchema;

use super::{Content, Partial, content::Parts, plain_text, spam, variables};
use crate::tracking::scan_text;

/// Mail programs show no more of a subject on a telephone, in columns; Chinese characters take two.
const MAX_SUBJECT: usize = 70;
/// The same of a preheader.
const MAX_PREHEADER: usize = 120;
/// Gmail clips what is larger (102 KB of HTML).
const CLIPPED_AT: usize = 102 * 1024;
/// Warnings of one template.
const MOST: usize = 100;
/// Members whose traits are looked at for names of traits.
const SAMPLE: i64 = 300;
/// What templates can ask for, beside the traits of members.
const ROOTS: &[&str] = &[
    "body",
    "channel",
    "event",
    "journey",
    "language",
    "member",
    "now",
    "preferences_url",
    "rules",
    "time_zone",
    "unsubscribe_url",
    "workspace",
];
const OF_MEMBER: &[&str] = &["id", "traits", "tags", "stage", "email"];
/// Variables that are always there.
const CERTAIN: &[&str] =
    &["language", "now", "preferences_url", "time_zone", "unsubscribe_url", "rules", "workspace", "channel"];

/// Something that may be wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TemplateWarning)]
pub(super) struct Warning {
    /// A stable code.
    pub code: &'static str,
    /// `error` for what members would see, `warning` for what may do harm, `hint` for what could be better.
    pub severity: &'static str,
    /// The part, such as `translations.zh.subject`.
    pub path: String,
    /// Line, counted from 1, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

/// The names of traits that members of a workspace have, as far as a sample and the definitions tell.
pub(super) async fn known_traits(db: &impl Sql, workspace: WorkspaceId) -> Result<BTreeSet<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct TextRow {
        text: String,
    }
    let defined: Vec<TextRow> =
        db.all("SELECT name AS text FROM traits WHERE workspace_id = $1", vec![workspace.0.into()]).await?;
    let said: Vec<TextRow> = db
        .all(
            "SELECT traits_json AS text FROM identities WHERE workspace_id = $1 ORDER BY id DESC LIMIT $2",
            vec![workspace.0.into(), SAMPLE.into()],
        )
        .await?;
    let mut names: BTreeSet<String> = defined.into_iter().map(|row| row.text).collect();
    for row in said {
        let traits: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&row.text).unwrap_or_default();
        names.extend(traits.into_iter().map(|(name, _)| name));
    }
    Ok(names)
}

/// What is found in a partial. Which rules it may ask, and what stands around it, is for the templates to say.
pub(super) fn lint_partial(partial: &Partial, traits: &BTreeSet<String>) -> Vec<Warning> {
    let Partial { text, html, mjml } = partial.clone();
    let content = Content { parts: Parts { text, html, mjml, ..Parts::default() }, ..Content::default() };
    let mut linter = Linter { content: &content, traits, is_piece: true, found: Vec::new(), links: Vec::new() };
    linter.variables("", &content.parts);
    for (name, source) in content.parts.named() {
        linter.seen(name, source);
    }
    linter.found.truncate(MOST);
    linter.found
}

/// What is found in a template. `traits` are those that members have; `html` is the size of what its bodies are
/// compiled into, by language.
pub(super) fn lint(
    form: Form,
    content: &Content,
    traits: &BTreeSet<String>,
    html: &BTreeMap<String, usize>,
) -> Vec<Warning> {
    let mut linter = Linter { content, traits, is_piece: false, found: Vec::new(), links: Vec::new() };
    for (before, parts) in content.named_parts() {
        linter.variables(&before, parts);
        if form == Form::Letter {
            linter.letter(&before, parts);
        }
    }
    if form == Form::Letter {
        linter.as_a_whole(html);
    }
    linter.found.truncate(MOST);
    linter.found
}

/// A link that is the same for everybody, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub path: String,
    pub line: Option<usize>,
    pub address: String,
}

/// The links of a template that are the same for everybody, each address once, apart from those that cannot lead
/// anywhere as they are.
pub(super) fn fixed_links(content: &Content) -> Vec<Link> {
    let traits = BTreeSet::new();
    let mut linter = Linter { content, traits: &traits, is_piece: false, found: Vec::new(), links: Vec::new() };
    for (before, parts) in content.named_parts() {
        for (name, source) in parts.named() {
            let path = format!("{before}{name}");
            match name {
                "html" | "mjml" => linter.markup(&path, source),
                "text" => {
                    for link in scan_text(source) {
                        let line = source[..link.range.start].matches('\n').count() + 1;
                        // An address ends where a tag begins; with what the tag writes, it is another.
                        let goes_on = source[link.range.end..].starts_with('{');
                        if !goes_on {
                            linter.link(&path, Some(line), &link.url);
                        }
                    }
                }
                _ => {}
            }
        }
    }
    let mut known = BTreeSet::new();
    linter.links.retain(|link| known.insert(link.address.clone()));
    linter.links
}

struct Linter<'a> {
    content: &'a Content,
    traits: &'a BTreeSet<String>,
    /// Whether it is a partial, of which the rest is not known.
    is_piece: bool,
    found: Vec<Warning>,
    /// The links that are the same for everybody.
    links: Vec<Link>,
}

impl Linter<'_> {
    fn warn(
        &mut self,
        (code, severity): (&'static str, &'static str),
        path: String,
        line: Option<usize>,
        en: String,
        zh: String,
    ) {
        let warning = Warning { code, severity, path, line, en, zh };
        if !self.found.contains(&warning) {
            self.found.push(warning);
        }
    }

    fn variables(&mut self, before: &str, parts: &Parts) {
        for (name, source) in parts.named() {
            let path = format!("{before}{name}");
            for asked in variables::asked(source).unwrap_or_default() {
                let line = Some(asked.line);
                let variable = &asked.path;
                if !self.is_known(variable) {
                    let en = format!("Nothing is known as \"{variable}\"");
                    let zh = format!("没有名为“{variable}”的变量");
                    self.warn(("unknown_variable", "warning"), path.clone(), line, en, zh);
                } else if asked.is_bare && !CERTAIN.contains(&variable.split('.').next().unwrap_or_default()) {
                    let en = format!(
                        "\"{variable}\" may be missing; say what to write then: {{{{ {variable}|fallback(\"…\") }}}}"
                    );
                    let zh = format!("“{variable}”可能缺失，请给出备用文字：{{{{ {variable}|fallback(\"…\") }}}}");
                    self.warn(("missing_fallback", "hint"), path.clone(), line, en, zh);
                }
            }
            self.braces(&path, source);
        }
    }

    fn is_known(&self, path: &str) -> bool {
        let mut names = path.split('.');
        let root = names.next().unwrap_or_default();
        match (root, names.next()) {
            ("member", Some("traits")) => names.next().is_none_or(|name| self.traits.contains(name)),
            ("member", Some(name)) => OF_MEMBER.contains(&name) || self.traits.contains(name),
            ("rules", Some(_)) if self.is_piece => true,
            ("rules", Some(name)) => self.content.extra.rules.contains_key(name),
            ("workspace", Some(name)) => ["id", "name"].contains(&name),
            ("channel", Some(name)) => name == "physical_address",
            _ => ROOTS.contains(&root),
        }
    }

    /// Braces that were meant as a tag and are none.
    fn braces(&mut self, path: &str, source: &str) {
        let (mut line, mut in_tag) = (0, false);
        for text in source.lines() {
            line += 1;
            let mut rest = text;
            while let Some(at) = rest.find(['{', '}']) {
                let two = rest.get(at..at + 2).unwrap_or_default();
                match two {
                    "{{" | "{%" | "{#" => in_tag = true,
                    "}}" if !in_tag => {
                        let (en, zh) =
                            ("\"}}\" closes nothing and is shown to members", "“}}”没有对应的“{{”，会原样显示给会员");
                        self.warn(("unbalanced_braces", "error"), path.to_owned(), Some(line), en.into(), zh.into());
                    }
                    "}}" => in_tag = false,
                    _ => {}
                }
                if rest[at..].starts_with('}') && rest[..at].ends_with(['%', '#']) {
                    in_tag = false;
                }
                rest = rest.get(at + if two.len() == 2 && two != "}%" { 2 } else { 1 }..).unwrap_or_default();
            }
        }
    }

    fn letter(&mut self, before: &str, parts: &Parts) {
        for (name, most, code) in
            [("subject", MAX_SUBJECT, "subject_too_long"), ("preheader", MAX_PREHEADER, "preheader_too_long")]
        {
            let source = if name == "subject" { &parts.subject } else { &parts.preheader };
            let columns = columns(&without_tags(source));
            if columns > most {
                let en = format!("The {name} has {columns} columns; telephones show about {most}");
                let what = if name == "subject" { "主题" } else { "预览文字" };
                let zh = format!("{what}宽度为 {columns} 列，手机上大约只显示 {most} 列（一个汉字占两列）");
                self.warn((code, "hint"), format!("{before}{name}"), None, en, zh);
            }
        }
        let letters: Vec<char> = without_tags(&parts.subject).chars().filter(char::is_ascii_alphabetic).collect();
        if letters.len() >= 8 && letters.iter().all(char::is_ascii_uppercase) {
            let (en, zh) = ("The subject is all in capitals, as that of spam", "主题全为大写字母，容易被当作垃圾邮件");
            self.warn(("all_caps", "warning"), format!("{before}subject"), None, en.into(), zh.into());
        }
        for (name, source) in parts.named() {
            self.seen(&format!("{before}{name}"), source);
        }
        if !parts.mjml.is_empty() && !parts.preheader.is_empty() && parts.mjml.contains("<mj-preview") {
            let (en, zh) = (
                "There is a preheader and an <mj-preview>; mail programs show both",
                "同时存在预览文字与 <mj-preview>，邮件客户端会显示两段",
            );
            self.warn(("two_preheaders", "warning"), format!("{before}preheader"), None, en.into(), zh.into());
        }
    }

    /// Words, links and images of a part.
    fn seen(&mut self, path: &str, source: &str) {
        let is_markup = path.ends_with("html") || path.ends_with("mjml");
        let seen = if is_markup { plain_text::from_html(source) } else { source.to_owned() };
        for word in spam::found_in(&seen) {
            let en = format!("Filters of spam know \"{word}\"");
            let zh = format!("“{word}”是垃圾邮件常用词");
            self.warn(("spam_word", "hint"), path.to_owned(), None, en, zh);
        }
        if is_markup {
            self.markup(path, source);
        }
    }

    /// Links and images.
    fn markup(&mut self, path: &str, source: &str) {
        let mut at = 0;
        while let Some(start) = source[at..].find('<').map(|found| at + found) {
            let Some(end) = source[start..].find('>').map(|end| start + end) else { break };
            let tag = &source[start + 1..end];
            at = end + 1;
            let name =
                tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default().to_ascii_lowercase();
            let line = Some(source.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count() + 1);
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
                self.warn(("outside_image", "warning"), path.to_owned(), line, en, zh);
            }
            match name.as_str() {
                "a" | "area" | "mj-button" | "mj-navbar-link" | "mj-social-element" => {
                    if let Some(href) = plain_text::attribute(tag, "href") {
                        self.link(path, line, &href);
                    }
                }
                "img" | "mj-image" => {
                    if plain_text::attribute(tag, "alt").is_none() {
                        let en = "An image has no alt: it says nothing to those who do not see it";
                        let zh = "图片缺少 alt 文字，看不到图片的人无从得知内容";
                        self.warn(("image_without_alt", "hint"), path.to_owned(), line, en.into(), zh.into());
                    }
                    let href = plain_text::attribute(tag, "href").filter(|_| name == "mj-image");
                    for address in plain_text::attribute(tag, "src").into_iter().chain(href) {
                        self.link(path, line, &address);
                    }
                }
                _ => {}
            }
        }
    }

    fn link(&mut self, path: &str, line: Option<usize>, href: &str) {
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
            self.warn(("dead_link", "error"), path, line, en.into(), zh.into());
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
            self.links.push(Link { path: path.clone(), line, address: href.to_owned() });
        }
        if dead {
            let en = format!("\"{href}\" cannot be opened by members");
            let zh = format!("会员无法打开“{href}”");
            self.warn(("dead_link", "error"), path, line, en, zh);
        } else if address.starts_with("http:") {
            let en = format!("\"{href}\" is not encrypted; use https");
            let zh = format!("“{href}”未加密，请使用 https");
            self.warn(("insecure_link", "warning"), path, line, en, zh);
        }
    }

    fn as_a_whole(&mut self, html: &BTreeMap<String, usize>) {
        for variant in self.content.variants() {
            let path = |name: &str| match variant.language {
                "" => name.to_owned(),
                language => format!("translations.{language}.{name}"),
            };
            let parts = &variant.parts;
            let compiled = html.get(variant.language).copied().unwrap_or(parts.html.len());
            if compiled > CLIPPED_AT {
                let kilobytes = compiled.div_ceil(1024);
                let en = format!("The HTML has {kilobytes} KB; Gmail shows what is beyond 102 KB only on demand");
                let zh = format!("HTML 为 {kilobytes} KB，超过 102 KB 的部分会被 Gmail 截断");
                self.warn(("clipped", "warning"), path("html"), None, en, zh);
            }
            let body = format!("{}{}{}", parts.text, parts.html, parts.mjml);
            if !["unsubscribe_url", "preferences_url", "include"].iter().any(|way| body.contains(way)) {
                let en = "There is no link for leaving: put {{ unsubscribe_url }} into every message that is not transactional";
                let zh = "缺少退订链接：除事务性消息外，请在正文中加入 {{ unsubscribe_url }}";
                self.warn(("missing_unsubscribe", "warning"), path("html"), None, en.into(), zh.into());
            }
            if parts.subject.trim().is_empty() {
                let (en, zh) = ("There is no subject", "缺少主题");
                self.warn(("missing_subject", "warning"), path("subject"), None, en.into(), zh.into());
            }
            if parts.text.trim().is_empty() {
                let (en, zh) = ("There is no text; it is made from the HTML", "没有纯文本部分，将由 HTML 自动生成");
                self.warn(("missing_text", "hint"), path("text"), None, en.into(), zh.into());
            }
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

/// A source with an `x` in the place of each tag.
fn without_tags(source: &str) -> String {
    let mut output = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        output.push_str(&rest[..at]);
        let closing = if rest[at..].starts_with("{{") { "}}" } else { "%}" };
        if closing == "}}" {
            output.push('x');
        }
        rest = rest[at..].find(closing).map_or("", |end| &rest[at + end + 2..]);
    }
    output.push_str(rest);
    output
}

/// How wide a text is; what is Chinese, Japanese or Korean takes two columns.
fn columns(text: &str) -> usize {
    let is_wide = |c: char| matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}');
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(parts: Parts) -> Vec<String> {
        let content = Content { parts, ..Content::default() };
        let traits = BTreeSet::from(["name".to_owned()]);
        lint(Form::Letter, &content, &traits, &BTreeMap::new())
            .into_iter()
            .map(|found| format!("{}@{}", found.code, found.path))
            .collect()
    }

    fn good() -> Parts {
        Parts {
            subject: "Hello {{ member.name|fallback('friend') }}".to_owned(),
            text: "Bye {{ unsubscribe_url }}".to_owned(),
            html: "<img alt=\"\" src=\"https://shop.example/a.png\"><a href=\"{{ unsubscribe_url }}\">out</a>"
                .to_owned(),
            ..Parts::default()
        }
    }

    #[test]
    fn a_good_template_has_no_warnings_and_each_fault_has_its_own() {
        assert_eq!(codes(good()), Vec::<String>::new());
        type Spoil = fn(&mut Parts);
        let faults: [(&str, Spoil); 16] = [
            ("unknown_variable@text", |parts| parts.text += "{{ member.nmae|fallback('x') }}"),
            ("unknown_variable@text", |parts| parts.text += "{% if rules.vip %}{% endif %}"),
            ("missing_fallback@text", |parts| parts.text += "{{ member.name }}"),
            ("unbalanced_braces@text", |parts| parts.text += "name }}"),
            ("subject_too_long@subject", |parts| parts.subject += &"很".repeat(40)),
            ("preheader_too_long@preheader", |parts| parts.preheader = "a".repeat(200)),
            ("all_caps@subject", |parts| parts.subject = "BUY MORE BREAD".to_owned()),
            ("spam_word@text", |parts| parts.text += " 点击领取"),
            ("clipped@html", |parts| parts.html += &"a".repeat(110_000)),
            ("dead_link@html", |parts| parts.html += "<a href=\"http://localhost:8080/\">a</a>"),
            ("dead_link@html", |parts| parts.html += "<a href=\"#\">a</a>"),
            ("insecure_link@html", |parts| {
                parts.html += "<a href=\"http://shop.example/{{ event.id|fallback(1) }}\">a</a>"
            }),
            ("image_without_alt@html", |parts| parts.html += "<img src=\"https://shop.example/b.png\">"),
            ("outside_image@mjml", |parts| {
                parts.mjml =
                    "<mj-social-element name=\"x\" href=\"https://x.example/\">x</mj-social-element>".to_owned()
            }),
            ("missing_unsubscribe@html", |parts| (parts.text, parts.html) = ("a".to_owned(), String::new())),
            ("missing_text@text", |parts| parts.text = String::new()),
        ];
        for (expected, spoil) in faults {
            let mut parts = good();
            spoil(&mut parts);
            assert_eq!(codes(parts), [expected]);
        }
    }
}
