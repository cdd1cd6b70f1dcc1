//! Partials: pieces that templates put in by name, such as a footer.
//!
//! A message takes the partial as it is when the message is made, so a changed footer is in all that is sent from then on.
//! A piece of MJML is put into the MJML of a template before that is compiled; HTML and text are put in when the message
//! is rendered. Partials may put in one another, but not themselves, and not more than four in one another.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::{Code, Problem};

use super::{Content, engine::has_filter, guard, mjml};

/// Bytes of a partial, all forms together.
const MAX_SOURCE: usize = 100_000;
/// How many may stand in one another.
const MAX_DEPTH: usize = 4;

/// A partial, in the forms that it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partial {
    /// For texts, and for everything else when it has no other form.
    pub text: String,
    /// For HTML.
    pub html: String,
    /// For MJML.
    pub mjml: String,
}

/// The partials of a workspace, by name.
pub type Partials = BTreeMap<String, Partial>;

impl Partial {
    /// What stands in a part of this form: `html`, `json` or `text`.
    pub(super) fn source(&self, form: &str) -> Option<&str> {
        let forms = if form == "html" { [&self.html, &self.text] } else { [&self.text, &self.text] };
        forms.into_iter().find(|source| !source.is_empty()).map(String::as_str)
    }

    /// The forms that it has, with their sources.
    pub(super) fn forms(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [("text", &self.text), ("html", &self.html), ("mjml", &self.mjml)];
        all.into_iter().filter(|(_, source)| !source.is_empty()).map(|(form, source)| (form, source.as_str()))
    }

    /// Refuses a partial that cannot be used by itself. Returns the names of those that it puts in.
    pub(super) fn check(&self) -> Result<BTreeSet<String>, Problem> {
        let mut includes = BTreeSet::new();
        if self.forms().map(|(_, source)| source.len()).sum::<usize>() > MAX_SOURCE {
            return Err(Problem::with(Code::InvalidTemplate, "a partial has at most 100,000 bytes"));
        }
        for (form, source) in self.forms() {
            let refused = |refused: guard::Refused| Problem::at(Code::InvalidTemplate, form, refused.to_string());
            if source.contains('\0') {
                return Err(Problem::at(Code::InvalidTemplate, form, "contains the NUL character"));
            }
            let metered = guard::metered(source, &has_filter, form).map_err(refused)?;
            includes.extend(metered.includes.into_iter().map(|(name, _)| name));
            if form == "mjml" {
                mjml::check_piece(source).map_err(refused)?;
            }
        }
        Ok(includes)
    }
}

/// The names that the parts of a template put in themselves.
pub(super) fn includes_of(content: &Content) -> Result<BTreeSet<String>, Problem> {
    let mut found = BTreeSet::new();
    for (path, parts) in content.named_parts() {
        for (name, source) in parts.named() {
            let metered = guard::metered(source, &has_filter, "text")
                .map_err(|refused| Problem::at(Code::InvalidTemplate, format!("{path}{name}"), refused.to_string()))?;
            found.extend(metered.includes.into_iter().map(|(name, _)| name));
        }
    }
    Ok(found)
}

/// All that a name leads to, itself included. Fails when one is missing, or leads back to where it stands.
pub(super) fn closure(
    names: &BTreeSet<String>,
    includes: &BTreeMap<String, BTreeSet<String>>,
) -> Result<BTreeSet<String>, Problem> {
    let mut heights = BTreeMap::new();
    let mut way: Vec<&str> = Vec::new();
    for name in names {
        descend(name, includes, &mut way, &mut heights)?;
    }
    Ok(heights.into_keys().map(str::to_owned).collect())
}

/// How many stand in one another below a name, itself included.
fn descend<'i>(
    name: &'i str,
    includes: &'i BTreeMap<String, BTreeSet<String>>,
    way: &mut Vec<&'i str>,
    heights: &mut BTreeMap<&'i str, usize>,
) -> Result<usize, Problem> {
    if let Some(height) = heights.get(name) {
        return Ok(*height);
    }
    if way.contains(&name) {
        let circle = format!("the partial \"{name}\" would stand in itself: {} → {name}", way.join(" → "));
        return Err(Problem::with(Code::InvalidTemplate, circle));
    }
    let Some(next) = includes.get(name) else {
        return Err(Problem::with(Code::UnknownReference, format!("there is no partial \"{name}\"")));
    };
    way.push(name);
    let mut height = 1;
    for other in next {
        height = height.max(1 + descend(other, includes, way, heights)?);
    }
    if height > MAX_DEPTH || way.len() > 10 * MAX_DEPTH {
        let message = format!("more than {MAX_DEPTH} partials stand in one another, from \"{name}\" on");
        return Err(Problem::with(Code::InvalidTemplate, message));
    }
    way.pop();
    heights.insert(name, height);
    Ok(height)
}

/// Puts the pieces of MJML into MJML. Their line breaks become spaces, so that lines keep their numbers. What has no
/// piece of MJML is left, to be put in as HTML.
pub(super) fn with_pieces(source: &str, partials: &Partials) -> Result<String, guard::Refused> {
    let mut whole = source.to_owned();
    // Each round goes one deeper.
    for _ in 0..=MAX_DEPTH {
        let mut output = String::with_capacity(whole.len());
        let mut copied = 0;
        for include in guard::include_tags(&whole, &has_filter)? {
            let Some(partial) = partials.get(&include.name).filter(|partial| !partial.mjml.is_empty()) else {
                continue;
            };
            output.push_str(&whole[copied..include.range.start]);
            output.push_str(&partial.mjml.replace(['\n', '\r'], " "));
            copied = include.range.end;
            if output.len() > 10 * MAX_SOURCE {
                return Err(guard::Refused { line: 1, message: "its partials make it too large".to_owned() });
            }
        }
        if copied == 0 {
            break;
        }
        output.push_str(&whole[copied..]);
        whole = output;
    }
    Ok(whole)
}

/// Bytes of HTML with the partials that are put in when it is rendered.
pub(super) fn whole_size(html: &str, partials: &Partials) -> usize {
    fn size<'p>(source: &str, partials: &'p Partials, known: &mut HashMap<&'p str, usize>) -> usize {
        let mut whole = source.len();
        for include in guard::include_tags(source, &has_filter).unwrap_or_default() {
            let Some((name, partial)) = partials.get_key_value(&include.name) else { continue };
            let inner = known.get(name.as_str()).copied().unwrap_or_else(|| {
                // One that would stand in itself adds nothing.
                known.insert(name, 0);
                let inner = size(partial.source("html").unwrap_or_default(), partials, known);
                known.insert(name, inner);
                inner
            });
            whole = whole.saturating_add(inner);
        }
        whole
    }
    size(html, partials, &mut HashMap::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &[&str])]) -> BTreeMap<String, BTreeSet<String>> {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        edges.iter().map(|(name, next)| ((*name).to_owned(), set(next))).collect()
    }

    #[test]
    fn the_size_of_html_counts_its_partials_as_often_as_they_stand_in_it() {
        let partial = |html: &str| Partial { html: html.to_owned(), ..Partial::default() };
        let nested = "{% include 'b' %}".repeat(2);
        let partials = Partials::from([
            ("a".to_owned(), partial(&nested)),
            ("b".to_owned(), partial("12345")),
            ("c".to_owned(), partial("{% include 'c' %}")),
        ]);
        let whole = "<p>{% include 'a' %}{% include 'a' %}{% include 'c' %}{% include 'none' %}";
        assert_eq!(whole_size(whole, &partials), whole.len() + 2 * (nested.len() + 10) + 17);
    }

    #[test]
    fn circles_missing_ones_and_depth_are_told() {
        let names = |name: &str| BTreeSet::from([name.to_owned()]);
        let told = |name: &str, graph| closure(&names(name), &graph).unwrap_err().to_string();
        assert!(told("a", graph(&[("a", &["b"]), ("b", &["a"])])).contains("a → b → a"));
        assert!(told("a", graph(&[("a", &["b"])])).contains("no partial \"b\""));
        let deep = graph(&[("a", &["b"]), ("b", &["c"]), ("c", &["d"]), ("d", &["e"]), ("e", &[])]);
        assert!(told("a", deep.clone()).contains("more than 4"));
        assert_eq!(closure(&names("b"), &deep).unwrap().len(), 4);
    }
}
