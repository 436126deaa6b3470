//! Where accounts are kept, and whose they are.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::directory;
use super::reach::Reach;
use crate::{Accounts, Database, RootKeys, User};

/// The variable that root keys are taken from when no other source is named.
const ROOT_KEYS: &str = "FRESHDESK_ROOT_KEYS";

/// Where accounts are kept.
#[derive(Args, Debug)]
#[command(next_help_heading = "Where accounts are kept")]
pub(super) struct Keeping {
    /// A file of SQLite, or postgres://user:password@host/database; by default ~/.local/share/freshdesk-host/accounts.db
    #[arg(long, env = "FRESHDESK_DATABASE", value_name = "FILE|URL", hide_env_values = true)]
    database: Option<String>,
    /// Root keys: file:PATH, env:NAME or command:TEXT; by default those in FRESHDESK_ROOT_KEYS, or a file beside the database
    #[arg(long, value_name = "SOURCE")]
    root_keys: Option<String>,
    /// This machine's name in the trail; by default its host name
    #[arg(long, env = "FRESHDESK_HOST_NAME", value_name = "NAME")]
    host_name: Option<String>,
    /// Where users reach the connect page; tenants can have their own
    #[arg(long, env = "FRESHDESK_PUBLIC_URL", value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub(super) public_url: String,
}

impl Keeping {
    /// Opens the accounts, with a host that has room for so many calls at a time.
    pub(super) async fn open(&self, reach: &Reach, calls: u32) -> Result<Arc<Accounts>> {
        let database = self.database()?;
        let root_keys = self.root_keys(&database)?;
        let host = self.host_name.clone().or_else(host_name).unwrap_or_else(|| "host".to_owned());
        let keeping = crate::Keeping { database, root_keys, host, public_url: self.public_url.clone() };
        Ok(Accounts::open(Arc::new(reach.host(calls)?), &keeping).await?)
    }

    /// Fails where the store would be made now: only `tenants create` and `serve` do that.
    pub(super) fn exists(&self) -> Result<()> {
        match self.database()? {
            Database::Sqlite(file) if !file.exists() => {
                bail!("there is no database {}: `freshdesk-host tenants create` makes one", file.display())
            }
            _ => Ok(()),
        }
    }

    fn database(&self) -> Result<Database> {
        match self.database.as_deref() {
            Some("") => bail!("--database is empty: give a file's name or postgres://…"),
            Some(folder) if Path::new(folder).is_dir() => bail!("{folder} is a folder: name a file in it"),
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Ok(Database::Postgres(url.to_owned()))
            }
            Some(url) if url.contains("://") => bail!("--database takes a file's name or postgres://…"),
            Some(file) => Ok(Database::Sqlite(PathBuf::from(file))),
            None => {
                let data = directory("XDG_DATA_HOME", ".local/share").context("name a file by --database")?;
                Ok(Database::Sqlite(data.join("freshdesk-host/accounts.db")))
            }
        }
    }

    /// The source of the root keys. A new store in a file gets a new file of root keys beside it.
    fn root_keys(&self, database: &Database) -> Result<RootKeys> {
        let variable = env::var_os(ROOT_KEYS).is_some();
        match (&self.root_keys, database) {
            (Some(source), _) if variable && source != &format!("env:{ROOT_KEYS}") => {
                bail!("root keys come from --root-keys and from {ROOT_KEYS}: unset one of them")
            }
            (Some(source), _) => parse_source(source),
            (None, _) if variable => Ok(RootKeys::Variable(ROOT_KEYS.to_owned())),
            (None, Database::Sqlite(file)) => beside(file),
            (None, Database::Postgres(_)) => {
                bail!(
                    "name the source of the root keys: --root-keys file:PATH, env:NAME or command:TEXT, or {ROOT_KEYS}"
                )
            }
        }
    }
}

fn parse_source(source: &str) -> Result<RootKeys> {
    match source.split_once(':') {
        Some(("file", path)) if !path.is_empty() => Ok(RootKeys::File(PathBuf::from(path))),
        Some(("env", name)) if !name.is_empty() => Ok(RootKeys::Variable(name.to_owned())),
        Some(("command", text)) if !text.is_empty() => Ok(RootKeys::Command(text.to_owned())),
        _ => bail!("--root-keys takes file:PATH, env:NAME or command:TEXT"),
    }
}

/// The file of root keys beside a database, made with it. A database that is there without its keys is left alone.
fn beside(database: &Path) -> Result<RootKeys> {
    let keys = database.with_extension("keys");
    if !database.exists() && !keys.exists() {
        if let Some(folder) = keys.parent() {
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        crate::create_root_keys(&keys)?;
        anstream::eprintln!(
            "freshdesk-host: made a root key in {}. Back it up apart from the database: without it, no account opens.",
            keys.display()
        );
    }
    Ok(RootKeys::File(keys))
}

fn host_name() -> Option<String> {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").ok().or_else(|| env::var("HOSTNAME").ok())?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// Whose account it is.
#[derive(Args, Debug)]
pub(super) struct Whose {
    /// The tenant's id
    pub(super) tenant: String,
    /// The tenant's id of its user
    pub(super) identifier: String,
}

impl Whose {
    pub(super) fn user(&self) -> Result<User> {
        Ok(User::new(&self.tenant, &self.identifier)?)
    }
}
