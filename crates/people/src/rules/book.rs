//! Compiling the rules of a workspace into a book.
//!
//! Dynamic tags, life-cycle stages and computed traits are no state of their own: where a rule asks for one, its
//! definition stands in its place. So whatever is derived is as exact and as live as the facts.

mod compiler;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use base::{
    Period, Time,
    ids::{GroupId, MemberId, SegmentId, WorkspaceId},
    rule::{Comparison, EventFilter, Measure, Operator, Rule, Test},
};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use compiler::Compiler;

use super::{Amount, Datum, Sequence};
use crate::{
    identity::Home,
    tags::TagRule,
    traits::{Conflict, TraitRule},
};

/// The stage of whoever has reached none.
pub const STRANGER: &str = "stranger";

/// Something that a change can touch; the key of the index from changes to rules.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Touch {
    /// An event of this name arrived.
    Event(String),
    /// A trait changed.
    Trait(String),
    /// A tag was added or removed.
    Tag(String),
    /// The member keeps a segment that he once was in (a life-cycle stage) for another reason than his facts.
    Kept(SegmentId),
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
    /// The values of a property, only to tell them apart.
    Distinct(String),
    /// The values of a property, of which the first and the last are asked for.
    Ends(String),
}

/// A window, seen from any moment within the time for which a rule must have been true.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reach {
    window: Option<Period>,
    back: Back,
}

/// From when a rule may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Back {
    /// As of now.
    Now,
    /// As of any moment since this long ago.
    Been(Period),
    /// As of any moment.
    Ever,
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
    /// The member is in a segment that nobody leaves: the condition holds, or once did.
    Kept {
        /// The segment.
        segment: SegmentId,
        /// Its condition.
        condition: usize,
    },
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
    /// Events followed one another; place in [`RuleBook::sequences`].
    Sequence(usize),
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
    /// Whether it is the new rule of another segment, which will take its place.
    pub is_successor: bool,
    /// Whether nobody leaves it, whatever becomes of him.
    pub keeps: bool,
}

/// A segment from which a book is made.
#[derive(Clone, Debug)]
pub struct SegmentSource {
    /// The segment.
    pub id: SegmentId,
    /// Its rule.
    pub rule: Rule,
    /// False while its first evaluation over history is under way.
    pub live: bool,
    /// What it is for.
    pub role: SegmentRole,
    /// Whether nobody leaves it, whatever becomes of him.
    pub keeps: bool,
}

/// What a segment is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SegmentRole {
    /// Itself.
    Segment,
    /// It gives its members a dynamic tag.
    Tag(String),
    /// It is a rung of the ladder of life-cycle stages; the place, from the lowest.
    Stage(String, i64),
    /// It is the new rule of another one.
    Successor(SegmentId),
}

impl SegmentSource {
    /// A live segment that is for itself.
    pub fn plain(id: SegmentId, rule: Rule) -> SegmentSource {
        SegmentSource { id, rule, live: true, role: SegmentRole::Segment, keeps: false }
    }
}

/// A trait that is computed from events.
#[derive(Clone, Debug, PartialEq)]
pub struct ComputedTrait {
    /// Over which events.
    pub filter: EventFilter,
    /// What.
    pub measure: Measure,
    /// How far back from now; `None` for all time.
    pub within: Option<Period>,
}

/// The selection over which a computed trait is computed.
#[derive(Clone, Debug)]
pub(crate) struct CompiledTrait {
    pub(crate) selection: usize,
    pub(crate) measure: Measure,
    pub(crate) within: Option<Period>,
}

/// What a book is made from.
#[derive(Clone, Debug, Default)]
pub struct BookSource {
    /// Segments with their rules. Those that nobody leaves come before what may ask for them.
    pub segments: Vec<SegmentSource>,
    /// The ladder that is being built, from the lowest: the key of each stage and the segment whose place it has.
    pub coming_ladder: Option<Vec<(SegmentId, String)>>,
    /// Computed traits, by name.
    pub computed: BTreeMap<String, ComputedTrait>,
    /// How traits of which something was said are read, by name.
    pub traits: BTreeMap<String, TraitRule>,
    /// Which tags exclude which, and when they end, by tag.
    pub tags: BTreeMap<String, TagRule>,
    /// Rules of other features (journey branches), by a name of theirs.
    pub others: BTreeMap<String, Rule>,
    /// Whether segments and computed traits are there only for the others' rules to ask for.
    pub asks_only_others: bool,
    /// See [`RuleBook::kept_apart`].
    pub kept_apart: HashSet<(MemberId, MemberId)>,
    /// See [`RuleBook::home`].
    pub home: Home,
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
    /// Distinct sequences.
    pub sequences: Vec<Sequence>,
    /// Distinct conditions.
    pub conditions: Vec<Condition>,
    /// Segments.
    pub segments: Vec<CompiledSegment>,
    /// Members, as they first were, whom an operator has parted; the older one first. No machine makes them one again.
    pub kept_apart: HashSet<(MemberId, MemberId)>,
    /// The country of phone numbers that come in without a code.
    pub home: Home,
    /// How traits of which something was said are read, by name.
    pub traits: BTreeMap<String, TraitRule>,
    /// Which tags exclude which, and when they end, by tag.
    pub tags: BTreeMap<String, TagRule>,
    /// Tags that rules give, with the segments that stand behind them.
    pub dynamic_tags: Vec<(String, SegmentId)>,
    /// The stages, from the lowest, with their segments.
    pub ladder: Vec<(SegmentId, String)>,
    pub(crate) computed: BTreeMap<String, CompiledTrait>,
    lasting: Vec<bool>,
    others: HashMap<String, usize>,
    by_event: HashMap<String, Vec<usize>>,
    sequences_by_event: HashMap<String, Vec<usize>>,
    touched: HashMap<Touch, Vec<usize>>,
    /// The traits and tags of conditions that must have held for some time.
    past: HashSet<Touch>,
}

impl RuleBook {
    /// Compiles. Segments that refer to missing ones treat them as empty, and so do circles, which are refused when
    /// rules are saved.
    pub fn compile(workspace: WorkspaceId, zone: TimeZone, version: i64, source: &BookSource) -> RuleBook {
        let mut compiler = Compiler::new(source);
        let compiled = |source: &SegmentSource, condition| CompiledSegment {
            id: source.id,
            condition,
            live: source.live,
            is_successor: matches!(source.role, SegmentRole::Successor(_)),
            keeps: source.keeps,
        };
        let of_its_own = if source.asks_only_others { &[][..] } else { &source.segments };
        let segments: Vec<CompiledSegment> =
            of_its_own.iter().map(|source| compiled(source, compiler.segment_of(source))).collect();
        let computed = source
            .computed
            .iter()
            .filter(|_| !source.asks_only_others)
            .map(|(name, computed)| (name.clone(), compiler.computed(computed)));
        let computed = computed.collect();
        let others = source.others.iter().map(|(name, rule)| (name.clone(), compiler.rule(rule, &Back::Now))).collect();
        let mut by_event: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, selection) in compiler.selections.iter().enumerate() {
            by_event.entry(selection.filter.event.clone()).or_default().push(index);
        }
        let mut sequences_by_event: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, sequence) in compiler.sequences.iter().enumerate() {
            let names: BTreeSet<&String> = sequence.steps.iter().map(|step| &step.event).collect();
            names.into_iter().for_each(|name| sequences_by_event.entry(name.clone()).or_default().push(index));
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
        let kept = segments.iter().filter(|segment| segment.keeps).map(|segment| segment.condition);
        let past = been.chain(kept).flat_map(|condition| compiler.touches(condition)).collect();
        let dynamic_tags = compiler.present.tags.iter().map(|(tag, id)| ((*tag).to_owned(), *id)).collect();
        let ladder = compiler.present.ladder.iter().map(|(id, key)| (*id, (*key).to_owned())).collect();
        let Compiler { selections, sequences, conditions, .. } = compiler;
        let lasting = lasting(&conditions);
        let kept_apart = source.kept_apart.clone();
        RuleBook {
            workspace,
            zone,
            version,
            selections,
            sequences,
            conditions,
            segments,
            kept_apart,
            home: source.home,
            traits: source.traits.clone(),
            tags: source.tags.clone(),
            dynamic_tags,
            ladder,
            computed,
            lasting,
            others,
            by_event,
            sequences_by_event,
            touched,
            past,
        }
    }

    /// Whether any rule asks how a trait was before.
    pub fn asks_past_of_trait(&self, name: &str) -> bool {
        !self.past.is_empty() && self.past.contains(&Touch::Trait(name.to_owned()))
    }

    /// Whether any rule asks how a tag, or the belonging to a group, was before.
    pub fn asks_past_of(&self, touch: &Touch) -> bool {
        !self.past.is_empty() && self.past.contains(touch)
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

    /// The groups of which any rule asks who was in them before.
    pub fn groups_with_past(&self) -> Vec<GroupId> {
        let group = |touch: &Touch| match touch {
            Touch::Group(id) => Some(*id),
            _ => None,
        };
        self.past.iter().filter_map(group).collect()
    }

    /// Which of several values of a trait a profile shows.
    pub fn conflict_of(&self, name: &str) -> Conflict {
        self.traits.get(name).map_or(Conflict::Latest, |rule| rule.conflict)
    }

    /// How what is said of a trait is read; `None` when nobody may say it.
    pub fn rule_of(&self, name: &str) -> Option<TraitRule> {
        match self.computed.contains_key(name) {
            true => None,
            false => Some(self.traits.get(name).copied().unwrap_or_default()),
        }
    }

    /// A value as the definition of its trait has it; `None` when it cannot be one of its type, or nobody may say it.
    pub fn read_trait(&self, name: &str, value: &Value) -> Option<Value> {
        self.rule_of(name)?.value_type.read(value)
    }

    /// Whether a condition that has once held always will, whatever happens: it then holds now if it ever did.
    pub fn is_lasting(&self, condition: usize) -> bool {
        self.lasting.get(condition).copied().unwrap_or(false)
    }

    /// The place of a segment in [`RuleBook::segments`].
    pub fn place_of(&self, segment: SegmentId) -> Option<usize> {
        self.segments.iter().position(|other| other.id == segment)
    }

    /// The selections that events of this name can be in.
    pub fn selections_of(&self, event: &str) -> &[usize] {
        self.by_event.get(event).map_or(&[], Vec::as_slice)
    }

    /// The sequences of which events of this name can be steps.
    pub fn sequences_of(&self, event: &str) -> &[usize] {
        self.sequences_by_event.get(event).map_or(&[], Vec::as_slice)
    }

    /// The names of all events that any rule asks for, each once.
    pub fn event_names(&self) -> impl Iterator<Item = &str> {
        let others = self.sequences_by_event.keys().filter(|name| !self.by_event.contains_key(*name));
        self.by_event.keys().chain(others).map(String::as_str)
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

/// Which conditions last once they hold; parts stand before what they are parts of.
fn lasting(conditions: &[Condition]) -> Vec<bool> {
    let mut lasting = Vec::with_capacity(conditions.len());
    for condition in conditions {
        let all = |parts: &[usize]| parts.iter().all(|part| lasting.get(*part).copied().unwrap_or(false));
        lasting.push(match condition {
            Condition::All(parts) | Condition::Any(parts) => all(parts),
            Condition::Sequence(_) | Condition::Kept { .. } | Condition::Never => true,
            Condition::Event { measure, test, within: None, .. } => match (measure, test) {
                (Measure::Count | Measure::Distinct(_) | Measure::Max(_), Test::Compare(operator, _)) => {
                    matches!(operator, Operator::Gt | Operator::Gte)
                }
                (Measure::Min(_), Test::Compare(operator, _)) => matches!(operator, Operator::Lt | Operator::Lte),
                _ => false,
            },
            _ => false,
        });
    }
    lasting
}

impl Selection {
    /// Whether the properties of an event matter to it at all.
    pub fn needs_properties(&self) -> bool {
        !self.filter.filters.is_empty() || self.takes != Takes::Nothing
    }

    /// Gives what is to be remembered of an event of its name: nothing when its filters do not pick it, and several
    /// data when a property has several values. `properties` is asked only when they matter.
    pub fn pick<'p>(&self, properties: impl FnOnce() -> &'p Map<String, Value>, take: &mut impl FnMut(Datum)) {
        if !self.needs_properties() {
            take(Datum::Nothing);
            return;
        }
        let properties = properties();
        if !self.filter.filters.iter().all(|filter| filter.holds(properties)) {
            return;
        }
        let Some(property) = self.takes.property() else {
            take(Datum::Nothing);
            return;
        };
        base::rule::each_value(properties, property, &mut |value| {
            if let Some(datum) = self.takes.datum(value) {
                take(datum);
            }
        });
    }

    /// Events at or before this moment are asked for by nobody any more, now or later; `None` where events of all time
    /// count.
    pub(crate) fn matters_after(&self, now: Time, zone: &TimeZone) -> Option<Time> {
        let has_only_windows = !self.reaches.is_empty() && self.reaches.iter().all(|reach| reach.window.is_some());
        has_only_windows.then(|| self.keep_after(now, zone))
    }

    /// Events at or before this moment are in no window any more, now or later. Two days of
    /// margin cover changes of the clocks and of the zone.
    pub fn keep_after(&self, now: Time, zone: &TimeZone) -> Time {
        const MARGIN: std::time::Duration = std::time::Duration::from_secs(2 * 86_400);
        let begins = |reach: &Reach| {
            let asked = match &reach.back {
                Back::Ever => return Time::from_millis(i64::MIN),
                Back::Been(period) => period.before(now, zone),
                Back::Now if reach.window.is_none() => return now,
                Back::Now => now,
            };
            reach.window.as_ref().map_or(asked, |window| window.before(asked, zone)).minus(MARGIN)
        };
        self.reaches.iter().map(begins).min().unwrap_or(now)
    }
}

impl Takes {
    fn property(&self) -> Option<&str> {
        match self {
            Takes::Nothing => None,
            Takes::Numbers(property) | Takes::Values(property) | Takes::Distinct(property) | Takes::Ends(property) => {
                Some(property)
            }
        }
    }

    /// What is remembered of a value of the property.
    fn datum(&self, value: &Value) -> Option<Datum> {
        match self {
            Takes::Nothing => Some(Datum::Nothing),
            Takes::Numbers(_) => Amount::read(value).map(Datum::Number),
            Takes::Values(_) => Some(Datum::value(value)),
            Takes::Distinct(_) => Some(Datum::distinct(value)),
            Takes::Ends(_) => Some(Datum::end(value)),
        }
    }
}
