//! Parts of names, Chinese and other.

/// Chinese surnames of two characters that are in use.
const COMPOUND: &[&str] = &[
    "欧阳", "歐陽", "太史", "端木", "上官", "司马", "司馬", "东方", "東方", "独孤", "獨孤", "南宫", "南宮", "万俟",
    "萬俟", "闻人", "聞人", "夏侯", "诸葛", "諸葛", "尉迟", "尉遲", "公羊", "赫连", "赫連", "澹台", "澹臺", "皇甫",
    "宗政", "濮阳", "濮陽", "公冶", "太叔", "申屠", "公孙", "公孫", "慕容", "仲孙", "仲孫", "钟离", "鍾離", "长孙",
    "長孫", "宇文", "司徒", "鲜于", "鮮于", "司空", "闾丘", "閭丘", "子车", "子車", "亓官", "司寇", "巫马", "巫馬",
    "公西", "颛孙", "顓孫", "壤驷", "壤駟", "公良", "漆雕", "乐正", "樂正", "宰父", "谷梁", "穀梁", "拓跋", "夹谷",
    "夾谷", "轩辕", "軒轅", "令狐", "段干", "百里", "呼延", "东郭", "東郭", "南门", "南門", "羊舌", "微生", "公户",
    "公戶", "梁丘", "左丘", "东门", "東門", "西门", "西門", "第五", "纳兰", "納蘭", "完颜", "完顏", "叶赫", "葉赫",
    "贺兰", "賀蘭",
];

/// A name, divided.
struct Parts {
    surname: String,
    given: String,
    is_chinese: bool,
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' | '〇')
}

/// Divides a name; `None` for one without letters, such as a number.
fn divide(name: &str) -> Option<Parts> {
    let name = name.trim();
    if !name.chars().any(char::is_alphabetic) {
        return None;
    }
    let letters: Vec<char> = name.chars().filter(|c| !c.is_whitespace()).collect();
    if letters.iter().all(|c| is_han(*c)) {
        let two: String = letters.iter().take(2).collect();
        let is_compound = letters.len() >= 2 && COMPOUND.contains(&two.as_str());
        // A married name may stand before one's own, as in 陈方安生: two surnames and two characters are not told apart
        // from a compound one, so only the known ones count.
        let length = if is_compound { 2 } else { 1 };
        let (surname, given) = letters.split_at(length);
        return Some(Parts { surname: surname.iter().collect(), given: given.iter().collect(), is_chinese: true });
    }
    // Names of other peoples in Chinese: 阿凡提·买买提.
    if let Some((given, surname)) = name.split_once(['·', '•']) {
        let is_chinese = name.chars().all(|c| is_han(c) || matches!(c, '·' | '•'));
        return Some(Parts { surname: surname.trim().to_owned(), given: given.trim().to_owned(), is_chinese });
    }
    if let Some((surname, given)) = name.split_once([',', '，']) {
        return Some(Parts { surname: surname.trim().to_owned(), given: given.trim().to_owned(), is_chinese: false });
    }
    let words: Vec<&str> = name.split_whitespace().collect();
    let (surname, given) = match words.as_slice() {
        [] => return None,
        [only] => ("", *only),
        [first, .., last] => (*last, *first),
    };
    Some(Parts { surname: surname.to_owned(), given: given.to_owned(), is_chinese: false })
}

/// The surname: 欧阳 of 欧阳修, Lovelace of Ada Lovelace.
pub(super) fn surname(name: &str) -> Option<String> {
    divide(name).map(|parts| parts.surname).filter(|surname| !surname.is_empty())
}

/// The given name: 修 of 欧阳修, Ada of Ada Lovelace.
pub(super) fn given_name(name: &str) -> Option<String> {
    divide(name).map(|parts| parts.given).filter(|given| !given.is_empty())
}

/// How one addresses somebody: 王先生, Ms Lovelace; the whole name when the gender or the surname is not known.
pub(super) fn honorific(name: &str, gender: &str) -> Option<String> {
    let name = name.trim();
    let Some(parts) = divide(name) else { return (!name.is_empty()).then(|| name.to_owned()) };
    let titles = match gender.trim().to_lowercase().as_str() {
        "m" | "male" | "man" | "mr" | "男" | "男性" | "先生" => ("先生", "Mr"),
        "f" | "female" | "woman" | "ms" | "mrs" | "女" | "女性" | "女士" => ("女士", "Ms"),
        _ => return Some(name.to_owned()),
    };
    if parts.is_chinese {
        let called = if parts.surname.is_empty() { name } else { &parts.surname };
        return Some(format!("{called}{}", titles.0));
    }
    if parts.surname.is_empty() {
        return Some(name.to_owned());
    }
    Some(format!("{} {}", titles.1, parts.surname))
}
