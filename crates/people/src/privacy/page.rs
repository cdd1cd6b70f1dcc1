//! Pages that can be read and printed: one file, without scripts and without anything from elsewhere. Whatever is put
//! into them is escaped.

use std::fmt::Write;

/// One of two texts.
pub(super) fn choose<'a>(chinese: bool, in_chinese: &'a str, in_english: &'a str) -> &'a str {
    if chinese { in_chinese } else { in_english }
}

/// Whether a reader gets Chinese: as he asks for it, else by his `Accept-Language`.
pub(super) fn reads_chinese(asked: Option<&str>, accept_language: &str) -> bool {
    let known = |word: &str| word.starts_with("zh") || word.starts_with("en");
    let accepted = accept_language.split(',').map(|part| part.trim().to_ascii_lowercase()).find(|part| known(part));
    let word = asked.map(str::to_ascii_lowercase).filter(|word| known(word)).or(accepted);
    word.is_some_and(|word| word.starts_with("zh"))
}

/// A page that is being written.
pub(super) struct Page {
    html: String,
}

const STYLE: &str = "body{font:15px/1.6 system-ui,'PingFang SC','Noto Sans CJK SC','Microsoft YaHei',sans-serif;\
     max-width:64em;margin:2.5em auto;padding:0 1.5em;color:#222;background:#fff}\
     h1{font-size:1.7em;line-height:1.3;margin:0 0 .4em}h2{font-size:1.2em;margin:2em 0 .5em;border-bottom:2px solid #b5532a}\
     table{border-collapse:collapse;width:100%;font-size:.9em}\
     th,td{text-align:left;vertical-align:top;padding:.35em .6em;border-bottom:1px solid #ddd;min-width:5.5em;\
     overflow-wrap:anywhere;white-space:pre-line}\
     th{background:#faf3ef;font-weight:600}dl{display:grid;grid-template-columns:max-content 1fr;gap:.25em 1.2em}\
     dt{color:#666}dd{margin:0;overflow-wrap:anywhere}.note,.small{color:#666;font-size:.88em}\
     .small{overflow-wrap:anywhere}.wide{overflow-x:auto}\
     nav ul{columns:3;padding-left:1.2em}a{color:#8f3f1d}a:focus-visible{outline:3px solid #e9a37f}\
     @media print{body{margin:0;max-width:none;font-size:11px}nav{display:none}.wide{overflow:visible}\
     h2{break-after:avoid}tr{break-inside:avoid}thead{display:table-header-group}}";

impl Page {
    pub(super) fn new(chinese: bool, title: &str) -> Page {
        let language = choose(chinese, "zh-CN", "en");
        let title = escape(title);
        let html = format!(
            "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"robots\" content=\"noindex\"><title>{title}</title><style>{STYLE}</style></head>\
             <body><main><h1>{title}</h1>"
        );
        Page { html }
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        let _ = write!(self.html, "<p>{}</p>", escape(text));
    }

    pub(super) fn small(&mut self, text: &str) {
        let _ = write!(self.html, "<p class=\"small\">{}</p>", escape(text));
    }

    pub(super) fn heading(&mut self, text: &str) {
        let _ = write!(self.html, "<h2>{}</h2>", escape(text));
    }

    /// A heading that the list of contents leads to.
    pub(super) fn section(&mut self, anchor: &str, text: &str) {
        let _ = write!(self.html, "<h2 id=\"{}\">{}</h2>", escape(anchor), escape(text));
    }

    /// Links to sections: anchor and text.
    pub(super) fn contents(&mut self, title: &str, links: &[(&str, String)]) {
        let _ = write!(self.html, "<nav aria-label=\"{}\"><ul>", escape(title));
        for (anchor, text) in links {
            let _ = write!(self.html, "<li><a href=\"#{}\">{}</a></li>", escape(anchor), escape(text));
        }
        self.html.push_str("</ul></nav>");
    }

    pub(super) fn facts(&mut self, facts: &[(String, String)]) {
        self.html.push_str("<dl>");
        for (name, value) in facts {
            let _ = write!(self.html, "<dt>{}</dt><dd>{}</dd>", escape(name), escape(value));
        }
        self.html.push_str("</dl>");
    }

    pub(super) fn list(&mut self, items: &[&str]) {
        self.html.push_str("<ul>");
        for item in items {
            let _ = write!(self.html, "<li>{}</li>", escape(item));
        }
        self.html.push_str("</ul>");
    }

    pub(super) fn table(&mut self, heads: &[&str], rows: Vec<Vec<String>>) {
        self.html.push_str("<div class=\"wide\"><table><thead><tr>");
        for head in heads {
            let _ = write!(self.html, "<th scope=\"col\">{}</th>", escape(head));
        }
        self.html.push_str("</tr></thead><tbody>");
        for row in rows {
            self.html.push_str("<tr>");
            for cell in row {
                let _ = write!(self.html, "<td>{}</td>", escape(&cell));
            }
            self.html.push_str("</tr>");
        }
        self.html.push_str("</tbody></table></div>");
    }

    /// What has been written so far, to be sent on.
    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.html)
    }

    pub(super) fn finish(mut self) -> String {
        self.html.push_str("</main></body></html>\n");
        self.html
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_put_in_becomes_a_part_of_the_page() {
        let evil = "<script>alert('1')</script>\"&";
        let mut page = Page::new(false, evil);
        page.facts(&[(evil.to_owned(), evil.to_owned())]);
        page.table(&[evil], vec![vec![evil.to_owned()]]);
        page.section(evil, evil);
        let html = page.finish();
        assert!(!html.contains("<script") && !html.contains("'1'"));
        assert_eq!(html.matches("&lt;script&gt;alert(&#39;1&#39;)").count(), 8);
    }

    #[test]
    fn who_asks_for_a_language_gets_it() {
        assert!(reads_chinese(Some("zh"), "en"));
        assert!(!reads_chinese(Some("en"), "zh-CN"));
        assert!(reads_chinese(None, "fr, zh-TW;q=0.8, en;q=0.5"));
        assert!(reads_chinese(Some("klingon"), "zh"));
        assert!(!reads_chinese(None, ""));
    }
}
