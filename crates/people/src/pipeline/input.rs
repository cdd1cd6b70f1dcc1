//! Reading the log: all partitions, merged by time of arrival.

use std::{collections::VecDeque, sync::Arc};

use base::{Event, Time};
use log::{EventLog, LogError, Offset};

use crate::identity;

/// An event and where it stands.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) partition: u32,
    pub(super) offset: Offset,
    pub(super) received_at: Time,
    /// The event, or why there is none.
    pub(super) event: Result<Event, NoEvent>,
}

impl Item {
    /// How much it says, about.
    pub(super) fn bytes(&self) -> usize {
        match &self.event {
            Ok(event) => event.properties.get().len() + event.context.get().len(),
            Err(NoEvent::Broken { record, .. }) => record.len(),
            Err(NoEvent::Erased) => 0,
        }
    }
}

/// A record that is not an event.
#[derive(Debug)]
pub(super) enum NoEvent {
    /// It cannot be read.
    Broken {
        /// What is there.
        record: Vec<u8>,
        /// Why it cannot be read.
        reason: String,
    },
    /// It was erased with the member whom it was about.
    Erased,
}

struct Partition {
    next: Offset,
    waiting: VecDeque<Item>,
}

/// The merged stream of all partitions.
pub(super) struct Input {
    log: Arc<dyn EventLog>,
    partitions: Vec<Partition>,
    last_arrival: Time,
}

const READ_BYTES: usize = 4 << 20;

impl Input {
    /// Starts at these cursors.
    pub(super) fn new(log: Arc<dyn EventLog>, cursors: &[Offset]) -> Input {
        let partitions = cursors.iter().map(|next| Partition { next: *next, waiting: VecDeque::new() }).collect();
        Input { log, partitions, last_arrival: Time::EPOCH }
    }

    /// Begins again at these cursors.
    pub(super) fn rewind(&mut self, cursors: &[Offset]) {
        for (partition, next) in self.partitions.iter_mut().zip(cursors) {
            partition.next = *next;
            partition.waiting.clear();
        }
    }

    /// Reads on where nothing is waiting.
    pub(super) async fn fill(&mut self, at_once: usize) -> Result<(), LogError> {
        for (index, partition) in self.partitions.iter_mut().enumerate() {
            let index = index as u32;
            let range = self.log.range(index);
            if partition.waiting.is_empty() && partition.next < range.end {
                let records = match self.log.read(index, partition.next, at_once, READ_BYTES).await {
                    Err(LogError::Expired { first }) => {
                        tracing::error!(partition = index, from = partition.next, first, "records were deleted unread");
                        self.log.read(index, first, at_once, READ_BYTES).await?
                    }
                    // What lies behind it can be read, the next time.
                    Err(LogError::Corrupt { offset, reason, .. }) => {
                        tracing::error!(partition = index, offset, reason, "a record of the log is damaged");
                        let event = Err(NoEvent::Broken { record: Vec::new(), reason });
                        let received_at = self.last_arrival;
                        partition.waiting.push_back(Item {
                            partition: index,
                            offset: partition.next,
                            received_at,
                            event,
                        });
                        partition.next += 1;
                        Vec::new()
                    }
                    other => other?,
                };
                for record in records {
                    partition.next = record.offset + 1;
                    let event = match record.is_erased() {
                        true => Err(NoEvent::Erased),
                        false => Event::from_record(&record.payload).map(identity::believed).map_err(|error| {
                            NoEvent::Broken { record: record.payload.to_vec(), reason: error.to_string() }
                        }),
                    };
                    let received_at = event.as_ref().map_or(self.last_arrival, |event| event.received_at);
                    partition.waiting.push_back(Item { partition: index, offset: record.offset, received_at, event });
                }
            }
        }
        Ok(())
    }

    /// The next item by time of arrival; `None` when a partition that has more must be read first,
    /// or when there is nothing.
    pub(super) fn pop(&mut self) -> Option<Item> {
        let mut best: Option<(Time, usize)> = None;
        for (index, partition) in self.partitions.iter().enumerate() {
            match partition.waiting.front() {
                Some(item) if best.is_none_or(|(time, _)| item.received_at < time) => {
                    best = Some((item.received_at, index));
                }
                Some(_) => {}
                None if partition.next < self.log.range(index as u32).end => return None,
                None => {}
            }
        }
        let item = self.partitions[best?.1].waiting.pop_front()?;
        self.last_arrival = self.last_arrival.max(item.received_at);
        Some(item)
    }

    /// Takes back items, the last that were popped and in that order.
    pub(super) fn put_back(&mut self, items: Vec<Item>) {
        for item in items.into_iter().rev() {
            self.partitions[item.partition as usize].waiting.push_front(item);
        }
    }

    /// Whether anything has been read and not taken, or lies unread.
    pub(super) fn has_more(&self) -> bool {
        self.partitions.iter().enumerate().any(|(index, partition)| {
            !partition.waiting.is_empty() || partition.next < self.log.range(index as u32).end
        })
    }
}
