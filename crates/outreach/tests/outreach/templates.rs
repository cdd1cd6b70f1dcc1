//! Templates: MJML, partials, rules, languages, versions, lint, previews and tests.

use axum::http::StatusCode;
use base::ids::{DeliveryId, TemplateId};
use serde_json::{Value, json};
use store::Sql;
use testing::user;

use crate::house::{House, email, on_every_database, with_a_pipeline_on_every_database};

const LIST: &str = "/api/v1/templates";
const PARTIALS: &str = "/api/v1/templates/partials";

fn mjml(inner: &str) -> String {
    format!("<mjml lang=\"zh-CN\"><mj-body><mj-section><mj-column>{inner}</mj-column></mj-section></mj-body></mjml>")
}

/// Refuses, with its code, path and what its message says.
async fn refused(house: &House, uri: &str, body: Value, (code, path, said): (&str, &str, &str)) {
    let reply = house.post(uri, body.clone()).await;
    assert_eq!(reply.json()["code"], code, "{body}: {}", reply.text());
    if !path.is_empty() {
        assert_eq!(reply.json()["errors"][0]["path"], path, "{}", reply.text());
    }
    assert!(reply.json()["detail"].as_str().unwrap().contains(said), "{}", reply.text());
}

/// Queues the template for a member, and returns what was sent: subject, text and HTML.
async fn sent(house: &House, member: base::ids::MemberId, template: TemplateId) -> (String, String, String) {
    sent_to(house, member, "a@shop.example", template).await
}

async fn sent_to(
    house: &House,
    member: base::ids::MemberId,
    address: &str,
    template: TemplateId,
) -> (String, String, String) {
    let id = house.queue_as(member, address, "marketing", house.channel, "email", template).await;
    house.outbox.run_once().await.unwrap();
    let message = house.other_side.sent().into_iter().find(|message| message.delivery == id);
    let (subject, text, html, _) = email(&message.unwrap_or_else(|| panic!("nothing was sent")));
    (subject, text, html)
}

#[tokio::test]
async fn mjml_becomes_html_and_what_it_does_not_know_is_refused_with_its_place() {
    on_every_database(|house| async move {
        let body = mjml("<mj-text>Dear {{ member.name|fallback(\"friend\") }}</mj-text><mj-button href=\"https://shop.example/?a={{ member.id }}\">go</mj-button>");
        let template = house.make_template(json!({"name": "m", "subject": "s", "preheader": "Peek & see", "mjml": body})).await;
        let member = house.member("<杜甫>", "a@shop.example").await;
        let (_, text, html) = sent(&house, member, template).await;
        assert!(html.contains("Dear &lt;杜甫&gt;") && html.contains("lang=\"zh-CN\"") && !html.contains("<mj-"), "{html}");
        assert!(!html.contains("googleapis") && !html.contains("Ubuntu") && html.contains("'PingFang SC'"), "{html}");
        assert!(html.contains("Peek &amp; see&#847;"), "{html}");
        assert!(text.contains("Dear <杜甫>") && text.contains("go: https://hearth.example/t/"), "{text}");
        for (inner, said) in [
            ("\n<mj-txet>a</mj-txet>", "line 2: there is no element <mj-txet>; did you mean <mj-text>?"),
            ("\n\n<mj-text colr=\"red\">a</mj-text>", "line 3: <mj-text> has no attribute \"colr\""),
            ("<mj-include path=\"/etc/passwd\" />", "<mj-include> cannot be used"),
            ("<mj-text>{{ a|nofilter }}</mj-text>", "there is no filter"),
        ] {
            refused(&house, LIST, json!({"name": "m", "mjml": mjml(inner)}), ("invalid_template", "mjml", said)).await;
        }
        let deep = mjml(&format!("<mj-text>{}</mj-text>", "<b>".repeat(20_000)));
        refused(&house, LIST, json!({"name": "m", "mjml": deep}), ("invalid_template", "mjml", "40 elements")).await;
        refused(&house, LIST, json!({"name": "m", "mjml": "x", "html": "y"}), ("invalid_template", "mjml", "either")).await;
    })
    .await;
}

#[tokio::test]
async fn a_changed_partial_is_in_every_message_from_then_on() {
    on_every_database(|house| async move {
        let made = house.post(PARTIALS, json!({"name": "address", "text": "Old Street {{ member.name }}"})).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        let footer = json!({"name": "footer", "html": "<i>{% include 'address' %}</i>", "text": "-- {% include 'address' %}"});
        assert_eq!(house.post(PARTIALS, footer).await.status, StatusCode::CREATED);
        let body = json!({"name": "n", "subject": "s", "text": "{% include \"footer\" %}", "html": "<p>{% include \"footer\" %}</p>"});
        let template = house.make_template(body).await;
        let member = house.member("<a>", "a@shop.example").await;
        let (_, text, html) = sent(&house, member, template).await;
        assert_eq!(text, "-- Old Street <a>");
        assert!(html.starts_with("<p><i>Old Street &lt;a&gt;</i></p>"), "{html}");
        let changed = house.send_json("PUT", &format!("{PARTIALS}/address"), json!({"text": "New Street"})).await;
        assert_eq!(changed.json()["version"], 2, "{}", changed.text());
        let (_, text, _) = sent(&house, member, template).await;
        assert_eq!(text, "-- New Street");
        assert_eq!(house.get(&format!("{LIST}/{template}")).await.json()["version"], 1, "nobody saved the template");
    })
    .await;
}

#[tokio::test]
async fn partials_in_use_stay_and_circles_are_refused() {
    on_every_database(|house| async move {
        for (name, text) in [("a", "{{ 1 }}"), ("b", "{% include 'a' %}")] {
            house.post(PARTIALS, json!({"name": name, "text": text})).await;
        }
        let template = house.make_template(json!({"name": "n", "text": "{% include 'b' %}"})).await;
        let circle = house.send_json("PUT", &format!("{PARTIALS}/a"), json!({"text": "{% include 'b' %}"})).await;
        assert!(circle.json()["detail"].as_str().unwrap().contains("would stand in itself"), "{}", circle.text());
        refused(&house, LIST, json!({"name": "n", "text": "{% include 'nope' %}"}), ("unknown_reference", "", "nope"))
            .await;
        refused(&house, PARTIALS, json!({"name": "c", "text": "{% include 'c' %}"}), ("invalid_template", "", "c → c"))
            .await;
        refused(&house, PARTIALS, json!({"name": "c d", "text": "x"}), ("invalid_body", "name", "letters")).await;
        refused(
            &house,
            PARTIALS,
            json!({"name": "c", "mjml": "<mj-nope/>"}),
            ("invalid_template", "mjml", "no element"),
        )
        .await;
        assert_eq!(house.post(PARTIALS, json!({"name": "a", "text": "x"})).await.json()["code"], "already_exists");
        let broken =
            house.send_json("PUT", &format!("{PARTIALS}/a"), json!({"mjml": "<mj-section></mj-section>"})).await;
        assert!(broken.json()["detail"].as_str().unwrap().contains(&template.to_string()), "{}", broken.text());
        let delete = async |name: &str| house.request("DELETE", &format!("{PARTIALS}/{name}"), &[], vec![]).await;
        assert!(delete("a").await.json()["detail"].as_str().unwrap().contains("partial \"b\""));
        assert!(delete("b").await.json()["detail"].as_str().unwrap().contains(&template.to_string()));
        house.request("DELETE", &format!("{LIST}/{template}"), &[], vec![]).await;
        assert_eq!(delete("b").await.status, StatusCode::NO_CONTENT);
        assert_eq!(delete("a").await.status, StatusCode::NO_CONTENT);
        assert_eq!(house.get(PARTIALS).await.json()["items"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn versions_of_partials_are_kept_and_restored_and_each_is_linted() {
    on_every_database(|house| async move {
        let made = house.post(PARTIALS, json!({"name": "sign", "text": "one {{ member.nmae }}"})).await.json();
        assert_eq!(made["warnings"][0]["code"], "unknown_variable", "{made}");
        let uri = format!("{PARTIALS}/sign");
        house.send_json("PUT", &uri, json!({"text": "two"})).await;
        house.send_json("PUT", &uri, json!({"text": "two"})).await;
        let listed = house.get(&format!("{uri}/versions")).await.json();
        let versions: Vec<_> = listed["items"].as_array().unwrap().iter().map(|row| row["version"].clone()).collect();
        assert_eq!(versions, [json!(2), json!(1)], "what changes nothing makes no version");
        assert_eq!(listed["items"][1]["saved_by"], "user:test");
        assert_eq!(house.get(&format!("{uri}/versions/1")).await.json()["text"], "one {{ member.nmae }}");
        let restored = house.post(&format!("{uri}/versions/1/restore"), json!({})).await.json();
        assert_eq!((&restored["version"], &restored["text"]), (&json!(3), &json!("one {{ member.nmae }}")));
        for missing in [format!("{uri}/versions/9"), format!("{PARTIALS}/none/versions")] {
            assert_eq!(house.get(&missing).await.status, StatusCode::NOT_FOUND, "{missing}");
        }
        house.request("DELETE", &uri, &[], vec![]).await;
        house.post(PARTIALS, json!({"name": "sign", "text": "anew"})).await;
        let listed = house.get(&format!("{uri}/versions")).await.json();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1, "nothing is left of the one that was deleted");
    })
    .await;
}

#[tokio::test]
async fn what_was_left_empty_stands_in_the_history_of_the_message() {
    on_every_database(|house| async move {
        let text = "{{ member.name }}{{ event.nothing }}{{ member.city|fallback('') }}";
        let template = house.make_template(json!({"name": "n", "subject": "s {{ a }}", "text": text})).await;
        let member = house.member("a", "a@shop.example").await;
        let id = house.queue_as(member, "a@shop.example", "marketing", house.channel, "email", template).await;
        house.outbox.run_once().await.unwrap();
        let trail = outreach::outbox::trail(house.db.read(), house.workspace, &[id]).await.unwrap();
        let last = trail.last().unwrap();
        assert!(last.detail.contains("missing and left empty: a, event.nothing"), "{trail:?}");
        let shown = house.post(&format!("{LIST}/{template}/preview"), json!({"member": member})).await.json();
        assert_eq!(shown["missing"], json!(["a", "event.nothing"]));
    })
    .await;
}

#[tokio::test]
async fn a_piece_of_mjml_stands_in_the_mjml_of_templates() {
    on_every_database(|house| async move {
        let piece = "<mj-section>\n<mj-column><mj-text>Bye {{ member.name }}</mj-text></mj-column></mj-section>";
        house.post(PARTIALS, json!({"name": "bye", "mjml": piece})).await;
        let document = "<mjml><mj-body>{% if rules.named %}{% include \"bye\" %}{% endif %}</mj-body></mjml>";
        let rules = json!({"named": {"trait": "name", "op": "exists", "value": true}});
        let template =
            house.make_template(json!({"name": "n", "subject": "s", "mjml": document, "rules": rules})).await;
        let member = house.member("李白", "a@shop.example").await;
        let (_, text, _) = sent(&house, member, template).await;
        assert_eq!(text, "Bye 李白");
    })
    .await;
}

#[tokio::test]
async fn rules_and_languages_are_those_of_each_member() {
    on_every_database(|house| async move {
        let body = json!({
            "name": "n", "subject": "{{ 'vip' if rules.vip else 'all' }}", "text": "hello {{ language }}",
            "rules": {"vip": {"tag": "vip"}, "poet": {"trait": "name", "op": "eq", "value": "李白"}},
            "translations": {"zh": {"subject": "{% if rules.poet %}诗人{% else %}大家{% endif %}", "text": "你好 {{ language }}"}},
        });
        let template = house.make_template(body).await;
        let poet = house.member("李白", "a@shop.example").await;
        let other = house.member("b", "b@shop.example").await;
        let tx = house.db.begin().await.unwrap();
        let traits = json!({"name": ["李白", 1, "test"], "language": ["zh-CN", 1, "test"]}).to_string();
        tx.run("UPDATE identities SET traits_json = $2 WHERE member_id = $1", vec![poet.0.into(), traits.into()]).await.unwrap();
        tx.commit().await.unwrap();
        let (subject, text, _) = sent(&house, poet, template).await;
        assert_eq!((subject.as_str(), text.as_str()), ("诗人", "你好 zh"));
        let (subject, text, _) = sent_to(&house, other, "b@shop.example", template).await;
        assert_eq!((subject.as_str(), text.as_str()), ("all", "hello en"));
        assert_eq!(house.outreach.asking.compiled(), 1, "once for a revision");
        let tx = house.db.begin().await.unwrap();
        tx.run("UPDATE workspaces SET rules_version = rules_version + 1", vec![]).await.unwrap();
        tx.commit().await.unwrap();
        sent(&house, poet, template).await;
        assert_eq!(house.outreach.asking.compiled(), 2, "and anew when rules have changed");
        let uri = format!("{LIST}/{template}/preview");
        let shown = house.post(&uri, json!({"member": poet, "language": "en"})).await.json();
        assert_eq!((shown["text"].clone(), shown["rules"].clone()), (json!("hello en"), json!({"poet": true, "vip": false})));
        let shown = house.post(&uri, json!({"variables": {"rules": {"vip": true}}, "text": "draft"})).await.json();
        assert_eq!((shown["subject"].clone(), shown["text"].clone()), (json!("vip"), json!("draft")));
        for (rules, code, path) in [
            (json!({"x": {"segment": "seg_0000000000001"}}), "unknown_reference", "rules.x"),
            (json!({"x": {"stage": "nope"}}), "unknown_reference", "rules.x"),
            (json!({"x": {"nope": 1}}), "invalid_rule", "rules.x"),
            (json!({"X y": {"tag": "vip"}}), "invalid_template", "rules.X y"),
        ] {
            let reply = house.post(LIST, json!({"name": "n", "text": "t", "rules": rules})).await.json();
            assert_eq!(reply["code"], code, "{reply}");
            assert!(reply["errors"][0]["path"].as_str().unwrap().starts_with(path), "{reply}");
        }
        let bad = json!({"name": "n", "text": "t", "translations": {"fr": {}}});
        refused(&house, LIST, bad, ("invalid_template", "translations.fr", "languages")).await;
    })
    .await;
}

#[tokio::test]
async fn versions_are_kept_compared_and_restored_and_equal_ones_are_not_made() {
    on_every_database(|house| async move {
        let uri = format!("{LIST}/{}", house.template);
        let change = json!({"subject": "two", "translations": {"zh": {"subject": "二"}}});
        assert_eq!(house.send_json("PATCH", &uri, change.clone()).await.json()["version"], 2);
        assert_eq!(house.send_json("PATCH", &uri, change).await.json()["version"], 2, "nothing changed");
        assert_eq!(
            house.send_json("PATCH", &uri, json!({"subject": "x", "version": 1})).await.status,
            StatusCode::CONFLICT
        );
        let compared = house.get(&format!("{uri}/compare?from=1&to=2")).await.json();
        let paths: Vec<&str> =
            compared["changes"].as_array().unwrap().iter().map(|c| c["path"].as_str().unwrap()).collect();
        assert_eq!(paths, ["subject", "translations.zh.subject"]);
        assert_eq!(compared["changes"][1]["before"], Value::Null);
        assert_eq!(compared["changes"][1]["after"], "二");
        let restored = house.post(&format!("{uri}/versions/1/restore"), json!({})).await.json();
        assert_eq!(
            (restored["version"].clone(), restored["subject"].clone()),
            (json!(3), json!("Hello {{ member.name }}"))
        );
        let listed = house.get(&format!("{uri}/versions?limit=2")).await.json();
        assert_eq!(listed["items"][0]["version"], 3);
        assert_eq!(listed["items"][0]["saved_by"], "user:test");
        let next = listed["next"].as_str().unwrap();
        assert_eq!(house.get(&format!("{uri}/versions?limit=2&cursor={next}")).await.json()["items"][0]["version"], 1);
        assert_eq!(
            house.get(&format!("{uri}/versions/2")).await.json()["content"]["translations"]["zh"]["subject"],
            "二"
        );
        assert_eq!(house.get(&format!("{uri}/versions/9")).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn a_queued_message_has_the_newest_version() {
    on_every_database(|house| async move {
        let member = house.member("a", "a@shop.example").await;
        house.one_sent("b", "b@shop.example").await;
        let waiting = house.queue(member, "a@shop.example").await;
        house.send_json("PATCH", &format!("{LIST}/{}", house.template), json!({"subject": "newest"})).await;
        house.outbox.run_once().await.unwrap();
        let message = house.other_side.sent().into_iter().find(|message| message.delivery == waiting).unwrap();
        assert_eq!(email(&message).0, "newest");
    })
    .await;
}

#[tokio::test]
async fn lint_tells_in_both_languages_what_may_be_wrong() {
    on_every_database(|house| async move {
        house.member("a", "a@shop.example").await;
        let body = json!({
            "name": "n", "subject": "BUY CHEAP BREAD", "text": "{{ member.nmae }}\n{{ member.name }}",
            "html": "<a href=\"http://localhost/x\">a</a><img src=\"https://shop.example/a.png\">",
        });
        let found = house.post(&format!("{LIST}/lint"), body.clone()).await.json();
        let found = found["warnings"].as_array().unwrap().clone();
        let has = |code: &str, path: &str, line: Value| {
            found.iter().any(|warning| {
                warning["code"] == code && warning["path"] == path && (line.is_null() || warning["line"] == line)
            })
        };
        assert!(has("unknown_variable", "text", json!(1)) && has("missing_fallback", "text", json!(2)), "{found:?}");
        assert!(has("all_caps", "subject", Value::Null) && has("dead_link", "html", json!(1)), "{found:?}");
        assert!(
            has("image_without_alt", "html", json!(1)) && has("missing_unsubscribe", "html", Value::Null),
            "{found:?}"
        );
        assert!(
            found.iter().all(|warning| warning["en"] != warning["zh"] && !warning["zh"].as_str().unwrap().is_empty())
        );
        let saved = house.post(LIST, body).await.json();
        assert_eq!(saved["warnings"], json!(found));
        assert_eq!(house.get(LIST).await.json()["items"].as_array().unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn lint_knows_the_events_with_which_the_journeys_of_a_template_begin() {
    with_a_pipeline_on_every_database(|house, mut bench| async move {
        let known = bench.identify(user("li"), json!({"email": "li@shop.example"}));
        let paid = bench.track(user("li"), "Order Paid", json!({"total": 3, "lines": [{"sku": "a"}]}));
        let left = bench.track(user("li"), "Cart Left", json!({"total": 3}));
        bench.take(&[known, paid, left]).await;
        let text = "{{ unsubscribe_url }}\n {{ event.totla|fallback(0) }}{{ event.total|fallback(0) }}{{ event.lines|length }}";
        let body = json!({"name": "paid", "subject": "s", "text": text});
        let template = house.make_template(body.clone()).await;
        let properties = async |body: &Value| {
            let found = house.post(&format!("{LIST}/lint"), body.clone()).await.json();
            let warnings = found["warnings"].as_array().unwrap_or_else(|| panic!("{found}")).clone();
            let unknown = warnings.into_iter().filter(|warning| warning["code"] == "unknown_property");
            unknown.collect::<Vec<_>>()
        };
        let mut asked = body.clone();
        asked["template"] = json!(template);
        assert_eq!(properties(&asked).await, Vec::<Value>::new(), "no journey sends it");
        for (name, event) in [("Orders", "Order Paid"), ("News", "Never Seen")] {
            let send = json!({"type": "send", "channel": "email", "template": template, "next": null});
            let document = json!({"entry": {"event": event}, "start": "s", "steps": {"s": send}});
            let made = house.post("/api/v1/journeys", json!({"name": name, "document": document})).await;
            assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        }
        assert_eq!(properties(&body).await, Vec::<Value>::new(), "which template it is was not said");
        let found = properties(&asked).await;
        assert_eq!(found.len(), 1, "{found:?}");
        let place = (&found[0]["path"], &found[0]["line"], &found[0]["column"]);
        assert_eq!(place, (&json!("text"), &json!(2), &json!(2)));
        for said in ["Orders", "Order Paid", "totla"] {
            let is_said = |language: &str| found[0][language].as_str().is_some_and(|text| text.contains(said));
            assert!(is_said("en") && is_said("zh"), "{found:?}");
        }
        let saved = house.send_json("PUT", &format!("{LIST}/{template}"), body).await.json();
        assert!(saved["warnings"].as_array().unwrap().contains(&found[0]), "{saved}");
    })
    .await;
}

#[tokio::test]
async fn links_are_asked_only_when_told_to_and_never_inside() {
    on_every_database(|house| async move {
        // An address for documentation: it looks like any other, and the guard lets nothing through to it.
        let html = "<a href=\"https://192.0.2.7/a\">a</a><a href=\"https://192.0.2.7/{{ a }}\">b</a>";
        let mut body = json!({"name": "n", "subject": "s", "text": "t", "html": html});
        let dead = async |body: &Value| {
            let found = house.post(&format!("{LIST}/lint"), body.clone()).await.json();
            let warnings = found["warnings"].as_array().unwrap().clone();
            warnings.into_iter().filter(|warning| warning["code"] == "dead_link").collect::<Vec<_>>()
        };
        assert_eq!(dead(&body).await, Vec::<Value>::new());
        body["check_links"] = json!(true);
        let found = dead(&body).await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((&found[0]["path"], &found[0]["line"]), (&json!("html"), &json!(1)));
    })
    .await;
}

#[tokio::test]
async fn a_test_is_really_sent_says_so_and_touches_no_member() {
    on_every_database(|house| async move {
        let member = house.member("杜甫", "du@shop.example").await;
        let uri = format!("{LIST}/{}/test", house.template);
        let queued = house.post(&uri, json!({"to": ["boss@shop.example", "me@shop.example"], "member": member})).await;
        assert_eq!(queued.status, StatusCode::ACCEPTED, "{}", queued.text());
        house.outbox.run_once().await.unwrap();
        let sent = house.other_side.sent();
        assert_eq!(sent.len(), 2);
        assert!(sent.iter().any(|message| message.address == "boss@shop.example"));
        let (subject, text, html, unsubscribe_url) = email(&sent[0]);
        assert_eq!(subject, "[Test] Hello 杜甫");
        assert_eq!(unsubscribe_url.as_deref(), Some("https://hearth.example/u/test"));
        assert!(
            text.contains("https://shop.example/a") && !html.contains("/t/") && !html.contains("/o/"),
            "{text} {html}"
        );
        assert_eq!(house.facts().await, Vec::<String>::new());
        let id: DeliveryId = queued.json()["deliveries"][0].as_str().unwrap().parse().unwrap();
        assert_eq!(house.fate(id).await, "accepted");
        for method in ["GET", "POST"] {
            let page = house.request(method, "/u/test", &[("accept-language", "zh-CN")], vec![]).await;
            assert_eq!(page.status, StatusCode::OK);
            assert!(page.text().contains("这是一条测试消息"));
        }
        let audit = "SELECT COUNT(*) FROM audit_log WHERE action = 'template.tested'";
        let lines: Option<i64> = house.db.read().scalar(audit, vec![]).await.unwrap();
        assert_eq!(lines, Some(1));
        refused(&house, &uri, json!({"to": []}), ("invalid_body", "to", "one to five")).await;
        refused(&house, &uri, json!({"to": ["nobody"]}), ("invalid_body", "to[0]", "not an address")).await;
        refused(
            &house,
            &uri,
            json!({"to": ["a@b.example"], "member": "mem_0000000000001"}),
            ("invalid_body", "member", "not a member"),
        )
        .await;
        refused(
            &house,
            &uri,
            json!({"to": ["a@b.example"], "channel": "chn_0000000000001"}),
            ("unknown_reference", "channel", "no such"),
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn what_writes_too_much_is_a_clear_problem_and_nothing_is_sent() {
    on_every_database(|house| async move {
        house.post(PARTIALS, json!({"name": "x", "text": "{% for i in range(9999) %}aaaaaaaaaa{% endfor %}"})).await;
        let member = house.member("a", "a@shop.example").await;
        for text in [
            "{% for i in range(9999) %}{% include 'x' %}{% endfor %}",
            "{% for i in range(9999) %}{% for j in range(9999) %}x{% endfor %}{% endfor %}",
            "{% set x = 'aaaaaaaaaaaaaaaa' %}{% set x = x ~ x ~ x ~ x %}{% for i in range(9999) %}{{ x|upper|lower|truncate(9999) }}{{ x }}{{ x }}{% endfor %}",
        ] {
            let template = house.make_template(json!({"name": "n", "subject": "s", "text": text})).await;
            let id = house.queue_as(member, "a@shop.example", "marketing", house.channel, "email", template).await;
            house.outbox.run_once().await.unwrap();
            assert!(house.fate(id).await.starts_with("failed/"), "{text}: {}", house.fate(id).await);
            let preview = house.post(&format!("{LIST}/{template}/preview"), json!({})).await.json();
            assert_eq!(preview["code"], "template_too_costly", "{preview}");
        }
        assert!(house.other_side.sent().is_empty());
        let huge = json!({"name": "n", "text": "a".repeat(700_000)});
        assert_eq!(house.post(LIST, huge).await.json()["code"], "invalid_template");
    })
    .await;
}

#[tokio::test]
async fn a_strict_template_is_not_sent_with_a_gap() {
    on_every_database(|house| async move {
        let body = json!({"name": "n", "subject": "s", "text": "{{ member.city }}", "strict": true});
        let template = house.make_template(body).await;
        let member = house.member("a", "a@shop.example").await;
        let id = house.queue_as(member, "a@shop.example", "marketing", house.channel, "email", template).await;
        house.outbox.run_once().await.unwrap();
        assert!(house.fate(id).await.starts_with("failed/"), "{}", house.fate(id).await);
        assert!(house.other_side.sent().is_empty());
        house.send_json("PATCH", &format!("{LIST}/{template}"), json!({"strict": false})).await;
        assert_eq!(sent(&house, member, template).await.1, "");
    })
    .await;
}
