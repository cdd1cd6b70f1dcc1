//! Workbooks: what they hold, and those that are meant to do harm.

use std::io::{Cursor, Write};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use tempfile::NamedTempFile;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{
    super::{columns::ColumnType, dates::DateFormat, detect::detect, sheet_guard},
    *,
};

fn saved(mut workbook: Workbook) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(&workbook.save_to_buffer().unwrap()).unwrap();
    file
}

/// A part of an archive: its name, and what writes it.
type ArchivePart<'a> = (&'a str, &'a dyn Fn(&mut dyn Write));

/// An archive with these files; each is written by its function.
fn archive(parts: &[ArchivePart<'_>]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, write) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        write(&mut zip);
    }
    zip.finish().unwrap().into_inner()
}

const CONTENT_TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
const RELATIONS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const BOOK_RELATIONS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

/// A workbook by hand with this sheet and these shared texts.
fn workbook(sheet: &dyn Fn(&mut dyn Write), shared: &dyn Fn(&mut dyn Write)) -> Vec<u8> {
    let text = |text: &'static str| move |out: &mut dyn Write| out.write_all(text.as_bytes()).unwrap();
    archive(&[
        ("[Content_Types].xml", &text(CONTENT_TYPES)),
        ("_rels/.rels", &text(RELATIONS)),
        ("xl/workbook.xml", &text(WORKBOOK)),
        ("xl/_rels/workbook.xml.rels", &text(BOOK_RELATIONS)),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", shared),
    ])
}

fn sheet_of(rows: &str) -> Vec<u8> {
    let rows = rows.to_owned();
    let sheet = move |out: &mut dyn Write| {
        write!(out, "<?xml version=\"1.0\"?><worksheet><sheetData>{rows}</sheetData></worksheet>").unwrap();
    };
    workbook(&sheet, &|out| out.write_all(b"<sst/>").unwrap())
}

fn code_of(bytes: &[u8]) -> Code {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    detect(file.path(), &Hints::default()).unwrap_err().code
}

#[test]
fn cells_of_a_workbook_are_read_as_they_are_shown() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let date = Format::new().set_num_format("yyyy-mm-dd");
    for (place, name) in ["会员编号", "姓名", "积分", "生日", "vip", "备注"].into_iter().enumerate() {
        sheet.write_string(0, place as u16, name).unwrap();
    }
    for (row, name) in [(1, "王伟"), (2, "👩‍👩‍👧 محمد")] {
        sheet.write_string(row, 0, format!("00{row}")).unwrap();
        sheet.write_string(row, 1, name).unwrap();
        sheet.write_number(row, 2, 12.5 * f64::from(row)).unwrap();
        let day = ExcelDateTime::from_ymd(1990, 1, row as u8).unwrap();
        sheet.write_datetime_with_format(row, 3, &day, &date).unwrap();
        sheet.write_boolean(row, 4, row == 1).unwrap();
    }
    // A row in between is blank, and the last has no cell at its end but the first has none in its middle.
    sheet.write_string(9, 0, "u9").unwrap();
    sheet.write_string(9, 5, "a,\"b\"\nc").unwrap();
    let file = saved(book);
    let found = detect(file.path(), &Hints::default()).unwrap();
    assert_eq!((found.format, found.rows_estimated, found.sheets.len()), (FileFormat::Xlsx, 3, 1));
    let types: Vec<ColumnType> = found.columns.iter().map(|column| column.r#type).collect();
    use ColumnType::*;
    assert_eq!(types, [Text, Text, Number, Date, Bool, Text]);
    assert_eq!(found.columns[3].date_format, Some(DateFormat::Iso));
    let map = r#"{"user_id":"会员编号","traits":{"name":"姓名","points":"积分:number","birthday":"生日:date","vip":"vip:bool","remark":"备注"}}"#;
    let map = ImportMap::parse(ImportKind::Members, map).unwrap();
    let (mut importer, _) = open_file(file.path(), &map, target("f")).unwrap();
    let (events, rejects) = read_all(&mut importer, 2);
    assert_eq!(rejects, []);
    let read: Vec<(String, Value)> = events
        .iter()
        .map(|event| (event.user_id.clone().unwrap(), serde_json::from_str(event.properties.get()).unwrap()))
        .collect();
    assert_eq!(read[0], ("001".into(), json!({"name":"王伟","points":12.5,"birthday":"1990-01-01","vip":true})));
    assert_eq!(read[1], ("002".into(), json!({"name":"👩‍👩‍👧 محمد","points":25,"birthday":"1990-01-02","vip":false})));
    assert_eq!(read[2], ("u9".into(), json!({"remark":"a,\"b\"\nc"})));
    assert_eq!(events[2].message_id, "import-f-10", "rows are known by their number in the sheet");
}

#[test]
fn the_sheet_that_a_mapping_names_is_read() {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("说明").unwrap().write_string(0, 0, "user_id").unwrap();
    let second = book.add_worksheet().set_name("会员").unwrap();
    second.write_string(0, 0, "user_id").unwrap().write_string(1, 0, "u1").unwrap();
    let file = saved(book);
    let open = |sheet: &str| {
        let map = ImportMap::parse(ImportKind::Members, &format!("user_id=user_id;sheet={sheet}")).unwrap();
        open_file(file.path(), &map, target("f"))
    };
    assert_eq!(read_all(&mut open("会员").unwrap().0, 5).0.len(), 1);
    let refused = Problem::from(open("别的").err().unwrap());
    assert!(refused.code == Code::InvalidMapping && refused.detail.unwrap().contains("说明, 会员"));
}

#[test]
fn a_workbook_that_unpacks_to_gigabytes_is_refused_before_it_does() {
    let zeros = vec![b' '; 1 << 20];
    let bomb = archive(&[("xl/worksheets/sheet1.xml", &|out: &mut dyn Write| {
        for _ in 0..1_100 {
            out.write_all(&zeros).unwrap();
        }
    })]);
    assert!(bomb.len() < 4 << 20, "{}", bomb.len());
    assert_eq!(code_of(&bomb), Code::SpreadsheetTooLarge);
    // One that says that it is small.
    let mut liar = bomb.clone();
    let size = (1_100u32 << 20).to_le_bytes();
    for place in 0..liar.len() - 4 {
        if liar[place..place + 4] == size {
            liar[place..place + 4].copy_from_slice(&1_000u32.to_le_bytes());
        }
    }
    assert_ne!(liar, bomb);
    assert!(matches!(code_of(&liar), Code::SpreadsheetTooLarge | Code::UnreadableFile));
}

#[test]
fn texts_and_cells_that_would_fill_the_memory_are_refused() {
    let letters = vec![b'x'; 1 << 20];
    let mut seed = 7u32;
    // What hardly packs, so that no ratio gives it away.
    let mut noise = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b'a' + (seed >> 24) as u8 % 26
    };
    let noise: Vec<u8> = (0..1 << 20).map(|_| noise()).collect();
    let many_texts = workbook(&|out| out.write_all(b"<worksheet><sheetData/></worksheet>").unwrap(), &|out| {
        out.write_all(b"<sst>").unwrap();
        for _ in 0..70 {
            out.write_all(b"<si><t>").unwrap();
            out.write_all(&noise[..noise.len() - 100]).unwrap();
            out.write_all(b"</t></si>").unwrap();
        }
        out.write_all(b"</sst>").unwrap();
    });
    assert_eq!(code_of(&many_texts), Code::SpreadsheetTooLarge);
    let one_cell = workbook(
        &|out| {
            out.write_all(b"<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is>").unwrap();
            for _ in 0..3 {
                out.write_all(b"<r><t>").unwrap();
                out.write_all(&letters).unwrap();
                out.write_all(b"</t></r>").unwrap();
            }
            out.write_all(b"</is></c></row></sheetData></worksheet>").unwrap();
        },
        &|out| out.write_all(b"<sst/>").unwrap(),
    );
    assert_eq!(code_of(&one_cell), Code::SpreadsheetTooLarge);
    let entities = sheet_of("").len();
    assert!(entities > 0);
    let laughs = workbook(
        &|out| {
            out.write_all(
                b"<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;\">]><worksheet/>",
            )
            .unwrap();
        },
        &|out| out.write_all(b"<sst/>").unwrap(),
    );
    assert_eq!(code_of(&laughs), Code::UnreadableFile);
}

#[test]
fn cells_far_to_the_right_and_rows_far_down_cost_nothing() {
    assert_eq!(code_of(&sheet_of(r#"<row r="1"><c r="XFD1"><v>1</v></c></row>"#)), Code::TooManyColumns);
    let far = sheet_of(
        r#"<row r="1"><c r="A1" t="str"><v>user_id</v></c></row><row r="1048576"><c r="A1048576" t="str"><v>u1</v></c></row>"#,
    );
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(&far).unwrap();
    assert_eq!(detect(file.path(), &Hints::default()).unwrap().rows_estimated, 1);
}

#[test]
fn what_is_no_workbook_is_named() {
    assert_eq!(code_of(b"PK\x03\x04 and no more"), Code::UnreadableFile);
    assert_eq!(
        code_of(&archive(&[("readme.txt", &|out: &mut dyn Write| out.write_all(b"hello").unwrap())])),
        Code::UnreadableFile
    );
    let many: Vec<(String, Vec<u8>)> = (0..2_100).map(|number| (format!("f{number}.xml"), Vec::new())).collect();
    let nothing = |_: &mut dyn Write| {};
    let parts: Vec<ArchivePart<'_>> =
        many.iter().map(|(name, _)| (name.as_str(), &nothing as &dyn Fn(&mut dyn Write))).collect();
    assert_eq!(code_of(&archive(&parts)), Code::SpreadsheetTooLarge);
    // Of so many files not even the names are held.
    let names: Vec<String> = (0..100_000).map(|number| format!("{number:064}")).collect();
    let parts: Vec<ArchivePart<'_>> =
        names.iter().map(|name| (name.as_str(), &nothing as &dyn Fn(&mut dyn Write))).collect();
    let refused = sheet_guard::check(Cursor::new(archive(&parts))).unwrap_err();
    assert_eq!((refused.code, refused.detail.unwrap().contains("4 MB")), (Code::SpreadsheetTooLarge, true));
    assert_eq!(code_of(&[0u8; 500]), Code::UnreadableFile);
    assert!(sheet_guard::check(Cursor::new(sheet_of(""))).is_ok());
}
