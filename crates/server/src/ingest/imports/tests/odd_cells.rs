//! Cells that are not what nearly all of their column are: dates that are none, and words for nothing.

use testing::on_every_database;

use super::{
    super::{
        columns::{Column, ColumnType},
        dates::DateFormat,
        odd_cells::{OddCells, are_nearly_all, says_nothing},
        suggest::{Suggestion, suggest},
    },
    detection::{detected, file_with},
    jobs::{House, mapping_of},
    *,
};

/// So many days as `1990/1/5`, from the first of January on through the months.
fn days(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("1990/{}/{}", number % 12 + 1, number % 28 + 1)).collect()
}

fn repeated(cell: &str, count: usize) -> Vec<String> {
    vec![cell.to_owned(); count]
}

fn file_of(column: &str, cells: &[String]) -> String {
    let rows: String = cells.iter().enumerate().map(|(number, cell)| format!("u{number},{cell}\n")).collect();
    format!("user_id,{column}\n{rows}")
}

fn described(name: &str, cells: &[String]) -> Column {
    detected(file_of(name, cells).as_bytes()).columns.swap_remove(1)
}

fn suggested(name: &str, cells: &[String]) -> Suggestion {
    suggest(&detected(file_of(name, cells).as_bytes()))
}

fn codes(suggestion: &Suggestion) -> Vec<&'static str> {
    suggestion.questions.iter().map(|question| question.code).collect()
}

#[test]
fn dates_are_what_nearly_all_cells_are_wherever_the_odd_ones_stand() {
    for (good, odd, are_dates) in [
        (998, 2, true),
        (95, 5, true),
        (94, 6, false),
        (38, 2, true),
        (37, 2, false),
        (10, 1, true),
        (10, 2, false),
        (3, 1, true),
        (2, 1, false),
        (1, 1, false),
    ] {
        let odd_cells = repeated("some day", odd);
        for cells in [[odd_cells.clone(), days(good)].concat(), [days(good), odd_cells].concat()] {
            let column = described("birthday", &cells);
            let expected = OddCells {
                nothing: 0,
                misfits: odd as u64,
                of: (good + odd) as u64,
                example: Some("some day".to_owned()),
            };
            match are_dates {
                true => {
                    assert_eq!((column.r#type, column.date_format), (ColumnType::Date, Some(DateFormat::YearSlash)));
                    assert_eq!(column.odd_cells, Some(expected));
                }
                false => assert_eq!(
                    (column.r#type, column.date_format, column.odd_cells),
                    (ColumnType::Text, None, None),
                    "{good} {odd}"
                ),
            }
        }
    }
    let cells = [days(100), repeated("1990-01-05", 2)].concat();
    let column = described("birthday", &cells);
    assert_eq!(column.date_format, Some(DateFormat::YearSlash), "another format is as odd as no date");
    assert_eq!(column.odd_cells.unwrap().example.as_deref(), Some("1990-01-05"));
}

#[test]
fn words_for_nothing_count_neither_way_and_are_no_values() {
    let words = ["-", "--", "—", "/", "N/A", "n/a", "NA", "null", "NULL", "无", "無", "未知", "暂无", "#N/A"];
    for word in words {
        for (cells, found) in [
            (days(3), ColumnType::Date),
            (vec!["12.5".to_owned(), "-3".to_owned()], ColumnType::Number),
            (vec!["是".to_owned(), "否".to_owned()], ColumnType::Bool),
        ] {
            let of = cells.len() as u64;
            let column = described("x", &[repeated(word, 5), cells].concat());
            assert_eq!(column.r#type, found, "{word}");
            assert_eq!(column.odd_cells, Some(OddCells { nothing: 5, misfits: 0, of, example: None }), "{word}");
        }
        let column = described("x", &repeated(word, 5));
        assert_eq!((column.r#type, column.odd_cells), (ColumnType::Text, None), "{word}");
    }
    assert!(says_nothing(" n/A "));
    for text in ["", "0", "no", "不知道", "nano", "-1", "1990/1/5"] {
        assert!(!says_nothing(text), "{text}");
    }
}

#[test]
fn words_for_nothing_are_empty_cells_where_a_type_is_expected_and_texts_elsewhere() {
    let rows = "u1,1990/1/5,12.5,是,-\nu2,-,N/A,未知,null\nu3,soon,1,是,x\n";
    let file = file_with(format!("u,day,spend,vip,note\n{rows}").as_bytes());
    for day in ["day:date(y/m/d)", "day:date"] {
        let map = format!("user_id=u;traits.day={day};traits.spend=spend:number;traits.vip=vip:bool;traits.note=note");
        let map = ImportMap::parse(ImportKind::Members, &map).unwrap();
        let (mut importer, _) = open_file(file.path(), &map, target("f")).unwrap();
        let (events, rejects) = read_all(&mut importer, 9);
        let traits: Vec<Value> = events.iter().map(|event| Value::Object(event.properties_value())).collect();
        // Of two days and one of them odd, nobody knows the format.
        match day {
            "day:date" => assert_eq!(traits, [json!({"note": "null"})]),
            _ => {
                let known = json!({"day": "1990-01-05", "spend": 12.5, "vip": true, "note": "-"});
                assert_eq!(traits, [known, json!({"note": "null"})]);
                assert_eq!(reasons(&rejects), [(4, Code::InvalidField)]);
            }
        }
    }
}

#[test]
fn an_event_whose_time_nobody_knows_is_rejected_and_the_others_are_not() {
    let mut cells: Vec<String> = days(1_000).iter().map(|day| format!("{day} 10:00")).collect();
    cells[0] = "未知".to_owned();
    cells[9] = "before noon".to_owned();
    let file = file_with(file_of("time", &cells).as_bytes());
    let map = ImportMap::parse(ImportKind::Events, "event==E;user_id=user_id;timestamp=time").unwrap();
    let (mut importer, found) = open_file(file.path(), &map, target("f")).unwrap();
    let (events, rejects) = read_all(&mut importer, 100);
    assert_eq!(events.len(), 998);
    assert_eq!(events[0].timestamp.to_string(), "1990-02-02T10:00:00.000Z");
    assert_eq!(reasons(&rejects), [(2, Code::MissingField), (11, Code::InvalidField)]);
    assert_eq!(found.columns[1].odd_cells.as_ref().map(|odd| (odd.nothing, odd.misfits, odd.of)), Some((1, 1, 999)));
}

#[test]
fn odd_cells_do_not_decide_which_number_is_the_month() {
    let either = (DateFormat::DaySlash, DateFormat::MonthSlash);
    let open = repeated("3/4/2025", 100);
    let with = |cells: &[&str]| {
        let more: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        described("day", &[open.clone(), more].concat())
    };
    let undecided: [&[&str]; 5] =
        [&[], &["some day"], &["未知"], &["13/4/2025", "4/13/2025"], &["13/4/2025", "4/13/2025", "x"]];
    for cells in undecided {
        let column = with(cells);
        assert_eq!(column.r#type, ColumnType::Date, "{cells:?}");
        assert_eq!((column.ambiguous_dates, column.date_format), (Some(either), None), "{cells:?}");
    }
    for (decisive, format) in [("13/4/2025", DateFormat::DaySlash), ("4/13/2025", DateFormat::MonthSlash)] {
        let column = with(&[decisive, "some day", "-"]);
        assert_eq!((column.ambiguous_dates, column.date_format), (None, Some(format)), "{decisive}");
        assert_eq!(column.odd_cells.unwrap().misfits, 1);
    }
    // Most of them have the day first and some certainly do not: what do those mean that may be either?
    let mixed = [repeated("20/4/2025", 700), repeated("4/20/2025", 20), open].concat();
    assert_eq!(described("day", &mixed).ambiguous_dates, Some(either));
    let suggestion = suggested("day", &mixed);
    assert_eq!((codes(&suggestion), suggestion.entries["traits.day"].as_str()), (vec!["ambiguous_dates"], "day"));
    let halves = [repeated("20/4/2025", 50), repeated("4/20/2025", 50)].concat();
    assert_eq!(described("day", &halves).r#type, ColumnType::Text);
}

#[test]
fn codes_and_answers_do_not_become_numbers_or_truths_because_most_look_like_some() {
    let numbers = |from: usize, count: usize| (from..from + count).map(|number| number.to_string()).collect::<Vec<_>>();
    for odd in ["00501", "A1024", "+8613800138000"] {
        let cells = [numbers(10_115, 970), repeated(odd, 30)].concat();
        let column = described("code", &cells);
        assert_eq!((column.r#type, column.odd_cells), (ColumnType::Text, None), "{odd}");
        assert_eq!(codes(&suggested("code", &cells)), [""; 0], "{odd}");
    }
    // What may well be a number stays a text, and this is asked.
    let cells = [numbers(1, 999), repeated("free", 1)].concat();
    let suggestion = suggested("spend", &cells);
    assert_eq!(described("spend", &cells).r#type, ColumnType::Text);
    assert_eq!(suggestion.entries["traits.spend"], "spend");
    assert_eq!(codes(&suggestion), ["not_all_are_numbers"]);

    let cells = [repeated("是", 99), repeated("也许", 1)].concat();
    assert_eq!(described("answer", &cells).r#type, ColumnType::Text);
    let cells = [numbers(30_000, 98), numbers(99_000, 2)].concat();
    assert_eq!(described("last_time", &cells).r#type, ColumnType::Number, "though most may be days of a spreadsheet");
}

#[test]
fn cells_that_reject_their_rows_are_asked_about_with_one_of_them() {
    let cells = [days(998), repeated("some day", 2), repeated("-", 3)].concat();
    let suggestion = suggested("birthday", &cells);
    assert_eq!(suggestion.entries["traits.birthday"], "birthday:date(y/m/d)");
    let [question] = suggestion.questions.as_slice() else { panic!("{:?}", suggestion.questions) };
    assert_eq!((question.code, question.column.as_deref()), ("some_cells_do_not_fit", Some("birthday")));
    for said in ["2 of the 1000 cells", "\"some day\"", "rejected", "\"birthday:text\""] {
        assert!(question.message.en.contains(said), "{said}: {}", question.message.en);
    }
    for said in ["1000 格中有 2 格", "“some day”", "拒收", "“birthday:text”"] {
        assert!(question.message.zh.contains(said), "{said}: {}", question.message.zh);
    }
    let found = detected(file_of("birthday", &cells).as_bytes());
    for bare in [found.clone().without_odd_examples(), found.without_examples()] {
        assert!(!format!("{:?}", suggest(&bare)).contains("some day"));
    }

    assert_eq!(codes(&suggested("birthday", &[days(9), repeated("未知", 9)].concat())), [""; 0]);
    let rows: String = [days(9), repeated("some day", 1)].concat().iter().map(|day| format!("u,E,{day}\n")).collect();
    let suggestion = suggest(&detected(format!("user_id,event,time\n{rows}").as_bytes()));
    assert_eq!((suggestion.entries["timestamp"].as_str(), codes(&suggestion)), ("time", vec!["some_cells_do_not_fit"]));
    assert!(!suggestion.questions[0].message.en.contains("time:text"), "no event has a text for its time");
}

#[test]
fn texts_in_an_export_of_ours_stay_texts_though_nearly_all_are_dates() {
    for odd in ["some day", "-"] {
        let cells = [days(9), repeated(odd, 1)].concat();
        let rows: String = cells.iter().map(|day| format!("mem_1,u1,{day}\n")).collect();
        let suggestion = suggest(&detected(format!("id,user_id,birthday\n{rows}").as_bytes()));
        assert_eq!((suggestion.entries["traits.birthday"].as_str(), codes(&suggestion)), ("birthday", vec![]), "{odd}");
    }
}

#[tokio::test]
async fn two_odd_birthdays_cost_two_rows_of_a_thousand() {
    on_every_database(async |database| {
        let mut house = House::on(&database).await;
        let mut cells = days(1_000);
        for (place, odd) in [(0, "some day"), (500, "1990/31/31"), (7, "-"), (8, "N/A")] {
            cells[place] = odd.to_owned();
        }
        let upload = house.upload(file_of("birthday", &cells)).await;
        let id = upload["id"].as_str().unwrap();
        assert_eq!(upload["suggested_mapping"]["questions"][0]["code"], "some_cells_do_not_fit");
        let said = json!({"mapping": {"user_id": "user_id", "traits": {"birthday": "birthday:date"}}});
        for choice in [&said, &mapping_of(&upload)] {
            assert_eq!(house.order(id, "preview", choice).await.0, 202);
            house.do_job().await;
            let preview = house.show(id).await["preview"].clone();
            assert_eq!((&preview["create"], &preview["reject"]), (&json!(998), &json!(2)), "{preview}");
            assert_eq!(preview["reasons"], json!({"invalid_field": 2}));
        }
        let done = house.import(id, &mapping_of(&upload)).await;
        assert_eq!((&done["result"]["imported"], &done["result"]["rejected"]), (&json!(998), &json!(2)), "{done}");
        assert_eq!(house.counts().await, (998, 0));
        let traits = house.bench.texts("SELECT traits_json AS text FROM identities WHERE value IN ('u1', 'u7')").await;
        let with_birthday = traits.iter().filter(|traits| traits.contains("1990-02-02")).count();
        assert_eq!((traits.len(), with_birthday), (2, 1), "{traits:?}");
        assert!(!traits.iter().any(|traits| traits.contains("\"-\"")), "{traits:?}");
    })
    .await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_odd_cell_more_never_makes_a_column_more_certain(fitting in 0usize..2_000, odd in 0usize..200) {
        if are_nearly_all(fitting, fitting + odd + 1) {
            prop_assert!(are_nearly_all(fitting + 1, fitting + odd + 1));
        }
        prop_assert!(odd == 0 || !are_nearly_all(0, odd));
    }
}
