//! What a row brings beside its own record: tags, and decisions about consent; and numbers that are asked about.

use base::EventKind;
use testing::on_every_database;

use super::{
    super::{detect::detect, suggest::suggest},
    jobs::{House, mapping_of},
    *,
};

const FILE: &str = "编号,标签,订阅,订阅日期\n\
                    M1,VIP;老客,是,2023-05-01\n\
                    M2,老客；老客,否,\n\
                    M3,,,\n\
                    M4,x,也许,2023-05-01\n\
                    M5,x,是,\n";

fn mapping() -> Value {
    json!({
        "kind": "members", "user_id": "编号", "tags": "标签", "add_tags": ["2026 展会"],
        "consents": [{"channel": "email", "purpose": "news", "column": "订阅", "yes": ["是", "Y"],
                      "given_at": "订阅日期", "proof": "门店登记表"}],
    })
}

fn entries_of(mapping: &Value) -> String {
    let mut entries = mapping.clone();
    entries.as_object_mut().unwrap().remove("kind");
    entries.to_string()
}

#[test]
fn a_row_brings_its_tags_and_consents_under_its_own_id() {
    let (events, rejects) = import(ImportKind::Members, &entries_of(&mapping()), FILE);
    let told: Vec<(EventKind, &str, &str)> =
        events.iter().map(|event| (event.kind, event.name.as_str(), event.message_id.as_str())).collect();
    use EventKind::{Command, Identify, Track};
    assert_eq!(
        told,
        [
            (Identify, "Identified", "import-f-2"),
            (Command, "Tag Added", "import-f-2-tags"),
            (Track, "Consent Given", "import-f-2-consent-1"),
            (Identify, "Identified", "import-f-3"),
            (Command, "Tag Added", "import-f-3-tags"),
            (Track, "Consent Withdrawn", "import-f-3-consent-1"),
            (Identify, "Identified", "import-f-4"),
            (Command, "Tag Added", "import-f-4-tags"),
        ]
    );
    assert!(events.iter().all(|event| event.trusted && event.source == "import:f"));
    let properties: Vec<Value> = events.iter().map(|event| Value::Object(event.properties_value())).collect();
    assert_eq!(properties[1], json!({"tags": ["VIP", "老客", "2026 展会"], "only_new": true}));
    assert_eq!(properties[4]["tags"], json!(["老客", "2026 展会"]), "each once");
    let proof = json!({"text": "门店登记表", "answer": "是", "file": "members.csv", "row": 2});
    for (name, value) in proof.as_object().unwrap() {
        assert_eq!(&properties[2][name], value);
    }
    assert_eq!((&properties[2]["channel"], &properties[2]["purpose"]), (&json!("email"), &json!("news")));
    assert_eq!(events[2].timestamp.to_string(), "2023-05-01T00:00:00.000Z");
    assert_eq!(events[5].timestamp, events[5].received_at, "a withdrawal counts from the import");
    assert_eq!(reasons(&rejects), [(5, Code::InvalidField), (6, Code::MissingField)]);
    assert_eq!(rejects[0].message, Words::new("订阅 says neither yes nor no", "订阅 既不是同意，也不是拒绝"));
}

#[test]
fn what_a_row_brings_names_the_member_by_the_same_accounts_as_the_row() {
    let mapping = r#"{"identities": {"unionid": "微信", "telegram": "电报"}, "add_tags": ["展会"],
        "consents": [{"channel": "email", "purpose": "news", "column": "订阅", "yes": ["是"], "given_at": "=2023-05-01",
                      "proof": "门店登记表"}]}"#;
    let (events, rejects) = import(ImportKind::Members, mapping, "微信,电报,订阅\nU1,4711,是\n");
    assert_eq!(rejects, []);
    let kinds: Vec<EventKind> = events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Identify, EventKind::Command, EventKind::Track]);
    for event in &events {
        assert_eq!((&event.user_id, &event.anonymous_id), (&None, &None));
        let context: Value = serde_json::from_str(event.context.get()).unwrap();
        let ids = context["externalIds"].as_array().unwrap();
        let (unionid, telegram) = (json!({"type": "unionid", "id": "U1"}), json!({"type": "telegram", "id": "4711"}));
        assert!(ids.len() == 2 && ids.contains(&unionid) && ids.contains(&telegram), "{context}");
    }
    let map = ImportMap::parse(ImportKind::Members, mapping).unwrap();
    assert_eq!(map.columns(), ["电报", "微信", "订阅"]);
}

#[test]
fn a_row_of_which_one_part_is_refused_brings_nothing() {
    let file = format!("u,t\nM1,{}\nM2,x\n", "长".repeat(101));
    let (events, rejects) = import(ImportKind::Members, "user_id=u;tags=t", &file);
    assert_eq!(events.iter().filter_map(|event| event.user_id.as_deref()).collect::<Vec<_>>(), ["M2", "M2"]);
    assert_eq!(reasons(&rejects), [(2, Code::InvalidField)]);
    assert!(rejects[0].message.en.contains("a tag in t") && !rejects[0].message.en.contains('长'));
}

#[test]
fn lists_in_mappings_mean_the_same_in_all_forms() {
    let canonical = |text: &str| ImportMap::parse(ImportKind::Members, text).unwrap().canonical().to_owned();
    let flat = "user_id=编号; tags=标签; add_tags.1=2026 展会; consents.1.channel=email; consents.1.purpose=news; \
                consents.1.column=订阅; consents.1.yes.1=是; consents.1.yes.2=Y; consents.1.given_at=订阅日期; \
                consents.1.proof=门店登记表";
    let toml = "user_id = \"编号\"\ntags = \"标签\"\nadd_tags = [\"2026 展会\"]\n[[consents]]\nchannel = \"email\"\n\
                purpose = \"news\"\ncolumn = \"订阅\"\nyes = [\"是\", \"Y\"]\ngiven_at = \"订阅日期\"\n\
                proof = \"门店登记表\"\n";
    assert_eq!(canonical(&entries_of(&mapping())), canonical(flat));
    assert_eq!(canonical(&entries_of(&mapping())), canonical(toml));
    let map = ImportMap::parse(ImportKind::Members, flat).unwrap();
    let again = serde_json::to_string(map.entries()).unwrap();
    assert_eq!(canonical(&again), canonical(flat), "what is shown can be sent back");
    assert_eq!(map.columns(), ["编号", "标签", "订阅", "订阅日期"]);
}

#[test]
fn a_consent_that_is_not_wholly_stated_is_refused() {
    for field in ["channel", "purpose", "column", "yes", "given_at", "proof"] {
        let mut less = mapping();
        less["consents"][0].as_object_mut().unwrap().remove(field);
        let error = ImportMap::parse(ImportKind::Members, &entries_of(&less)).unwrap_err();
        assert!(error.to_string().contains(&format!("consents.1.{field}")), "{error}");
    }
    for (field, wrong) in [
        ("channel", json!("E-Mail")),
        ("yes", json!([""])),
        ("no", json!(["ｙ"])),
        ("given_at", json!("=yesterday")),
        ("given_at", json!("订阅日期:number")),
        ("proof", json!(" ")),
        ("since", json!("x")),
    ] {
        let mut changed = mapping();
        changed["consents"][0][field] = wrong;
        assert!(ImportMap::parse(ImportKind::Members, &entries_of(&changed)).is_err(), "{field}");
    }
    for bad in [
        "user_id=u;add_tags=smile\u{7}",
        "user_id=u;tags=t;tags_separator=x",
        "user_id=u;consents.x=1",
        r#"{"user_id":"u","traits":{"a":["b"]}}"#,
    ] {
        assert!(ImportMap::parse(ImportKind::Members, bad).is_err(), "{bad}");
    }
}

fn detected(text: &str) -> (tempfile::NamedTempFile, Detected) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let found = detect(file.path(), &Hints::default()).unwrap();
    (file, found)
}

#[test]
fn tags_are_suggested_and_consents_are_asked_about() {
    let (_file, found) = detected("会员编号,标签,是否订阅\nM1,a;b,是\nM2,c,否\n");
    let suggestion = suggest(&found);
    assert_eq!(suggestion.entries["tags"], "标签");
    assert!(!suggestion.entries.keys().any(|name| name.starts_with("consents")));
    let asked: Vec<_> =
        suggestion.questions.iter().map(|question| (question.code, question.column.as_deref())).collect();
    assert_eq!(asked, [("may_be_consent", Some("是否订阅"))]);
    let (file, found) = detected("会员编号,标签\nM1,\"a;b\"\nM2,\"c,d\"\n");
    assert_eq!(suggest(&found).questions[0].code, "several_separators");
    let open = |map: &str| {
        let map = ImportMap::parse(ImportKind::Members, map).unwrap();
        open_file(file.path(), &map, target("f")).map(|(mut importer, _)| read_all(&mut importer, 9).0)
    };
    let refused = open("user_id=会员编号;tags=标签").err().unwrap().to_string();
    assert!(refused.contains("semicolon") && refused.contains("comma"), "{refused}");
    let events = open("user_id=会员编号;tags=标签;tags_separator=comma").unwrap();
    assert_eq!(events[1].properties_value()["tags"], json!(["a;b"]));
    assert_eq!(events[3].properties_value()["tags"], json!(["c", "d"]));
}

#[test]
fn numbers_are_taken_in_the_form_of_their_column_or_asked_about() {
    let (file, found) = detected("会员编号,积分,金额,折扣\nM1,\"1,280.00\",¥128,12%\nM2,7,\"￥1,280.5\",5%\n");
    let suggestion = suggest(&found);
    assert_eq!(suggestion.questions.iter().map(|question| question.code).collect::<Vec<_>>(), ["percentages"]);
    let traits = |file: &tempfile::NamedTempFile, map: &str| -> Result<Vec<Value>, String> {
        let map = ImportMap::parse(ImportKind::Members, map).unwrap();
        let (mut importer, _) = open_file(file.path(), &map, target("f")).map_err(|error| error.to_string())?;
        let (events, rejects) = read_all(&mut importer, 9);
        assert_eq!(rejects, []);
        Ok(events.iter().map(|event| Value::Object(event.properties_value())).collect())
    };
    let read = traits(&file, &serde_json::to_string(&suggestion.entries).unwrap()).unwrap();
    assert_eq!(read[0], json!({"points": 1280.0, "revenue": 128, "折扣": 0.12}));
    assert_eq!(read[1], json!({"points": 7, "revenue": 1280.5, "折扣": 0.05}));

    let (file, found) = detected("会员编号,积分\nM1,\"1,280\"\nM2,7\n");
    let suggestion = suggest(&found);
    assert_eq!(suggestion.questions[0].code, "ambiguous_numbers");
    let refused = traits(&file, &serde_json::to_string(&suggestion.entries).unwrap()).unwrap_err();
    assert!(refused.contains("积分:number(point)"), "{refused}");
    let read = |mark: &str| {
        let map = format!("user_id=会员编号;traits.n=积分:number({mark})");
        traits(&file, &map).unwrap()[0]["n"].clone()
    };
    assert_eq!((read("point"), read("comma")), (json!(1280), json!(1.28)));
}

#[test]
fn what_an_export_of_ours_holds_is_suggested_as_what_it_was() {
    let (_file, found) = detected(
        "id,user_id,price,points,note,tags\n\
         mem_0000000000001,u1,¥128,12.125,1280,2026\nmem_0000000000002,u2,\"1,280\",13.250,x,2025\n",
    );
    let suggestion = suggest(&found);
    assert_eq!(suggestion.questions, []);
    let entry = |name: &str| suggestion.entries.get(name).map(String::as_str);
    assert_eq!((entry("tags"), entry("tags_separator")), (Some("tags"), Some("semicolon")));
    assert_eq!((entry("traits.price"), entry("traits.points")), (Some("price"), Some("points:number(point)")));
    assert_eq!((entry("traits.tags"), entry("traits.note")), (None, Some("note")));
}

#[tokio::test]
async fn members_carry_tags_and_consents_after_an_import_once() {
    on_every_database(async |database| {
        let mut house = House::on(&database).await;
        let upload = house.upload(FILE).await;
        let id = upload["id"].as_str().unwrap();
        let choice = json!({"mapping": mapping(), "language": "zh"});
        assert_eq!(house.order(id, "preview", &choice).await.0, 202);
        house.do_job().await;
        let preview = house.show(id).await["preview"].clone();
        let count = |name: &str| preview[name].as_u64().unwrap();
        assert_eq!(["rows", "create", "update", "reject"].map(count), [5, 3, 0, 2], "{preview}");
        let brought = ["tags", "ruled_tags", "consents_given", "consents_withdrawn"];
        assert_eq!(brought.map(count), [6, 0, 1, 1], "{preview}");
        assert_eq!(preview["rejects"][0]["message"], "订阅 既不是同意，也不是拒绝");
        assert_eq!(house.bench.number("SELECT COUNT(*) FROM member_tags").await, 0, "a preview changes nothing");

        let done = house.import(id, &choice).await;
        assert_eq!((&done["result"]["imported"], &done["result"]["rejected"]), (&json!(3), &json!(2)), "{done}");
        let state = async |house: &House| {
            let mut tags = house
                .bench
                .texts(
                    "SELECT i.value || ':' || t.tag AS text FROM member_tags t JOIN identities i ON i.id = t.identity_id
                     WHERE t.source LIKE 'import:%'",
                )
                .await;
            tags.sort();
            let mut consents = house
                .bench
                .texts(
                    "SELECT i.value || ' ' || CAST(c.granted AS TEXT) || ' ' || c.channel_kind || ' ' || c.topic AS text
                     FROM consents c JOIN identities i ON i.id = c.identity_id WHERE c.claimed = 0",
                )
                .await;
            consents.sort();
            let changes = house.bench.number("SELECT COUNT(*) FROM tag_changes").await;
            (tags, consents, changes, house.bench.number("SELECT COUNT(*) FROM consent_changes").await)
        };
        let after = state(&house).await;
        assert_eq!(after.0, ["M1:2026 展会", "M1:VIP", "M1:老客", "M2:2026 展会", "M2:老客", "M3:2026 展会"]);
        assert_eq!(after.1, ["M1 1 email news", "M2 0 email news"]);
        assert_eq!((after.2, after.3), (6, 2));
        let given = "SELECT decided_at FROM consents WHERE granted = 1";
        assert_eq!(house.bench.number(given).await, 1_682_899_200_000);
        let proofs = house.bench.texts("SELECT proof_json AS text FROM consents WHERE granted = 1").await;
        for part in ["门店登记表", "members.csv", id, r#""row":2"#] {
            assert!(proofs[0].contains(part), "{part} in {proofs:?}");
        }

        // As after a power cut behind the last word of how far it was, and then once more.
        let begin_anew = "UPDATE imports SET rows_done = 0, imported = 0, rejected = 0, rejects_bytes = 0";
        house.bench.run(begin_anew, vec![]).await;
        assert_eq!(house.import(id, &choice).await["result"]["imported"], 3);
        let again = house.import(id, &choice).await;
        assert_eq!((&again["result"]["resumed_after"], state(&house).await), (&json!(5), after.clone()));

        // Another mapping of the same file says the same again: no tag changes.
        let mut other = mapping();
        other["traits"] = json!({"note": "标签"});
        other.as_object_mut().unwrap().remove("consents");
        house.import(id, &json!({"mapping": other})).await;
        let tagged = state(&house).await;
        assert_eq!((tagged.1, tagged.3), (after.1, after.3));
        // The rows that were rejected for their consents are members now.
        assert_eq!(tagged.2, 6 + 4);
        assert_eq!(house.bench.number("SELECT COUNT(*) FROM dead_letters").await, 0);
    })
    .await;
}

#[tokio::test]
async fn tags_of_rules_are_refused_for_all_and_passed_over_in_cells() {
    on_every_database(async |database| {
        let mut house = House::on(&database).await;
        let sql = "INSERT INTO tags (workspace_id, name, kind, description, created_by, created_at, updated_at)
                   VALUES ($1, '热', 'predictive', '', 'test', 0, 0)";
        house.bench.run(sql, vec![testing::WORKSPACE.0.into()]).await;
        let upload = house.upload("user_id,标签\nu1,热;a\nu2,热\n").await;
        let id = upload["id"].as_str().unwrap();
        let choice = mapping_of(&upload);
        let mut for_all = choice.clone();
        for_all["mapping"]["add_tags"] = json!(["b", "热"]);
        for what in ["preview", "start"] {
            assert_eq!(house.order(id, what, &for_all).await.1["code"], "tag_is_dynamic");
        }
        house.order(id, "preview", &choice).await;
        house.do_job().await;
        let preview = house.show(id).await["preview"].clone();
        assert_eq!((&preview["tags"], &preview["ruled_tags"]), (&json!(1), &json!(2)), "{preview}");
        assert_eq!(house.import(id, &choice).await["result"]["imported"], 2);
        assert_eq!(house.bench.texts("SELECT tag AS text FROM member_tags").await, ["a"]);
        assert_eq!(house.bench.number("SELECT COUNT(*) FROM dead_letters").await, 0);
    })
    .await;
}
