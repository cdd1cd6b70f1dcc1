//! Compiling rules into a book.

use std::collections::{BTreeMap, HashMap};

use base::{
    Event, Period, Time,
    ids::{SegmentId, WorkspaceId},
    rule::{Comparison, EventCondition, Measure, Operator, Rule},
};
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

/// Something that a change can touch; the key of the index from changes to rules.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Touch {
    /// An event of this name arrived.
    Event(String),
    /// A trait changed.
    Trait(String),
    /// A tag was added or removed.
    Tag(String),
    /// The life-cycle stage changed.
    Stage,
    /// Membership of a segment changed.
    Segment(SegmentId),
}

/// Which events, and which number of each.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Name of the event.
    pub event: String,
    /// All must hold.
    pub filters: Vec<Comparison>,
    /// The property that is aggregated, if any question asks for one.
    pub property: Option<String>,
    /// All windows in which it is asked for.
    pub windows: Vec<Period>,
}

/// A rule whose event conditions point into the book's selections.
#[derive(Clone, Debug)]
pub enum CompiledRule {
    /// Every one holds.
    All(Vec<CompiledRule>),
    /// At least one holds.
    Any(Vec<CompiledRule>),
    /// The other does not.
    Not(Box<CompiledRule>),
    /// A trait compares.
    Trait(Comparison),
    /// The member carries the tag.
    Tag(String),
    /// The member is in the stage.
    Stage(String),
    /// A question about a selection.
    Event {
        /// Index into [`RuleBook::selections`].
        selection: usize,
        /// What is computed.
        measure: Measure,
        /// How it compares.
        operator: Operator,
        /// With what.
        value: f64,
        /// Looking back how far.
        within: Option<Period>,
    },
    /// The member is in the segment.
    Segment(SegmentId),
}

/// A segment's rule in the book.
#[derive(Clone, Debug)]
pub struct CompiledSegment {
    /// The segment.
    pub id: SegmentId,
    /// Its rule.
    pub rule: CompiledRule,
    /// False while its first evaluation over history is under way.
    pub live: bool,
}

/// What a book is made from.
#[derive(Clone, Debug, Default)]
pub struct BookSource {
    /// Segments with their rules; `true` when live.
    pub segments: Vec<(SegmentId, Rule, bool)>,
    /// Rules of other features (journey branches), by a name of theirs.
    pub others: BTreeMap<String, Rule>,
}

/// Every live rule of one workspace, compiled.
#[derive(Clone, Debug)]
pub struct RuleBook {
    /// Whose rules.
    pub workspace: WorkspaceId,
    /// The workspace's zone, for calendar windows.
    pub zone: TimeZone,
    /// Counts up with every change of a rule.
    pub version: i64,
    /// Distinct selections.
    pub selections: Vec<Selection>,
    /// Segments, each after those that it refers to.
    pub segments: Vec<CompiledSegment>,
    others: HashMap<String, CompiledRule>,
    by_event: HashMap<String, Vec<usize>>,
    touched: HashMap<Touch, Vec<usize>>,
}

impl RuleBook {
    /// Compiles. Segments that refer to missing ones treat them as empty; circles must have been
    /// refused before.
    pub fn compile(workspace: WorkspaceId, zone: TimeZone, version: i64, source: &BookSource) -> RuleBook {
        let mut book = RuleBook {
            workspace,
            zone,
            version,
            selections: Vec::new(),
            segments: Vec::new(),
            others: HashMap::new(),
            by_event: HashMap::new(),
            touched: HashMap::new(),
        };
        let mut known: HashMap<String, usize> = HashMap::new();
        for (id, rule, live) in in_dependency_order(&source.segments) {
            let compiled = book.compile_rule(rule, &mut known);
            let index = book.segments.len();
            rule.walk(&mut |part| {
                for touch in touches_of(part) {
                    let list = book.touched.entry(touch).or_default();
                    if list.last() != Some(&index) {
                        list.push(index);
                    }
                }
            });
            book.segments.push(CompiledSegment { id, rule: compiled, live });
        }
        for (name, rule) in &source.others {
            let compiled = book.compile_rule(rule, &mut known);
            book.others.insert(name.clone(), compiled);
        }
        for (index, selection) in book.selections.iter().enumerate() {
            book.by_event.entry(selection.event.clone()).or_default().push(index);
        }
        book
    }

    fn compile_rule(&mut self, rule: &Rule, known: &mut HashMap<String, usize>) -> CompiledRule {
        match rule {
            Rule::All(rules) => CompiledRule::All(rules.iter().map(|r| self.compile_rule(r, known)).collect()),
            Rule::Any(rules) => CompiledRule::Any(rules.iter().map(|r| self.compile_rule(r, known)).collect()),
            Rule::Not(rule) => CompiledRule::Not(Box::new(self.compile_rule(rule, known))),
            Rule::Trait(comparison) => CompiledRule::Trait(comparison.clone()),
            Rule::Tag(tag) => CompiledRule::Tag(tag.clone()),
            Rule::Stage(stage) => CompiledRule::Stage(stage.clone()),
            Rule::Segment(id) => CompiledRule::Segment(*id),
            Rule::Event(condition) => CompiledRule::Event {
                selection: self.selection(condition, known),
                measure: condition.measure.clone(),
                operator: condition.operator,
                value: condition.value,
                within: condition.within.clone(),
            },
        }
    }

    fn selection(&mut self, condition: &EventCondition, known: &mut HashMap<String, usize>) -> usize {
        let property = condition.measure.property().map(str::to_owned);
        let filters: Vec<Value> = condition.filters.iter().map(|filter| filter.to_json("property")).collect();
        let key = serde_json::json!([condition.event, filters, property]).to_string();
        let index = *known.entry(key).or_insert_with(|| {
            self.selections.push(Selection {
                event: condition.event.clone(),
                filters: condition.filters.clone(),
                property,
                windows: Vec::new(),
            });
            self.selections.len() - 1
        });
        if let Some(window) = &condition.within
            && !self.selections[index].windows.contains(window)
        {
            self.selections[index].windows.push(window.clone());
        }
        index
    }

    /// The selections that events of this name can be in.
    pub fn selections_of(&self, event: &str) -> &[usize] {
        self.by_event.get(event).map_or(&[], Vec::as_slice)
    }

    /// The names of all events that any rule asks for.
    pub fn event_names(&self) -> impl Iterator<Item = &str> {
        self.by_event.keys().map(String::as_str)
    }

    /// The segments whose rules a change can touch, each once, dependencies first.
    pub fn touched_by(&self, touches: &[Touch]) -> Vec<usize> {
        let mut found: Vec<usize> =
            touches.iter().filter_map(|touch| self.touched.get(touch)).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// A rule that another feature put into the book.
    pub fn other(&self, name: &str) -> Option<&CompiledRule> {
        self.others.get(name)
    }
}

impl Selection {
    /// The number that an event contributes: `None` when the selection does not pick it, `NaN` when
    /// it is picked but has no number.
    pub fn pick(&self, properties: &Map<String, Value>) -> Option<f64> {
        if !self.filters.iter().all(|filter| filter.holds(properties)) {
            return None;
        }
        let Some(property) = &self.property else { return Some(f64::NAN) };
        let number = base::rule::lookup(properties, property).and_then(Value::as_f64);
        Some(number.unwrap_or(f64::NAN))
    }

    /// As [`Selection::pick`], reading the properties only when they matter.
    pub fn pick_event(&self, event: &Event, properties: &mut Option<Map<String, Value>>) -> Option<f64> {
        if self.filters.is_empty() && self.property.is_none() {
            return Some(f64::NAN);
        }
        self.pick(properties.get_or_insert_with(|| event.properties_value()))
    }

    /// Events at or before this moment are in no window any more, now or later. Two days of
    /// margin cover changes of the clocks and of the zone.
    pub fn keep_after(&self, now: Time, zone: &TimeZone) -> Time {
        const MARGIN: std::time::Duration = std::time::Duration::from_secs(2 * 86_400);
        self.windows.iter().map(|window| window.before(now, zone).minus(MARGIN)).min().unwrap_or(now)
    }
}

fn touches_of(rule: &Rule) -> Vec<Touch> {
    match rule {
        // "a.b.c" may be a trait of that name, or a place inside "a.b" or "a".
        Rule::Trait(comparison) => {
            let name = comparison.name.as_str();
            let heads = name.match_indices('.').map(|(dot, _)| &name[..dot]);
            heads.chain([name]).map(|trait_name| Touch::Trait(trait_name.to_owned())).collect()
        }
        Rule::Tag(tag) => vec![Touch::Tag(tag.clone())],
        Rule::Stage(_) => vec![Touch::Stage],
        Rule::Event(condition) => vec![Touch::Event(condition.event.clone())],
        Rule::Segment(id) => vec![Touch::Segment(*id)],
        Rule::All(_) | Rule::Any(_) | Rule::Not(_) => Vec::new(),
    }
}

fn in_dependency_order(segments: &[(SegmentId, Rule, bool)]) -> Vec<(SegmentId, &Rule, bool)> {
    let by_id: HashMap<SegmentId, usize> = segments.iter().enumerate().map(|(i, (id, ..))| (*id, i)).collect();
    let mut placed = vec![false; segments.len()];
    let mut order = Vec::with_capacity(segments.len());
    for start in 0..segments.len() {
        // Depth first; a segment is placed after everything that it refers to.
        let mut stack = vec![(start, false)];
        while let Some((index, children_done)) = stack.pop() {
            if placed[index] {
                continue;
            }
            if children_done || stack.len() > segments.len() {
                placed[index] = true;
                let (id, rule, live) = &segments[index];
                order.push((*id, rule, *live));
                continue;
            }
            stack.push((index, true));
            for reference in segments[index].1.segments() {
                if let Some(child) = by_id.get(&reference).filter(|child| !placed[**child]) {
                    stack.push((*child, false));
                }
            }
        }
    }
    order
}
