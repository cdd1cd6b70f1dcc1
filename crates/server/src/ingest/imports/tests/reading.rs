//! Looking at a file again, and at its first rows.

use encoding_rs::GBK;
use serde_json::{Value, json};
use testing::on_every_database;

use super::jobs::House;

async fn look_again(house: &House, id: &str, reading: Value) -> (u16, Value) {
    house.ask("POST", &format!("/api/v1/imports/{id}/detect"), reading.to_string()).await
}

#[tokio::test]
async fn a_file_that_was_misread_is_read_as_somebody_says_and_imported_so() {
    on_every_database(async |database| {
        let mut house = House::on(&database).await;
        // One row with few letters of which nothing tells the encoding, and a delimiter that stands in the names, too.
        let text = "M1|张,伟|上海\nM2|李,娜|成都\n";
        let upload = house.upload(GBK.encode(text).0.into_owned()).await;
        let id = upload["id"].as_str().unwrap().to_owned();
        let (status, wrong) = look_again(&house, &id, json!({"encoding": "big5", "delimiter": ","})).await;
        assert_eq!(status, 200, "{wrong}");
        assert_eq!((&wrong["detected"]["encoding"], &wrong["detected"]["delimiter"]), (&json!("big5"), &json!(",")));

        let reading = json!({"encoding": "gbk", "delimiter": "|", "has_headers": false});
        let (status, right) = look_again(&house, &id, reading.clone()).await;
        assert_eq!((status, &right["detected"]["chosen"]), (200, &reading), "{right}");
        assert_eq!(right["detected"]["columns"].as_array().unwrap().len(), 3);
        assert_eq!(right["suggested_mapping"]["mapping"]["delimiter"], "|");
        let (status, rows) = house.ask("GET", &format!("/api/v1/imports/{id}/rows?limit=1"), "").await;
        let expected = json!({"columns": ["1", "2", "3"], "rows": [["M1", "张,伟", "上海"]], "more": true});
        assert_eq!((status, &rows), (200, &expected));

        // A mapping that says nothing of how to read the file reads it so all the same.
        let mapping = json!({"kind": "members", "user_id": "1", "traits.name": "2"});
        let done = house.import(&id, &json!({ "mapping": mapping })).await;
        assert_eq!((&done["state"], &done["result"]["imported"]), (&json!("done"), &json!(2)), "{done}");
        let traits = house.bench.texts("SELECT traits_json AS text FROM identities WHERE value = 'M1'").await;
        assert!(traits[0].contains("张,伟"), "{traits:?}");
        let (status, late) = look_again(&house, &id, json!({})).await;
        assert_eq!((status, &late["code"]), (409, &json!("wrong_state")), "what was imported is not read anew");
    })
    .await;
}

#[tokio::test]
async fn a_reading_that_cannot_be_is_a_clear_problem_at_its_field() {
    on_every_database(async |database| {
        let house = House::on(&database).await;
        let upload = house.upload("id,name\nM1,Wei\n").await;
        let id = upload["id"].as_str().unwrap().to_owned();
        let cases = [
            (json!({"encoding": "klingon"}), "encoding"),
            (json!({"delimiter": "and"}), "delimiter"),
            (json!({"sheet": "Sheet 9"}), "sheet"),
        ];
        for (reading, path) in cases {
            let (status, problem) = look_again(&house, &id, reading).await;
            assert_eq!((status, &problem["errors"][0]["path"]), (422, &json!(path)), "{problem}");
        }
        let (status, _) = look_again(&house, &id, json!({"colour": "red"})).await;
        assert_eq!(status, 422);
        let (status, same) = look_again(&house, &id, json!({})).await;
        assert_eq!((status, &same["detected"]), (200, &upload["detected"]), "nothing said, nothing changed");
        let (status, _) = look_again(&house, "imp_0000000000001", json!({})).await;
        assert_eq!(status, 404);
    })
    .await;
}

#[tokio::test]
async fn rows_are_for_whoever_may_look_at_members_and_bounded() {
    on_every_database(async |database| {
        let house = House::on(&database).await;
        let long = "x".repeat(5_000);
        let mut file = "id,note\n".to_owned();
        for number in 0..150 {
            file += &format!("M{number},{long}\n");
        }
        let upload = house.upload(file).await;
        let path = format!("/api/v1/imports/{}/rows", upload["id"].as_str().unwrap());
        let (status, rows) = house.ask("GET", &format!("{path}?limit=1000"), "").await;
        assert_eq!((status, rows["rows"].as_array().unwrap().len(), &rows["more"]), (200, 100, &json!(true)));
        assert_eq!(rows["columns"], json!(["id", "note"]));
        assert_eq!(rows["rows"][0][1].as_str().unwrap().len(), 200);
        let (status, _) = house.ask_with(&["ingest:write"], "GET", &path, "").await;
        assert_eq!(status, 403);
        let (status, _) = house.ask_with(&["people:read"], "GET", &path, "").await;
        assert_eq!(status, 403);
        let (status, _) = house.ask("GET", &format!("{path}?limit=few"), "").await;
        assert_eq!(status, 400);
    })
    .await;
}
