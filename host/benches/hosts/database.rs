//! A database of PostgreSQL, which ends with the bench.

use std::env;

use anyhow::{Context, Result, bail};
use tokio::runtime::Handle;
use tokio_postgres::{Client, NoTls};

/// A database of the server that the tests use.
pub(crate) struct Database {
    runtime: Handle,
    /// The URL of another database of the server, from which this one is made.
    server: String,
    name: String,
}

impl Database {
    /// Makes one; none where there is no server, which is said. Where everything has to run, that is a failure.
    pub(crate) fn create(runtime: &Handle) -> Result<Option<Self>> {
        let server = env::var("FRESHDESK_TEST_POSTGRES");
        let server = server.unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
        let database = Self { runtime: runtime.clone(), server, name: format!("fd_hosts_{}", std::process::id()) };
        match database.tell(&format!("CREATE DATABASE {}", database.name)) {
            Ok(()) => Ok(Some(database)),
            Err(error) if env::var_os("CI").is_some() => bail!("no PostgreSQL at {}: {error:#}", database.server),
            Err(_) => {
                eprintln!("SKIPPED: no PostgreSQL at {}", database.server);
                Ok(None)
            }
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The server's host and port.
    pub(crate) fn server(&self) -> Result<String> {
        let (_, place) = self.server.split_once("://").context("FRESHDESK_TEST_POSTGRES is no URL")?;
        let place = place.split('/').next().unwrap_or_default();
        let place = place.rsplit('@').next().unwrap_or_default();
        Ok(if place.contains(':') { place.to_owned() } else { format!("{place}:5432") })
    }

    /// The database's URL by way of another address.
    pub(crate) fn url_at(&self, address: &str) -> String {
        let user = self.server.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')).map(|(user, _)| user);
        format!("postgres://{}@{address}/{}", user.unwrap_or("postgres"), self.name)
    }

    /// A connection, which ends with what is returned.
    pub(crate) async fn connect(&self, url: &str) -> Result<Client> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// A connection to it that is not counted.
    pub(crate) async fn direct(&self) -> Result<Client> {
        self.connect(&self.url_at(&self.server()?)).await
    }

    /// A connection to the server's other database.
    pub(crate) async fn beside(&self) -> Result<Client> {
        self.connect(&self.server).await
    }

    fn tell(&self, statement: &str) -> Result<()> {
        self.runtime.block_on(async { Ok(self.beside().await?.batch_execute(statement).await?) })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = self.tell(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}
