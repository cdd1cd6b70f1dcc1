//! Tags: sets of which a member shows one, and tags that come off by themselves.

use serde_json::{Value, json};

use super::{
    parting::{merge, undo},
    support::{Bench, DAY, HOUR, naive, on_every_database, routes::ask_still, user, visitor},
    village::define,
};

/// How many members the list shows that is asked for a tag.
async fn listed(bench: &Bench, tag: &str) -> usize {
    let (status, page) = ask_still(bench, "GET", &format!("/api/v1/members?tag={tag}"), Value::Null).await;
    assert_eq!(status, 200, "{page}");
    page["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_tag_that_expires_takes_nothing_else_with_it() {
    on_every_database(|mut bench| async move {
        define(&bench).await;
        bench.take(&[bench.track(visitor("a"), "Page Read", json!({}))]).await;
        bench.take(&[bench.tag(visitor("a"), "Tag Added", "vip")]).await;
        bench.take(&[bench.tag(visitor("a"), "Tag Added", "old")]).await;
        bench.advance(HOUR);
        bench.idle().await;
        assert_eq!(bench.size(naive::HOT).await, 1);
        bench.advance(2 * DAY);
        bench.idle().await;
        assert_eq!(bench.texts("SELECT tag AS text FROM member_tags").await, ["vip"]);
        assert_eq!(bench.size(naive::HOT).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_list_by_tag_has_those_whose_profiles_show_it() {
    on_every_database(|mut bench| async move {
        let group = json!({"name": "level", "exclusive": true});
        let (status, group) = ask_still(&bench, "POST", "/api/v1/tag-groups", group).await;
        assert_eq!(status, 201, "{group}");
        for tag in ["gold", "silver"] {
            let definition = json!({"group_id": group["id"]});
            let (status, answer) = ask_still(&bench, "PUT", &format!("/api/v1/tags/{tag}"), definition).await;
            assert_eq!(status, 204, "{answer}");
        }
        bench.take(&[bench.tag(user("a"), "Tag Added", "gold")]).await;
        bench.advance(HOUR);
        bench.take(&[bench.tag(user("b"), "Tag Added", "silver")]).await;
        assert_eq!((listed(&bench, "gold").await, listed(&bench, "silver").await), (1, 1));
        let merged = merge(&mut bench, "a", "b").await;
        assert_eq!((listed(&bench, "gold").await, listed(&bench, "silver").await), (0, 1), "silver came later");
        undo(&mut bench, merged).await;
        assert_eq!((listed(&bench, "gold").await, listed(&bench, "silver").await), (1, 1));
    })
    .await;
}
