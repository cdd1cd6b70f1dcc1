//! A real file system that is really full.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use hearth_log::{EventLog, LocalLog, LocalLogOptions, LogError};
use support::{contents, record};

/// A mounted tmpfs of one megabyte, until dropped.
struct TinyDisk {
    dir: tempfile::TempDir,
}

impl TinyDisk {
    fn mount() -> Option<TinyDisk> {
        let dir = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(dir.path());
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        mounted.then_some(TinyDisk { dir })
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }
}

impl Drop for TinyDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.path()).status();
    }
}

#[tokio::test]
async fn a_full_file_system_refuses_appends_serves_reads_opens_and_heals() {
    let Some(disk) = TinyDisk::mount() else {
        eprintln!("SKIPPED: mounting a tmpfs is not permitted here");
        return;
    };
    let root = disk.path().join("log");
    let options = LocalLogOptions { partitions: 2, segment_bytes: 100_000, ..LocalLogOptions::default() };
    let (mut log, _) = LocalLog::open(&root, options.clone()).unwrap();
    let ballast = disk.path().join("ballast");
    fs::write(&ballast, vec![7; 300_000]).unwrap();

    let mut expected = vec![Vec::new(); 2];
    let mut serial = 0;
    for round in 0..2 {
        loop {
            let payload = format!("{serial:06} {}", "d".repeat(5_000));
            serial += 1;
            match log.append(vec![record(0, &payload), record(1, &payload)]).await {
                Ok(_) => expected.iter_mut().for_each(|list| list.push(payload.clone().into_bytes())),
                Err(LogError::DiskFull) => break,
                Err(error) => panic!("{error:?}"),
            }
        }
        assert!(!expected[0].is_empty());
        for _ in 0..5 {
            let error = log.append(vec![record(0, vec![b'f'; 50_000]), record(1, "small")]).await.unwrap_err();
            assert!(matches!(error, LogError::DiskFull));
        }
        for partition in 0..2 {
            assert_eq!(contents(&log, partition).await, expected[partition as usize], "round {round}");
        }
        drop(log);
        let (reopened, report) = LocalLog::open(&root, options.clone()).unwrap();
        assert_eq!(report.torn, [], "a full disk leaves nothing torn");
        log = reopened;
        for partition in 0..2 {
            assert_eq!(contents(&log, partition).await, expected[partition as usize], "round {round}");
        }
        if round == 0 {
            fs::remove_file(&ballast).unwrap();
        }
    }
}
