//! The list of members: whatever is asked for, from whichever side it is found, it has those who match by plain reading,
//! page by page, each once.

use std::time::Duration;

use base::{
    Time,
    ids::{GroupId, MemberId, SegmentId},
};
use people::{
    groups::{GROUP_JOINED, GROUP_LEFT},
    members::{MemberFilter, MemberState, Pace, find_page, load_members},
    rules::{RuleBook, profile_books},
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use serde_json::{Value, json};

use super::{
    parting::merge,
    support::{
        Bench, HOUR, MINUTE, WORKSPACE, both, on_every_database,
        routes::{ask, ask_still},
        user, visitor,
    },
    tags::exclude_each_other,
};

const BONN: SegmentId = SegmentId(1);
const NOBODY: SegmentId = SegmentId(2);

/// Forty members who differ in everything that can be asked for.
async fn people(bench: &mut Bench) {
    exclude_each_other(bench, ["gold", "silver"]).await;
    bench.segment(BONN.0, &json!({"trait": "city", "value": "Bonn"})).await;
    bench.segment(NOBODY.0, &json!({"trait": "city", "value": "Nowhere"})).await;
    let rule = json!({"kind": "dynamic", "rule": {"trait": "level", "op": "gte", "value": 3}});
    let (status, answer) = ask(bench, "PUT", "/api/v1/tags/hot", rule).await;
    assert_eq!(status, 204, "{answer}");
    for number in 0..40 {
        let id = format!("u{number}");
        let city = ["Bonn", "Köln", "上海"][number % 3];
        let traits = json!({
            "city": city, "level": number % 5, "email": format!("Li.{number}@example.com"),
            "phone": format!("+86 138 0013 {:04}", 8000 + number), "wish": "100%_!", "shops": [{"name": "Ölmühle"}],
        });
        bench.take(&[bench.identify(user(&id), traits)]).await;
        for (tag, every) in [("vip", 2), ("gold", 3), ("silver", 4), ("rare", 23)] {
            if number % every == 0 {
                bench.advance(1);
                bench.take(&[bench.tag(user(&id), "Tag Added", tag)]).await;
            }
        }
        if number % 4 < 2 {
            bench.take(&[bench.track(user(&id), "Order Completed", json!({"revenue": 10}))]).await;
        }
        if number % 5 < 3 {
            bench.take(&[bench.track(user(&id), GROUP_JOINED, json!({"group_id": "readers"}))]).await;
        }
        bench.advance(if number % 2 == 0 { HOUR } else { MINUTE });
        if number % 10 == 1 {
            bench.take(&[bench.track(user(&id), GROUP_LEFT, json!({"group_id": "readers"}))]).await;
        }
        if number % 6 == 0 {
            bench
                .take(&[bench.track(visitor(&format!("v{number}")), GROUP_LEFT, json!({"group_id": "readers"}))])
                .await;
            bench.take(&[bench.track(both(&id, &format!("v{number}")), "Page Read", json!({}))]).await;
        }
    }
    // Those who have become one carry what excludes each other.
    merge(bench, "u3", "u4").await;
    merge(bench, "u9", "u8").await;
    merge(bench, "u20", "u0").await;
    bench.idle().await;
}

/// What a list may be asked for, in all its combinations.
fn filters(members: &[MemberState], group: GroupId) -> impl Strategy<Value = MemberFilter> {
    let moment = |place: usize| members[place].created_at;
    let (early, late) = (moment(members.len() / 3), moment(2 * members.len() / 3));
    let texts = [
        "li.1",
        "u1",
        "U1",
        "@EXAMPLE",
        "köln",
        "上海",
        "8613800138007",
        "138 0013-8012",
        "100%_!",
        "%",
        "ölmühle",
        "zzz",
        " ",
    ];
    let id = members[5].id.to_string();
    let texts: Vec<Option<String>> =
        texts.map(|text| Some(text.to_owned())).into_iter().chain([Some(id), None]).collect();
    let tags = || {
        let tag = prop::sample::select(vec!["vip", "gold", "silver", "rare", "hot", "none"]).prop_map(str::to_owned);
        prop_oneof![3 => Just(Vec::new()), 2 => prop::collection::vec(tag, 1..=2)]
    };
    let segments = vec![None, None, Some(BONN), Some(NOBODY), Some(SegmentId(77))];
    let stages = vec![None, None, Some("stranger"), Some("follower"), Some("buyer"), Some("fan"), Some("nosuch")];
    (
        prop_oneof![Just(None), prop::sample::select(texts)],
        (tags(), tags()),
        prop::sample::select(segments),
        prop::sample::select(stages),
        prop::sample::select(vec![None, None, Some(group), Some(GroupId(77))]),
        prop::sample::select(vec![
            (None, None),
            (None, None),
            (Some(early), None),
            (None, Some(late)),
            (Some(early), Some(late)),
        ]),
    )
        .prop_map(|(q, (tag, not_tag), segment, stage, group, (created_from, created_to))| MemberFilter {
            q,
            tag,
            not_tag,
            segment,
            stage: stage.map(str::to_owned),
            group,
            created_from,
            created_to,
            carries: None,
        })
}

/// Whether a member matches, by reading all that is known of him.
fn matches(filter: &MemberFilter, member: &MemberState, book: &RuleBook) -> bool {
    let shown = member.shown_tags(book);
    let shows = |tag: &String| shown.contains(&tag.as_str());
    filter.tag.iter().all(shows)
        && !filter.not_tag.iter().any(shows)
        && filter.segment.is_none_or(|segment| member.memberships.contains_key(&segment))
        && filter.stage.as_ref().is_none_or(|stage| member.stage(book) == stage)
        && filter.group.is_none_or(|group| member.is_in_group(group))
        && filter.created_from.is_none_or(|from| member.created_at >= from)
        && filter.created_to.is_none_or(|to| member.created_at < to)
        && filter.q.as_deref().map(str::trim).filter(|text| !text.is_empty()).is_none_or(|text| says(member, text))
}

/// Whether a text is the member's id, or is in one of his identities or in anything that was said under them.
fn says(member: &MemberState, text: &str) -> bool {
    fn is_in(value: &Value, wanted: &[String]) -> bool {
        match value {
            Value::String(said) => wanted.iter().any(|text| said.to_lowercase().contains(text)),
            Value::Number(number) => wanted.iter().any(|text| number.to_string().contains(text)),
            Value::Array(items) => items.iter().any(|item| is_in(item, wanted)),
            Value::Object(fields) => fields.values().any(|field| is_in(field, wanted)),
            Value::Null | Value::Bool(_) => false,
        }
    }
    let digits: String = text.chars().filter(|letter| letter.is_ascii_digit()).collect();
    let is_number = digits.len() >= 7 && text.chars().all(|letter| letter.is_ascii_digit() || " -".contains(letter));
    let mut wanted = vec![text.to_lowercase()];
    wanted.extend(is_number.then_some(digits));
    member.id.to_string() == text
        || member.identities.iter().any(|identity| {
            let value = Value::String(identity.value.clone());
            is_in(&value, &wanted) || identity.traits.values().any(|fact| is_in(&fact.value, &wanted))
        })
}

async fn everybody(bench: &Bench) -> (Vec<MemberState>, std::sync::Arc<RuleBook>) {
    let books = profile_books(bench.db.read(), &[WORKSPACE]).await.unwrap();
    let ids = bench.texts("SELECT CAST(id AS TEXT) AS text FROM members ORDER BY id").await;
    let ids: Vec<MemberId> = ids.iter().map(|id| MemberId(id.parse().unwrap())).collect();
    let members = load_members(bench.db.read(), &ids, &books, bench.now()).await.unwrap();
    (members, books[&WORKSPACE].clone())
}

/// All pages of a list; each has no more than `limit`, and the last has no next.
async fn listed(bench: &Bench, filter: &MemberFilter, limit: u64, pace: Pace) -> Vec<MemberId> {
    let clock = bench.clock.shared();
    let (mut found, mut position, mut pages) = (Vec::new(), i64::MAX, 0);
    loop {
        let page = find_page(bench.db.read(), &*clock, WORKSPACE, filter, (position, limit), pace).await.unwrap();
        assert!(page.ids.len() as u64 <= limit, "{filter:?}");
        found.extend(page.ids);
        pages += 1;
        assert!(pages < 500, "{filter:?} finds no end");
        match page.next {
            Some(next) => position = next,
            None => return found,
        }
    }
}

#[tokio::test]
async fn a_list_has_those_who_match_however_they_are_found_and_each_once() {
    on_every_database(|mut bench| async move {
        people(&mut bench).await;
        let (members, book) = everybody(&bench).await;
        let group = GroupId(bench.number("SELECT id FROM groups").await);
        let strategy = (
            filters(&members, group),
            prop::sample::select(vec![1, 3, 7, 100]),
            prop::sample::select(vec![1, 5, 64_000]),
            prop::sample::select(vec![0, 3, 1_000]),
            prop::sample::select(vec![0, 2, 200]),
            prop::bool::ANY,
        );
        let mut runner = TestRunner::deterministic();
        let (mut hits, mut tries) = (0, 0);
        for _ in 0..300 {
            let (filter, limit, window, few, named, waits) = strategy.new_tree(&mut runner).unwrap().current();
            // The clock stands still, so who has no patience at all looks once.
            let patience = if waits { Duration::MAX } else { Duration::ZERO };
            let pace = Pace { first: window, most: window.max(8), few, named, patience };
            let matching = members.iter().filter(|member| matches(&filter, member, &book));
            let mut expected: Vec<MemberId> = matching.map(|member| member.id).collect();
            expected.sort_unstable();
            let mut found = listed(&bench, &filter, limit, pace).await;
            let is_in_order = filter.q.is_some() || found.is_sorted_by(|one, other| one > other);
            assert!(is_in_order, "{filter:?}: {found:?}");
            found.sort_unstable();
            assert_eq!(found, expected, "{filter:?} by pages of {limit}, {pace:?}");
            hits += expected.len();
            tries += usize::from(!expected.is_empty());
        }
        assert!(hits > 80 && tries > 15, "the filters are about somebody: {tries} of 300, {hits} members");
    })
    .await;
}

#[tokio::test]
async fn who_is_impatient_is_told_how_far_it_was_looked_and_goes_on_from_there() {
    on_every_database(|mut bench| async move {
        people(&mut bench).await;
        let pace = Pace { first: 4, most: 4, few: 0, named: 0, patience: Duration::ZERO };
        let clock = bench.clock.shared();
        let rare = MemberFilter { q: Some("上海".to_owned()), ..MemberFilter::default() };
        let all = bench.number("SELECT COUNT(*) FROM members").await;
        let (mut position, mut looked_at, mut found) = (i64::MAX, 0, 0);
        loop {
            let page = find_page(bench.db.read(), &*clock, WORKSPACE, &rare, (position, 50), pace).await.unwrap();
            let searched = page.searched.unwrap();
            looked_at += searched.members;
            found += page.ids.len();
            assert_eq!(searched.done, page.next.is_none());
            assert!(searched.members <= 4);
            match page.next {
                Some(next) => position = next,
                None => break,
            }
        }
        assert_eq!(looked_at, all, "everybody was looked at once");
        assert!(found > 5, "{found}");
    })
    .await;
}

async fn list(bench: &Bench, query: &str) -> (Vec<String>, Value) {
    let (status, page) = ask_still(bench, "GET", &format!("/api/v1/members?{query}"), Value::Null).await;
    assert_eq!(status, 200, "{query}: {page}");
    let ids = page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    (ids, page)
}

#[tokio::test]
async fn an_address_can_name_several_tags_and_whom_it_names_comes_first() {
    on_every_database(|mut bench| async move {
        people(&mut bench).await;
        let (members, book) = everybody(&bench).await;
        let tags = ["vip", "hot"].map(str::to_owned).to_vec();
        let filter = MemberFilter { tag: tags, not_tag: vec!["rare".to_owned()], ..MemberFilter::default() };
        let mut expected: Vec<MemberId> =
            members.iter().filter(|member| matches(&filter, member, &book)).map(|member| member.id).collect();
        expected.reverse();
        let expected: Vec<String> = expected.iter().map(MemberId::to_string).collect();
        assert!(expected.len() > 1);
        assert_eq!(list(&bench, "tag=vip&tag=hot&not_tag=rare").await.0, expected);

        // u1 is older than u10 to u19, whom it names as well; all others only have it somewhere.
        let (found, page) = list(&bench, "q=u12").await;
        assert_eq!(found[0], bench.owner("u12").await.to_string());
        assert_eq!(page["searched"]["done"], true);
        let (found, _) = list(&bench, "search=li.1%40&limit=2").await;
        assert_eq!(found[0], bench.owner("u1").await.to_string(), "by the older name of the parameter, too");

        for (wrong, path) in [("segment=seg_1", "segment"), ("created_from=today", "created_from"), ("q=a&q=b", "q")] {
            let (status, problem) = ask_still(&bench, "GET", &format!("/api/v1/members?{wrong}"), Value::Null).await;
            assert_eq!((status, &problem["code"]), (400, &json!("invalid_query")), "{wrong}");
            assert_eq!(problem["errors"][0]["path"], path);
        }
        let (status, problem) = ask_still(&bench, "GET", "/api/v1/members?tag=a%00b", Value::Null).await;
        assert_eq!((status, &problem["code"]), (400, &json!("nul_character")), "{problem}");
    })
    .await;
}

#[tokio::test]
async fn a_list_shows_what_was_asked_for_of_each_member_and_no_more() {
    on_every_database(|mut bench| async move {
        let traits = json!({"name": "Li Bai", "city": "Bonn", "email": "li@example.com"});
        bench.take(&[bench.identify(user("a"), traits)]).await;
        bench.take(&[bench.tag(user("a"), "Tag Added", "vip")]).await;
        let (_, page) = list(&bench, "fields=name,email,tags").await;
        let member = &page["items"][0];
        assert_eq!(member["traits"], json!({"name": "Li Bai", "email": "li@example.com"}));
        let kinds: Vec<&str> =
            member["identities"].as_array().unwrap().iter().filter_map(|one| one["kind"].as_str()).collect();
        assert_eq!((kinds, &member["tags"]), (vec!["email"], &json!(["vip"])));
        let (_, page) = list(&bench, "fields=traits.city").await;
        let member = &page["items"][0];
        assert_eq!((&member["traits"], &member["tags"]), (&json!({"city": "Bonn"}), &json!([])));
        assert_eq!((&member["identities"], &member["stage"]), (&json!([]), &json!("stranger")));
        let since = Time::from_millis(bench.number("SELECT created_at FROM members").await);
        assert_eq!(member["created_at"], json!(since));
    })
    .await;
}

#[tokio::test]
async fn an_export_takes_the_filter_of_the_list() {
    on_every_database(|mut bench| async move {
        people(&mut bench).await;
        for query in ["tag=gold", "q=ölmühle&stage=buyer", "segment=seg_0000000000001&not_tag=vip", "tag=none"] {
            let query = query.replace("ö", "%C3%B6").replace("ü", "%C3%BC");
            let (expected, _) = list(&bench, &format!("{query}&limit=500")).await;
            let uri = format!("/api/v1/members/export?columns=id&bom=false&{query}");
            let (status, file) = ask_still(&bench, "GET", &uri, Value::Null).await;
            assert_eq!(status, 200, "{file}");
            let lines: Vec<&str> = file.as_str().unwrap().lines().skip(1).collect();
            assert_eq!(lines, expected, "{query}");
        }
        let audit = bench.texts("SELECT detail_json AS text FROM audit_log WHERE action = 'members.exported'").await;
        assert!(audit.iter().any(|line| line.contains("gold")), "{audit:?}");
    })
    .await;
}
