//! Another machine, on which a copy is put back. It reaches the same Freshdesk.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;
use tokio::task::block_in_place;

use super::copies;
use crate::office::{Engine, Office, Server, is_sound};
use crate::output::{refused, succeeded};
use crate::{postgres, store};

/// A machine with a folder of its own, and with PostgreSQL a database of its own.
pub(super) struct Elsewhere<'a> {
    office: &'a Office,
    folder: TempDir,
    /// Where its store is.
    pub(super) database: String,
    made: Option<String>,
}

impl<'a> Elsewhere<'a> {
    /// A machine on which nothing is yet.
    pub(super) fn new(office: &'a Office, engine: Engine) -> Self {
        let folder = TempDir::new().unwrap();
        let (database, made) = match engine {
            Engine::Sqlite => (folder.path().join("accounts.db").to_str().unwrap().to_owned(), None),
            Engine::Postgres => {
                let name = block_in_place(postgres::create_database).unwrap();
                (format!("{}/{name}", postgres::server().rsplit_once('/').unwrap().0), Some(name))
            }
        };
        Self { office, folder, database, made }
    }

    /// A machine on which the office's copy was put back, without root keys.
    pub(super) fn with_copy(office: &'a Office, engine: Engine) -> Self {
        let this = Self::new(office, engine);
        fs::copy(office.path(copies::name(engine)), this.path(copies::name(engine))).unwrap();
        copies::put_back(engine, this.folder.path(), &this.database);
        this
    }

    /// A file of its folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Brings a file of root keys.
    pub(super) fn bring_root_keys(&self, file: &Path) {
        fs::write(self.path("accounts.keys"), fs::read(file).unwrap()).unwrap();
        fs::set_permissions(self.path("accounts.keys"), fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// The command, in this machine's environment.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.office.bare_command(arguments);
        command.current_dir(self.folder.path()).env("FRESHDESK_DATABASE", &self.database);
        if self.made.is_some() {
            command.args(["--root-keys", "file:accounts.keys"]);
        }
        command
    }

    /// Runs the command to its end.
    pub(super) fn run(&self, arguments: &[&str]) -> Output {
        block_in_place(|| self.command(arguments).output().unwrap())
    }

    /// What the command prints as JSON.
    pub(super) fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&succeeded(&self.run(&[arguments, &["--json"]].concat()))).unwrap()
    }

    /// What the command says when it cannot do what it was asked for.
    pub(super) fn misused(&self, arguments: &[&str]) -> String {
        refused(&self.run(arguments))
    }

    /// Serves on a free port, also to webhooks on this machine.
    pub(super) fn serve(&self) -> Server {
        let command = self.command(&["serve", "--listen", "127.0.0.1:0", "--local-webhooks"]);
        block_in_place(|| Server::start(command, &self.path("serve.log")))
    }

    /// Changes the store behind the host's back.
    pub(super) fn meddle(&self, statements: &str) {
        store::meddle(&self.database, statements);
    }

    /// The one value that a statement finds, as text; none where it fails.
    pub(super) fn value(&self, statement: &str) -> Option<String> {
        store::query(&self.database, statement).ok()
    }

    /// Asserts that all that is sealed opens and that the trail is whole. Tells how many secrets there are.
    pub(super) fn is_sound(&self) -> u64 {
        is_sound(|arguments| self.json(arguments))
    }
}

impl Drop for Elsewhere<'_> {
    fn drop(&mut self) {
        if let Some(name) = &self.made {
            postgres::psql(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}
