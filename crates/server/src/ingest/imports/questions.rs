//! What nobody but the operator can decide about a file: each question with a stable code, in English and in Chinese.

use serde::Serialize;
use utoipa::ToSchema;

use super::{dates::DateFormat, odd_cells::OddCells, tags::Separator, words::Words};

/// A question about a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Question {
    /// What is asked, for programs: `user_id_is_contact`, `user_id_is_missing`, `not_all_are_numbers`,
    /// `some_cells_do_not_fit`, `ambiguous_dates`, `ambiguous_numbers`, `percentages`, `several_separators` or
    /// `may_be_consent`.
    pub code: &'static str,
    /// The column that it is about.
    pub column: Option<String>,
    /// In whole sentences.
    pub message: Words,
}

fn about(code: &'static str, column: &str, en: String, zh: String) -> Question {
    Question { code, column: Some(column.to_owned()), message: Words::new(en, zh) }
}

/// Nothing but an address says who somebody is.
pub fn user_id_is_contact(column: &str) -> Question {
    about(
        "user_id_is_contact",
        column,
        format!("No column is an id of yours, so \"{column}\" stands for one. Is there a better one?"),
        format!("没有找到您自己的编号列，暂以“{column}”代替。有更合适的列吗？"),
    )
}

/// Nothing says who somebody is.
pub fn user_id_is_missing() -> Question {
    let message = Words::new("Which column says who somebody is (user_id)?", "哪一列说明是谁（user_id）？");
    Question { code: "user_id_is_missing", column: None, message }
}

/// Amounts that are texts.
pub fn not_all_are_numbers(column: &str) -> Question {
    about(
        "not_all_are_numbers",
        column,
        format!(
            "Not every \"{column}\" is a number of one form, so they are taken for texts, which no rule adds up. Write \
             \"{column}:number\" to reject the rows in which it is none?"
        ),
        format!(
            "“{column}”并非每一行都是同一种写法的数字，所以按文字导入，规则无法对它求和。\
             要写成“{column}:number”，拒收不是数字的行吗？"
        ),
    )
}

/// Among dates stand other texts, whose rows are rejected.
pub fn some_cells_do_not_fit(column: &str, format: DateFormat, odd: &OddCells) -> Question {
    let (en, zh) = what_does_not_fit(column, format, odd);
    about(
        "some_cells_do_not_fit",
        column,
        format!("{en} Write \"{column}:text\" to take the whole column as it is and keep those rows?"),
        format!("{zh}要写成“{column}:text”，整列按文字导入，保留这些行吗？"),
    )
}

/// The same where the dates are the times of events, which no text can stand for.
pub fn some_times_do_not_fit(column: &str, format: DateFormat, odd: &OddCells) -> Question {
    let (en, zh) = what_does_not_fit(column, format, odd);
    about(
        "some_cells_do_not_fit",
        column,
        format!(
            "{en} To keep them, correct those cells, or map the column as a text among the properties and say as \
             timestamp another one that has the times."
        ),
        format!("{zh}要保留这些行，请更正这些格，或把此列作为文字映射到 properties，用另一列作为 timestamp。"),
    )
}

fn what_does_not_fit(column: &str, format: DateFormat, odd: &OddCells) -> (String, String) {
    let OddCells { misfits, of, .. } = odd;
    let (such_as, for_example) = match &odd.example {
        Some(example) => (format!(", such as \"{example}\""), format!("，例如“{example}”")),
        None => Default::default(),
    };
    (
        format!(
            "Not every \"{column}\" is a date like {format}: {misfits} of the {of} cells looked at do not \
             fit{such_as}. Rows with such cells will be rejected."
        ),
        format!(
            "“{column}”并非都是 {format} 这样的日期：\
             查看的 {of} 格中有 {misfits} 格不符合{for_example}。这些行会被拒收。"
        ),
    )
}

/// Day or month first.
pub fn ambiguous_dates(column: &str, one: DateFormat, other: DateFormat) -> Question {
    about(
        "ambiguous_dates",
        column,
        format!("Are the dates in \"{column}\" {one} or {other}? Write \"{column}:date({one})\" or the other."),
        format!("“{column}”中的日期是 {one} 还是 {other}？请写成“{column}:date({one})”或另一种。"),
    )
}

/// A thousand or one.
pub fn ambiguous_numbers(column: &str) -> Question {
    about(
        "ambiguous_numbers",
        column,
        format!(
            "Do the decimals in \"{column}\" stand behind a point (1,234.5) or behind a comma (1.234,5)? Write \
             \"{column}:number(point)\" or \"{column}:number(comma)\"; until then the file is not imported."
        ),
        format!(
            "“{column}”的小数点是点（1,234.5）还是逗号（1.234,5）？\
             请写成“{column}:number(point)”或“{column}:number(comma)”，确定之前不会导入。"
        ),
    )
}

/// Parts of a hundred.
pub fn percentages(column: &str) -> Question {
    about(
        "percentages",
        column,
        format!(
            "\"{column}\" holds percentages: 12% is imported as 0.12. Write \"{column}:text\" to keep them as they are?"
        ),
        format!("“{column}”是百分数：12% 会导入为 0.12。要写成“{column}:text”原样保留吗？"),
    )
}

/// Several characters may part tags.
pub fn several_separators(column: &str, found: &[Separator]) -> Question {
    let words: Vec<&str> = found.iter().map(|separator| separator.word()).collect();
    about(
        "several_separators",
        column,
        format!(
            "In \"{column}\" stand several characters that may part tags ({}). Say with tags_separator which one does, or \
             any; until then the file is not imported.",
            words.join(", ")
        ),
        format!(
            "“{column}”中有几种可能的标签分隔符（{}）。\
             请用 tags_separator 写明是哪一种，或写 any；确定之前不会导入。",
            words.join("、")
        ),
    )
}

/// Somebody may have agreed to something.
pub fn may_be_consent(column: &str) -> Question {
    about(
        "may_be_consent",
        column,
        format!(
            "Does \"{column}\" say who agreed to be written to? It is taken for a trait and grants nothing until you \
             state under consents the channel, the purpose, what means yes, since when, and where it was collected."
        ),
        format!(
            "“{column}”是否说明谁同意接收消息？目前只作为属性导入，不代表同意；\
             请在 consents 中写明渠道、用途、哪些值表示同意、何时起、在哪里取得。"
        ),
    )
}
