//! The file of rejected rows.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::{Reject, words::Language};

/// Rejected rows, as CSV: line, code, message, row.
pub struct RejectsFile {
    path: PathBuf,
    language: Language,
    /// How long the file is, as far as it is ours; 0 before the first row.
    length: u64,
    writer: Option<BufWriter<File>>,
}

impl RejectsFile {
    /// A file that begins anew.
    pub fn new(path: &Path, language: Language) -> RejectsFile {
        RejectsFile { path: path.to_owned(), language, length: 0, writer: None }
    }

    /// The file of an interrupted run, which had `length` bytes when that last said how far it was. What stands
    /// behind them is about rows that are read again. When the file is gone, it begins anew.
    pub fn resume(path: &Path, language: Language, length: u64) -> RejectsFile {
        let is_there = std::fs::metadata(path).is_ok_and(|file| file.len() >= length);
        RejectsFile { length: if is_there { length } else { 0 }, ..RejectsFile::new(path, language) }
    }

    /// How many bytes of it have reached the disk.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Adds rows; they are on the disk when this returns.
    pub fn write(&mut self, rejects: &[Reject]) -> io::Result<()> {
        if rejects.is_empty() {
            return Ok(());
        }
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.open()?,
        };
        for reject in rejects {
            let quote = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
            let (message, row) = (quote(reject.message.say(self.language)), quote(&reject.row));
            writeln!(writer, "{},{},{message},{row}", reject.line, reject.code.as_str())?;
        }
        writer.flush()?;
        writer.get_ref().sync_data()?;
        self.length = writer.stream_position()?;
        self.writer = Some(writer);
        Ok(())
    }

    /// Rows of members are nobody else's business.
    fn open(&self) -> io::Result<BufWriter<File>> {
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(self.length == 0);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path)?;
        file.set_len(self.length)?;
        file.seek(SeekFrom::End(0))?;
        let mut writer = BufWriter::new(file);
        if self.length == 0 {
            writer.write_all(b"line,code,message,row\n")?;
        }
        Ok(writer)
    }
}
