//! Facts written out as events.

use base::{EventKind, Time, event::empty_object};
use serde_json::{Value, json, value::RawValue};

use crate::{
    event::DemoEvent,
    facts::{Cart, Detail, Fact, Voice, What},
    population::Person,
    season::local_day_number,
    world::{
        places::{ENGLISH, GROUPS, POSTERS},
        talk::{ENGLISH_LINES, LIVE_TOPICS, REVIEWS, TOPICS},
        wines::{ARTICLES, COUPONS, PAGES, Product, product_at},
    },
};

/// The event that tells this fact about this person.
pub(crate) fn event(fact: &Fact, person: &Person, message_id: String) -> DemoEvent {
    let (user_id, anonymous_id) = match fact.voice {
        Voice::Visitor(device) => (None, Some(person.device(device))),
        Voice::Member(device) => (Some(person.user_id()), Some(person.device(device))),
        Voice::Account => (Some(person.user_id()), None),
    };
    let (kind, name, properties) = content(fact, person);
    DemoEvent {
        kind,
        name,
        user_id,
        anonymous_id,
        timestamp: Time::from_millis(fact.at),
        message_id,
        properties: raw(&properties),
        context: raw(&context(fact, person)),
    }
}

fn raw(value: &Value) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).unwrap_or_else(|_| empty_object())
}

fn content(fact: &Fact, person: &Person) -> (EventKind, &'static str, Value) {
    let (name, properties) = match &fact.what {
        What::Identified(detail) => return (EventKind::Identify, "Identified", traits(*detail, person)),
        What::PageViewed(page) => {
            let (path, title) = PAGES.get(usize::from(*page)).copied().unwrap_or(PAGES[0]);
            let url = format!("https://lantern.example{path}");
            return (EventKind::Page, "Page Viewed", json!({"path": path, "title": title, "url": url}));
        }
        What::ProductViewed(product) => ("Product Viewed", product_properties(product_at(*product))),
        What::ProductAdded { cart, product, quantity } => {
            let mut properties = product_properties(product_at(*product));
            properties["cart_id"] = json!(cart_id(*cart));
            properties["quantity"] = json!(quantity);
            ("Product Added", properties)
        }
        What::CheckoutStarted(cart) => ("Checkout Started", checkout(cart)),
        What::OrderCompleted(cart) => ("Order Completed", order(cart, fact.salt)),
        What::CouponRedeemed(cart) => ("Coupon Redeemed", coupon(cart)),
        What::ReviewPosted { cart, stars } => ("Review Posted", review(cart, *stars, fact.salt)),
        What::ReferralSent => {
            let way = ["微信好友", "朋友圈", "群聊"][choice(fact.salt, 3)];
            ("Referral Sent", json!({"way": way, "code": format!("R{:06}", person.number)}))
        }
        What::GroupJoined { group, via } => ("Group Joined", group_properties(*group, ("via", via))),
        What::GroupLeft { group } => {
            let reason = ["自己退出", "自己退出", "长期未发言"][choice(fact.salt, 3)];
            ("Group Left", group_properties(*group, ("reason", reason)))
        }
        What::MessagePosted { group, topic } => ("Message Posted", message(*group, *topic, fact.salt)),
        What::ArticleRead { article, seconds } => {
            let (slug, title, topic) = ARTICLES.get(usize::from(*article)).copied().unwrap_or(ARTICLES[0]);
            ("Article Read", json!({"article_id": slug, "title": title, "topic": topic, "seconds": seconds}))
        }
        What::PosterScanned(poster) => {
            let (id, place, city) = POSTERS.get(usize::from(*poster)).copied().unwrap_or(POSTERS[0]);
            ("Poster Scanned", json!({"poster_id": id, "place": place, "city": city}))
        }
        What::LiveSessionJoined { topic, minutes } => {
            let title = LIVE_TOPICS.get(usize::from(*topic)).copied().unwrap_or_default();
            let session_id = format!("live-{}", local_day_number(fact.at));
            ("Live Session Joined", json!({"session_id": session_id, "title": title, "minutes": minutes}))
        }
    };
    (EventKind::Track, name, properties)
}

fn traits(detail: Detail, person: &Person) -> Value {
    let language = if person.english { "en" } else { "zh-CN" };
    match detail {
        Detail::Login => return json!({"language": language}),
        Detail::Taste => return json!({"preferred_grape": person.grape_name()}),
        Detail::Everything => {}
    }
    let mut traits = json!({
        "name": person.name,
        "email": person.email,
        "phone": person.phone(),
        "city": person.city_name(),
        "language": language,
        "acquisition_channel": person.acquisition().name,
        "newsletter": person.newsletter,
        "signup_at": Time::from_millis(person.signup),
    });
    if let Some(gender) = person.gender {
        traits["gender"] = json!(gender);
    }
    if let Some(birthday) = &person.birthday {
        traits["birthday"] = json!(birthday);
    }
    if person.tells_grape {
        traits["preferred_grape"] = json!(person.grape_name());
    }
    traits
}

fn product_properties(product: &Product) -> Value {
    let mut properties = json!({
        "product_id": product.id,
        "name": product.name,
        "category": product.category,
        "region": product.region,
        "price": product.price,
        "currency": "CNY",
    });
    if !product.grape.is_empty() {
        properties["grape"] = json!(product.grape);
    }
    properties
}

fn cart_id(number: u64) -> String {
    format!("cart-{number}")
}

fn order_id(number: u64) -> String {
    format!("D{number:09}")
}

fn checkout(cart: &Cart) -> Value {
    let bottles: u32 = cart.lines.iter().map(|(_, quantity)| u32::from(*quantity)).sum();
    json!({"cart_id": cart_id(cart.number), "value": cart.goods(), "items": bottles, "currency": "CNY"})
}

fn order(cart: &Cart, salt: u32) -> Value {
    let products: Vec<Value> = cart
        .lines
        .iter()
        .map(|(index, quantity)| {
            let product = product_at(*index);
            json!({"product_id": product.id, "name": product.name, "category": product.category,
                   "price": product.price, "quantity": quantity})
        })
        .collect();
    let payment = ["微信支付", "微信支付", "支付宝"][choice(salt, 3)];
    let mut properties = json!({
        "order_id": order_id(cart.number),
        "cart_id": cart_id(cart.number),
        "revenue": cart.revenue(),
        "shipping": cart.shipping(),
        "discount": cart.discount(),
        "currency": "CNY",
        "payment": payment,
        "products": products,
    });
    if let Some(code) = cart.coupon.and_then(|index| COUPONS.get(usize::from(index))).map(|coupon| coupon.code) {
        properties["coupon"] = json!(code);
    }
    properties
}

fn coupon(cart: &Cart) -> Value {
    let coupon = cart.coupon.and_then(|index| COUPONS.get(usize::from(index))).unwrap_or(&COUPONS[0]);
    json!({"code": coupon.code, "name": coupon.name, "discount": cart.discount(),
           "order_id": order_id(cart.number), "currency": "CNY"})
}

fn review(cart: &Cart, stars: u8, salt: u32) -> Value {
    let product = product_at(cart.lines.first().map_or(0, |(product, _)| *product));
    let lines = REVIEWS.get(usize::from(stars.clamp(1, 5)) - 1).copied().unwrap_or_default();
    let text = lines.get(choice(salt, lines.len())).copied().unwrap_or_default();
    json!({"order_id": order_id(cart.number), "product_id": product.id, "name": product.name,
           "rating": stars, "text": text})
}

fn group_properties(group: u8, (word, value): (&str, &str)) -> Value {
    let group = GROUPS.get(usize::from(group)).unwrap_or(&GROUPS[0]);
    json!({"group_id": group.id, "group": group.name, "about": group.about, word: value})
}

fn message(group: u8, topic: u8, salt: u32) -> Value {
    let topic = TOPICS.get(usize::from(topic)).unwrap_or(&TOPICS[0]);
    let lines = if group == ENGLISH { &ENGLISH_LINES[..] } else { topic.lines };
    let text = lines.get(choice(salt, lines.len())).copied().unwrap_or_default();
    let group = GROUPS.get(usize::from(group)).unwrap_or(&GROUPS[0]);
    json!({"group_id": group.id, "group": group.name, "topic": topic.name, "text": text,
           "length": text.chars().count()})
}

fn context(fact: &Fact, person: &Person) -> Value {
    let locale = if person.english { "en-GB" } else { "zh-CN" };
    let surface = match (&fact.what, fact.voice) {
        (What::MessagePosted { .. } | What::GroupJoined { .. } | What::GroupLeft { .. }, _) => "group",
        (What::ArticleRead { .. }, _) => "article",
        (What::LiveSessionJoined { .. }, _) => "live",
        (What::PosterScanned(_), _) => "poster",
        (_, Voice::Visitor(1) | Voice::Member(1)) => "web",
        (_, Voice::Visitor(_) | Voice::Member(_)) => "mini-program",
        (_, Voice::Account) => "back-office",
    };
    if fact.voice == Voice::Visitor(0) {
        let way = person.acquisition();
        return json!({"locale": locale, "surface": surface, "campaign": {"source": way.name, "medium": way.medium}});
    }
    json!({"locale": locale, "surface": surface})
}

fn choice(salt: u32, length: usize) -> usize {
    if length == 0 { 0 } else { salt as usize % length }
}
