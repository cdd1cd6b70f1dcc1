//! Results of simulations name some of the members whom they took.

use std::sync::Arc;

use async_trait::async_trait;
use base::IdSource;
use people::privacy::{Counts, MemberSection, Part, Subject};
use store::{DbErr, Sql, Tx};

/// What simulations keep about members.
pub(crate) fn section() -> Arc<dyn MemberSection> {
    Arc::new(SimulationsSection)
}

struct SimulationsSection;

#[async_trait]
impl MemberSection for SimulationsSection {
    fn tables(&self) -> &'static [&'static str] {
        &["journey_simulations"]
    }

    /// A simulation says nothing of a member that was so: it shows what might have become of him.
    fn parts(&self) -> &'static [Part] {
        &[]
    }

    /// A result in which he stands is gone as a whole; it can be made again, without him.
    async fn erase(&self, tx: &Tx, _ids: &IdSource, subject: &Subject) -> Result<Counts, DbErr> {
        let names: Vec<(String,)> = subject.members.iter().map(|member| (format!("%{member}%"),)).collect();
        let deleted = tx
            .run_rows(
                "DELETE FROM journey_simulations WHERE id IN
                   (SELECT s.id FROM {rows} JOIN journey_simulations s ON s.result_json LIKE r.value->>0)",
                &names,
            )
            .await?;
        let mut counts = Counts::default();
        counts.delete("journey_simulations", deleted);
        Ok(counts)
    }
}
