//! `hearth doctor`: looks for what is wrong and says what to do.

use std::path::Path;

use log::{EventLog, LocalLog, LocalLogOptions};
use sea_orm::DbBackend;
use store::{Db, Sql};

use crate::{config::Config, house::Ground};

enum Finding {
    Good(String),
    /// Works, and could be better.
    Hint(String, String),
    Bad(String, String),
}

/// Checks everything; fails when something is wrong.
pub async fn run(config: Config) -> anyhow::Result<()> {
    // Looking must not make what is not there.
    config.ensure_data()?;
    let mut findings = vec![check_directory(&config.data), check_address(&config), check_one_click(&config)];
    match Ground::open(config.clone()).await {
        Err(error) => findings.push(Finding::Bad(
            format!("the ground cannot be opened: {error:#}"),
            "check the path, its owner and the database URL".to_owned(),
        )),
        Ok(ground) => {
            findings.push(Finding::Good("database and key file can be opened".to_owned()));
            findings.push(check_integrity(&ground.db).await);
            findings.push(check_log(&ground).await);
            findings.push(check_users(&ground.db).await);
            findings.push(
                check_count(
                    &ground.db,
                    "dead letters wait for a decision",
                    "SELECT COUNT(*) FROM dead_letters WHERE replayed_at IS NULL AND workspace_id <> 0",
                    "look at GET /api/v1/dead-letters, correct and replay, or delete them",
                )
                .await,
            );
            // Nobody knows whose they were, so no workspace shows them.
            findings.push(
                check_count(
                    &ground.db,
                    "records of the log could not be read",
                    "SELECT COUNT(*) FROM dead_letters WHERE workspace_id = 0",
                    "check the disk; what is left of them is in the table dead_letters, with workspace_id 0",
                )
                .await,
            );
            findings.extend(check_outbox(&ground).await);
            findings.push(
                check_count(
                    &ground.db,
                    "jobs have failed",
                    "SELECT COUNT(*) FROM jobs WHERE state = 'failed'",
                    "look at GET /api/v1/jobs for the reasons",
                )
                .await,
            );
            ground.db.close().await?;
        }
    }
    let mut is_well = true;
    for finding in &findings {
        match finding {
            Finding::Good(text) => crate::say(&format!("ok   {text}\n"))?,
            Finding::Hint(text, advice) => crate::say(&format!("hint {text}\n     → {advice}\n"))?,
            Finding::Bad(text, advice) => {
                is_well = false;
                crate::say(&format!("BAD  {text}\n     → {advice}\n"))?;
            }
        }
    }
    anyhow::ensure!(is_well, "something needs attention");
    Ok(())
}

fn check_directory(data: &Path) -> Finding {
    let probe = data.join(".doctor");
    let outcome = std::fs::write(&probe, [0u8; 65_536]).and_then(|()| std::fs::File::open(&probe)?.sync_all());
    let _ = std::fs::remove_file(&probe);
    match outcome {
        Ok(()) => Finding::Good(format!("{} can be written", data.display())),
        Err(error) => Finding::Bad(
            format!("{} cannot be written: {error}", data.display()),
            "free space, or correct the owner of the directory".to_owned(),
        ),
    }
}

fn check_address(config: &Config) -> Finding {
    let url = config.server.base_url();
    match config.server.lacks_public_url() {
        false => Finding::Good(format!("links in messages begin with {url}")),
        true => Finding::Bad(
            format!("links in messages begin with {url}, which leads nowhere"),
            "set --public-url, or server.public_url, to the address by which browsers reach Hearth".to_owned(),
        ),
    }
}

fn check_one_click(config: &Config) -> Finding {
    match config.server.base_url().starts_with("https://") {
        true => Finding::Good("mail can be unsubscribed from with one click (RFC 8058)".to_owned()),
        false => Finding::Hint(
            "mail cannot be unsubscribed from with one click (RFC 8058), which large mailbox providers ask for"
                .to_owned(),
            "serve over https, and set --public-url to that address".to_owned(),
        ),
    }
}

async fn check_integrity(db: &Db) -> Finding {
    if db.backend() != DbBackend::Sqlite {
        return Finding::Good("PostgreSQL looks after its own files".to_owned());
    }
    match db.read().scalar::<String>("PRAGMA quick_check(1)", Vec::new()).await {
        Ok(Some(answer)) if answer == "ok" => Finding::Good("the database file is sound".to_owned()),
        Ok(answer) => Finding::Bad(
            format!("the database file is damaged: {}", answer.unwrap_or_default()),
            "stop the server and restore the last backup".to_owned(),
        ),
        Err(error) => {
            Finding::Bad(format!("the database cannot be checked: {error}"), "restore the last backup".to_owned())
        }
    }
}

async fn check_log(ground: &Ground) -> Finding {
    let dir = ground.config.data.join("log");
    if !dir.exists() {
        return Finding::Good("there is no log yet".to_owned());
    }
    let options = LocalLogOptions { partitions: ground.config.log.partitions, ..LocalLogOptions::default() };
    match LocalLog::open(&dir, options) {
        Err(log::LogError::Locked) => Finding::Good("a server is running and has the log open".to_owned()),
        Err(error) => Finding::Bad(format!("the log cannot be opened: {error}"), "restore the last backup".to_owned()),
        Ok((log, report)) if report.torn.is_empty() => check_cursors(ground, &log).await,
        Ok(_) => Finding::Bad(
            "the log had a torn tail, which was cut".to_owned(),
            "nothing that was acknowledged is lost; look for a crash or a power cut".to_owned(),
        ),
    }
}

/// A cursor beyond the end means that the log is older than the database.
async fn check_cursors(ground: &Ground, log: &LocalLog) -> Finding {
    let cursors = store::cursors::load(ground.db.read(), people::pipeline::CONSUMER, log.partitions()).await;
    let cursors = cursors.unwrap_or_default();
    let beyond = cursors.iter().enumerate().any(|(partition, cursor)| *cursor > log.range(partition as u32).end);
    let waiting: u64 = cursors
        .iter()
        .enumerate()
        .map(|(partition, cursor)| log.range(partition as u32).end.saturating_sub(*cursor))
        .sum();
    match beyond {
        true => Finding::Bad(
            "the log ends before the place that the pipeline has reached".to_owned(),
            "database and log are of different age; restore both from one backup".to_owned(),
        ),
        false => Finding::Good(format!("the log is sound, {waiting} records wait for the pipeline")),
    }
}

async fn check_users(db: &Db) -> Finding {
    let owners: Result<Option<i64>, _> = db
        .read()
        .scalar(
            "SELECT COUNT(*) FROM user_roles r JOIN users u ON u.id = r.user_id
             WHERE r.role = 'owner' AND u.disabled_at IS NULL",
            Vec::new(),
        )
        .await;
    match owners {
        Ok(Some(count)) if count > 0 => Finding::Good(format!("{count} owner(s) can sign in")),
        _ => Finding::Bad(
            "nobody can sign in as an owner".to_owned(),
            "use the set-up link of the first start, or hearth user create --role owner".to_owned(),
        ),
    }
}

async fn check_outbox(ground: &Ground) -> Vec<Finding> {
    let found = match outreach::outbox::doctor::complaints(ground.db.read(), ground.clock.now()).await {
        Ok(found) => found,
        Err(error) => return vec![Finding::Bad(format!("cannot look at the outbox: {error}"), "see above".to_owned())],
    };
    let finding = |complaint: outreach::outbox::doctor::Complaint| match complaint.count {
        0 => Finding::Good(format!("no {}", complaint.what)),
        count => Finding::Bad(format!("{count} {}", complaint.what), complaint.advice.to_owned()),
    };
    found.into_iter().map(finding).collect()
}

async fn check_count(db: &Db, what: &str, sql: &str, advice: &str) -> Finding {
    match db.read().scalar::<i64>(sql, Vec::new()).await {
        Ok(Some(0) | None) => Finding::Good(format!("no {what}")),
        Ok(Some(count)) => Finding::Bad(format!("{count} {what}"), advice.to_owned()),
        Err(error) => Finding::Bad(format!("cannot count: {error}"), "see above".to_owned()),
    }
}
