//! The shelf. Appellations and grapes are real, houses and prices are made up.

/// Something that is sold.
pub(crate) struct Product {
    pub id: &'static str,
    pub name: &'static str,
    pub category: &'static str,
    pub grape: &'static str,
    pub region: &'static str,
    /// In yuan.
    pub price: u32,
}

/// Grapes that a member may prefer, with weights.
pub(crate) const GRAPES: [(&str, f64); 8] = [
    ("赤霞珠", 0.24),
    ("黑皮诺", 0.18),
    ("西拉", 0.12),
    ("马瑟兰", 0.11),
    ("霞多丽", 0.13),
    ("雷司令", 0.10),
    ("长相思", 0.08),
    ("内比奥罗", 0.04),
];

const RED: &str = "红葡萄酒";
const WHITE: &str = "白葡萄酒";
const SPARKLING: &str = "起泡酒";
const SWEET: &str = "甜酒";
const GIFT: &str = "礼盒";
const WARE: &str = "酒具";

const fn product(
    id: &'static str,
    name: &'static str,
    category: &'static str,
    grape: &'static str,
    region: &'static str,
    price: u32,
) -> Product {
    Product { id, name, category, grape, region, price }
}

/// All goods.
pub(crate) const PRODUCTS: [Product; 36] = [
    product("w-101", "贺兰山麓 暮云赤霞珠 2021", RED, "赤霞珠", "宁夏", 168),
    product("w-102", "贺兰山麓 长河马瑟兰 2022", RED, "马瑟兰", "宁夏", 198),
    product("w-103", "贺兰山麓 珍藏干红 2019", RED, "赤霞珠", "宁夏", 368),
    product("w-104", "怀来 雪岭马瑟兰 2021", RED, "马瑟兰", "河北", 138),
    product("w-105", "香格里拉 云上赤霞珠 2020", RED, "赤霞珠", "云南", 298),
    product("w-106", "梅多克 灯塔小庄 2018", RED, "赤霞珠", "波尔多", 228),
    product("w-107", "圣埃美隆 石桥庄 2017", RED, "梅洛", "波尔多", 318),
    product("w-108", "夜丘 村级黑皮诺 2021", RED, "黑皮诺", "勃艮第", 428),
    product("w-109", "伯恩丘 一级园黑皮诺 2019", RED, "黑皮诺", "勃艮第", 798),
    product("w-110", "罗讷河谷 西拉 2020", RED, "西拉", "罗讷河谷", 158),
    product("w-111", "巴罗萨 老藤西拉 2019", RED, "西拉", "南澳", 268),
    product("w-112", "门多萨 高原马尔贝克 2022", RED, "马尔贝克", "阿根廷", 118),
    product("w-113", "巴罗洛 晨雾 2018", RED, "内比奥罗", "皮埃蒙特", 528),
    product("w-114", "朗格 内比奥罗 2021", RED, "内比奥罗", "皮埃蒙特", 218),
    product("w-115", "中奥塔哥 黑皮诺 2022", RED, "黑皮诺", "新西兰", 248),
    product("w-116", "里奥哈 陈酿 2018", RED, "丹魄", "里奥哈", 148),
    product("w-117", "桌上红 佐餐干红 2023", RED, "赤霞珠", "智利", 69),
    product("w-201", "夏布利 海贝霞多丽 2022", WHITE, "霞多丽", "勃艮第", 258),
    product("w-202", "宁夏 木桶霞多丽 2022", WHITE, "霞多丽", "宁夏", 178),
    product("w-203", "摩泽尔 雷司令 珍藏 2022", WHITE, "雷司令", "摩泽尔", 168),
    product("w-204", "阿尔萨斯 干型雷司令 2021", WHITE, "雷司令", "阿尔萨斯", 188),
    product("w-205", "马尔堡 长相思 2023", WHITE, "长相思", "新西兰", 128),
    product("w-206", "桑塞尔 白燧石 2022", WHITE, "长相思", "卢瓦尔河", 238),
    product("w-207", "橙酒 浸皮霞多丽 2022", WHITE, "霞多丽", "宁夏", 218),
    product("w-301", "香槟 干型 无年份", SPARKLING, "霞多丽", "香槟", 398),
    product("w-302", "普罗塞克 极干", SPARKLING, "格莱拉", "威尼托", 108),
    product("w-303", "卡瓦 陈酿", SPARKLING, "马卡贝奥", "佩内德斯", 98),
    product("w-304", "自然气泡 桃红 2023", SPARKLING, "黑皮诺", "卢瓦尔河", 188),
    product("w-401", "雷司令 冰酒 375ml", SWEET, "雷司令", "辽宁", 288),
    product("w-402", "小粒麝香 微甜", SWEET, "麝香", "皮埃蒙特", 88),
    product("w-501", "月下独酌 双支礼盒", GIFT, "赤霞珠", "宁夏", 398),
    product("w-502", "围炉 四支品鉴礼盒", GIFT, "马瑟兰", "宁夏", 598),
    product("w-503", "新手入门 六支装", GIFT, "赤霞珠", "综合", 499),
    product("w-601", "水晶波尔多杯 一对", WARE, "", "", 129),
    product("w-602", "勃艮第大肚杯", WARE, "", "", 99),
    product("w-603", "海马刀开瓶器", WARE, "", "", 39),
];

/// The product with this index; the first for an index beyond the shelf.
pub(crate) fn product_at(index: u8) -> &'static Product {
    PRODUCTS.get(usize::from(index)).unwrap_or(&PRODUCTS[0])
}

/// Whether it is bought as a present, which is done before feasts.
pub(crate) fn is_gift(product: &Product) -> bool {
    product.category == GIFT
}

/// A coupon.
pub(crate) struct Coupon {
    pub code: &'static str,
    pub name: &'static str,
    /// In yuan.
    pub off: u32,
    /// Smallest order in yuan.
    pub from: u32,
}

/// The coupon that every new member gets.
pub(crate) const WELCOME_COUPON: u8 = 0;

/// All coupons.
pub(crate) const COUPONS: [Coupon; 4] = [
    Coupon { code: "WELCOME30", name: "新友见面券", off: 30, from: 150 },
    Coupon { code: "WEEKEND20", name: "周末小酌券", off: 20, from: 200 },
    Coupon { code: "FEAST60", name: "节庆满减券", off: 60, from: 500 },
    Coupon { code: "OLDFRIEND50", name: "老友回归券", off: 50, from: 300 },
];

/// Pages that are looked at, besides those of products: (path, title).
pub(crate) const PAGES: [(&str, &str); 8] = [
    ("/", "醉里挑灯 · 一盏灯，一杯酒"),
    ("/shelf", "全部酒款"),
    ("/shelf/red", "红葡萄酒"),
    ("/shelf/white", "白葡萄酒"),
    ("/gifts", "节日礼盒"),
    ("/tasting", "线下品酒会"),
    ("/club", "酒友会"),
    ("/beginners", "新手上路"),
];

/// Articles that are published, two a week in turn: (slug, title, topic).
pub(crate) const ARTICLES: [(&str, &str, &str); 16] = [
    ("first-bottle", "第一支红酒该怎么选", "入门"),
    ("decanting", "醒酒：什么时候需要，什么时候多余", "入门"),
    ("pinot-noir", "黑皮诺为什么这么难种", "品种"),
    ("ningxia", "贺兰山脚下的十年", "产区"),
    ("riesling", "雷司令：从干到甜的一把尺子", "品种"),
    ("hotpot", "吃火锅配什么酒", "餐酒搭配"),
    ("glasses", "杯子真的会改变味道吗", "酒具"),
    ("hairy-crab", "大闸蟹遇上霞多丽", "餐酒搭配"),
    ("natural-wine", "自然酒是不是智商税", "观点"),
    ("vintage", "读懂年份", "入门"),
    ("barolo", "雾里的巴罗洛", "产区"),
    ("marselan", "马瑟兰：中国的名片", "品种"),
    ("storage", "没有酒柜怎么存酒", "入门"),
    ("sichuan", "川菜与微甜的和解", "餐酒搭配"),
    ("champagne", "香槟不只为庆祝", "品种"),
    ("harvest", "采收季日记", "产区"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goods_have_different_ids_and_every_grape_is_on_the_shelf() {
        let mut ids: Vec<&str> = PRODUCTS.iter().map(|product| product.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), PRODUCTS.len());
        for (grape, _) in GRAPES {
            assert!(PRODUCTS.iter().any(|product| product.grape == grape), "{grape}");
        }
    }
}
