//! Where members come from and where they meet: cities, channels of acquisition, groups, posters.

/// A city with its weight among the members.
pub(crate) const CITIES: [(&str, f64); 20] = [
    ("上海", 0.215),
    ("杭州", 0.125),
    ("北京", 0.115),
    ("深圳", 0.085),
    ("广州", 0.075),
    ("成都", 0.070),
    ("苏州", 0.050),
    ("南京", 0.045),
    ("武汉", 0.035),
    ("宁波", 0.030),
    ("厦门", 0.025),
    ("重庆", 0.025),
    ("西安", 0.020),
    ("青岛", 0.018),
    ("长沙", 0.017),
    ("天津", 0.014),
    ("香港", 0.014),
    ("银川", 0.010),
    ("昆明", 0.008),
    ("大连", 0.004),
];

/// A way on which strangers find the shop, and what kind of members it brings.
pub(crate) struct Acquisition {
    pub name: &'static str,
    pub medium: &'static str,
    pub weight: f64,
    /// Factor on how often they come.
    pub activity: f64,
    /// Factor on how readily they buy.
    pub buying: f64,
    /// Factor on how long they stay.
    pub loyalty: f64,
}

/// All ways.
pub(crate) const ACQUISITIONS: [Acquisition; 7] = [
    Acquisition { name: "公众号文章", medium: "article", weight: 0.26, activity: 1.0, buying: 1.0, loyalty: 1.1 },
    Acquisition { name: "海报扫码", medium: "offline", weight: 0.13, activity: 1.0, buying: 1.1, loyalty: 0.9 },
    Acquisition { name: "包裹卡", medium: "parcel", weight: 0.15, activity: 1.1, buying: 1.9, loyalty: 1.4 },
    Acquisition { name: "小红书", medium: "social", weight: 0.18, activity: 0.9, buying: 0.6, loyalty: 0.8 },
    Acquisition { name: "老友推荐", medium: "referral", weight: 0.10, activity: 1.4, buying: 1.5, loyalty: 1.8 },
    Acquisition { name: "抖音直播", medium: "live", weight: 0.13, activity: 0.7, buying: 0.9, loyalty: 0.45 },
    Acquisition { name: "邮件通讯", medium: "email", weight: 0.05, activity: 0.8, buying: 1.3, loyalty: 1.2 },
];

/// Index of those whom articles bring, in [`ACQUISITIONS`].
pub(crate) const BY_ARTICLE: u8 = 0;
/// Index of those who scan a poster.
pub(crate) const BY_POSTER: u8 = 1;
/// Index of those whom a member invites.
pub(crate) const BY_REFERRAL: u8 = 4;
/// Index of those who come out of a live session.
pub(crate) const BY_LIVE: u8 = 5;

/// A group chat: id, name, and the city or the interest that it is for.
pub(crate) struct Group {
    pub id: &'static str,
    pub name: &'static str,
    pub about: &'static str,
}

const fn group(id: &'static str, name: &'static str, about: &'static str) -> Group {
    Group { id, name, about }
}

/// All groups. Those of cities come first.
pub(crate) const GROUPS: [Group; 12] = [
    group("g-shanghai", "上海品酒夜谈", "上海"),
    group("g-hangzhou", "杭州湖畔小酌", "杭州"),
    group("g-beijing", "北京红酒同好", "北京"),
    group("g-bay", "湾区酒友（深圳·广州·香港）", "深圳"),
    group("g-chengdu", "成都微醺局", "成都"),
    group("g-jiangnan", "江南酒友会", "苏州"),
    group("g-beginners", "新手的第一支", "新手"),
    group("g-burgundy", "勃艮第深水区", "黑皮诺"),
    group("g-white", "白葡萄酒与气泡", "雷司令"),
    group("g-food", "周末餐酒搭", "餐酒搭配"),
    group("g-deals", "拼单与福利", "优惠"),
    group("g-english", "Lantern English Table", "English"),
];

/// Index of the group for beginners, in [`GROUPS`].
pub(crate) const BEGINNERS: u8 = 6;
/// Index of the group for lovers of Burgundy.
pub(crate) const BURGUNDY: u8 = 7;
/// Index of the group for white and sparkling wine.
pub(crate) const WHITE_AND_SPARKLING: u8 = 8;
/// Index of the group about wine and food.
pub(crate) const FOOD: u8 = 9;
/// Index of the group for offers.
pub(crate) const DEALS: u8 = 10;
/// Index of the group that speaks English.
pub(crate) const ENGLISH: u8 = 11;

/// The group of a city, if it has one.
pub(crate) fn group_of_city(city: &str) -> Option<u8> {
    match city {
        "上海" => Some(0),
        "杭州" => Some(1),
        "北京" | "天津" => Some(2),
        "深圳" | "广州" | "香港" => Some(3),
        "成都" | "重庆" => Some(4),
        "苏州" | "南京" | "宁波" => Some(5),
        _ => None,
    }
}

/// Where posters hang: (id, place, city).
pub(crate) const POSTERS: [(&str, &str, &str); 6] = [
    ("p-wukang", "武康路店门口", "上海"),
    ("p-xintiandi", "新天地快闪", "上海"),
    ("p-hubin", "湖滨银泰店", "杭州"),
    ("p-sanlitun", "三里屯市集", "北京"),
    ("p-coffee", "合作咖啡馆", "苏州"),
    ("p-fair", "秋季酒展展位", "成都"),
];
