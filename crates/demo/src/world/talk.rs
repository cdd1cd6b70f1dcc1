//! Things that members say: in groups, about what they bought.

/// What a message is about, with its weight and some ways to say it.
pub(crate) struct Topic {
    pub name: &'static str,
    pub weight: f64,
    pub lines: &'static [&'static str],
}

/// Topics of the groups that speak Chinese.
pub(crate) const TOPICS: [Topic; 8] = [
    Topic {
        name: "今晚喝什么",
        weight: 0.24,
        lines: &[
            "今晚开哪一支？",
            "开了，香气很足，果味在前面",
            "醒了一个小时，顺了很多",
            "刚下班，先来一杯压压惊",
            "这支比上次那支圆润",
            "单宁还有点硬，明天再喝",
        ],
    },
    Topic {
        name: "选酒求助",
        weight: 0.18,
        lines: &[
            "送长辈选哪支稳妥？",
            "三百以内的勃艮第有推荐吗",
            "第一次喝雷司令，从哪支开始？",
            "聚会八个人，买几支合适？",
            "不喜欢太酸的，求推荐",
        ],
    },
    Topic {
        name: "餐酒搭配",
        weight: 0.14,
        lines: &[
            "大闸蟹配霞多丽，绝了",
            "火锅还是配微甜的雷司令吧",
            "红烧肉加马瑟兰，意外地搭",
            "吃川菜到底配什么啊",
            "烤羊排，上西拉！",
        ],
    },
    Topic {
        name: "物流售后",
        weight: 0.08,
        lines: &[
            "包装很好，一支没碎",
            "请问今天能发货吗？",
            "收到了，比预计早一天",
            "有一支塞子断了，找谁处理？",
            "客服回得好快，谢谢",
        ],
    },
    Topic {
        name: "拼单",
        weight: 0.10,
        lines: &["还差两支成箱，有人一起吗", "我要一支香槟，加我", "已拼，坐等开瓶", "这次拼单什么时候截止？"],
    },
    Topic {
        name: "线下品酒",
        weight: 0.09,
        lines: &["周六的品酒会还有位子吗", "上次盲品我居然全错哈哈", "下次能不能安排巴罗洛主题", "到店了，老位置"],
    },
    Topic {
        name: "问候",
        weight: 0.11,
        lines: &["早上好，酒友们", "新人报到，请多关照", "周五快乐！", "中午好", "晚安，做个微醺的梦"],
    },
    Topic {
        name: "分享",
        weight: 0.06,
        lines: &[
            "今天的晚霞像一杯桃红",
            "整理了一份入门笔记，需要的自取",
            "这篇讲产区的文章写得真好，推荐给大家慢慢看",
            "晒一下我的小酒柜",
        ],
    },
];

/// What is said at the English table.
pub(crate) const ENGLISH_LINES: [&str; 8] = [
    "What are you opening tonight?",
    "The Ningxia Marselan was a lovely surprise",
    "Any tips for pairing with hotpot?",
    "See you at the tasting on Saturday",
    "Parcel arrived, everything in one piece",
    "Is the Riesling dry or off-dry?",
    "Count me in for the mixed case",
    "Cheers from Xuhui!",
];

/// Reviews by stars, from one to five.
pub(crate) const REVIEWS: [&[&str]; 5] = [
    &["塞子坏了，酒已氧化，失望", "和描述差得有点远"],
    &["偏酸，不太适合我", "物流慢了三天"],
    &["中规中矩", "这个价位可以接受"],
    &["果香干净，会再买", "配牛排很好", "性价比不错"],
    &["惊喜，已经回购", "送人很有面子", "今年喝到最好的一支", "香气一整晚都在变化"],
];

/// What is talked about in live sessions, one after the other.
pub(crate) const LIVE_TOPICS: [&str; 6] =
    ["盲品挑战", "庄主来了", "新酒开箱", "三十分钟学会看酒标", "餐酒搭配现场", "老友专场"];
