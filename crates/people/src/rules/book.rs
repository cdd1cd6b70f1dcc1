//! Compiling the rules of a workspace into a book.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use base::{
    Period, Time,
    ids::{EventId, GroupId, MemberId, SegmentId, WorkspaceId},
    rule::{Comparison, EventCondition, EventFilter, Measure, Rule, SequenceCondition, Test},
};
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::Datum;

/// Something that a change can touch; the key of the index from changes to rules.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Touch {
    /// An event of this name arrived.
    Event(String),
    /// A trait changed.
    Trait(String),
    /// A tag was added or removed.
    Tag(String),
    /// The life-cycle stage changed.
    Stage,
    /// The member entered or left a group.
    Group(GroupId),
}

/// Which events, and what of each is remembered.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Which events.
    pub filter: EventFilter,
    /// What is remembered of each.
    pub takes: Takes,
    /// How far back anybody looks; `None` for all time without windows, where old ones are only counted together.
    reaches: Vec<Reach>,
}

/// What a selection remembers of an event, beside its moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// The numbers of a property.
    Numbers(String),
    /// The values of a property, whatever they are.
    Values(String),
    /// Which event it was, of all events: sequences need every one.
    Identity,
}

/// A window, seen from any moment within the time for which a rule must have been true.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reach {
    window: Option<Period>,
    been: Option<Period>,
}

/// A condition of the book. Parts are other conditions, by their place in [`RuleBook::conditions`]; each stands after
/// its parts, and equal ones stand there once.
#[derive(Clone, Debug)]
pub enum Condition {
    /// Every one holds.
    All(Vec<usize>),
    /// At least one holds.
    Any(Vec<usize>),
    /// The other does not.
    Not(usize),
    /// A trait compares.
    Trait(Comparison),
    /// The member carries the tag.
    Tag(String),
    /// The member is in the stage.
    Stage(String),
    /// The member is in the group.
    Group(GroupId),
    /// A question about a selection.
    Event {
        /// Place in [`RuleBook::selections`].
        selection: usize,
        /// What is computed.
        measure: Measure,
        /// What is asked of it.
        test: Test,
        /// Looking back how far.
        within: Option<Period>,
    },
    /// Events of these selections followed one another.
    Sequence {
        /// Places in [`RuleBook::selections`].
        steps: Vec<usize>,
        /// How long after the first the last may be.
        within: Option<Period>,
    },
    /// The other has held for some time.
    Been {
        /// The other.
        condition: usize,
        /// For how long.
        period: Period,
    },
    /// Holds for nobody: it refers to a segment that does not exist.
    Never,
}

/// A segment's rule in the book.
#[derive(Clone, Debug)]
pub struct CompiledSegment {
    /// The segment.
    pub id: SegmentId,
    /// Its condition.
    pub condition: usize,
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
    /// See [`RuleBook::kept_apart`].
    pub kept_apart: HashSet<(MemberId, MemberId)>,
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
    /// Distinct conditions.
    pub conditions: Vec<Condition>,
    /// Segments.
    pub segments: Vec<CompiledSegment>,
    /// Members, as they first were, whom an operator has parted; the older one first. No machine makes them one again.
    pub kept_apart: HashSet<(MemberId, MemberId)>,
    others: HashMap<String, usize>,
    by_event: HashMap<String, Vec<usize>>,
    touched: HashMap<Touch, Vec<usize>>,
    /// The traits and tags of conditions that must have held for some time.
    past: HashSet<Touch>,
}

impl RuleBook {
    /// Compiles. Segments that refer to missing ones treat them as empty, and so do circles, which are refused when
    /// rules are saved.
    pub fn compile(workspace: WorkspaceId, zone: TimeZone, version: i64, source: &BookSource) -> RuleBook {
        let mut compiler = Compiler {
            rules: source.segments.iter().map(|(id, rule, _)| (*id, rule)).collect(),
            ..Compiler::default()
        };
        let segments: Vec<CompiledSegment> = source
            .segments
            .iter()
            .map(|(id, _, live)| CompiledSegment { id: *id, condition: compiler.segment(*id), live: *live })
            .collect();
        let others = source.others.iter().map(|(name, rule)| (name.clone(), compiler.rule(rule, None))).collect();
        let mut by_event: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, selection) in compiler.selections.iter().enumerate() {
            by_event.entry(selection.filter.event.clone()).or_default().push(index);
        }
        let mut touched: HashMap<Touch, Vec<usize>> = HashMap::new();
        for (index, segment) in segments.iter().enumerate() {
            for touch in compiler.touches(segment.condition) {
                touched.entry(touch).or_default().push(index);
            }
        }
        let been = compiler.conditions.iter().filter_map(|condition| match condition {
            Condition::Been { condition, .. } => Some(*condition),
            _ => None,
        });
        let past = been.flat_map(|condition| compiler.touches(condition)).collect();
        let Compiler { selections, conditions, .. } = compiler;
        let kept_apart = source.kept_apart.clone();
        RuleBook {
            workspace,
            zone,
            version,
            selections,
            conditions,
            segments,
            kept_apart,
            others,
            by_event,
            touched,
            past,
        }
    }

    /// Whether any rule asks how a trait was before.
    pub fn asks_past_of_trait(&self, name: &str) -> bool {
        !self.past.is_empty() && self.past.contains(&Touch::Trait(name.to_owned()))
    }

    /// Whether any rule asks how a tag was before.
    pub fn asks_past_of_tag(&self, tag: &str) -> bool {
        !self.past.is_empty() && self.past.contains(&Touch::Tag(tag.to_owned()))
    }

    /// Whether any rule asks how any trait was before.
    pub fn asks_past_of_traits(&self) -> bool {
        self.past.iter().any(|touch| matches!(touch, Touch::Trait(_)))
    }

    /// The tags of which any rule asks how they were before.
    pub fn tags_with_past(&self) -> Vec<&str> {
        fn tag(touch: &Touch) -> Option<&str> {
            match touch {
                Touch::Tag(tag) => Some(tag),
                _ => None,
            }
        }
        self.past.iter().filter_map(tag).collect()
    }

    /// The selections that events of this name can be in.
    pub fn selections_of(&self, event: &str) -> &[usize] {
        self.by_event.get(event).map_or(&[], Vec::as_slice)
    }

    /// The names of all events that any rule asks for.
    pub fn event_names(&self) -> impl Iterator<Item = &str> {
        self.by_event.keys().map(String::as_str)
    }

    /// The segments whose rules a change can touch, each once.
    pub fn touched_by(&self, touches: &[Touch]) -> Vec<usize> {
        let mut found: Vec<usize> =
            touches.iter().filter_map(|touch| self.touched.get(touch)).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The condition that another feature put into the book.
    pub fn other(&self, name: &str) -> Option<usize> {
        self.others.get(name).copied()
    }
}

#[derive(Default)]
struct Compiler<'a> {
    rules: HashMap<SegmentId, &'a Rule>,
    /// `None` while the segment is being compiled: who meets it then stands in a circle.
    compiled: HashMap<SegmentId, Option<usize>>,
    selections: Vec<Selection>,
    conditions: Vec<Condition>,
    known_selections: HashMap<String, usize>,
    known_conditions: HashMap<String, usize>,
}

impl Compiler<'_> {
    fn segment(&mut self, id: SegmentId) -> usize {
        match (self.compiled.get(&id), self.rules.get(&id).copied()) {
            (Some(Some(condition)), _) => *condition,
            (None, Some(rule)) => {
                self.compiled.insert(id, None);
                let condition = self.rule(rule, None);
                self.compiled.insert(id, Some(condition));
                condition
            }
            (Some(None), _) | (None, None) => self.keep("never".to_owned(), Condition::Never),
        }
    }

    /// `been`: the time for which the rule must have held, when it stands inside such a condition.
    fn rule(&mut self, rule: &Rule, been: Option<&Period>) -> usize {
        let mut parts = |rules: &[Rule]| -> Vec<usize> {
            let mut parts: Vec<usize> = rules.iter().map(|rule| self.rule(rule, been)).collect();
            parts.sort_unstable();
            parts.dedup();
            parts
        };
        match rule {
            Rule::All(rules) => {
                let parts = parts(rules);
                self.keep(format!("all {parts:?}"), Condition::All(parts))
            }
            Rule::Any(rules) => {
                let parts = parts(rules);
                self.keep(format!("any {parts:?}"), Condition::Any(parts))
            }
            Rule::Not(rule) => {
                let part = self.rule(rule, been);
                self.keep(format!("not {part}"), Condition::Not(part))
            }
            Rule::Trait(comparison) => {
                self.keep(comparison.to_json("trait").to_string(), Condition::Trait(comparison.clone()))
            }
            Rule::Tag(tag) => self.keep(format!("tag {tag}"), Condition::Tag(tag.clone())),
            Rule::Stage(stage) => self.keep(format!("stage {stage}"), Condition::Stage(stage.clone())),
            Rule::Group(id) => self.keep(id.to_string(), Condition::Group(*id)),
            Rule::Segment(id) if been.is_none() => self.segment(*id),
            // Its selections must reach further back, so it is compiled for its own.
            Rule::Segment(id) => match self.rules.get(id).copied() {
                Some(rule) if self.compiled.insert(*id, None) != Some(None) => {
                    let condition = self.rule(rule, been);
                    self.compiled.remove(id);
                    condition
                }
                _ => self.keep("never".to_owned(), Condition::Never),
            },
            Rule::Event(condition) => self.event(condition, been),
            Rule::Sequence(condition) => self.sequence(condition),
            Rule::Been(rule, period) => {
                let condition = self.rule(rule, Some(period));
                self.keep(format!("been {condition} {period}"), Condition::Been { condition, period: period.clone() })
            }
        }
    }

    fn event(&mut self, condition: &EventCondition, been: Option<&Period>) -> usize {
        let takes = match condition.measure.property().map(str::to_owned) {
            None => Takes::Nothing,
            Some(property) if condition.measure.needs_values() => Takes::Values(property),
            Some(property) => Takes::Numbers(property),
        };
        let selection = self.selection(&condition.filter, takes);
        let reach = Reach { window: condition.within.clone(), been: been.cloned() };
        let reaches = &mut self.selections[selection].reaches;
        if !reaches.contains(&reach) {
            reaches.push(reach);
        }
        let compiled = Condition::Event {
            selection,
            measure: condition.measure.clone(),
            test: condition.test.clone(),
            within: condition.within.clone(),
        };
        self.keep(condition.to_json().to_string(), compiled)
    }

    fn sequence(&mut self, condition: &SequenceCondition) -> usize {
        let steps = condition.steps.iter().map(|step| self.selection(step, Takes::Identity)).collect();
        let compiled = Condition::Sequence { steps, within: condition.within.clone() };
        self.keep(condition.to_json().to_string(), compiled)
    }

    fn selection(&mut self, filter: &EventFilter, takes: Takes) -> usize {
        let key = format!("{} {takes:?}", filter.to_json());
        let selections = &mut self.selections;
        *self.known_selections.entry(key).or_insert_with(|| {
            selections.push(Selection { filter: filter.clone(), takes, reaches: Vec::new() });
            selections.len() - 1
        })
    }

    fn keep(&mut self, key: String, condition: Condition) -> usize {
        let conditions = &mut self.conditions;
        *self.known_conditions.entry(key).or_insert_with(|| {
            conditions.push(condition);
            conditions.len() - 1
        })
    }

    /// Everything that can change the answer of a condition, time apart.
    fn touches(&self, condition: usize) -> BTreeSet<Touch> {
        let mut touches = BTreeSet::new();
        let mut pending = vec![condition];
        let mut seen = BTreeSet::new();
        while let Some(next) = pending.pop() {
            if !seen.insert(next) {
                continue;
            }
            match &self.conditions[next] {
                Condition::All(parts) | Condition::Any(parts) => pending.extend(parts),
                Condition::Not(part) | Condition::Been { condition: part, .. } => pending.push(*part),
                // "a.b.c" may be a trait of that name, or a place inside "a.b" or "a".
                Condition::Trait(comparison) => {
                    let name = comparison.name.as_str();
                    let heads = name.match_indices('.').map(|(dot, _)| &name[..dot]);
                    touches.extend(heads.chain([name]).map(|name| Touch::Trait(name.to_owned())));
                }
                Condition::Tag(tag) => {
                    touches.insert(Touch::Tag(tag.clone()));
                }
                Condition::Stage(_) => {
                    touches.insert(Touch::Stage);
                }
                Condition::Group(id) => {
                    touches.insert(Touch::Group(*id));
                }
                Condition::Event { selection, .. } => {
                    touches.insert(Touch::Event(self.selections[*selection].filter.event.clone()));
                }
                Condition::Sequence { steps, .. } => {
                    let events = steps.iter().map(|step| self.selections[*step].filter.event.clone());
                    touches.extend(events.map(Touch::Event));
                }
                Condition::Never => {}
            }
        }
        touches
    }
}

impl Selection {
    /// Whether the properties of an event matter to it at all.
    pub fn needs_properties(&self) -> bool {
        !self.filter.filters.is_empty() || matches!(self.takes, Takes::Numbers(_) | Takes::Values(_))
    }

    /// Gives what is to be remembered of an event of its name: nothing when its filters do not pick it, and several
    /// data when a property has several values. `properties` is asked only when they matter.
    pub fn pick<'p>(
        &self,
        id: EventId,
        properties: impl FnOnce() -> &'p Map<String, Value>,
        take: &mut impl FnMut(Datum),
    ) {
        if !self.needs_properties() {
            take(if self.takes == Takes::Identity { Datum::Event(id) } else { Datum::Nothing });
            return;
        }
        let properties = properties();
        if !self.filter.filters.iter().all(|filter| filter.holds(properties)) {
            return;
        }
        match &self.takes {
            Takes::Nothing => take(Datum::Nothing),
            Takes::Identity => take(Datum::Event(id)),
            Takes::Numbers(property) => base::rule::each_value(properties, property, &mut |value| {
                if let Some(number) = value.as_f64() {
                    take(Datum::Number(number));
                }
            }),
            Takes::Values(property) => {
                base::rule::each_value(properties, property, &mut |value| take(Datum::value(value)));
            }
        }
    }

    /// Events at or before this moment are in no window any more, now or later. Two days of
    /// margin cover changes of the clocks and of the zone.
    pub fn keep_after(&self, now: Time, zone: &TimeZone) -> Time {
        const MARGIN: std::time::Duration = std::time::Duration::from_secs(2 * 86_400);
        if self.takes == Takes::Identity {
            return Time::from_millis(i64::MIN);
        }
        let before =
            |period: &Option<Period>, moment| period.as_ref().map_or(moment, |period| period.before(moment, zone));
        let begins = |reach: &Reach| match reach {
            Reach { window: None, been: None } => now,
            reach => before(&reach.window, before(&reach.been, now)).minus(MARGIN),
        };
        self.reaches.iter().map(begins).min().unwrap_or(now)
    }
}
