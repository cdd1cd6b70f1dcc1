//! From rules to conditions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::{
    ids::SegmentId,
    rule::{EventCondition, EventFilter, Measure, Rule, SequenceCondition, Test},
};

use super::{
    Back, BookSource, CompiledTrait, ComputedTrait, Condition, Reach, STRANGER, SegmentRole, SegmentSource, Selection,
    Sequence, Takes, Touch,
};
use crate::tags::TagRule;

/// Which definitions count in a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum World {
    /// Those that are live.
    Present,
    /// Those that are being built, where there are any: they will all take their places at one moment.
    Coming,
}

/// What stands behind the names in rules.
#[derive(Clone, Default)]
pub(super) struct Definitions<'a> {
    /// Tags that rules give.
    pub(super) tags: HashMap<&'a str, SegmentId>,
    /// Stages from the lowest.
    pub(super) ladder: Vec<(SegmentId, &'a str)>,
}

/// Turns rules into conditions, of which equal ones stand there once.
pub(super) struct Compiler<'a> {
    rules: HashMap<SegmentId, &'a SegmentSource>,
    world: World,
    pub(super) present: Definitions<'a>,
    coming: Definitions<'a>,
    /// What will take the place of a segment.
    successors: HashMap<SegmentId, SegmentId>,
    computed: &'a BTreeMap<String, ComputedTrait>,
    tag_rules: &'a BTreeMap<String, TagRule>,
    /// `None` while the segment is being compiled: who meets it then stands in a circle.
    compiled: HashMap<(World, SegmentId), Option<usize>>,
    pub(super) selections: Vec<Selection>,
    pub(super) sequences: Vec<Sequence>,
    pub(super) conditions: Vec<Condition>,
    known_selections: HashMap<String, usize>,
    known_conditions: HashMap<String, usize>,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(source: &'a BookSource) -> Compiler<'a> {
        let (mut present, mut coming) = (Definitions::default(), Definitions::default());
        let mut successors = HashMap::new();
        let mut ladder = Vec::new();
        for segment in &source.segments {
            match &segment.role {
                SegmentRole::Tag(tag) => {
                    coming.tags.insert(tag.as_str(), segment.id);
                    if segment.live {
                        present.tags.insert(tag.as_str(), segment.id);
                    }
                }
                SegmentRole::Stage(key, place) if segment.live => ladder.push((*place, segment.id, key.as_str())),
                SegmentRole::Successor(of) => _ = successors.insert(*of, segment.id),
                SegmentRole::Stage(..) | SegmentRole::Segment => {}
            }
        }
        ladder.sort_unstable();
        present.ladder = ladder.into_iter().map(|(_, id, key)| (id, key)).collect();
        coming.ladder = match &source.coming_ladder {
            Some(ladder) => ladder.iter().map(|(id, key)| (*id, key.as_str())).collect(),
            None => present.ladder.clone(),
        };
        Compiler {
            rules: source.segments.iter().map(|segment| (segment.id, segment)).collect(),
            world: World::Present,
            present,
            coming,
            successors,
            computed: &source.computed,
            tag_rules: &source.tags,
            compiled: HashMap::new(),
            selections: Vec::new(),
            sequences: Vec::new(),
            conditions: Vec::new(),
            known_selections: HashMap::new(),
            known_conditions: HashMap::new(),
        }
    }

    fn definitions(&self) -> &Definitions<'a> {
        match self.world {
            World::Present => &self.present,
            World::Coming => &self.coming,
        }
    }

    /// The segment that counts where this one is asked for.
    fn counting(&self, id: SegmentId) -> SegmentId {
        match self.world {
            World::Present => id,
            World::Coming => self.successors.get(&id).copied().unwrap_or(id),
        }
    }

    /// What is being built will be live together with all else that is.
    pub(super) fn segment_of(&mut self, source: &SegmentSource) -> usize {
        let is_live = source.live && !matches!(source.role, SegmentRole::Successor(_));
        self.world = if is_live { World::Present } else { World::Coming };
        let condition = self.segment(source.id);
        self.world = World::Present;
        condition
    }

    fn segment(&mut self, id: SegmentId) -> usize {
        let key = (self.world, id);
        match (self.compiled.get(&key), self.rules.get(&id).copied()) {
            (Some(Some(condition)), _) => *condition,
            (None, Some(segment)) => {
                self.compiled.insert(key, None);
                let back = if segment.keeps { Back::Ever } else { Back::Now };
                let condition = self.rule(&segment.rule, &back);
                self.compiled.insert(key, Some(condition));
                condition
            }
            (Some(None), _) | (None, None) => self.never(),
        }
    }

    fn never(&mut self) -> usize {
        self.keep("never".to_owned(), Condition::Never)
    }

    /// Another segment inside a rule. What may be asked of the past must reach further back, so it is compiled for its
    /// own.
    fn inner_segment(&mut self, id: SegmentId, back: &Back) -> usize {
        let id = self.counting(id);
        let key = (self.world, id);
        let Some(segment) = self.rules.get(&id).copied() else { return self.never() };
        let condition = match back {
            Back::Now => self.segment(id),
            _ if segment.keeps => self.segment(id),
            _ => match self.compiled.insert(key, None) {
                Some(None) => return self.never(),
                before => {
                    let condition = self.rule(&segment.rule, back);
                    match before {
                        Some(before) => self.compiled.insert(key, before),
                        None => self.compiled.remove(&key),
                    };
                    condition
                }
            },
        };
        match segment.keeps {
            true => self.keep(format!("kept {id}"), Condition::Kept { segment: id, condition }),
            false => condition,
        }
    }

    /// `back`: from when the rule may be asked, where it stands.
    pub(super) fn rule(&mut self, rule: &Rule, back: &Back) -> usize {
        match rule {
            Rule::All(rules) => {
                let parts = self.parts(rules, back);
                self.all(parts)
            }
            Rule::Any(rules) => {
                let parts = self.parts(rules, back);
                self.any(parts)
            }
            Rule::Not(rule) => {
                let part = self.rule(rule, back);
                self.not(part)
            }
            Rule::Trait(comparison) => match self.computed.get(&comparison.name) {
                Some(computed) => self.event(&computed.condition(comparison.test.clone()), back),
                None => self.keep(comparison.to_json("trait").to_string(), Condition::Trait(comparison.clone())),
            },
            Rule::Tag(tag) => match self.definitions().tags.get(tag.as_str()).copied() {
                Some(segment) => self.inner_segment(segment, back),
                None => self.keep(format!("tag {tag}"), Condition::Tag(tag.clone())),
            },
            Rule::Stage(stage) => self.stage(stage, back),
            Rule::Group(id) => self.keep(id.to_string(), Condition::Group(*id)),
            Rule::Segment(id) => self.inner_segment(*id, back),
            Rule::Event(condition) => self.event(condition, back),
            Rule::Sequence(condition) => self.sequence(condition, back),
            Rule::Been(rule, period) => {
                // Parsing lets no "been" stand in another; a segment or a tag may bring one into it.
                let inner = if let Back::Now = back { Back::Been(period.clone()) } else { Back::Ever };
                let condition = self.rule(rule, &inner);
                self.keep(format!("been {condition} {period}"), Condition::Been { condition, period: period.clone() })
            }
        }
    }

    fn parts(&mut self, rules: &[Rule], back: &Back) -> Vec<usize> {
        rules.iter().map(|rule| self.rule(rule, back)).collect()
    }

    fn all(&mut self, mut parts: Vec<usize>) -> usize {
        parts.sort_unstable();
        parts.dedup();
        self.keep(format!("all {parts:?}"), Condition::All(parts))
    }

    fn any(&mut self, mut parts: Vec<usize>) -> usize {
        parts.sort_unstable();
        parts.dedup();
        self.keep(format!("any {parts:?}"), Condition::Any(parts))
    }

    fn not(&mut self, part: usize) -> usize {
        self.keep(format!("not {part}"), Condition::Not(part))
    }

    /// A member is in the highest stage of those that he has reached; in the one below the lowest when he has reached
    /// none.
    fn stage(&mut self, stage: &str, back: &Back) -> usize {
        let ladder = self.definitions().ladder.clone();
        let place = ladder.iter().position(|(_, key)| *key == stage);
        if place.is_none() && stage != STRANGER {
            return self.never();
        }
        let higher: Vec<SegmentId> =
            ladder.iter().skip(place.map_or(0, |place| place + 1)).map(|(id, _)| *id).collect();
        let mut parts: Vec<usize> = Vec::new();
        for id in higher {
            let reached = self.inner_segment(id, back);
            parts.push(self.not(reached));
        }
        if let Some(place) = place {
            let reached = self.inner_segment(ladder[place].0, back);
            parts.push(reached);
        }
        self.all(parts)
    }

    pub(super) fn computed(&mut self, computed: &ComputedTrait) -> CompiledTrait {
        // Any test will do: only the selection and how far it reaches matter.
        let condition = self.event(&computed.condition(Test::Exists(true)), &Back::Now);
        let selection = match &self.conditions[condition] {
            Condition::Event { selection, .. } => *selection,
            _ => 0,
        };
        CompiledTrait { selection, measure: computed.measure.clone(), within: computed.within.clone() }
    }

    fn event(&mut self, condition: &EventCondition, back: &Back) -> usize {
        let takes = match condition.measure.property().map(str::to_owned) {
            None => Takes::Nothing,
            Some(property) => match &condition.measure {
                Measure::Distinct(_) => Takes::Distinct(property),
                Measure::First(_) | Measure::Last(_) => Takes::Ends(property),
                measure if measure.needs_values() => Takes::Values(property),
                _ => Takes::Numbers(property),
            },
        };
        let selection = self.selection(&condition.filter, takes);
        let reach = Reach { window: condition.within.clone(), back: back.clone() };
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

    fn sequence(&mut self, condition: &SequenceCondition, back: &Back) -> usize {
        let key = condition.to_json().to_string();
        let known = self.known_conditions.get(&key).map(|place| &self.conditions[*place]);
        let sequence = if let Some(Condition::Sequence(sequence)) = known {
            *sequence
        } else {
            self.sequences.push(Sequence::new(condition));
            self.sequences.len() - 1
        };
        self.sequences[sequence].asks_past |= *back != Back::Now;
        self.keep(key, Condition::Sequence(sequence))
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
    pub(super) fn touches(&self, condition: usize) -> BTreeSet<Touch> {
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
                    let excluded = self.tag_rules.get(tag).map_or(&[][..], |rule| &rule.excludes);
                    touches.extend(excluded.iter().chain([tag]).map(|tag| Touch::Tag(tag.clone())));
                }
                Condition::Kept { segment, condition } => {
                    touches.insert(Touch::Kept(*segment));
                    pending.push(*condition);
                }
                Condition::Group(id) => {
                    touches.insert(Touch::Group(*id));
                }
                Condition::Event { selection, .. } => {
                    touches.insert(Touch::Event(self.selections[*selection].filter.event.clone()));
                }
                Condition::Sequence(sequence) => {
                    let events = self.sequences[*sequence].steps.iter().map(|step| step.event.clone());
                    touches.extend(events.map(Touch::Event));
                }
                Condition::Never => {}
            }
        }
        touches
    }
}

impl ComputedTrait {
    /// What a test of the trait asks of the events.
    fn condition(&self, test: Test) -> EventCondition {
        EventCondition { filter: self.filter.clone(), measure: self.measure.clone(), test, within: self.within.clone() }
    }
}
