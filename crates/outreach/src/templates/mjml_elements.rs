//! The elements of MJML: which attributes they have, and what may stand in them.
//!
//! From the component definitions of MJML 4.18 (mjml-preset-core, `allowedAttributes` and `dependencies`), without
//! `mj-include`, which would read files, and `mj-html-attributes`.

/// An element of MJML.
pub(super) struct Element {
    pub name: &'static str,
    attributes: &'static str,
    children: &'static str,
}

const fn element(name: &'static str, attributes: &'static str, children: &'static str) -> Element {
    Element { name, attributes, children }
}

/// Attributes that every element of the body has.
const COMMON: &[&str] = &["css-class", "mj-class"];

const ELEMENTS: &[Element] = &[
    element(
        "mj-accordion",
        "container-background-color border font-family icon-align icon-width icon-height icon-wrapped-url icon-wrapped-alt icon-unwrapped-url icon-unwrapped-alt icon-position padding-bottom padding-left padding-right padding-top padding",
        "mj-accordion-element mj-raw",
    ),
    element(
        "mj-accordion-element",
        "background-color border font-family icon-align icon-width icon-height icon-wrapped-url icon-wrapped-alt icon-unwrapped-url icon-unwrapped-alt icon-position",
        "mj-accordion-title mj-accordion-text mj-raw",
    ),
    element(
        "mj-accordion-text",
        "background-color font-size font-family font-weight letter-spacing line-height color padding-bottom padding-left padding-right padding-top padding",
        "",
    ),
    element(
        "mj-accordion-title",
        "background-color color font-size font-family font-weight padding-bottom padding-left padding-right padding-top padding",
        "",
    ),
    element("mj-all", "*", ""),
    element("mj-attributes", "", "*"),
    element("mj-body", "width background-color", "mj-raw mj-section mj-wrapper mj-hero"),
    element("mj-breakpoint", "width", ""),
    element(
        "mj-button",
        "align background-color border-bottom border-left border-radius border-right border-top border color container-background-color font-family font-size font-style font-weight height href name title inner-padding letter-spacing line-height padding-bottom padding-left padding-right padding-top padding rel target text-decoration text-transform vertical-align text-align width",
        "",
    ),
    element(
        "mj-carousel",
        "align border-radius container-background-color icon-width left-icon padding padding-top padding-bottom padding-left padding-right right-icon thumbnails tb-border tb-border-radius tb-hover-border-color tb-selected-border-color tb-width",
        "mj-carousel-image",
    ),
    element(
        "mj-carousel-image",
        "alt href rel target title src thumbnails-src border-radius tb-border tb-border-radius",
        "",
    ),
    element("mj-class", "*", ""),
    element(
        "mj-column",
        "background-color border border-bottom border-left border-radius border-right border-top direction inner-background-color padding-bottom padding-left padding-right padding-top inner-border inner-border-bottom inner-border-left inner-border-radius inner-border-right inner-border-top padding vertical-align width",
        "mj-accordion mj-button mj-carousel mj-divider mj-image mj-raw mj-social mj-spacer mj-table mj-text mj-navbar",
    ),
    element(
        "mj-divider",
        "border-color border-style border-width container-background-color padding padding-bottom padding-left padding-right padding-top width align",
        "",
    ),
    element("mj-font", "name href", ""),
    element("mj-group", "background-color direction vertical-align width", "mj-column mj-raw"),
    element("mj-head", "", "mj-attributes mj-breakpoint mj-font mj-preview mj-style mj-title mj-raw"),
    element(
        "mj-hero",
        "mode height background-url background-width background-height background-position border-radius container-background-color inner-background-color inner-padding inner-padding-top inner-padding-left inner-padding-right inner-padding-bottom padding padding-bottom padding-left padding-right padding-top background-color vertical-align",
        "mj-accordion mj-button mj-carousel mj-divider mj-image mj-social mj-spacer mj-table mj-text mj-navbar mj-raw",
    ),
    element(
        "mj-image",
        "alt href name src srcset sizes title rel align border border-bottom border-left border-right border-top border-radius container-background-color fluid-on-mobile padding padding-bottom padding-left padding-right padding-top target width height max-height font-size usemap",
        "",
    ),
    element(
        "mj-navbar",
        "align base-url hamburger ico-align ico-open ico-close ico-color ico-font-size ico-font-family ico-text-transform ico-padding ico-padding-left ico-padding-top ico-padding-right ico-padding-bottom padding padding-left padding-top padding-right padding-bottom ico-text-decoration ico-line-height",
        "mj-navbar-link mj-raw",
    ),
    element(
        "mj-navbar-link",
        "color font-family font-size font-style font-weight href name target rel letter-spacing line-height padding-bottom padding-left padding-right padding-top padding text-decoration text-transform",
        "",
    ),
    element("mj-preview", "", ""),
    element("mj-raw", "position", ""),
    element(
        "mj-section",
        "background-color background-url background-repeat background-size background-position background-position-x background-position-y border border-bottom border-left border-radius border-right border-top direction full-width padding padding-top padding-bottom padding-left padding-right text-align text-padding",
        "mj-column mj-group mj-raw",
    ),
    element(
        "mj-social",
        "align border-radius container-background-color color font-family font-size font-style font-weight icon-size icon-height icon-padding inner-padding line-height mode padding-bottom padding-left padding-right padding-top padding table-layout text-padding text-decoration vertical-align",
        "mj-social-element mj-raw",
    ),
    element(
        "mj-social-element",
        "align icon-position background-color color border-radius font-family font-size font-style font-weight href icon-size icon-height icon-padding line-height name padding-bottom padding-left padding-right padding-top padding text-padding rel src srcset sizes alt title target text-decoration vertical-align",
        "",
    ),
    element(
        "mj-spacer",
        "border border-bottom border-left border-right border-top container-background-color padding-bottom padding-left padding-right padding-top padding height",
        "",
    ),
    element("mj-style", "inline", ""),
    element(
        "mj-table",
        "align border cellpadding cellspacing container-background-color color font-family font-size font-weight line-height padding-bottom padding-left padding-right padding-top padding role table-layout vertical-align width",
        "",
    ),
    element(
        "mj-text",
        "align background-color color container-background-color font-family font-size font-style font-weight height letter-spacing line-height padding-bottom padding-left padding-right padding-top padding text-decoration text-transform vertical-align",
        "",
    ),
    element("mj-title", "", ""),
    element(
        "mj-wrapper",
        "background-color background-url background-repeat background-size background-position background-position-x background-position-y border border-bottom border-left border-radius border-right border-top direction full-width padding padding-top padding-bottom padding-left padding-right text-align text-padding gap",
        "mj-hero mj-raw mj-section",
    ),
    element("mjml", "lang dir owa", "mj-body mj-head mj-raw"),
];

/// The element of this name.
pub(super) fn element_named(name: &str) -> Option<&'static Element> {
    ELEMENTS.iter().find(|element| element.name == name)
}

impl Element {
    /// Whether it has this attribute; `mj-all` and `mj-class` have those of all elements.
    pub(super) fn has_attribute(&self, name: &str) -> bool {
        let has = |element: &Element| element.attributes.split(' ').any(|other| other == name);
        if COMMON.contains(&name) || has(self) {
            return true;
        }
        self.attributes == "*" && (name == "name" || ELEMENTS.iter().any(has))
    }

    /// The attribute that was probably meant: one that differs in at most two letters.
    pub(super) fn similar_attribute(&self, name: &str) -> Option<&'static str> {
        let candidates = self.attributes.split(' ').filter(|other| !other.is_empty());
        candidates
            .map(|other| (distance(name, other), other))
            .filter(|(far, _)| *far <= 2)
            .min()
            .map(|(_, other)| other)
    }

    /// Whether other elements stand in it, and neither text nor HTML.
    pub(super) fn holds_elements(&self) -> bool {
        !self.children.is_empty()
    }

    /// Whether this element of MJML may stand in it.
    pub(super) fn may_hold(&self, name: &str) -> bool {
        self.children == "*" || self.children.split(' ').any(|other| other == name)
    }
}

/// The element that was probably meant.
pub(super) fn similar_element(name: &str) -> Option<&'static str> {
    let candidates = ELEMENTS.iter().map(|element| (distance(name, element.name), element.name));
    candidates.filter(|(far, _)| *far <= 2).min().map(|(_, other)| other)
}

/// How many letters must be put in, taken out or changed (Levenshtein 1966).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.chars().take(100).enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for place in 0..other.len() {
            let changed = diagonal + usize::from(other[place] != letter);
            diagonal = row[place + 1];
            row[place + 1] = changed.min(row[place] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}
