//! What a reader of a letter sees: subject, preheader, words, and the whole.

use std::collections::BTreeMap;

use super::Linter;
use crate::templates::{
    content::Parts,
    pieces::{Piece, pieces},
    plain_text, spam,
};

/// Mail programs show no more of a subject on a telephone, in columns; Chinese characters take two.
const MAX_SUBJECT: usize = 70;
/// The same of a preheader.
const MAX_PREHEADER: usize = 120;
/// Gmail clips what is larger (102 KB of HTML).
const CLIPPED_AT: usize = 102 * 1024;
impl Linter<'_> {
    pub(super) fn letter(&mut self, before: &str, parts: &Parts) {
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
        let letters: Vec<char> =
            in_place_of_tags(&parts.subject, "").chars().filter(char::is_ascii_alphabetic).collect();
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
    pub(super) fn seen(&mut self, path: &str, source: &str) {
        let is_markup = path.ends_with("html") || path.ends_with("mjml");
        let seen = if is_markup { plain_text::from_html(source) } else { source.to_owned() };
        for word in spam::found_in(&seen) {
            let en = format!("\"{word}\" is what spam says; filters weigh such words");
            let zh = format!("“{word}”是垃圾邮件常用词，可能被邮箱拦截");
            self.warn(("spam_word", "hint"), path.to_owned(), spam::place_of(source, word), en, zh);
        }
        self.destinations(path, source);
    }

    pub(super) fn as_a_whole(&mut self, html: &BTreeMap<String, usize>) {
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
            if !["unsubscribe_url", "preferences_url", "confirm_url", "include"].iter().any(|way| body.contains(way)) {
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

/// A source with an `x` in the place of each tag that writes something.
pub(super) fn without_tags(source: &str) -> String {
    in_place_of_tags(source, "x")
}

fn in_place_of_tags(source: &str, written: &str) -> String {
    let mut output = String::with_capacity(source.len());
    for piece in pieces(source).unwrap_or_default() {
        match piece {
            Piece::Text(range) => output.push_str(&source[range]),
            Piece::Value(_) => output.push_str(written),
            Piece::Silent(_) => {}
        }
    }
    output
}

/// How wide a text is; what is Chinese, Japanese or Korean takes two columns.
fn columns(text: &str) -> usize {
    let is_wide = |c: char| matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}');
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}
