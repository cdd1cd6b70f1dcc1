//! `POST /api/v1/insight/path`.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use api::{ApiResult, Caller, Json, ProblemBody};
use axum::extract::State;
use base::{Code, Problem};
use behaviour::{
    Error, History, Kernel, Steps,
    kernels::{
        members::Who,
        path::{Anchor, MOST_DEPTH, Paths},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Insight,
    answering::{About, Asking, Words},
    question::{Behind, Looking, Question},
    scope::{Scope, question},
};

const MOST_WAYS: usize = 50;
const MOST_NAMES: usize = 200;

pub(crate) fn routes() -> OpenApiRouter<Arc<Insight>> {
    OpenApiRouter::new().routes(routes!(ask_path))
}

question! {
    /// Which ways do members take?
    PathQuestion {
        /// From, or to, which event paths lead; from each member's first event when left out.
        anchor: Option<AnchorBody>,
        /// How many events a path has at the most, 2 to 12; 5 when left out.
        depth: Option<usize>,
        /// Whether the same event several times in a row counts once; true when left out.
        collapse: Option<bool>,
        /// Only these events.
        only: Option<Vec<String>>,
        /// All events but these.
        #[serde(default)]
        without: Vec<String>,
    }
}

/// From, or to, which event paths lead.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnchorBody {
    /// Name of the event.
    event: String,
    /// Whether paths are followed after it or back from it.
    side: SideBody,
}

/// A side of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SideBody {
    /// What came after.
    After,
    /// What came before.
    Before,
}

/// Which ways members took.
#[derive(Serialize, ToSchema)]
struct PathAnswer {
    #[serde(flatten)]
    about: About,
    /// How many members took any.
    members: u64,
    /// Events by step, the most frequent by themselves.
    nodes: Vec<NodeDto>,
    /// Who went from where to where.
    links: Vec<LinkDto>,
    /// The most frequent whole ways.
    ways: Vec<WayDto>,
}

/// An event at a step.
#[derive(Serialize, ToSchema)]
struct NodeDto {
    /// The step, from 1 on; back from the event where paths lead to one.
    step: usize,
    /// Name of the event; `null` for all that are not told by themselves.
    event: Option<String>,
    /// Whether it stands for all that are not told by themselves.
    rest: bool,
    /// How many members.
    members: u64,
}

/// Who went from one step to the next.
#[derive(Serialize, ToSchema)]
struct LinkDto {
    /// The step from which, from 1 on.
    step: usize,
    /// The event; `null` for those that are not told by themselves.
    from: Option<String>,
    /// The next event, or the one before where paths lead to an event; `null` for those that are not told by themselves, and
    /// when nothing came.
    to: Option<String>,
    /// Whether nothing came.
    exit: bool,
    /// How many members.
    members: u64,
}

/// A whole way.
#[derive(Serialize, ToSchema)]
struct WayDto {
    /// The events, in the order in which they happened.
    events: Vec<String>,
    /// How many members.
    members: u64,
    /// Whether it ended before it had as many events as a path may have.
    ended: bool,
}

/// A question, understood.
pub(crate) struct Asked {
    looking: Looking,
    anchor: Option<AnchorBody>,
    depth: usize,
    collapses: bool,
    only: Option<Vec<String>>,
    without: Vec<String>,
}

/// A way by the names of its events, and how many members took it.
type Ways = Vec<(Vec<String>, u64)>;

/// A number for each name, from 1 on; the same for as long as one question is answered.
#[derive(Default)]
struct Names(Mutex<HashMap<String, u16>>);

impl Names {
    fn number(&self, name: &str) -> u16 {
        let mut numbers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = u16::try_from(numbers.len() + 1).unwrap_or(u16::MAX);
        *numbers.entry(name.to_owned()).or_insert(next)
    }

    fn by_number(&self) -> Result<HashMap<u16, String>, Error> {
        let numbers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if numbers.len() >= usize::from(u16::MAX) {
            return Err(Error::TooMany { what: "there are more than 65,534 different events".to_owned() });
        }
        Ok(numbers.iter().map(|(name, number)| (*number, name.clone())).collect())
    }
}

impl Question for PathQuestion {
    type Asked = Asked;

    fn read(&self, scope: &Scope) -> Result<Asked, Problem> {
        let wrong = |field: &str, message: &str| Problem::at(Code::InvalidQuestion, field, message);
        let depth = self.depth.unwrap_or(5);
        if !(2..=MOST_DEPTH).contains(&depth) {
            return Err(wrong("depth", "must be 2 to 12"));
        }
        scope.refuse_by()?;
        if self.without.len() > MOST_NAMES || self.only.as_ref().is_some_and(|only| only.len() > MOST_NAMES) {
            return Err(wrong("only", "must not be more than 200 events"));
        }
        Ok(Asked {
            looking: Looking::new(scope),
            anchor: self.anchor.clone(),
            depth,
            collapses: self.collapse.unwrap_or(true),
            only: self.only.clone(),
            without: self.without.clone(),
        })
    }
}

impl Asked {
    fn words(&self) -> Words {
        let (en, zh) = match &self.anchor {
            None => (
                "from each member's first event in the range on".to_owned(),
                "从每位成员在所选时间内的第一个事件开始".to_owned(),
            ),
            Some(AnchorBody { event, side: SideBody::After }) => {
                (format!("from each member's first “{event}” on"), format!("从每位成员的首次“{event}”开始"))
            }
            Some(AnchorBody { event, side: SideBody::Before }) => {
                (format!("back from each member's first “{event}”"), format!("从每位成员的首次“{event}”往回"))
            }
        };
        let (collapse_en, collapse_zh) = match self.collapses {
            true => (" The same event several times in a row counts once.", "连续重复的同一事件只算一次。"),
            false => ("", ""),
        };
        let depth = self.depth;
        Words {
            en: format!("Up to {depth} events of each member, {en}. Each member counts once.{collapse_en}"),
            zh: format!("{zh}，每位成员最多 {depth} 个事件，每位成员计一次。{collapse_zh}"),
        }
    }

    fn kernel(&self, names: &Names) -> Paths {
        let anchor = match &self.anchor {
            None => Anchor::Beginning,
            Some(AnchorBody { event, side: SideBody::After }) => Anchor::From(names.number(event)),
            Some(AnchorBody { event, side: SideBody::Before }) => Anchor::To(names.number(event)),
        };
        Paths { anchor, depth: self.depth, collapses: self.collapses }
    }

    /// Asks a kernel of the events that ways are made of; each is the number of its name.
    fn ask<K: Kernel>(
        &self,
        asking: &Asking<'_>,
        scope: &Scope,
        names: &Names,
        kernel: &K,
    ) -> Result<K::Partial, Error> {
        let is_anchor = |name: &str| self.anchor.as_ref().is_some_and(|anchor| anchor.event == name);
        let steps_of = |name: &str| -> Steps {
            let is_wanted = self.only.as_ref().is_none_or(|only| only.iter().any(|wanted| wanted == name))
                && !self.without.iter().any(|other| other == name);
            if is_wanted || is_anchor(name) { Steps::from(names.number(name)) } else { 0 }
        };
        let selection = self.looking.selection(scope, (scope.from.millis(), scope.to.millis()), &steps_of, None);
        asking.engine.ask(&selection, kernel, asking.given_up)
    }

    fn answer(&self, asking: &Asking<'_>, scope: &Scope) -> Result<Ways, Error> {
        let names = Names::default();
        let ways = self.ask(asking, scope, &names, &self.kernel(&names))?;
        let names = names.by_number()?;
        let mut ways: Ways = ways.members.into_iter().map(|(way, members)| (named(&way, &names), members)).collect();
        ways.sort_unstable_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        Ok(ways)
    }

    /// The events of a way in the order of its steps: back from the event to which it leads.
    fn walk<'w>(&self, way: &'w [String]) -> Vec<&'w str> {
        let mut walk: Vec<&str> = way.iter().map(String::as_str).collect();
        if matches!(self.anchor, Some(AnchorBody { side: SideBody::Before, .. })) {
            walk.reverse();
        }
        walk
    }
}

/// A way by the names of its events.
fn named(way: &[u16; MOST_DEPTH], names: &HashMap<u16, String>) -> Vec<String> {
    way.iter().take_while(|number| **number != 0).map(|number| names.get(number).cloned().unwrap_or_default()).collect()
}

impl Behind for Asked {
    type Point = PathPoint;

    fn who(&self, asking: &Asking<'_>, scope: &Scope, point: &PathPoint) -> Result<Vec<i64>, Error> {
        let names = Names::default();
        let kernel = self.kernel(&names);
        let taken = self.ask(asking, scope, &names, &kernel)?.members;
        let by_number = names.by_number()?;
        let ways: Ways = taken.iter().map(|(way, members)| (named(way, &by_number), *members)).collect();
        let kept = kept(self, &ways, scope.top);
        let told = |step: usize, event: &str| kept[step].iter().any(|(kept, _)| *kept == event);
        let is = |step: usize, event: Option<&str>, wanted: &NodePoint| match (event, &wanted.event) {
            (Some(event), Some(wanted)) => event == wanted,
            (Some(event), None) => wanted.rest && !told(step, event),
            (None, _) => false,
        };
        let is_meant = |way: &[String]| {
            if let Some(events) = &point.way {
                return way == events;
            }
            let walk = self.walk(way);
            let Some(step) = point.step.checked_sub(1).filter(|step| *step < self.depth) else { return false };
            let node = NodePoint { event: point.event.clone(), rest: point.rest };
            is(step, walk.get(step).copied(), &node)
                && point.next.as_ref().is_none_or(|next| match next.exit {
                    true => walk.len() == step + 1,
                    false => {
                        let node = NodePoint { event: next.event.clone(), rest: next.rest };
                        step + 1 < self.depth && is(step + 1, walk.get(step + 1).copied(), &node)
                    }
                })
        };
        let meant: HashSet<[u16; MOST_DEPTH]> =
            taken.keys().zip(&ways).filter(|(_, (way, _))| is_meant(way)).map(|(way, _)| *way).collect();
        let holds = |member: i64, history: &History<'_>| {
            let mut of_him = kernel.nothing();
            kernel.member(member, history, &mut of_him);
            of_him.members.keys().any(|way| meant.contains(way))
        };
        self.ask(asking, scope, &names, &Who { holds: &holds })
    }
}

/// A number of paths: an event at a step, who went on from there to another, or a whole way.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PathPoint {
    /// The step, from 1 on.
    #[serde(default)]
    step: usize,
    /// The event at it.
    event: Option<String>,
    /// All that are not told by themselves.
    #[serde(default)]
    rest: bool,
    /// Where they went from there; wherever when left out.
    next: Option<NextPoint>,
    /// A whole way, its events in the order in which they happened.
    way: Option<Vec<String>>,
}

/// Where members went from a step.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NextPoint {
    /// The event at the next step.
    event: Option<String>,
    /// All that are not told by themselves.
    #[serde(default)]
    rest: bool,
    /// Nowhere.
    #[serde(default)]
    exit: bool,
}

struct NodePoint {
    event: Option<String>,
    rest: bool,
}

/// By step, how many members came to each event.
fn counted<'w>(asked: &Asked, ways: &'w Ways) -> Vec<HashMap<&'w str, u64>> {
    let mut counts: Vec<HashMap<&str, u64>> = vec![HashMap::new(); asked.depth];
    for (way, members) in ways {
        for (step, event) in asked.walk(way).into_iter().enumerate() {
            *counts[step].entry(event).or_default() += members;
        }
    }
    counts
}

/// By step, the events that are told by themselves.
fn kept<'w>(asked: &Asked, ways: &'w Ways, top: usize) -> Vec<Vec<(&'w str, u64)>> {
    let most = |counts: HashMap<&'w str, u64>| {
        let mut events: Vec<(&str, u64)> = counts.into_iter().collect();
        events.sort_unstable_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(other.0)));
        events.truncate(top);
        events
    };
    counted(asked, ways).into_iter().map(most).collect()
}

/// Counts nodes and links; of each step so many events are told by themselves.
fn flow(asked: &Asked, ways: &Ways, top: usize) -> (Vec<NodeDto>, Vec<LinkDto>) {
    let (counts, kept) = (counted(asked, ways), kept(asked, ways, top));
    let mut nodes = Vec::new();
    for (step, (events, counts)) in kept.iter().zip(&counts).enumerate() {
        let node = |event: Option<&str>, members: u64| NodeDto {
            step: step + 1,
            event: event.map(str::to_owned),
            rest: event.is_none(),
            members,
        };
        nodes.extend(events.iter().map(|(event, members)| node(Some(event), *members)));
        let rest = counts.values().sum::<u64>() - events.iter().map(|(_, members)| members).sum::<u64>();
        if rest > 0 {
            nodes.push(node(None, rest));
        }
    }
    let told = |step: usize, event: &str| kept[step].iter().any(|(kept, _)| *kept == event).then(|| event.to_owned());
    // By step, from and to; to nothing is an exit.
    type Ends = (usize, Option<String>, Option<Option<String>>);
    let mut links: BTreeMap<Ends, u64> = BTreeMap::new();
    for (way, members) in ways {
        let walk = asked.walk(way);
        for (step, event) in walk.iter().enumerate().take(asked.depth - 1) {
            let to = walk.get(step + 1).map(|next| told(step + 1, next));
            *links.entry((step + 1, told(step, event), to)).or_default() += members;
        }
    }
    let link = |((step, from, to), members): (Ends, u64)| LinkDto {
        step,
        from,
        exit: to.is_none(),
        to: to.flatten(),
        members,
    };
    (nodes, links.into_iter().map(link).collect())
}

/// Which ways members take.
#[utoipa::path(post, path = "/api/v1/insight/path", tag = "insight", request_body = PathQuestion,
    responses((status = 200, body = PathAnswer), (status = "4XX", body = ProblemBody)))]
async fn ask_path(
    State(insight): State<Arc<Insight>>,
    caller: Caller,
    Json(question): Json<PathQuestion>,
) -> ApiResult<Json<PathAnswer>> {
    insight.check(&caller)?;
    let scope = insight.scope(&caller, &question).await?;
    let asked = question.read(&scope)?;
    let (words, depth) = (asked.words(), asked.depth);
    let (kept, now) = (scope.clone(), scope.now);
    let computed = insight.compute(&caller, move |asking| {
        let ways = asked.answer(asking, &kept)?;
        let (nodes, links) = flow(&asked, &ways, kept.top);
        let members = ways.iter().map(|(_, members)| members).sum();
        let way = |(events, members): (Vec<String>, u64)| WayDto { ended: events.len() < depth, events, members };
        Ok((members, nodes, links, ways.into_iter().take(MOST_WAYS).map(way).collect()))
    });
    let (members, nodes, links, ways) = computed.await?;
    Ok(Json(PathAnswer { about: insight.about(&scope, now, words), members, nodes, links, ways }))
}
