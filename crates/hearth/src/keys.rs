//! `hearth key` and `hearth user`: work before the first start and beside a running server.

use std::io::Read;

use anyhow::Context;
use api::Role;
use clap::{Subcommand, ValueEnum};
use sea_orm::FromQueryResult;
use server::accounts::{self, NewKeyOnCommandLine, keys::KeyKind};
use store::Sql;

use crate::{config::Settings, house::Ground, say};

/// `hearth key …`
#[derive(Subcommand)]
pub enum KeyCommand {
    /// Makes a key and prints its secret, and nothing else, on standard output.
    Create {
        #[command(flatten)]
        settings: Settings,
        /// What it opens.
        #[arg(long)]
        kind: Kind,
        /// What it is for.
        #[arg(long, default_value = "made on the command line")]
        name: String,
        /// What an API key may do, such as people:read; everything when left out. May be repeated.
        #[arg(long)]
        scope: Vec<String>,
        /// For a write key that stays on a server: believe it when it says that an e-mail address or a phone number was
        /// verified, or that two known members are one, which makes members one. Never put such a key into a page or an
        /// app.
        #[arg(long)]
        trusted: bool,
    },
    /// Lists keys, without their secrets.
    List {
        #[command(flatten)]
        settings: Settings,
    },
}

/// What a key opens.
#[derive(Clone, Copy, ValueEnum)]
pub enum Kind {
    /// Sending events in.
    Write,
    /// The REST API.
    Api,
}

/// `hearth user …`
#[derive(Subcommand)]
pub enum UserCommand {
    /// Makes a user and prints the id, and nothing else, on standard output.
    Create {
        #[command(flatten)]
        settings: Settings,
        /// With which the user signs in.
        #[arg(long)]
        email: String,
        /// How the user is called.
        #[arg(long)]
        name: Option<String>,
        /// owner, admin, operator, analyst or viewer.
        #[arg(long, default_value = "operator")]
        role: String,
        /// Read the password from standard input.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Lists users.
    List {
        #[command(flatten)]
        settings: Settings,
    },
}

#[derive(FromQueryResult)]
struct KeyLine {
    id: i64,
    kind: String,
    name: String,
    hint: String,
    trusted: i64,
    revoked_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct UserLine {
    id: i64,
    email: String,
    role: String,
    disabled_at: Option<i64>,
}

/// Runs `hearth key …`.
pub async fn run_key(command: KeyCommand) -> anyhow::Result<()> {
    match command {
        KeyCommand::Create { settings, kind, name, scope, trusted } => {
            let ground = Ground::open(settings.load()?).await?;
            let key = NewKeyOnCommandLine {
                kind: match kind {
                    Kind::Write => KeyKind::Write,
                    Kind::Api => KeyKind::Api,
                },
                name: &name,
                scopes: (!scope.is_empty()).then_some(scope),
                role: Role::Owner,
                trusted,
            };
            let secret = accounts::cli_create_key(&ground.db, &ground.clock, &ground.ids, key).await?;
            ground.db.close().await?;
            say(&format!("{secret}\n"))
        }
        KeyCommand::List { settings } => {
            let config = settings.load()?;
            config.ensure_data()?;
            let ground = Ground::open(config).await?;
            let lines: Vec<KeyLine> = ground
                .db
                .read()
                .all("SELECT id, kind, name, hint, trusted, revoked_at FROM api_keys ORDER BY id", Vec::new())
                .await?;
            for line in lines {
                let state = if line.revoked_at.is_some() { "revoked" } else { "active" };
                let trust = if line.trusted != 0 { "trusted" } else { "" };
                let id = base::ids::KeyId(line.id);
                say(&format!("{id}  {:<5}  {trust:<7}  {}  {state}  {}\n", line.kind, line.hint, line.name))?;
            }
            Ok(())
        }
    }
}

/// Runs `hearth user …`.
pub async fn run_user(command: UserCommand) -> anyhow::Result<()> {
    match command {
        UserCommand::Create { settings, email, name, role, password_stdin: _ } => {
            let mut password = String::new();
            std::io::stdin().take(10_000).read_to_string(&mut password).context("cannot read the password")?;
            let password = password.trim_end_matches(['\r', '\n']);
            let ground = Ground::open(settings.load()?).await?;
            let role: Role = role.parse()?;
            let user = accounts::cli_create_user(
                &ground.db,
                &ground.clock,
                &ground.ids,
                &email,
                name.as_deref(),
                role,
                password,
            )
            .await?;
            ground.db.close().await?;
            say(&format!("{user}\n"))
        }
        UserCommand::List { settings } => {
            let config = settings.load()?;
            config.ensure_data()?;
            let ground = Ground::open(config).await?;
            let lines: Vec<UserLine> = ground
                .db
                .read()
                .all(
                    "SELECT u.id, u.email, r.role, u.disabled_at FROM users u JOIN user_roles r ON r.user_id = u.id
                     ORDER BY u.id",
                    Vec::new(),
                )
                .await?;
            for line in lines {
                let state = if line.disabled_at.is_some() { "disabled" } else { "active" };
                say(&format!("{}  {:<8}  {state}  {}\n", base::ids::UserId(line.id), line.role, line.email))?;
            }
            Ok(())
        }
    }
}
