//! Stores of accounts, which end with the bench.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use freshdesk_components::PLUGIN;
use freshdesk_host::{Accounts, Database, Host, Keeping, RootKeys, Settings, TenantWish, User, create_root_keys};

use crate::common::simulator::Introduction;

/// The tenant whose accounts they are.
pub(crate) const TENANT: &str = "acme-app";

/// A key that opens nothing.
const KEY: &str = "FAKEkeyOfTheBench001";

/// Accounts that are sealed and written at a time.
const BULK: u64 = 50_000;

/// A folder with a store or the keys of one.
pub(crate) struct Store {
    folder: tempfile::TempDir,
    /// The database of PostgreSQL, by its URL and name.
    postgres: Option<(String, String)>,
}

/// Whose account it is that has this number.
pub(crate) fn user(number: u64) -> Result<User> {
    Ok(User::new(TENANT, &format!("user-{number:07}"))?)
}

impl Store {
    /// A store in a file.
    pub(crate) fn sqlite() -> Result<Self> {
        Self::with(None)
    }

    /// A database of the server that the tests use; none where there is none.
    pub(crate) fn postgres() -> Result<Option<Self>> {
        let server = std::env::var("FRESHDESK_TEST_POSTGRES");
        let server = server.unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
        let name = format!("fd_bench_{}", std::process::id());
        if psql(&server, &format!("CREATE DATABASE {name}"), "").is_err() {
            eprintln!("  SKIPPED: no PostgreSQL at {server}");
            return Ok(None);
        }
        Self::with(Some((server, name))).map(Some)
    }

    fn with(postgres: Option<(String, String)>) -> Result<Self> {
        let store = Self { folder: tempfile::tempdir()?, postgres };
        create_root_keys(&store.folder.path().join("accounts.keys"))?;
        Ok(store)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("accounts.db")
    }

    /// Where the database of PostgreSQL is.
    fn url(&self) -> Option<String> {
        let (server, name) = self.postgres.as_ref()?;
        Some(format!("{}/{name}", server.rsplit_once('/')?.0))
    }

    /// The accounts in it, with one tenant.
    pub(crate) async fn open(&self, introduction: &Introduction) -> Result<Arc<Accounts>> {
        let host = Host::new(PLUGIN, &Settings { calls: 10, ..introduction.settings()? })?;
        let database = self.url().map_or_else(|| Database::Sqlite(self.file()), Database::Postgres);
        let root_keys = RootKeys::File(self.folder.path().join("accounts.keys"));
        let public_url = "https://connect.example.com".to_owned();
        let keeping = Keeping { database, root_keys, host: "bench".to_owned(), public_url };
        let accounts = Accounts::open(Arc::new(host), &keeping).await?;
        accounts.create_tenant(TENANT, &TenantWish::default()).await?;
        Ok(accounts)
    }

    /// Adds so many accounts that are active, each with its own sealed key, beside the host.
    pub(crate) fn fill(&self, accounts: &Accounts, count: u64) -> Result<()> {
        for first in (0..count).step_by(BULK as usize) {
            let numbers = first..count.min(first + BULK);
            let sealed = numbers.map(|number| {
                let (data_key, secret) = accounts.sealed(&user(number)?, KEY)?;
                Ok((number, data_key, secret))
            });
            let sealed = sealed.collect::<Result<Vec<_>>>()?;
            match self.url() {
                Some(url) => copy(&url, &sealed)?,
                None => insert(&self.file(), &sealed)?,
            }
        }
        if let Some(url) = self.url() {
            psql(&url, "VACUUM ANALYZE", "")?;
        }
        Ok(())
    }
}

/// An account's number, its wrapped data key and its sealed key.
type Sealed = (u64, Vec<u8>, Vec<u8>);

/// Numbers of data keys from which on the host makes none in a bench.
const FIRST: u64 = 1 << 40;

const PERSON: &str = r#"{"id":158017000101,"name":"Jane Doe","email":"jane@acme.example"}"#;

fn insert(file: &PathBuf, sealed: &[Sealed]) -> Result<()> {
    let mut store = rusqlite::Connection::open(file)?;
    store.busy_timeout(std::time::Duration::from_secs(60))?;
    let change = store.transaction()?;
    {
        let mut key = change.prepare("INSERT INTO data_keys (id, wrapped) VALUES (?1, ?2)")?;
        let mut account = change.prepare(
            "INSERT INTO accounts (tenant, identifier, id, state, helpdesk, person, roles, version, data_key, secret,
                created_at, changed_at)
            VALUES (?1, ?2, ?3, 'active', 'acme', ?4, '[\"Agent\"]', 1, ?5, ?6, 1795820400000, 1795820400000)",
        )?;
        for (number, data_key, secret) in sealed {
            let id = i64::try_from(FIRST + number)?;
            key.execute((id, data_key))?;
            account.execute((TENANT, user(*number)?.identifier(), format!("acc_{number:024x}"), PERSON, id, secret))?;
        }
    }
    Ok(change.commit()?)
}

fn copy(url: &str, sealed: &[Sealed]) -> Result<()> {
    let hex = |bytes: &[u8]| bytes.iter().fold("\\\\x".to_owned(), |text, byte| text + &format!("{byte:02x}"));
    let mut keys = String::new();
    let mut rows = String::new();
    for (number, data_key, secret) in sealed {
        let id = FIRST + number;
        keys += &format!("{id}\t{}\n", hex(data_key));
        rows += &format!("{TENANT}\t{}\tacc_{number:024x}\tactive\tacme\t{PERSON}\t", user(*number)?.identifier());
        rows += &format!("[\"Agent\"]\t1\t{id}\t{}\t1795820400000\t1795820400000\n", hex(secret));
    }
    psql(url, "COPY data_keys (id, wrapped) FROM STDIN", &keys)?;
    let columns =
        "tenant, identifier, id, state, helpdesk, person, roles, version, data_key, secret, created_at, changed_at";
    psql(url, &format!("COPY accounts ({columns}) FROM STDIN"), &rows)
}

fn psql(url: &str, statement: &str, input: &str) -> Result<()> {
    let mut command = Command::new("psql");
    command.args([url, "-qc", statement]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().context("psql cannot be run")?;
    child.stdin.take().context("psql has no input")?.write_all(input.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "psql: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.postgres {
            let _ = psql(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"), "");
        }
        let _ = fs::remove_file(self.file());
    }
}
