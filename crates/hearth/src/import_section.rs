//! What imports keep about members: rejected rows, and uploaded files for as long as those are kept.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, BufWriter, Write},
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

    /// Rejected rows, as far as their files are still where they were, and all uploaded files but those whose import waits
    /// or runs, also those that nobody has imported: in whatever encoding, they may name him.
    async fn sweep(&self, db: &Db, _subject: &Subject, needles: &Needles) -> anyhow::Result<Counts> {
        let files: Vec<RejectsRow> =
            db.read().all("SELECT DISTINCT rejects FROM imports WHERE rejects <> ''", Vec::new()).await?;
        let needles = needles.clone();
        let rows = tokio::task::spawn_blocking(move || -> anyhow::Result<u64> {
            let mut rows = 0;
            for file in files {
                rows += without_rows(Path::new(&file.rejects), &needles)?;
            }
            Ok(rows)
        })
        .await??;
        let uploaded = imports::remove_older(db, &self.dir, self.clock.now()).await?;
        let mut counts = Counts::default();
        counts.delete("rejected rows", rows);
        counts.delete("uploaded files", uploaded as u64);
        Ok(counts)
    }
}

/// What is read of a file before a record must have ended, in bytes: far more than the import writes in one. Only of a
/// file that somebody has changed can a record be longer; it is then taken for as many as it must.
const LONGEST_RECORD: usize = 1 << 20;

/// Writes a file of rejected rows anew without those that name somebody; returns how many those were. A row in which
/// there are line breaks goes as a whole, for each of its lines may be about him.
fn without_rows(path: &Path, needles: &Needles) -> anyhow::Result<u64> {
    let Ok(file) = File::open(path) else { return Ok(0) };
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = PathBuf::from(new);
    let mut reader = BufReader::new(file);
    let mut writer = BufWriter::new(private_file(&new)?);
    let mut removed = 0;
    while let Some(record) = next_record(&mut reader)? {
        match needles.find_in(&String::from_utf8_lossy(&record)) {
            true => removed += 1,
            false => writer.write_all(&record)?,
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

/// The next record of a CSV file, with its line end: it ends with the first line after which no quotation mark is open.
fn next_record(reader: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut record = Vec::new();
    let mut quotes = 0;
    loop {
        let begin = record.len();
        if reader.read_until(b'\n', &mut record)? == 0 {
            return Ok(Some(record).filter(|record| !record.is_empty()));
        }
        // One that is doubled inside of a cell does not change whether one is open.
        quotes += record[begin..].iter().filter(|byte| **byte == b'"').count();
        if quotes % 2 == 0 || record.len() > LONGEST_RECORD {
            return Ok(Some(record));
        }
    }
}

/// Rows of members are nobody else's business.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use base::ids::IdentityId;
    use people::privacy::HisIdentity;

    use super::*;

    const HEAD: &str = "line,code,message,row\n";
    const OF_DU: &str = "2,invalid_field,\"vip is not a \"\"truth\"\" value\",\"du,\"\"two\nlines\"\",x\"\n";
    const OF_LI: &str =
        "5,invalid_field,\"vip is no truth value\",\"li@example.com,\"\"Li lives in\n7 Plum Lane,\n\nBonn\"\",x\"\n";
    const OF_BAI: &str = "9,missing_identity,\"there is nobody\",\"bai\"\n";

    fn li() -> Needles {
        let (kind, value) = ("email".to_owned(), "li@example.com".to_owned());
        Needles::new(&[HisIdentity { id: IdentityId(1), kind, value }])
    }

    /// What is left of a file, and how many rows went.
    fn swept(file: &str) -> (String, u64) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rejects.csv");
        std::fs::write(&path, file).unwrap();
        let removed = without_rows(&path, &li()).unwrap();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing else is left");
        (std::fs::read_to_string(&path).unwrap(), removed)
    }

    #[test]
    fn a_row_with_line_breaks_goes_as_a_whole_and_the_others_stay_as_they_are() {
        let file = format!("{HEAD}{OF_DU}{OF_LI}{OF_BAI}{OF_LI}");
        assert_eq!(swept(&file), (format!("{HEAD}{OF_DU}{OF_BAI}"), 2));
        let others = format!("{HEAD}{OF_DU}{OF_BAI}");
        assert_eq!(swept(&others), (others.clone(), 0));
        // His name may stand in a later line than the one with which the row begins.
        let later = OF_LI.replace("li@example.com", "x").replace("Bonn", "li@example.com");
        assert_eq!(swept(&format!("{HEAD}{later}{OF_BAI}")), (format!("{HEAD}{OF_BAI}"), 1));
    }

    #[test]
    fn the_end_of_a_file_that_was_torn_is_looked_at_as_well() {
        let torn = OF_LI.split_at(OF_LI.len() - 10).0;
        assert_eq!(swept(&format!("{HEAD}{OF_BAI}{torn}")), (format!("{HEAD}{OF_BAI}"), 1));
        assert_eq!(swept(""), (String::new(), 0));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_what_is_left() {
        use std::os::unix::fs::PermissionsExt;

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rejects.csv");
        std::fs::write(&path, format!("{HEAD}{OF_LI}{OF_BAI}")).unwrap();
        assert_eq!(without_rows(&path, &li()).unwrap(), 1);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
