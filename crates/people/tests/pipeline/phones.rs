//! Phone numbers without the code of their country.

use serde_json::{Value, json};

use super::support::{Bench, on_every_database, user};

async fn settle_country(bench: &Bench, country: &str) {
    let sql = "UPDATE workspaces SET default_country = $1, rules_version = rules_version + 1";
    bench.run(sql, vec![country.into()]).await;
}

fn phone(number: &str) -> Value {
    json!({"phone": number, "phone_verified": true})
}

async fn phones(bench: &Bench) -> Vec<String> {
    // Databases disagree about where a plus belongs in the alphabet.
    let mut phones = bench.texts("SELECT value AS text FROM identities WHERE kind = 'phone'").await;
    phones.sort();
    phones
}

#[tokio::test]
async fn one_number_written_with_and_without_its_country_is_one_member() {
    on_every_database(|mut bench| async move {
        settle_country(&bench, "CN").await;
        for (name, number) in [("a", "138 0013 8000"), ("b", "+86 138-0013-8000"), ("c", "008613800138000")] {
            bench.take(&[bench.identify(user(name), phone(number))]).await;
        }
        assert_eq!(phones(&bench).await, ["+8613800138000"]);
        assert_eq!(bench.number("SELECT COUNT(*) FROM members WHERE merged_into IS NULL").await, 1);
        let said = bench.texts("SELECT traits_json AS text FROM identities WHERE value = 'a'").await;
        assert!(said[0].contains("138 0013 8000"), "the trait is what was said: {said:?}");
    })
    .await;
}

#[tokio::test]
async fn a_country_that_is_settled_later_concerns_what_comes_in_from_then_on() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.identify(user("a"), phone("13800138000"))]).await;
        settle_country(&bench, "CN").await;
        bench.take(&[bench.identify(user("b"), phone("13800138000"))]).await;
        assert_eq!(phones(&bench).await, ["+8613800138000", "13800138000"], "what is there stays");
        assert_eq!(bench.number("SELECT COUNT(*) FROM merges").await, 0);
        bench.restart().await;
        bench.take(&[bench.identify(user("c"), phone("13800138000"))]).await;
        assert_eq!(bench.owner("b").await, bench.owner("c").await, "after a start as before it");
    })
    .await;
}
