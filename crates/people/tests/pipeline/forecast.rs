//! What is foreseen is what happens.

use base::{Event, ids::MemberId};
use people::identity::{Forecast, Foreseen};
use serde_json::json;
use store::Sql;

use crate::{
    accounts::with_ids,
    support::{Bench, WORKSPACE, on_every_database},
};

/// Numbers that are the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one_of(&mut self, name: &str, sides: u64) -> String {
        format!("{name}{}", self.roll(sides))
    }
}

/// Events about a few people who share devices and addresses, so that everything happens: visitors who say who they are,
/// shared devices, verified addresses of two members, messages that come twice.
fn random_event(bench: &Bench, dice: &mut Dice) -> Event {
    let user = (dice.roll(4) > 0).then(|| dice.one_of("u", 25));
    let anonymous = (user.is_none() || dice.roll(3) == 0).then(|| dice.one_of("a", 20));
    let mut traits = json!({});
    for (kind, value) in
        [("email", format!("{}@example.com", dice.one_of("e", 15))), ("phone", dice.one_of("1380013800", 9))]
    {
        if dice.roll(2) == 0 {
            traits[kind] = value.into();
            if dice.roll(2) == 0 {
                traits[format!("{kind}_verified")] = true.into();
            }
        }
    }
    let mut ids = Vec::new();
    for (kind, most) in [("unionid", 12), ("openid", 15), ("device_id", 6), ("loyalty", 8)] {
        if dice.roll(6) == 0 {
            ids.push((kind, dice.one_of(kind, most)));
        }
    }
    let names_nobody = !ids.is_empty() && dice.roll(3) == 0;
    let who = if names_nobody { (None, None) } else { (user, anonymous) };
    let mut event = match dice.roll(4) {
        0 => bench.track(who, "Seen", json!({})),
        _ => bench.identify(who, traits),
    };
    if !ids.is_empty() {
        let ids: Vec<(&str, &str)> = ids.iter().map(|(kind, id)| (*kind, id.as_str())).collect();
        event = with_ids(event, &ids);
        // What was claimed of addresses is taken out before a forecast is asked, too.
        event.trusted = dice.roll(4) > 0 || event.properties.get().contains("_verified");
    }
    if dice.roll(10) == 0 {
        event.message_id = dice.one_of("m", 5);
    }
    event
}

/// The slow and obvious way: let it happen, and look.
async fn happen(bench: &mut Bench, event: &Event) -> Foreseen {
    let counts = async |bench: &Bench| {
        let members = bench.number("SELECT COUNT(*) FROM members").await;
        let merges = bench.number("SELECT COUNT(*) FROM merges").await;
        let messages = bench.number("SELECT COUNT(*) FROM message_ids").await;
        (members, merges, messages)
    };
    let before = counts(bench).await;
    bench.take(std::slice::from_ref(event)).await;
    let after = counts(bench).await;
    match () {
        () if after.2 == before.2 => Foreseen::Duplicate,
        () if after.1 > before.1 => Foreseen::Merge,
        () if after.0 > before.0 => Foreseen::Create,
        () => Foreseen::Update,
    }
}

#[tokio::test]
async fn each_event_does_what_was_foreseen_before_any_of_them() {
    on_every_database(async |mut bench: Bench| {
        let mut dice = Dice(7);
        let mut seen = std::collections::HashMap::new();
        for round in 0..4 {
            let events: Vec<Event> = (0..60).map(|_| random_event(&bench, &mut dice)).collect();
            let mut forecast =
                Forecast::begin(&bench.db, WORKSPACE).await.unwrap().expecting_repeated_messages();
            let mut foreseen = Vec::new();
            for part in events.chunks(7) {
                foreseen.extend(forecast.take(Some(&bench.db), part).await.unwrap());
            }
            for (place, event) in events.iter().enumerate() {
                let happened = happen(&mut bench, event).await;
                assert_eq!(foreseen[place], happened, "round {round}, event {place}: {event:?}");
                *seen.entry(happened).or_insert(0) += 1;
            }
            // An operator parts two who were made one; nobody makes them one again.
            let members: Vec<i64> = merged(&bench).await;
            if let [one, other, ..] = members[..] {
                let (one, other) = (MemberId(one.min(other)), MemberId(one.max(other)));
                bench
                    .run(
                        "INSERT INTO kept_apart (workspace_id, one_id, other_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                        vec![WORKSPACE.0.into(), one.0.into(), other.0.into()],
                    )
                    .await;
                bench.restart().await;
            }
        }
        for kind in [Foreseen::Create, Foreseen::Update, Foreseen::Merge, Foreseen::Duplicate] {
            assert!(seen.get(&kind).is_some_and(|times| *times >= 3), "{kind:?} hardly happened: {seen:?}");
        }
    })
    .await;
}

/// Members to whom identities first belonged.
async fn merged(bench: &Bench) -> Vec<i64> {
    #[derive(store::FromQueryResult)]
    struct Row {
        id: i64,
    }
    let sql = "SELECT DISTINCT origin_member_id AS id FROM identities WHERE workspace_id = $1 ORDER BY 1";
    let rows: Vec<Row> = bench.db.read().all(sql, vec![WORKSPACE.0.into()]).await.unwrap();
    rows.into_iter().map(|row| row.id).collect()
}
