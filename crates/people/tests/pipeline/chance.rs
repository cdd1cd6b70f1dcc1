//! What may happen, as chance draws it: to people, and to what their operators ask about them.

use base::ids::SegmentId;
use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};

use super::support::{DAY, HOUR, MINUTE, naive};

const CITIES: [&str; 3] = ["Berlin", "Bonn", "上海"];

#[derive(Clone, Debug)]
pub enum Who {
    User(u8),
    Visitor(u8),
    Both(u8, u8),
    /// A member by his id, also one who was absorbed.
    Member(u8),
}

#[derive(Clone, Debug)]
pub enum Happening {
    Nothing,
    Identify {
        who: Who,
        traits: Value,
        shift: i64,
    },
    /// Says something of traits, and does something to what was said of them before.
    Operate {
        who: Who,
        traits: Value,
        operations: Value,
        shift: i64,
    },
    Track {
        who: Who,
        name: &'static str,
        amount: Option<i64>,
        shift: i64,
    },
    Tag {
        who: Who,
        name: &'static str,
        tag: &'static str,
    },
    Group {
        who: Who,
        joined: bool,
        shift: i64,
    },
    /// An operator makes two members one.
    Merge {
        kept: u8,
        absorbed: u8,
    },
    /// He undoes one of the merges, whoever made it.
    Undo(u8),
    /// He splits off one of the identities.
    Split(u8),
}

/// What the operators of a workspace ask about its members.
#[derive(Clone, Debug)]
pub struct Rules {
    /// One rule for each segment; the last comes when there is a history already.
    pub segments: Vec<Value>,
    /// What they change, and when.
    pub edits: Vec<(Index, Edit)>,
}

/// Another rule, for which the present one counts until it is built.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Of one of the segments.
    Segment { which: Index, rule: Value, link: Link },
    /// Of the tag "hot".
    Hot(Value),
    /// Of all stages.
    Ladder(Value),
}

/// Which of the earlier segments a rule asks for, and how.
type Link = Option<(u8, Index)>;

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![
        4 => (0u8..3).prop_map(Who::User),
        3 => (0u8..3).prop_map(Who::Visitor),
        2 => (0u8..3, 0u8..3).prop_map(|(user, visitor)| Who::Both(user, visitor)),
        1 => (0u8..8).prop_map(Who::Member),
    ]
}

/// How much earlier (or, a little, later) than now something happened: clocks of senders go wrong in both directions.
pub fn shift() -> impl Strategy<Value = i64> {
    prop_oneof![
        5 => Just(0i64),
        2 => -3 * HOUR..0,
        2 => -3 * DAY..0,
        1 => -40 * DAY..0,
        2 => 1..10 * MINUTE,
    ]
}

pub fn traits() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0..3usize).prop_map(|city| json!({"city": CITIES[city]})),
        (0..5i64).prop_map(|level| json!({"level": level})),
        (0..3usize, 0..5i64).prop_map(|(city, level)| json!({"city": CITIES[city], "level": level})),
        prop::sample::select(vec![json!("a"), json!(["b", "a"]), Value::Null])
            .prop_map(|books| json!({ "books": books })),
    ]
}

/// What is done to traits, as the context of an event has it; whatever they are, it fits.
pub fn operations() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec!["append", "prepend", "append_missing", "prepend_missing", "remove"]);
    let elements = prop::collection::vec(prop::sample::select(vec!["a", "b", "c"]), 1..3);
    let books = (words, elements).prop_map(|(word, elements)| json!([word, "books", elements]));
    let level = (-2i64..4).prop_map(|by| json!(["add", "level", by]));
    prop_oneof![
        4 => level.clone().prop_map(|level| json!([level])),
        3 => books.clone().prop_map(|books| json!([books])),
        1 => (level.clone(), books, level).prop_map(|(one, books, other)| json!([one, books, other])),
        1 => Just(json!([["clear"]])),
    ]
}

pub fn happening() -> impl Strategy<Value = Happening> {
    let names = prop::sample::select(vec!["Order Completed", "Page Read"]);
    let tags = prop::sample::select(vec!["vip", "new", "old"]);
    let words = prop::sample::select(vec!["Tag Added", "Tag Added", "Tag Removed"]);
    let beside = prop_oneof![2 => Just(json!({})), 1 => traits()];
    prop_oneof![
        1 => Just(Happening::Nothing),
        3 => (who(), traits(), shift()).prop_map(|(who, traits, shift)| Happening::Identify { who, traits, shift }),
        3 => (who(), beside, operations(), shift())
            .prop_map(|(who, traits, operations, shift)| Happening::Operate { who, traits, operations, shift }),
        8 => (who(), names, prop::option::weighted(0.8, -2i64..10), shift())
            .prop_map(|(who, name, amount, shift)| Happening::Track { who, name, amount, shift }),
        3 => (who(), words, tags).prop_map(|(who, name, tag)| Happening::Tag { who, name, tag }),
        2 => (who(), any::<bool>(), shift()).prop_map(|(who, joined, shift)| Happening::Group { who, joined, shift }),
        2 => (0u8..8, 0u8..8).prop_map(|(kept, absorbed)| Happening::Merge { kept, absorbed }),
        2 => (0u8..8).prop_map(Happening::Undo),
        1 => (0u8..8).prop_map(Happening::Split),
    ]
}

/// How far the clock goes on before something happens again: mostly it stands still.
pub fn pass() -> impl Strategy<Value = i64> {
    prop_oneof![
        8 => Just(0i64),
        1 => Just(HOUR),
        2 => 1..90 * MINUTE,
        1 => HOUR..30 * HOUR,
    ]
}

/// What operators ask, and what they change.
pub fn settled() -> impl Strategy<Value = Rules> {
    let edits = prop::collection::vec((any::<Index>(), edit()), 0..=3);
    (rules(), edits).prop_map(|(segments, edits)| Rules { segments, edits })
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        4 => (any::<Index>(), rule(), link()).prop_map(|(which, rule, link)| Edit::Segment { which, rule, link }),
        1 => prop::sample::select(hot_rules()).prop_map(Edit::Hot),
        1 => prop::sample::select(ladders()).prop_map(Edit::Ladder),
    ]
}

fn hot_rules() -> Vec<Value> {
    vec![
        json!({"tag": "vip"}),
        json!({"event": "Order Completed", "count": {"op": "gte", "value": 2}}),
        json!({"not": {"event": "Page Read", "within": "PT1H"}}),
        json!({"any": [{"trait": "level", "op": "gt", "value": 2}, {"event": "Page Read", "within": "P2D"}]}),
    ]
}

/// Ladders with the two stages that rules ask for. What a stage that nobody leaves asks for stays true by itself.
fn ladders() -> Vec<Value> {
    let bought = |times: i64| json!({"event": "Order Completed", "count": {"op": "gte", "value": times}});
    let lately = || json!({"event": "Order Completed", "within": "P2D"});
    let read = || json!({"event": "Page Read"});
    vec![
        json!([rung("buyer", false, bought(2)), rung("repeat", true, bought(3))]),
        json!([rung("repeat", false, bought(1)), rung("buyer", false, bought(2))]),
        json!([rung("follower", false, read()), rung("buyer", true, lately()), rung("repeat", false, bought(2))]),
        json!([rung("buyer", false, read()), rung("satisfied", true, lately()), rung("repeat", true, bought(1))]),
    ]
}

fn rung(key: &str, falls_back: bool, rule: Value) -> Value {
    json!({"key": key, "name": key, "falls_back": falls_back, "rule": rule})
}

fn operator() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["eq", "ne", "gt", "gte", "lt", "lte"])
}

fn event_condition() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec!["Order Completed", "Page Read"]);
    let window = prop::sample::select(vec![None, Some("PT1H"), Some("P1D"), Some("P2D"), Some("P1M")]);
    let measure = prop::sample::select(vec![
        "",
        "count",
        "count",
        "sum",
        "avg",
        "min",
        "max",
        "distinct",
        "first",
        "last",
        "most_frequent",
    ]);
    let filter = prop::option::weighted(0.3, (operator(), 0i64..8));
    (name, window, measure, operator(), 0i64..6, filter).prop_map(|(name, window, measure, op, value, filter)| {
        let mut rule = json!({"event": name});
        // No number of events is below 0, and a rule that asks for it is refused.
        let at_least = |least: i64| if op == "lt" { least + 1 } else { least };
        match measure {
            "" => {}
            "count" => rule["count"] = json!({"op": op, "value": at_least(value)}),
            "distinct" => rule["distinct"] = json!({"property": "amount", "op": op, "value": at_least(value / 2)}),
            other => rule[other] = json!({"property": "amount", "op": op, "value": value * 2}),
        }
        if let Some((op, value)) = filter {
            rule["where"] = json!([{"property": "amount", "op": op, "value": value}]);
        }
        if let Some(window) = window {
            rule["within"] = json!(window);
        }
        rule
    })
}

fn sequence() -> impl Strategy<Value = Value> {
    let step = prop_oneof![
        prop::sample::select(vec![json!("Order Completed"), json!("Page Read")]),
        (operator(), 0i64..8).prop_map(|(op, value)| {
            json!({"event": "Order Completed", "where": [{"property": "amount", "op": op, "value": value}]})
        }),
    ];
    let window = prop::sample::select(vec![None, Some("PT1H"), Some("P1D"), Some("P2D")]);
    (prop::collection::vec(step, 2..=4), window).prop_map(|(steps, window)| {
        let mut rule = json!({ "sequence": steps });
        if let Some(window) = window {
            rule["within"] = json!(window);
        }
        rule
    })
}

fn rule() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        6 => event_condition(),
        2 => sequence(),
        1 => Just(json!({"trait": "city", "op": "icontains", "value": "ER"})),
        1 => (operator(), 0i64..5).prop_map(|(op, value)| json!({"trait": "level", "op": op, "value": value})),
        1 => Just(json!({"trait": "city", "op": "in", "value": ["Bonn", "上海"]})),
        1 => Just(json!({"trait": "city", "op": "prefix", "value": "B"})),
        1 => any::<bool>().prop_map(|wanted| json!({"trait": "city", "op": "exists", "value": wanted})),
        1 => prop::sample::select(vec!["a", "b", "c"])
            .prop_map(|book| json!({"trait": "books", "op": "contains", "value": book})),
        2 => prop::sample::select(vec!["vip", "new", "old", "hot"]).prop_map(|tag| json!({"tag": tag})),
        1 => prop::sample::select(vec!["stranger", "buyer", "repeat"]).prop_map(|stage| json!({"stage": stage})),
        1 => (operator(), 0i64..4).prop_map(|(op, value)| json!({"trait": "orders", "op": op, "value": value})),
        1 => Just(json!({"group": naive::GROUP.to_string()})),
    ];
    let tree = leaf.prop_recursive(3, 10, 3, |inner| {
        let period = prop::sample::select(vec!["PT1H", "P1D", "P3D"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|rules| json!({"all": rules})),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|rules| json!({"any": rules})),
            inner.clone().prop_map(|rule| json!({"not": rule})),
            (inner, period).prop_map(|(rule, period)| json!({"been": rule, "for": period})),
        ]
    });
    // Some are refused: a "been" in another, or what nobody can be.
    tree.prop_filter("is a rule", |rule| base::rule::Rule::parse(rule).is_ok())
}

fn link() -> impl Strategy<Value = Link> {
    prop::option::weighted(0.3, (0..3u8, any::<Index>()))
}

/// The rule of the segment at this place, with its link.
pub fn linked(place: usize, rule: Value, link: Link) -> Value {
    match link {
        Some((how, index)) if place > 0 => {
            let other = json!({"segment": SegmentId(1 + index.index(place) as i64).to_string()});
            match how {
                0 => json!({"all": [rule, other]}),
                1 => json!({"any": [{"not": other}, rule]}),
                _ => json!({"any": [rule, {"been": other, "for": "PT2H"}]}),
            }
        }
        _ => rule,
    }
}

/// Rules of four to six segments, of which some refer to an earlier one.
pub fn rules() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec((rule(), link()), 4..=6).prop_map(|drawn| {
        drawn.into_iter().enumerate().map(|(place, (rule, link))| linked(place, rule, link)).collect()
    })
}
