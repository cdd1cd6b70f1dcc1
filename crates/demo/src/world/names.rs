//! Names of people: characters with their reading, so that an address fits its owner.

/// Family names: (character, reading, weight).
pub(crate) const FAMILY: [(&str, &str, f64); 32] = [
    ("王", "wang", 7.2),
    ("李", "li", 7.1),
    ("张", "zhang", 6.8),
    ("刘", "liu", 5.2),
    ("陈", "chen", 4.6),
    ("杨", "yang", 3.1),
    ("黄", "huang", 2.3),
    ("赵", "zhao", 2.2),
    ("周", "zhou", 2.0),
    ("吴", "wu", 2.0),
    ("徐", "xu", 1.7),
    ("孙", "sun", 1.5),
    ("马", "ma", 1.3),
    ("朱", "zhu", 1.3),
    ("胡", "hu", 1.3),
    ("郭", "guo", 1.2),
    ("何", "he", 1.2),
    ("林", "lin", 1.1),
    ("高", "gao", 1.1),
    ("罗", "luo", 1.0),
    ("郑", "zheng", 0.9),
    ("梁", "liang", 0.9),
    ("谢", "xie", 0.8),
    ("宋", "song", 0.7),
    ("唐", "tang", 0.7),
    ("许", "xu", 0.7),
    ("邓", "deng", 0.6),
    ("冯", "feng", 0.6),
    ("沈", "shen", 0.6),
    ("曹", "cao", 0.6),
    ("欧阳", "ouyang", 0.2),
    ("陆", "lu", 0.4),
];

/// Characters of women's given names with their reading.
pub(crate) const WOMEN: [(&str, &str); 28] = [
    ("婷", "ting"),
    ("雪", "xue"),
    ("静", "jing"),
    ("欣", "xin"),
    ("怡", "yi"),
    ("雨", "yu"),
    ("晓", "xiao"),
    ("琳", "lin"),
    ("佳", "jia"),
    ("梦", "meng"),
    ("思", "si"),
    ("颖", "ying"),
    ("芳", "fang"),
    ("燕", "yan"),
    ("慧", "hui"),
    ("岚", "lan"),
    ("月", "yue"),
    ("宁", "ning"),
    ("诗", "shi"),
    ("涵", "han"),
    ("若", "ruo"),
    ("曦", "xi"),
    ("敏", "min"),
    ("洁", "jie"),
    ("瑶", "yao"),
    ("菲", "fei"),
    ("清", "qing"),
    ("云", "yun"),
];

/// Characters of men's given names with their reading.
pub(crate) const MEN: [(&str, &str); 28] = [
    ("伟", "wei"),
    ("强", "qiang"),
    ("磊", "lei"),
    ("洋", "yang"),
    ("勇", "yong"),
    ("军", "jun"),
    ("杰", "jie"),
    ("涛", "tao"),
    ("明", "ming"),
    ("超", "chao"),
    ("浩", "hao"),
    ("宇", "yu"),
    ("轩", "xuan"),
    ("博", "bo"),
    ("文", "wen"),
    ("志", "zhi"),
    ("远", "yuan"),
    ("鹏", "peng"),
    ("飞", "fei"),
    ("斌", "bin"),
    ("凯", "kai"),
    ("然", "ran"),
    ("子", "zi"),
    ("昊", "hao"),
    ("峰", "feng"),
    ("松", "song"),
    ("川", "chuan"),
    ("辰", "chen"),
];

/// English given names of women.
pub(crate) const ENGLISH_WOMEN: [&str; 12] =
    ["Emma", "Olivia", "Sophie", "Grace", "Claire", "Hannah", "Alice", "Julia", "Laura", "Nina", "Rachel", "Zoe"];

/// English given names of men.
pub(crate) const ENGLISH_MEN: [&str; 12] =
    ["James", "Oliver", "Daniel", "Lucas", "Thomas", "Henry", "Adam", "Simon", "Peter", "Felix", "Martin", "Ryan"];

/// English family names.
pub(crate) const ENGLISH_FAMILY: [&str; 14] = [
    "Miller", "Clarke", "Wright", "Turner", "Bennett", "Foster", "Hughes", "Morgan", "Reed", "Walsh", "Carter",
    "Hayes", "Novak", "Lambert",
];

/// Domains that RFC 2606 reserves, so that no mail of the demo can reach anybody.
pub(crate) const MAIL_DOMAINS: [&str; 3] = ["example.com", "example.net", "example.org"];
