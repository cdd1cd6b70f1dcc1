//! What features let queries see of their tables: which columns, under which names, and of which workspace.

/// A table as queries see it.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Its name.
    pub name: &'static str,
    /// What it holds, in English and Chinese.
    pub about: (&'static str, &'static str),
    /// The names and kinds of its columns.
    pub columns: &'static [(&'static str, ViewKind)],
    /// Where its rows come from: those of the first part before those of the second.
    pub parts: &'static [ViewPart],
}

/// A statement that tells rows of a view.
#[derive(Clone, Copy, Debug)]
pub struct ViewPart {
    /// What is selected: one expression for each column.
    pub select: &'static [&'static str],
    /// What it is selected from: everything from `FROM` on, with a condition that holds for rows of the workspace `$1` only.
    pub from: &'static str,
    /// By which rows are put in order; together they are different for each row, and an index has them.
    pub keys: &'static [ViewKey],
}

/// A column by which rows are put in order.
#[derive(Clone, Copy, Debug)]
pub enum ViewKey {
    /// It holds numbers.
    Number(&'static str),
    /// It holds texts.
    Text(&'static str),
}

impl ViewKey {
    /// The column.
    pub fn column(self) -> &'static str {
        match self {
            ViewKey::Number(column) | ViewKey::Text(column) => column,
        }
    }
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewKind {
    /// Numbers that are told as ids with this prefix.
    Id(&'static str),
    /// Texts.
    Text,
    /// Whole numbers.
    Whole,
    /// 0 and 1, which are told as false and true.
    Flag,
    /// Moments, in milliseconds since 1970.
    Moment,
}
