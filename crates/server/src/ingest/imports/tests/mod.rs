//! Importing: mappings, rows, cells, and going on after an interruption.

mod additions;
mod detection;
mod jobs;
mod odd_cells;
mod reading;
mod workbooks;

use std::io::Cursor;

use base::{Event, Time};
use proptest::prelude::*;
use serde_json::{Value, json};
use store::SimulatedClock;

use super::{detect::FileFormat, map::Delimiter, reading::Reading, rows::Rows, *};

const EVENTS: &str = "event==Order Completed;user_id=customer;timestamp=date;properties.revenue=revenue:number";

fn target(fingerprint: &str) -> ImportTarget {
    let clock = SimulatedClock::at(Time::from_millis(1_700_000_000_000)).shared();
    ImportTarget {
        workspace: WorkspaceId(1),
        partitions: 4,
        fingerprint: fingerprint.to_owned(),
        clock: clock.clone(),
        ids: IdSource::from_seed(clock, 3),
        whence: Provenance { file: "members.csv".to_owned(), ..Provenance::default() },
    }
}

/// What a mapping itself says of how to read a file.
fn said(map: &ImportMap) -> Detected {
    Detected {
        format: FileFormat::Csv,
        encoding: None,
        delimiter: None,
        sheets: Vec::new(),
        has_headers: map.has_headers().unwrap_or(true),
        columns: Vec::new(),
        rows_estimated: 0,
        has_apostrophes: false,
        chosen: Reading::default(),
    }
}

type TextImporter = Importer<Rows<Cursor<Vec<u8>>>>;

fn open_bytes(kind: ImportKind, map: &str, file: &[u8]) -> TextImporter {
    let map = ImportMap::parse(kind, map).unwrap();
    let rows = Rows::new(Cursor::new(file.to_vec()), map.delimiter().unwrap_or(Delimiter::Byte(b',')));
    let said = said(&map);
    Importer::open(rows, map, &said, target("f")).unwrap()
}

fn open(kind: ImportKind, map: &str, file: &str) -> TextImporter {
    open_bytes(kind, map, file.as_bytes())
}

fn read_all<S: RowSource>(importer: &mut Importer<S>, at_once: usize) -> (Vec<Event>, Vec<Reject>) {
    let (mut events, mut rejects) = (Vec::new(), Vec::new());
    while let Some(mut batch) = importer.next_batch(at_once).unwrap() {
        events.extend(batch.records.iter().map(|record| Event::from_record(&record.payload).unwrap()));
        rejects.append(&mut batch.rejects);
    }
    (events, rejects)
}

fn import(kind: ImportKind, map: &str, file: &str) -> (Vec<Event>, Vec<Reject>) {
    read_all(&mut open(kind, map, file), 3)
}

fn reasons(rejects: &[Reject]) -> Vec<(u64, Code)> {
    rejects.iter().map(|reject| (reject.line, reject.code)).collect()
}

#[test]
fn a_row_becomes_the_event_that_the_map_describes() {
    let file = "\u{feff}customer,date,revenue,note\r\n7,2023-01-02,12.50,\"a,\"\"b\"\"\nc\"\r\n8,2023-01-03,,\r\n";
    let map = format!("{EVENTS};properties.note=note");
    let (events, rejects) = import(ImportKind::Events, &map, file);
    assert_eq!(rejects, []);
    assert_eq!((events[0].name.as_str(), events[0].user_id.as_deref()), ("Order Completed", Some("7")));
    assert_eq!(events[0].properties.get(), r#"{"note":"a,\"b\"\nc","revenue":12.50}"#);
    assert_eq!(events[0].timestamp.to_string(), "2023-01-02T00:00:00.000Z");
    assert_eq!((events[0].source.as_str(), events[0].message_id.as_str()), ("import:f", "import-f-2"));
    assert_eq!((events[1].properties.get(), events[1].message_id.as_str()), ("{}", "import-f-4"));
}

#[test]
fn columns_between_blanks_without_a_header_are_read_by_number() {
    let file = " 00001 19970101  1   11.77\n 00002 19970112  5   77.00\n\n";
    let map = "event==Order Completed; user_id=1; timestamp=2; timestamp_format=%Y%m%d; \
               properties.revenue=4:number; properties.items=3:number; delimiter=whitespace; has_headers=false";
    let (events, rejects) = import(ImportKind::Events, map, file);
    assert_eq!(rejects, []);
    assert_eq!(events.len(), 2);
    assert_eq!(events[1].user_id.as_deref(), Some("00002"));
    assert_eq!(events[1].properties.get(), r#"{"items":5,"revenue":77.00}"#);
    assert_eq!(events[1].timestamp.to_string(), "1997-01-12T00:00:00.000Z");
}

#[test]
fn members_get_their_traits() {
    let map = r#"{"user_id":"id","email":"mail","traits":{"vip":"vip:bool","city":"=上海","score":"score:auto","zip":"zip:auto"}}"#;
    let file = "id,mail,vip,score,zip\nu1,a@b.c,Yes,3.5,00501\nu2,,maybe,1,1\n,x@y.z,no,,\n";
    let (events, rejects) = import(ImportKind::Members, map, file);
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].kind, events[0].name.as_str()), (base::EventKind::Identify, "Identified"));
    let traits: Value = serde_json::from_str(events[0].properties.get()).unwrap();
    assert_eq!(traits, json!({"email":"a@b.c","vip":true,"city":"上海","score":3.5,"zip":"00501"}));
    assert_eq!(reasons(&rejects), [(3, Code::InvalidField), (4, Code::MissingIdentity)]);
    assert_eq!(rejects[0].message, Words::new("vip is not a truth value", "vip 不是是否值"));
}

#[test]
fn accounts_name_members_who_have_no_id_of_the_brand() {
    let map = r#"{"identities": {"unionid": "微信", "onebot": "QQ"}, "traits": {"name": "n"}}"#;
    let (events, rejects) = import(ImportKind::Members, map, "微信,QQ,n\nU1,,李\n U2 ,4711,白\n,,nobody\n");
    let contexts: Vec<Value> = events.iter().map(|event| serde_json::from_str(event.context.get()).unwrap()).collect();
    let (unionid, qq) = (|id| json!({"type": "unionid", "id": id}), json!({"type": "qq", "id": "4711"}));
    assert_eq!(contexts[0], json!({"externalIds": [unionid("U1")]}));
    let mut both = contexts[1]["externalIds"].as_array().unwrap().clone();
    both.sort_by_key(Value::to_string);
    let mut expected = vec![unionid("U2"), qq];
    expected.sort_by_key(Value::to_string);
    assert_eq!(both, expected);
    assert!(events.iter().all(|event| event.trusted), "whoever may import vouches for his file");
    assert_eq!(reasons(&rejects), [(4, Code::MissingIdentity)]);
    for bad in ["user_id", "email", "a b", ""] {
        let map = format!("user_id=u;identities.{bad}=x");
        assert!(ImportMap::parse(ImportKind::Members, &map).is_err(), "{bad}");
    }
}

#[test]
fn large_rows_are_taken_fewer_at_a_time() {
    let row = |n: usize| format!("{n},2023-01-01,1,{}\n", "x".repeat(20_000));
    let rows: String = (0..1_000).map(row).collect();
    let map = format!("{EVENTS};properties.note=note");
    let mut importer = open(ImportKind::Events, &map, &format!("customer,date,revenue,note\n{rows}"));
    let mut imported = 0;
    while let Some(batch) = importer.next_batch(5_000).unwrap() {
        let bytes: usize = batch.records.iter().map(|record| record.payload.len()).sum();
        assert!(bytes <= MAX_IMPORT_BATCH_BYTES + MAX_ROW_BYTES, "{bytes}");
        imported += batch.records.len();
    }
    assert_eq!(imported, 1_000);
}

#[test]
fn bad_rows_are_rejected_with_line_and_reason_and_the_rest_lives_on() {
    let long = "x".repeat(70_000);
    let rows = [
        "customer,date,revenue".to_owned(),
        "1,2023-01-01,1".to_owned(),
        "2,2023-01-01".to_owned(),
        "3,2023-01-01,1,extra".to_owned(),
        "4,2023-01-01,abc".to_owned(),
        "5,yesterday,1".to_owned(),
        "6,,1".to_owned(),
        "7,0000-01-01,1".to_owned(),
        "8,9999-12-31,1".to_owned(),
        "9\0,2023-01-01,1".to_owned(),
        "10,2023-01-01,1e400".to_owned(),
        format!("11,2023-01-01,{long}"),
        "12,2023-01-01,\"never closed".to_owned(),
        "13,2023-01-01,+1.25".to_owned(),
        "14,2023-01-01,.5".to_owned(),
        "15,2023-01-01,NaN".to_owned(),
    ];
    let (events, rejects) = import(ImportKind::Events, EVENTS, &rows.join("\n"));
    assert_eq!(events.iter().filter_map(|event| event.user_id.as_deref()).collect::<Vec<_>>(), ["1", "13", "14"]);
    assert_eq!(events[1].properties.get(), r#"{"revenue":1.25}"#);
    assert_eq!(events[2].properties.get(), r#"{"revenue":0.5}"#);
    assert_eq!(
        reasons(&rejects),
        [
            (3, Code::RaggedRow),
            (4, Code::RaggedRow),
            (5, Code::InvalidField),
            (6, Code::InvalidField),
            (7, Code::MissingField),
            (8, Code::TimestampOutOfRange),
            (9, Code::TimestampOutOfRange),
            (10, Code::NulCharacter),
            (11, Code::InvalidField),
            (12, Code::EventTooLarge),
            (13, Code::RaggedRow),
            (16, Code::InvalidField),
        ]
    );
    assert_eq!(rejects[0].row, "2,2023-01-01");
    assert!(rejects.iter().all(|reject| reject.row.len() <= MAX_ROW_BYTES + 1));
}

#[test]
fn a_file_that_is_not_utf8_loses_only_those_rows() {
    let file = b"e,u\nA,1\nB,\xff\nC,3\n";
    let mut importer = open_bytes(ImportKind::Events, "event=e,user_id=u", file);
    let (events, rejects) = read_all(&mut importer, 10);
    assert_eq!((events.len(), reasons(&rejects)), (2, vec![(3, Code::InvalidField)]));
}

#[test]
fn times_are_read_in_the_zone_of_the_map() {
    let map = |extra: &str| format!("event==E;user_id=u;timestamp=t;time_zone=Asia/Shanghai{extra}");
    let at = |map: &str, time: &str| {
        let (events, rejects) = import(ImportKind::Events, map, &format!("u,t\n1,{time}\n"));
        events.first().map(|event| event.timestamp.to_string()).unwrap_or_else(|| format!("{:?}", rejects[0].code))
    };
    assert_eq!(at(&map(""), "2023-01-02 08:00:00"), "2023-01-02T00:00:00.000Z");
    assert_eq!(at(&map(""), "2023-01-02T08:00:00Z"), "2023-01-02T08:00:00.000Z");
    assert_eq!(at(&map(";timestamp_format=%d.%m.%Y %H:%M"), "02.01.2023 08:30"), "2023-01-02T00:30:00.000Z");
    assert_eq!(at(&map(";timestamp_format=%d.%m.%Y"), "02.01.2023"), "2023-01-01T16:00:00.000Z");
    assert_eq!(at(&map(";timestamp_format=%s"), "1672617600"), "2023-01-02T00:00:00.000Z");
    assert_eq!(at(&map(";timestamp_format=%Y%m%d"), "20231301"), "InvalidField");
}

#[test]
fn an_interrupted_import_goes_on_where_it_was() {
    let file = "customer,date,revenue\n1,2023-01-01,1\n\n2,2023-01-01\n3,2023-01-01,\"3\n\"\n4,2023-01-01,4\n5,2023-01-01,\"5\n";
    let mut whole = open(ImportKind::Events, EVENTS, file);
    let (events, rejects) = read_all(&mut whole, 2);
    assert_eq!(whole.progress(), Progress { rows: 5, lines: 8, bytes: file.len() as u64 });
    for done in 0..=5 {
        let mut first = open(ImportKind::Events, EVENTS, file);
        let batch = if done == 0 { None } else { first.next_batch(done).unwrap() };
        let rows_done = batch.as_ref().map_or(0, |batch| batch.progress.rows);
        let mut second = open(ImportKind::Events, EVENTS, file);
        second.skip_rows(rows_done).unwrap();
        let (rest, rest_rejects) = read_all(&mut second, 100);
        let records = batch.iter().flat_map(|batch| &batch.records);
        let ids: Vec<String> = records
            .map(|record| Event::from_record(&record.payload).unwrap().message_id)
            .chain(rest.into_iter().map(|event| event.message_id))
            .collect();
        assert_eq!(ids, events.iter().map(|event| event.message_id.clone()).collect::<Vec<_>>(), "{done} rows done");
        let all: Vec<Reject> = batch.into_iter().flat_map(|batch| batch.rejects).chain(rest_rejects).collect();
        assert_eq!(all, rejects);
    }
}

#[test]
fn maps_mean_the_same_in_all_forms_and_mistakes_are_named() {
    let json = r#"{"event":"=E","user_id":"u","properties":{"a":"x:number"},"has_headers":true}"#;
    let toml = "event = \"=E\"\nuser_id = \"u\"\nproperties.a = \"x:number\"\nhas_headers = true\n";
    let inline = "event==E, user_id=u, properties.a=x:number, has_headers=true";
    let canonical = |text: &str| ImportMap::parse(ImportKind::Events, text).unwrap().canonical().to_owned();
    assert_eq!(canonical(json), canonical(toml));
    assert_eq!(canonical(json), canonical(inline));

    let error = |kind, text: &str| ImportMap::parse(kind, text).unwrap_err();
    assert_eq!(error(ImportKind::Events, "user_id=u"), MapError::Missing("event"));
    assert_eq!(error(ImportKind::Members, "email=e"), MapError::Missing("user_id"));
    assert_eq!(error(ImportKind::Members, "user_id=u,event=e"), MapError::UnknownName("event".to_owned()));
    for bad in ["event", "{", "a = \"", r#"{"event":[1]}"#, "event=e,event=f,user_id=u", "event=,user_id=u"] {
        error(ImportKind::Events, bad);
    }
    for bad in ["delimiter=ab", "delimiter=\u{e9}", "has_headers=maybe", "time_zone=Mars"] {
        error(ImportKind::Events, &format!("event==E;user_id=u;{bad}"));
    }
    let map = ImportMap::parse(ImportKind::Events, "event==E;user_id=nobody").unwrap();
    let rows = Rows::new(Cursor::new(b"a,b\n".to_vec()), Delimiter::Byte(b','));
    let missing = Importer::open(rows, map.clone(), &said(&map), target("f")).err().unwrap();
    assert_eq!(missing.to_string(), "the file has no column \"nobody\"; it has a, b");
}

#[test]
fn the_fingerprint_tells_files_maps_and_workspaces_apart() {
    let map = |text: &str| ImportMap::parse(ImportKind::Events, text).unwrap();
    let print =
        |file: &str, text: &str, workspace| fingerprints(file.as_bytes(), &map(text), WorkspaceId(workspace)).unwrap();
    let base = print("a", "event==E;user_id=u", 1);
    assert_eq!(base, print("a", "user_id=u;event==E", 1));
    for other in
        [print("b", "event==E;user_id=u", 1), print("a", "event==F;user_id=u", 1), print("a", "event==E;user_id=u", 2)]
    {
        assert_ne!(base.import, other.import);
    }
    assert_eq!(
        base.content,
        print("a", "event==F;user_id=u", 1).content,
        "the content alone says that it is the same file"
    );
    assert_ne!(base.content, print("a", "event==E;user_id=u", 2).content);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn well_formed_files_are_read_cell_by_cell(cells in proptest::collection::vec(("[a-z]{1,5}", "[a-z\", \n\r名]{0,12}"), 1..20)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["u", "x"]).unwrap();
        for (user, cell) in &cells {
            writer.write_record([user, cell]).unwrap();
        }
        let file = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let (events, rejects) = import(ImportKind::Events, "event==E;user_id=u;properties.x=x", &file);
        prop_assert_eq!(rejects, []);
        prop_assert_eq!(events.len(), cells.len());
        for (event, (user, cell)) in events.iter().zip(&cells) {
            prop_assert_eq!(event.user_id.as_deref(), Some(user.as_str()));
            let expected = if cell.trim().is_empty() { json!({}) } else { json!({ "x": cell }) };
            prop_assert_eq!(serde_json::from_str::<Value>(event.properties.get()).unwrap(), expected);
        }
    }

    #[test]
    fn any_bytes_are_read_to_their_end_and_each_row_is_a_record_or_a_reject(file in proptest::collection::vec(prop_oneof![Just(b'"'), Just(b','), Just(b'\n'), any::<u8>()], 0..400)) {
        let length = file.len() as u64;
        let mut importer = open_bytes(ImportKind::Events, "event==E;user_id=1;has_headers=false", &file);
        let mut rows = 0;
        while let Some(batch) = importer.next_batch(5).unwrap() {
            rows += batch.records.len() + batch.rejects.len();
        }
        prop_assert_eq!(importer.progress().rows, rows as u64);
        prop_assert_eq!(importer.progress().bytes, length);
    }
}
