//! What columns show beside answers to rules: which traits and tags there are, and which values.
//!
//! Nobody waits for it: while a rule is being asked, or where no columns are kept, there is nothing to show.

use std::{collections::HashMap, sync::Arc};

use base::ids::WorkspaceId;
use serde_json::Value;

use super::{Columns, OfWorkspace, ShownTrait, column::Column, lock, table::Table};

impl Columns {
    /// Looks at the columns of a workspace, if there are any and nobody has them now.
    fn show<T>(&self, workspace: WorkspaceId, look: impl FnOnce(&Table) -> Option<T>) -> Option<T> {
        let columns: Arc<OfWorkspace> = lock(&self.workspaces).get(&workspace)?.clone();
        let table = columns.table.try_lock().ok()?;
        look(table.as_ref()?)
    }

    /// The names of all traits that members have.
    pub(crate) fn trait_names(&self, workspace: WorkspaceId) -> Option<Vec<String>> {
        self.show(workspace, |table| Some(table.columns()?.map(|(name, _)| name.clone()).collect()))
    }

    /// The different values of a trait, with how many members have each.
    pub(crate) fn values_of(&self, workspace: WorkspaceId, name: &str) -> Option<Vec<(Value, u32)>> {
        self.show(workspace, |table| match table.column(name) {
            Column::Values(values) => Some(values.in_use().map(|(value, uses)| (value.clone(), uses)).collect()),
            Column::Presence(_) | Column::Unknown => None,
        })
    }

    /// How many members show each of the tags that were put on.
    pub(crate) fn tag_numbers(&self, workspace: WorkspaceId) -> Option<HashMap<String, i64>> {
        self.show(workspace, |table| {
            let tags = table.tags()?;
            tags.map(|(tag, places)| Some((tag.clone(), places.as_ref()?.count() as i64))).collect()
        })
    }
}

impl Table {
    /// What everybody shows of a trait; `None` when that is not known.
    pub(super) fn shown(&self, name: &str) -> Option<ShownTrait> {
        let Column::Values(column) = self.column(name) else {
            return matches!(self.column(name), Column::Presence(present) if present.count() == 0)
                .then(ShownTrait::default);
        };
        let mut shown = ShownTrait { values: column.by_code().to_vec(), members: Vec::new() };
        for (word, alive) in self.alive().iter().enumerate() {
            column.each_in(word, |bit, code| {
                if code != 0 && alive >> bit & 1 == 1 {
                    shown.members.push((self.id_at((word * 64) as u32 + bit), u32::from(code)));
                }
            });
        }
        Some(shown)
    }
}
