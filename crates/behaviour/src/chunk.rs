//! Compact columns in memory: the events of one bucket and month.

use std::{path::Path, sync::Arc};

use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::{Int32Type, Int64Type, TimestampMillisecondType},
};

use crate::{
    error::Error,
    month::MonthSpan,
    read::{PartFile, Wanted},
    rows::Dictionary,
};

/// Who did what when: the columns that every question needs. Sorted by member, time and id.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Whose month it is.
    pub span: MonthSpan,
    /// The members who have events in it, sorted.
    pub owners: Vec<i64>,
    /// Where each member's events begin, and where the last one's end.
    pub starts: Vec<u32>,
    /// Milliseconds since the month began.
    pub times: Vec<u32>,
    /// What happened, as numbers of `dictionary`.
    pub names: Codes,
    /// The names that stand here.
    pub dictionary: Vec<Box<str>>,
    /// Where each row stands in the files, one behind the other; `None` where there is only one, which has their order.
    pub order: Option<Vec<u32>>,
}

/// Small numbers, one for each row, no wider than they have to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Codes {
    /// There are at most 256 different ones.
    Narrow(Vec<u8>),
    /// There are more.
    Wide(Vec<u32>),
}

impl Codes {
    fn with_capacity(rows: usize) -> Codes {
        Codes::Narrow(Vec::with_capacity(rows))
    }

    fn push(&mut self, code: u32) {
        match self {
            Codes::Wide(codes) => codes.push(code),
            Codes::Narrow(codes) => match u8::try_from(code) {
                Ok(narrow) => codes.push(narrow),
                Err(_) => {
                    let mut wide: Vec<u32> = codes.iter().map(|narrow| u32::from(*narrow)).collect();
                    wide.push(code);
                    *self = Codes::Wide(wide);
                }
            },
        }
    }

    /// The number of a row.
    pub fn get(&self, row: usize) -> u32 {
        match self {
            Codes::Narrow(codes) => u32::from(codes[row]),
            Codes::Wide(codes) => codes[row],
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Codes::Narrow(codes) => codes.capacity(),
            Codes::Wide(codes) => codes.capacity() * 4,
        }
    }
}

impl Chunk {
    /// Reads the chunk from its files.
    pub fn read(span: MonthSpan, files: &[PartFile]) -> Result<Chunk, Error> {
        match files {
            [file] => Chunk::of_one(span, file),
            files => Chunk::of_several(span, files),
        }
    }

    /// How much memory it takes.
    pub fn bytes(&self) -> usize {
        let names: usize = self.dictionary.iter().map(|name| name.len() + 16).sum();
        let order = self.order.as_ref().map_or(0, Vec::capacity);
        self.owners.capacity() * 8
            + (self.starts.capacity() + self.times.capacity() + order) * 4
            + self.names.bytes()
            + names
    }

    fn empty(span: MonthSpan, rows: usize) -> Chunk {
        Chunk {
            span,
            owners: Vec::new(),
            starts: vec![0],
            times: Vec::with_capacity(rows),
            names: Codes::with_capacity(rows),
            dictionary: Vec::new(),
            order: None,
        }
    }

    /// The rows of one of its members.
    pub fn rows(&self, place: usize) -> std::ops::Range<usize> {
        self.starts[place] as usize..self.starts[place + 1] as usize
    }

    /// A column of whole numbers by row, from its files.
    pub(crate) fn integers(&self, files: &[PartFile], name: &str) -> Result<Vec<i64>, Error> {
        let mut numbers = Vec::with_capacity(self.times.len());
        for file in files {
            for batch in file.open(Wanted::These(&[name]))?.reader {
                let batch = batch.map_err(|error| Error::damaged(&file.path, error))?;
                numbers.extend_from_slice(integers(&batch, name, &file.path)?);
            }
        }
        Ok(match &self.order {
            None => numbers,
            Some(order) => order.iter().map(|place| numbers[*place as usize]).collect(),
        })
    }

    /// One file is in the right order already.
    fn of_one(span: MonthSpan, file: &PartFile) -> Result<Chunk, Error> {
        let reader = file.open(Wanted::These(&["member", "time", "name"]))?.reader;
        let mut chunk = Chunk::empty(span, file.rows);
        let mut dictionary = Dictionary::default();
        let mut last = None;
        for batch in reader {
            let batch = batch.map_err(|error| Error::damaged(&file.path, error))?;
            let block = Block::of(&batch, &file.path)?;
            let numbers: Vec<u32> = block.names.iter().map(|name| dictionary.number(name)).collect();
            let before = chunk.times.len();
            for (row, owner) in block.owners.iter().enumerate() {
                if last != Some(*owner) {
                    last = Some(*owner);
                    chunk.begin(*owner, before + row);
                }
            }
            chunk.times.extend(block.times.iter().map(|time| (time - span.from) as u32));
            match &mut chunk.names {
                Codes::Narrow(codes) if numbers.iter().all(|number| *number < 256) => {
                    let narrow: Vec<u8> = numbers.iter().map(|number| *number as u8).collect();
                    codes.extend(block.keys.iter().map(|key| narrow[*key as usize]));
                }
                codes => block.keys.iter().for_each(|key| codes.push(numbers[*key as usize])),
            }
        }
        chunk.dictionary = dictionary.texts().to_vec();
        chunk.end();
        Ok(chunk)
    }

    /// Several files are merged. They are few and small beside the first, so they are simply sorted.
    fn of_several(span: MonthSpan, files: &[PartFile]) -> Result<Chunk, Error> {
        let mut rows: Vec<(i64, i64, i64, u32, u32)> = Vec::new();
        let mut dictionary = Dictionary::default();
        for file in files {
            rows.reserve(file.rows);
            for batch in file.open(Wanted::These(&["member", "time", "event", "name"]))?.reader {
                let batch = batch.map_err(|error| Error::damaged(&file.path, error))?;
                let block = Block::of(&batch, &file.path)?;
                let numbers: Vec<u32> = block.names.iter().map(|name| dictionary.number(name)).collect();
                let ids = integers(&batch, "event", &file.path)?;
                for row in 0..block.owners.len() {
                    let (name, place) = (numbers[block.keys[row] as usize], rows.len() as u32);
                    rows.push((block.owners[row], block.times[row], ids[row], place, name));
                }
            }
        }
        // Each file is a sorted run, of which this sort makes use.
        rows.sort();
        let order = rows.iter().map(|(_, _, _, place, _)| *place).collect();
        let rows = rows.into_iter().map(|(owner, time, _, _, name)| (owner, time, name));
        Ok(Chunk { order: Some(order), ..Chunk::of_sorted(span, rows, &dictionary) })
    }

    /// From events that are sorted.
    pub(crate) fn of_sorted(
        span: MonthSpan,
        rows: impl ExactSizeIterator<Item = (i64, i64, u32)>,
        dictionary: &Dictionary,
    ) -> Chunk {
        let mut chunk = Chunk::empty(span, rows.len());
        let mut last = None;
        for (row, (owner, time, name)) in rows.enumerate() {
            if last != Some(owner) {
                last = Some(owner);
                chunk.begin(owner, row);
            }
            chunk.times.push((time - span.from) as u32);
            chunk.names.push(name);
        }
        chunk.dictionary = dictionary.texts().to_vec();
        chunk.end();
        chunk
    }

    /// Notes that the next member's rows begin here.
    fn begin(&mut self, owner: i64, row: usize) {
        if !self.owners.is_empty() {
            self.starts.push(row as u32);
        }
        self.owners.push(owner);
    }

    fn end(&mut self) {
        if !self.owners.is_empty() {
            self.starts.push(self.times.len() as u32);
        }
        self.owners.shrink_to_fit();
        self.starts.shrink_to_fit();
    }
}

/// The columns of a batch.
struct Block<'b> {
    owners: &'b [i64],
    times: &'b [i64],
    keys: &'b [i32],
    names: Vec<&'b str>,
}

impl<'b> Block<'b> {
    fn of(batch: &'b RecordBatch, path: &Path) -> Result<Block<'b>, Error> {
        let wrong = |name: &str| Error::damaged(path, format!("the column {name} is not as it was written"));
        let column = |name: &str| batch.column_by_name(name).filter(|column| column.null_count() == 0);
        let times = column("time").and_then(|times| times.as_primitive_opt::<TimestampMillisecondType>());
        let names = column("name").and_then(|names| names.as_dictionary_opt::<Int32Type>());
        let (times, names) = (times.ok_or_else(|| wrong("time"))?, names.ok_or_else(|| wrong("name"))?);
        let texts = names.values().as_string_opt::<i32>().ok_or_else(|| wrong("name"))?;
        Ok(Block {
            owners: integers(batch, "member", path)?,
            times: times.values(),
            keys: names.keys().values(),
            names: texts.iter().map(Option::unwrap_or_default).collect(),
        })
    }
}

fn integers<'b>(batch: &'b RecordBatch, name: &str, path: &Path) -> Result<&'b [i64], Error> {
    let column = batch.column_by_name(name).filter(|column| column.null_count() == 0);
    let column = column.and_then(|column| column.as_primitive_opt::<Int64Type>());
    let column = column.ok_or_else(|| Error::damaged(path, format!("the column {name} is not as it was written")))?;
    Ok(column.values())
}

/// A chunk that several questions may use at once.
pub type SharedChunk = Arc<Chunk>;
