//! What imports keep about members: rejected rows, and uploaded files for as long as those are kept.

use std::{
    fs::File,
    io::{BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use base::{Clock, IdSource};
use people::privacy::{Counts, MemberSection, Needles, Part, Subject};
use sea_orm::FromQueryResult;
use server::ingest::imports;
use store::{Db, DbErr, Sql, Tx};

/// What imports keep about members.
pub struct ImportsSection {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where uploaded files lie.
    pub dir: PathBuf,
}

#[derive(FromQueryResult)]
struct RejectsRow {
    rejects: String,
}

#[async_trait]
impl MemberSection for ImportsSection {
    fn tables(&self) -> &'static [&'static str] {
        &["imports"]
    }

    fn parts(&self) -> &'static [Part] {
        &[]
    }

    async fn erase(&self, _tx: &Tx, _ids: &IdSource, _subject: &Subject) -> Result<Counts, DbErr> {
        Ok(Counts::default())
    }

    /// Rejected rows, as far as their files are still where they were, and all uploaded files whose import is over: in
    /// whatever encoding, they may name him.
    async fn sweep(&self, db: &Db, _subject: &Subject, needles: &Needles) -> anyhow::Result<Counts> {
        let files: Vec<RejectsRow> =
            db.read().all("SELECT DISTINCT rejects FROM imports WHERE rejects <> ''", Vec::new()).await?;
        let needles = needles.clone();
        let lines = tokio::task::spawn_blocking(move || -> anyhow::Result<u64> {
            let mut lines = 0;
            for row in files {
                lines += without_lines(Path::new(&row.rejects), &needles)?;
            }
            Ok(lines)
        })
        .await??;
        let uploaded = imports::remove_older(db, &self.dir, self.clock.now()).await?;
        let mut counts = Counts::default();
        counts.delete("rejected rows", lines);
        counts.delete("uploaded files", uploaded as u64);
        Ok(counts)
    }
}

/// Writes a file anew without the lines that name somebody; returns how many those were.
fn without_lines(path: &Path, needles: &Needles) -> anyhow::Result<u64> {
    let Ok(file) = File::open(path) else { return Ok(0) };
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = PathBuf::from(new);
    let mut writer = BufWriter::new(File::create(&new)?);
    let mut removed = 0;
    for line in BufReader::new(file).lines() {
        let line = line?;
        match needles.find_in(&line) {
            true => removed += 1,
            false => writeln!(writer, "{line}")?,
        }
    }
    writer.flush()?;
    writer.get_ref().sync_all()?;
    match removed {
        0 => std::fs::remove_file(&new)?,
        _ => std::fs::rename(&new, path)?,
    }
    Ok(removed)
}
