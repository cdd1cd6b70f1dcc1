//! What columns are likely to mean, by their names in Chinese and English.

use std::{
    borrow::Cow,
    collections::{BTreeMap, btree_map::Entry},
};

use people::identity::{Kind, kind_name};

use super::{
    columns::{Column, ColumnType},
    dates::DateFormat,
    detect::Detected,
    map::ImportKind,
    odd_cells::OddCells,
    questions::{self, Question},
};

/// Names for each part of a mapping: in small letters, without blanks, `_`, `-` and brackets. What stands first in a
/// list wins over what stands behind it.
const USER_IDS: &[&str] = &[
    "userid",
    "memberid",
    "customerid",
    "clientid",
    "uid",
    "会员编号",
    "会员id",
    "会员号",
    "会员卡号",
    "用户id",
    "用户编号",
    "客户id",
    "客户编号",
    "客户号",
    "會員編號",
    "會員id",
    "會員號",
    "會員卡號",
    "用戶id",
    "用戶編號",
    "客戶id",
    "客戶編號",
    "客戶號",
    "externalid",
    "customer",
    "user",
    "member",
    "id",
    "编号",
    "編號",
];
/// Kinds of accounts, and names of columns that plainly hold their ids; one that may as well hold what people are called
/// there is none of them.
const ACCOUNTS: &[(&str, &[&str])] = &[
    ("unionid", &["unionid", "wechatunionid", "wxunionid", "微信unionid"]),
    ("openid", &["openid", "wechatopenid", "wxopenid", "微信openid"]),
    ("external_userid", &["externaluserid", "wecomexternaluserid", "企业微信客户id", "企業微信客戶id"]),
    ("telegram", &["telegramid"]),
    ("qq", &["qq", "qqid", "qq号", "qq号码", "qq號", "qq號碼"]),
    ("discord", &["discordid"]),
    ("matrix", &["matrixid"]),
    ("weibo", &["weiboid", "weibouid", "微博id", "微博uid"]),
    ("feishu", &["feishuunionid"]),
    ("dingtalk", &["dingtalkunionid"]),
    ("slack", &["slackid"]),
];
const ANONYMOUS_IDS: &[&str] = &["anonymousid", "visitorid", "deviceid", "访客id", "设备id", "訪客id", "裝置id"];
const EMAILS: &[&str] = &[
    "email",
    "emailaddress",
    "mail",
    "mailaddress",
    "邮箱",
    "电子邮箱",
    "电子邮件",
    "邮件",
    "邮箱地址",
    "邮件地址",
    "邮箱账号",
    "电邮",
    "电邮地址",
    "電郵",
    "電郵地址",
    "電子郵件",
    "電子郵箱",
    "電子信箱",
    "郵箱",
    "信箱",
    "郵件",
];
const PHONES: &[&str] = &[
    "phone",
    "phonenumber",
    "mobile",
    "mobilephone",
    "mobilenumber",
    "cellphone",
    "cell",
    "tel",
    "telephone",
    "手机",
    "手机号",
    "手机号码",
    "电话",
    "电话号码",
    "联系电话",
    "联系方式",
    "移动电话",
    "行動電話",
    "手機",
    "手機號碼",
    "手機號",
    "電話",
    "電話號碼",
    "聯絡電話",
];
const EVENTS: &[&str] = &["event", "eventname", "事件", "事件名", "事件名称", "行为", "事件名稱", "行為"];
const TIMES: &[&str] = &[
    "timestamp",
    "time",
    "datetime",
    "date",
    "eventtime",
    "orderdate",
    "ordertime",
    "createdat",
    "下单时间",
    "订单时间",
    "支付时间",
    "购买时间",
    "日期",
    "时间",
    "发生时间",
    "下單時間",
    "訂單時間",
    "付款時間",
    "購買時間",
    "時間",
    "發生時間",
];
const MESSAGE_IDS: &[&str] = &["messageid", "消息id"];
const TAGS: &[&str] =
    &["tags", "tag", "labels", "label", "标签", "会员标签", "客户标签", "用户标签", "標籤", "會員標籤", "客戶標籤"];
/// Names of columns that may say who agreed to what. What they mean is asked, and never guessed.
const CONSENTS: &[&str] = &[
    "consent",
    "optin",
    "emailoptin",
    "smsoptin",
    "marketingoptin",
    "marketingconsent",
    "subscribed",
    "subscribe",
    "newsletter",
    "unsubscribed",
    "订阅",
    "是否订阅",
    "邮件订阅",
    "短信订阅",
    "营销同意",
    "是否同意",
    "訂閱",
    "是否訂閱",
    "電子報",
];
/// Columns that say that a row is an order.
const ORDERS: &[&str] = &["orderid", "orderno", "ordernumber", "订单号", "订单编号", "订单id", "訂單號", "訂單編號"];
/// Names of traits and properties.
const TRAITS: &[(&str, &[&str])] = &[
    ("name", &["name", "fullname", "姓名", "名字", "客户姓名", "会员姓名"]),
    ("first_name", &["firstname", "givenname", "名"]),
    ("last_name", &["lastname", "surname", "familyname", "姓"]),
    ("nickname", &["nickname", "昵称", "暱稱", "微信昵称"]),
    ("gender", &["gender", "sex", "性别", "性別"]),
    ("birthday", &["birthday", "birthdate", "dateofbirth", "生日", "出生日期", "出生年月"]),
    ("country", &["country", "国家", "國家"]),
    ("province", &["province", "state", "省", "省份"]),
    ("city", &["city", "城市", "所在城市"]),
    ("district", &["district", "区", "区县", "區"]),
    ("address", &["address", "地址", "联系地址", "收货地址", "聯絡地址", "收貨地址"]),
    ("company", &["company", "公司"]),
    ("level", &["level", "tier", "等级", "会员等级", "等級", "會員等級"]),
    ("points", &["points", "积分", "積分", "會員積分", "點數"]),
    (
        "registered_at",
        &[
            "registeredat",
            "signupdate",
            "registrationdate",
            "注册时间",
            "注册日期",
            "入会时间",
            "入会日期",
            "註冊時間",
            "註冊日期",
            "入會時間",
            "入會日期",
        ],
    ),
    ("language", &["language", "locale", "语言", "語言"]),
    ("wechat", &["wechat", "wechatid", "微信", "微信号"]),
    ("remark", &["remark", "note", "notes", "备注", "備註"]),
    ("order_id", ORDERS),
    (
        "revenue",
        &[
            "revenue",
            "amount",
            "total",
            "price",
            "金额",
            "订单金额",
            "实付金额",
            "支付金额",
            "金額",
            "訂單金額",
            "實付金額",
            "付款金額",
            "總金額",
        ],
    ),
    ("currency", &["currency", "币种", "货币", "幣別", "貨幣"]),
    ("quantity", &["quantity", "qty", "数量", "數量"]),
    ("product", &["product", "productname", "商品", "商品名称", "商品名稱"]),
];
/// Those of them that rules add up.
const SUMS: [&str; 3] = ["points", "revenue", "quantity"];
/// What an export of members writes beside identities, traits and tags; Hearth decides these itself.
const OF_EXPORTS: &[&str] = &["id", "segments", "stage", "created_at", "last_seen_at", "entered_at"];

/// A mapping that a file seems to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What the file seems to hold.
    pub kind: ImportKind,
    /// The entries, as a mapping has them.
    pub entries: BTreeMap<String, String>,
    /// What nobody but the operator can decide.
    pub questions: Vec<Question>,
}

/// What the columns of a file are likely to mean.
pub fn suggest(detected: &Detected) -> Suggestion {
    let columns = &detected.columns;
    let time = find(columns, TIMES);
    let is_orders = find(columns, ORDERS).is_some() && time.is_some();
    let event = find(columns, EVENTS);
    let kind = if event.is_some() || is_orders { ImportKind::Events } else { ImportKind::Members };
    let mut suggestion = Suggestion { kind, entries: BTreeMap::new(), questions: Vec::new() };
    let is_export = is_export(columns);
    let mut taken: Vec<usize> = Vec::new();
    let mut times = None;
    let mut single = |name: &str, names: &[&str], entries: &mut BTreeMap<String, String>| {
        let free = |index: &usize| !(taken.contains(index) || is_export && columns[*index].name == "id");
        let index = find_where(columns, names, free)?;
        taken.push(index);
        entries.insert(name.to_owned(), columns[index].name.clone());
        Some(index)
    };
    let entries = &mut suggestion.entries;
    match kind {
        ImportKind::Events => {
            if single("event", EVENTS, entries).is_none() {
                entries.insert("event".to_owned(), "=Order Completed".to_owned());
            }
            times = single("timestamp", TIMES, entries);
            single("message_id", MESSAGE_IDS, entries);
        }
        ImportKind::Members => {
            single("email", EMAILS, entries);
            single("phone", PHONES, entries);
        }
    }
    single("anonymous_id", ANONYMOUS_IDS, entries);
    let has_name = single("user_id", USER_IDS, entries).is_some() || entries.contains_key("anonymous_id");
    if !has_name && columns.iter().all(|column| account_kind(column).is_none()) {
        // Somebody must be meant; of what names a person a telephone number changes least.
        let spare = ["phone", "email"].into_iter().find_map(|name| entries.get(name).cloned());
        let by_contact = || find(columns, PHONES).or(find(columns, EMAILS)).map(|index| columns[index].name.clone());
        if let Some(column) = spare.or_else(by_contact) {
            suggestion.questions.push(questions::user_id_is_contact(&column));
            suggestion.entries.insert("user_id".to_owned(), column);
        } else {
            suggestion.questions.push(questions::user_id_is_missing());
        }
    }
    if let Some(index) = tags_column(columns, &taken, is_export) {
        taken.push(index);
        suggestion.take_tags(&columns[index], is_export);
    }
    let prefix = if kind == ImportKind::Events { "properties" } else { "traits" };
    for (index, column) in columns.iter().enumerate() {
        let is_ours = is_export && OF_EXPORTS.contains(&column.name.as_str());
        if taken.contains(&index) || is_ours || column.r#type == ColumnType::Empty {
            continue;
        }
        if let Some(kind) = account_kind(column)
            && let Entry::Vacant(entry) = suggestion.entries.entry(format!("identities.{kind}"))
        {
            entry.insert(column.name.clone());
            continue;
        }
        let name = trait_name(&column.name);
        if name.is_empty() {
            continue;
        }
        let are_nearly_numbers = column.odd_cells.is_some() && !is_export;
        if column.r#type == ColumnType::Text && (are_nearly_numbers || SUMS.contains(&name.as_str())) {
            suggestion.questions.push(questions::not_all_are_numbers(&column.name));
        }
        if CONSENTS.contains(&normalise(&column.name).as_str()) && !is_export {
            suggestion.questions.push(questions::may_be_consent(&column.name));
        }
        if let Entry::Vacant(entry) = suggestion.entries.entry(format!("{prefix}.{name}")) {
            let suffix = type_suffix(column, is_export);
            entry.insert(format!("{}{suffix}", column.name));
            if let Some((format, odd)) = misfits(column).filter(|_| suffix.starts_with(":date(")) {
                suggestion.questions.push(questions::some_cells_do_not_fit(&column.name, format, odd));
            }
        }
    }
    if let Some(column) = times.map(|index| &columns[index])
        && let Some((format, odd)) = misfits(column)
    {
        suggestion.questions.push(questions::some_times_do_not_fit(&column.name, format, odd));
    }
    for column in columns {
        if let Some((one, other)) = column.ambiguous_dates {
            suggestion.questions.push(questions::ambiguous_dates(&column.name, one, other));
        }
        let numbers = column.number_format.as_ref().filter(|_| column.r#type == ColumnType::Number && !is_export);
        if numbers.is_some_and(|format| format.is_ambiguous) {
            suggestion.questions.push(questions::ambiguous_numbers(&column.name));
        }
        if numbers.is_some_and(|format| format.percent) {
            suggestion.questions.push(questions::percentages(&column.name));
        }
    }
    if detected.has_apostrophes {
        suggestion.entries.insert("strip_apostrophes".to_owned(), "true".to_owned());
    }
    suggestion
}

impl Suggestion {
    fn take_tags(&mut self, column: &Column, is_export: bool) {
        self.entries.insert("tags".to_owned(), column.name.clone());
        if is_export {
            self.entries.insert("tags_separator".to_owned(), "semicolon".to_owned());
        } else if column.separators.len() > 1 {
            self.questions.push(questions::several_separators(&column.name, &column.separators));
        }
    }
}

/// What stands behind the name of a column whose cells are to be more than texts.
fn type_suffix(column: &Column, is_export: bool) -> Cow<'static, str> {
    // What we wrote ourselves is of one type without exception, or it was a text.
    let is_typed = !is_export || column.odd_cells.is_none();
    match (column.r#type, &column.date_format) {
        // Numbers that we wrote ourselves have a point and nothing else; what looks otherwise was a text.
        (ColumnType::Number, _) if is_export && is_typed && is_plain(column) => ":number(point)".into(),
        (ColumnType::Number, _) if !is_export => ":number".into(),
        (ColumnType::Bool, _) if is_typed => ":bool".into(),
        (ColumnType::Json, _) => ":json".into(),
        (ColumnType::Date, Some(format)) if is_typed => format!(":date({format})").into(),
        // A name may end like a type.
        _ if column.name.contains(':') => ":text".into(),
        _ => "".into(),
    }
}

/// How the dates of a column are written, and the cells that are none.
fn misfits(column: &Column) -> Option<(DateFormat, &OddCells)> {
    column.date_format.zip(column.odd_cells.as_ref()).filter(|(_, odd)| odd.misfits > 0)
}

fn is_plain(column: &Column) -> bool {
    column.number_format.as_ref().is_some_and(|format| format.is_plain)
}

/// The column whose cells are tags. Numbers and dates are none, unless we wrote them ourselves.
fn tags_column(columns: &[Column], taken: &[usize], is_export: bool) -> Option<usize> {
    let may_be = |index: &usize| {
        let column = &columns[*index];
        let looks = match is_export {
            true => column.name == "tags" && column.r#type != ColumnType::Empty,
            false => matches!(column.r#type, ColumnType::Text | ColumnType::Json),
        };
        looks && !taken.contains(index)
    };
    find_where(columns, TAGS, may_be)
}

/// Whether a column of this name holds dates, so that its numbers are dates, too.
pub fn names_a_date(name: &str) -> bool {
    let name = name.to_lowercase();
    let ends = ["date", "time", "_at", "timestamp", "日期", "时间", "時間", "生日", "日"];
    ends.iter().any(|end| name.ends_with(end)) || name.contains("日期") || name.starts_with("date")
}

/// Whether a text is one of the names that columns are known by.
pub fn is_known_name(text: &str) -> bool {
    let name = normalise(text);
    let single = [USER_IDS, ANONYMOUS_IDS, EMAILS, PHONES, EVENTS, TIMES, MESSAGE_IDS, TAGS];
    let lists = single.into_iter().chain(TRAITS.iter().chain(ACCOUNTS).map(|(_, names)| *names));
    // Names of one character also are names of people.
    name.chars().count() > 1 && lists.flatten().any(|known| *known == name)
}

/// An export of members begins with their ids.
fn is_export(columns: &[Column]) -> bool {
    columns.first().is_some_and(|column| {
        column.name == "id" && !column.examples.is_empty() && column.examples.iter().all(|id| id.starts_with("mem_"))
    })
}

/// The kind of accounts or devices whose ids a column holds, by its name, as mappings and exports or as people call it.
fn account_kind(column: &Column) -> Option<Cow<'static, str>> {
    if let Some(word) = column.name.strip_prefix("identities.") {
        return kind_name(word).filter(|kind| Kind::named(kind).is_external());
    }
    let name = normalise(&column.name);
    ACCOUNTS.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(kind, _)| Cow::Borrowed(*kind))
}

fn trait_name(column: &str) -> String {
    if let Some(name) = column.strip_prefix("traits.").or_else(|| column.strip_prefix("properties.")) {
        return name.to_owned();
    }
    let name = normalise(column);
    match TRAITS.iter().find(|(_, names)| names.contains(&name.as_str())) {
        // A name that is as it should be stays so.
        Some((known, _)) if !column.is_ascii() || column.contains(' ') || *known == name => (*known).to_owned(),
        _ => column.to_owned(),
    }
}

fn find(columns: &[Column], names: &[&str]) -> Option<usize> {
    find_where(columns, names, |_| true)
}

fn find_where(columns: &[Column], names: &[&str], may_be: impl Fn(&usize) -> bool) -> Option<usize> {
    let normalised: Vec<String> = columns.iter().map(|column| normalise(&column.name)).collect();
    names.iter().find_map(|name| {
        let place = |index: &usize| normalised[*index] == **name && may_be(index);
        (0..columns.len()).find(|index| place(index))
    })
}

fn normalise(name: &str) -> String {
    let noise =
        |c: char| c.is_whitespace() || matches!(c, '_' | '-' | '.' | '(' | ')' | '（' | '）' | '：' | ':' | '*');
    name.chars().filter(|c| !noise(*c)).flat_map(char::to_lowercase).collect()
}
