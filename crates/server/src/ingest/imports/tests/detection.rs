//! What is found in files: encodings, delimiters, headers, dates, and what columns are likely to mean.

use std::io::Write;

use encoding_rs::{BIG5, EUC_KR, GB18030, GBK, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};

use super::{
    super::{
        columns::ColumnType,
        dates::DateFormat,
        detect::detect,
        encoding::{EncodingProbe, TextEncoding, probe},
        suggest::suggest,
    },
    *,
};

/// The beginning of a story by Lu Xun, 1921.
const STORY: &str = "我冒了严寒，回到相隔二千余里，别了二十余年的故乡去。时候既然是深冬；渐近故乡时，天气又阴晦了，\
                     冷风吹进船舱中，呜呜的响，从篷隙向外一望，苍黄的天底下，远近横着几个萧索的荒村，没有一些活气。";
/// The same as it is written in Taipei and Hong Kong.
const STORY_IN_TAIPEI: &str = "我冒了嚴寒，回到相隔二千餘里，別了二十餘年的故鄉去。時候既然是深冬；漸近故鄉時，天氣又陰晦了，\
                               冷風吹進船艙中，嗚嗚的響，從篷隙向外一望，蒼黃的天底下，遠近橫著幾個蕭索的荒村，沒有一些活氣。";
const NAMES: [&str; 12] =
    ["王伟", "李娜", "张敏", "刘洋", "陈静", "杨磊", "黄丽", "赵强", "周杰", "吴芳", "徐明", "孙秀英"];
const NAMES_IN_TAIPEI: [&str; 12] = [
    "陳怡君",
    "林志明",
    "黃淑芬",
    "張家豪",
    "李雅婷",
    "王俊傑",
    "吳美玲",
    "劉建宏",
    "蔡佩珊",
    "楊宗翰",
    "許惠雯",
    "鄭凱文",
];
const CITIES: [&str; 6] = ["上海", "杭州", "成都", "广州", "西安", "哈尔滨"];

fn find(bytes: &[u8]) -> TextEncoding {
    probe(bytes).unwrap()
}

fn named(name: &str) -> TextEncoding {
    TextEncoding::named(name).unwrap()
}

pub(super) fn file_with(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

pub(super) fn detected(bytes: &[u8]) -> Detected {
    detect(file_with(bytes).path(), &Hints::default()).unwrap()
}

#[test]
fn chinese_texts_are_found_to_be_in_the_encoding_in_which_they_were_written() {
    for (text, encoding) in [(STORY, GBK), (STORY, GB18030), (STORY_IN_TAIPEI, BIG5)] {
        let (bytes, _, lossy) = encoding.encode(text);
        assert!(!lossy);
        let expected = if encoding == BIG5 { "big5" } else { "gbk" };
        assert_eq!(find(&bytes), named(expected), "{}", encoding.name());
    }
    assert_eq!(find(STORY.as_bytes()), TextEncoding::UTF_8);
}

#[test]
fn a_short_list_of_chinese_names_is_enough() {
    for count in [2, 3, 6, 12] {
        let list = |names: &[&str]| format!("name,phone\n{}\n", names[..count].join(",13800138000\n"));
        let (simplified, traditional) = (list(&NAMES), list(&NAMES_IN_TAIPEI));
        assert_eq!(find(&GBK.encode(&simplified).0), named("gbk"), "{count}");
        assert_eq!(find(&BIG5.encode(&traditional).0), named("big5"), "{count}");
    }
}

#[test]
fn texts_of_other_peoples_are_not_taken_for_chinese() {
    let russian =
        "имя,город\nАнна Каренина,Москва\nАлексей Вронский,Санкт-Петербург\nКонстантин Лёвин,Покровское\n".repeat(4);
    let german = "Name;Ort\nJörg Müller;Köln\nÄnne Weiß;Düsseldorf\nGötz Krüger;Würzburg\n".repeat(4);
    let japanese =
        "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所で。".repeat(40);
    let korean = "나는 고양이로소이다. 이름은 아직 없다. 어디서 태어났는지 도무지 짐작이 가지 않는다.".repeat(40);
    for (text, encoding) in [(russian, WINDOWS_1251), (german, WINDOWS_1252), (japanese, SHIFT_JIS), (korean, EUC_KR)] {
        let (bytes, _, _) = encoding.encode(&text);
        assert_eq!(find(&bytes).name(), encoding.name().to_ascii_lowercase());
    }
}

#[test]
fn wide_characters_are_found_with_and_without_a_mark() {
    let text = format!("姓名\t城市\n{STORY}\t1\n");
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let marked = [&[0xff, 0xfe][..], &little].concat();
    assert_eq!(find(&marked), named("utf-16le"));
    let table = "id,name\n1,王伟\n2,李娜\n";
    let little: Vec<u8> = table.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(find(&little), named("utf-16le"));
    assert_eq!(find(&[&[0xfe, 0xff][..], &big].concat()), named("utf-16be"));
    assert_eq!(find(b"id,name\n1,a\0b\n2,c\n"), TextEncoding::UTF_8, "one NUL is an accident");
}

#[test]
fn a_damaged_place_does_not_change_the_encoding_of_a_whole_file() {
    let mut bytes = STORY.repeat(3).into_bytes();
    bytes.extend(b"\xff\xfe\n");
    assert_eq!(find(&bytes), TextEncoding::UTF_8);
}

#[test]
fn what_stands_far_behind_counts_too() {
    let mut bytes = "id,name,city\n1,a,b\n".repeat(60_000).into_bytes();
    bytes.extend_from_slice(&GBK.encode("2,王伟,上海\n3,李娜,成都\n").0);
    assert_eq!(find(&bytes), named("gbk"));
}

#[test]
fn converted_rows_with_bytes_that_their_encoding_does_not_know_are_rejected_and_the_others_are_not() {
    let mut bytes = GBK.encode("编号,姓名\n1,王伟\n2,").0.into_owned();
    bytes.extend(b"\xff\xff\n");
    bytes.extend_from_slice(&GBK.encode("3,李娜\n4,张敏\n5,刘洋\n").0);
    let file = file_with(&bytes);
    let map = ImportMap::parse(ImportKind::Members, "user_id=编号;traits.name=姓名").unwrap();
    let (mut importer, _) = open_file(file.path(), &map, target("f")).unwrap();
    let (events, rejects) = read_all(&mut importer, 10);
    let names: Vec<_> = events.iter().map(|event| event.properties_value()["name"].clone()).collect();
    assert_eq!(names, ["王伟", "李娜", "张敏", "刘洋"]);
    assert_eq!(reasons(&rejects), [(3, Code::InvalidField)]);
}

#[test]
fn a_header_is_known_from_values() {
    assert!(detected("会员编号,邮箱\n1,a@example.com\n".as_bytes()).has_headers);
    assert!(detected("alpha,beta\nx,y\n".as_bytes()).has_headers);
    assert!(!detected("1,a@example.com\n2,b@example.com\n".as_bytes()).has_headers);
    assert!(!detected("王伟,2023-01-02\n李娜,2023-02-03\n".as_bytes()).has_headers);
    let numbered = detected("1,a@example.com\n2,b@example.com\n".as_bytes());
    assert_eq!(numbered.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!((numbered.rows_estimated, detected(b"id,name\n1,a\n\n2,b\n").rows_estimated), (2, 2));
}

#[test]
fn a_separator_within_cells_is_not_taken_for_the_delimiter() {
    let rows: String = (0..300).map(|number| format!("u{number},a;b\n")).collect();
    let found = detected(format!("user_id,tags\n{rows}").as_bytes());
    assert_eq!(found.delimiter.as_deref(), Some(","));
    let rows: String = (0..300).map(|number| format!("u{number};1,5\n")).collect();
    assert_eq!(detected(format!("user_id;points\n{rows}").as_bytes()).delimiter.as_deref(), Some(";"));
}

#[test]
fn what_cells_are_is_told_of_each_column() {
    let file = "编号,zip,积分,active,birthday,注册时间,last_date,tags,empty,身份证\n\
                u1,00501,12.5,true,2001/2/3,2023年1月2日 08:00,13/02/2023,[1],,110101199003070000\n\
                u2,10115,-3,false,1999/12/31,2023年11月12日,01/02/2023,[],,110101199003070001\n";
    let found = detected(file.as_bytes());
    let types: Vec<ColumnType> = found.columns.iter().map(|column| column.r#type).collect();
    use ColumnType::*;
    assert_eq!(types, [Text, Text, Number, Bool, Date, Date, Date, Json, Empty, Text]);
    let format = |index: usize| found.columns[index].date_format;
    assert_eq!((format(4), format(5)), (Some(DateFormat::YearSlash), Some(DateFormat::Chinese)));
    assert_eq!(format(6), Some(DateFormat::DaySlash), "there is no thirteenth month");
    assert_eq!(found.columns[1].examples, ["00501", "10115"]);
}

#[test]
fn dates_that_may_be_read_in_two_ways_are_asked_about_and_never_guessed() {
    let file = "user_id,date,event\nu1,01/02/2023,A\nu2,03/04/2023,B\n";
    let found = detected(file.as_bytes());
    assert_eq!(found.columns[1].ambiguous_dates, Some((DateFormat::DaySlash, DateFormat::MonthSlash)));
    let suggestion = suggest(&found);
    assert!(
        suggestion.questions.iter().any(|question| question.message.en.contains("d/m/y or m/d/y")),
        "{suggestion:?}"
    );
    let file = file_with(file.as_bytes());
    let import = |map: &str| {
        let map = ImportMap::parse(ImportKind::Events, map).unwrap();
        open_file(file.path(), &map, target("f")).map(|(mut importer, _)| read_all(&mut importer, 9).0)
    };
    let refused = import("event=event;user_id=user_id;timestamp=date").err().unwrap().to_string();
    assert!(refused.contains("d/m/y") && refused.contains("m/d/y"), "{refused}");
    let moments = |map: &str| import(map).unwrap().iter().map(|event| event.timestamp.to_string()).collect::<Vec<_>>();
    let by = |format: &str| moments(&format!("event=event;user_id=user_id;timestamp=date;timestamp_format={format}"));
    assert_eq!(by("d/m/y"), ["2023-02-01T00:00:00.000Z", "2023-04-03T00:00:00.000Z"]);
    assert_eq!(by("m/d/y"), ["2023-01-02T00:00:00.000Z", "2023-03-04T00:00:00.000Z"]);
}

#[test]
fn names_of_columns_suggest_a_mapping_in_both_languages() {
    let mapping = |header: &str, row: &str| suggest(&detected(format!("{header}\n{row}\n").as_bytes()));
    let chinese =
        mapping("会员编号,姓名,手机号,邮箱,城市,生日,积分", "M1,王伟,13800138000,w@example.com,上海,1990-01-02,12");
    let traditional =
        mapping("會員編號,姓名,手機號碼,電子郵件,城市,生日,積分", "M1,王偉,0912345678,w@example.com,臺北,1990-01-02,1");
    for email in ["電郵", "電郵地址", "电邮", "电邮地址"] {
        let suggestion = mapping(&format!("會員編號,{email}"), "M1,w@example.com");
        assert_eq!(suggestion.entries["email"], email);
    }
    let english = mapping(
        "Customer ID,Full Name,Mobile Phone,E-Mail,City,birthday,points",
        "M1,Wang,13800138000,w@example.com,Shanghai,1990-01-02,12",
    );
    for (suggestion, columns) in [
        (chinese, ["会员编号", "姓名", "手机号", "邮箱", "城市", "生日", "积分"]),
        (traditional, ["會員編號", "姓名", "手機號碼", "電子郵件", "城市", "生日", "積分"]),
        (english, ["Customer ID", "Full Name", "Mobile Phone", "E-Mail", "City", "birthday", "points"]),
    ] {
        assert_eq!((suggestion.kind, suggestion.questions), (ImportKind::Members, Vec::new()));
        let entry = |name: &str| suggestion.entries.get(name).cloned().unwrap_or_default();
        assert_eq!(entry("user_id"), columns[0]);
        assert_eq!(entry("traits.name"), columns[1]);
        assert_eq!((entry("phone"), entry("email")), (columns[2].to_owned(), columns[3].to_owned()));
        assert_eq!(entry("traits.birthday"), format!("{}:date(y-m-d)", columns[5]));
        assert_eq!(entry("traits.points"), format!("{}:number", columns[6]));
        let text = serde_json::to_string(&suggestion.entries).unwrap();
        ImportMap::parse(ImportKind::Members, &text).unwrap();
    }
    let orders = mapping("订单号,客户编号,下单时间,订单金额", "O1,M1,2023/1/2 10:00,12.50");
    assert_eq!(orders.kind, ImportKind::Events);
    assert_eq!(orders.entries["event"], "=Order Completed");
    assert_eq!((&*orders.entries["user_id"], &*orders.entries["timestamp"]), ("客户编号", "下单时间"));
    assert_eq!(orders.entries["properties.revenue"], "订单金额:number");
    let doubtful = mapping("订单号,客户编号,下单时间,订单金额", "O1,M1,2023/1/2,12.50\nO2,M1,2023/1/3,免费");
    assert_eq!(doubtful.entries["properties.revenue"], "订单金额");
    let [question] = doubtful.questions.as_slice() else { panic!("{:?}", doubtful.questions) };
    assert_eq!((question.code, question.column.as_deref()), ("not_all_are_numbers", Some("订单金额")));
    assert!(question.message.en.contains("\"订单金额:number\"") && question.message.zh.contains("“订单金额:number”"));
    let nobody = mapping("手机,昵称", "13800138000,小明");
    assert_eq!((nobody.entries["user_id"].as_str(), nobody.questions.len()), ("手机", 1));
}

#[test]
fn columns_of_accounts_are_taken_for_accounts_and_not_for_ids_of_our_own() {
    let entries = |header: &str| {
        let suggestion = suggest(&detected(format!("{header}\no1,u1,1234567,小明\n").as_bytes()));
        let text = serde_json::to_string(&suggestion.entries).unwrap();
        ImportMap::parse(suggestion.kind, &text).unwrap();
        assert_eq!(suggestion.questions, [], "an account is enough to name somebody");
        suggestion.entries
    };
    for header in ["openid,unionid,QQ号,昵称", "wechat_openid,WeChat UnionID,qq,nickname"] {
        let entries = entries(header);
        let columns: Vec<&str> = header.split(',').collect();
        let kinds = ["identities.openid", "identities.unionid", "identities.qq", "traits.nickname"];
        assert_eq!(kinds.map(|kind| entries[kind].as_str()), columns[..]);
        assert!(!entries.contains_key("user_id"));
    }
    let both = entries("openid,wx_openid,telegram,昵称");
    assert_eq!((both["identities.openid"].as_str(), both["traits.wx_openid"].as_str()), ("openid", "wx_openid"));
    assert_eq!(both["traits.telegram"], "telegram:number", "that may as well be a name");
}

#[test]
fn of_columns_with_the_same_name_none_is_forgotten() {
    let found = detected(b"user_id,name,name\nu1,a,b\n");
    let names: Vec<&str> = found.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["user_id", "name", "3"]);
    let entries = suggest(&found).entries;
    assert_eq!((entries["traits.name"].as_str(), entries["traits.3"].as_str()), ("name", "3"));
}

#[test]
fn an_empty_text_is_refused_and_one_with_a_header_is_not() {
    for bytes in [&b""[..], b"\n\r\n  \n"] {
        let problem = detect(file_with(bytes).path(), &Hints::default()).unwrap_err();
        assert_eq!((problem.code, problem.detail.as_deref()), (Code::UnreadableFile, Some("the file is empty")));
    }
    assert_eq!(detected(b"user_id,name").columns.len(), 2);
}

#[test]
fn too_many_columns_are_refused_whether_or_not_their_names_fit_into_a_row() {
    for name in ["c", "a rather long name of a column "] {
        let header: Vec<String> = (0..5_000).map(|number| format!("{name}{number}")).collect();
        let row = vec!["1"; 5_000].join(",");
        let file = file_with(format!("{}\n{row}\n", header.join(",")).as_bytes());
        let problem = detect(file.path(), &Hints::default()).unwrap_err();
        assert_eq!(problem.code, Code::TooManyColumns);
    }
    let header: Vec<String> = (0..MAX_COLUMNS).map(|number| format!("c{number}")).collect();
    assert_eq!(detected(format!("{}\n", header.join(",")).as_bytes()).columns.len(), MAX_COLUMNS);
}

#[test]
fn names_from_right_to_left_and_emoji_stay_as_they_are() {
    let names = ["محمد بن سلمان", "שרה לוי", "👩‍👩‍👧‍👦 家庭", "é\u{301}", "\u{202e}abc"];
    let rows: String = names.iter().enumerate().map(|(number, name)| format!("u{number},{name}\n")).collect();
    let file = file_with(format!("user_id,name\n{rows}").as_bytes());
    let map = ImportMap::parse(ImportKind::Members, "user_id=user_id;traits.name=name").unwrap();
    let (mut importer, _) = open_file(file.path(), &map, target("f")).unwrap();
    let (events, rejects) = read_all(&mut importer, 10);
    assert_eq!(rejects, []);
    let read: Vec<String> =
        events.iter().map(|event| event.properties_value()["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(read, names);
}

#[test]
fn apostrophes_before_formulas_go_only_where_all_have_them() {
    let guarded = detected("user_id,note\nu1,'=1+1\nu2,'+8613800138000\nu3,plain\n".as_bytes());
    assert!(guarded.has_apostrophes && suggest(&guarded).entries["strip_apostrophes"] == "true");
    assert!(!detected("user_id,note\nu1,'=1+1\nu2,=2+2\n".as_bytes()).has_apostrophes);
    assert!(!detected("user_id,note\nu1,'tis\nu2,-5\n".as_bytes()).has_apostrophes);
    let map = "user_id=user_id;traits.note=note;strip_apostrophes=true";
    let (events, _) = import(ImportKind::Members, map, "user_id,note\nu1,'=1+1\nu2,'tis\n");
    let notes: Vec<_> = events.iter().map(|event| event.properties_value()["note"].clone()).collect();
    assert_eq!(notes, ["=1+1", "'tis"]);
}

/// How a random table is written.
#[derive(Clone, Copy, Debug)]
struct Style {
    encoding: &'static str,
    delimiter: u8,
    date: DateFormat,
}

fn styles() -> impl Strategy<Value = Style> {
    let encodings = prop_oneof![Just("utf-8"), Just("gbk"), Just("utf-16le"), Just("utf-16be")];
    let delimiters = prop_oneof![Just(b','), Just(b';'), Just(b'\t'), Just(b'|')];
    let dates = proptest::sample::select(DateFormat::ALL.to_vec());
    (encodings, delimiters, dates).prop_map(|(encoding, delimiter, date)| Style { encoding, delimiter, date })
}

/// One row: whose name, which city, which day (of a year that has one), and a note that may hold anything.
type RowSeed = (usize, usize, i16, String);

fn written(format: DateFormat, day: jiff::civil::Date) -> String {
    let (y, m, d) = (day.year(), day.month(), day.day());
    let days = i64::from(day.since(jiff::civil::date(1899, 12, 30)).unwrap().get_days());
    let millis = day.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_millisecond();
    match format {
        DateFormat::Iso => format!("{y:04}-{m:02}-{d:02}"),
        DateFormat::YearSlash => format!("{y}/{m}/{d}"),
        DateFormat::YearDot => format!("{y}.{m:02}.{d:02}"),
        DateFormat::Digits => format!("{y:04}{m:02}{d:02}"),
        DateFormat::Chinese => format!("{y}年{m}月{d}日"),
        DateFormat::DayDot => format!("{d:02}.{m:02}.{y}"),
        DateFormat::DaySlash => format!("{d}/{m}/{y}"),
        DateFormat::MonthSlash => format!("{m:02}/{d:02}/{y}"),
        DateFormat::DayDash => format!("{d:02}-{m:02}-{y}"),
        DateFormat::MonthDash => format!("{m}-{d}-{y}"),
        DateFormat::Serial => days.to_string(),
        DateFormat::UnixSeconds => (millis / 1_000).to_string(),
        DateFormat::UnixMillis => millis.to_string(),
    }
}

fn encoded(text: &str, encoding: &str) -> Vec<u8> {
    match encoding {
        "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        "gbk" => GBK.encode(text).0.into_owned(),
        _ => text.as_bytes().to_vec(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_table_is_read_back_whatever_its_encoding_delimiter_and_dates(
        style in styles(),
        seeds in proptest::collection::vec((0usize..12, 0usize..6, 0i16..7_000, "[a-z王伟,;|\"\n ]{0,8}"), 4..30),
    ) {
        let first = jiff::civil::date(2002, 1, 1);
        // A day behind the twelfth decides which number is the month.
        let decides = (0, 0, 24, String::new());
        let rows: Vec<&RowSeed> = seeds.iter().chain([&decides]).collect();
        let mut writer = csv::WriterBuilder::new().delimiter(style.delimiter).from_writer(Vec::new());
        writer.write_record(["会员编号", "姓名", "城市", "注册日期", "备注"]).unwrap();
        let mut expected = Vec::new();
        for (number, (name, city, days, note)) in rows.iter().enumerate() {
            let day = first.checked_add(jiff::Span::new().days(*days)).unwrap();
            let id = format!("u{number}");
            // Punctuation in one row alone cannot be taken for a delimiter.
            let note = if number == 0 { note.clone() } else { note.replace([',', ';', '|', '"', '\n'], "") };
            writer.write_record([&id, NAMES[*name], CITIES[*city], &written(style.date, day), &note]).unwrap();
            let mut traits = json!({"name": NAMES[*name], "city": CITIES[*city]});
            traits["registered_at"] = match style.date {
                DateFormat::UnixSeconds | DateFormat::UnixMillis => json!(format!("{day}T00:00:00.000Z")),
                _ => json!(day.to_string()),
            };
            if !note.trim().is_empty() {
                traits["remark"] = json!(note);
            }
            expected.push((id, traits));
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let file = file_with(&encoded(&text, style.encoding));
        let found = detect(file.path(), &Hints::default()).unwrap();
        prop_assert_eq!(found.encoding.unwrap(), named(style.encoding));
        prop_assert_eq!(found.delimiter.clone().unwrap(), Delimiter::Byte(style.delimiter).word());
        prop_assert!(found.has_headers);
        prop_assert_eq!(found.columns[3].date_format, Some(style.date));
        let mut suggestion = suggest(&found);
        // Notes may look like anything.
        suggestion.entries.insert("traits.remark".to_owned(), "备注:text".to_owned());
        let map = ImportMap::parse(suggestion.kind, &serde_json::to_string(&suggestion.entries).unwrap()).unwrap();
        let (mut importer, _) = open_file(file.path(), &map, target("f")).unwrap();
        let (events, rejects) = read_all(&mut importer, 7);
        prop_assert_eq!(rejects, []);
        let read: Vec<(String, Value)> = events
            .iter()
            .map(|event| (event.user_id.clone().unwrap(), serde_json::from_str(event.properties.get()).unwrap()))
            .collect();
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn bytes_may_come_in_any_pieces(pieces in proptest::collection::vec(1usize..7, 1..40), which in 0usize..3) {
        let bytes = match which {
            0 => STORY.as_bytes().to_vec(),
            1 => GBK.encode(STORY).0.into_owned(),
            _ => BIG5.encode(STORY_IN_TAIPEI).0.into_owned(),
        };
        let mut probe = EncodingProbe::default();
        let mut rest = bytes.as_slice();
        for piece in pieces {
            let (head, tail) = rest.split_at(piece.min(rest.len()));
            probe.feed(head);
            rest = tail;
        }
        probe.feed(rest);
        prop_assert_eq!(probe.finish(), find(&bytes));
    }
}
