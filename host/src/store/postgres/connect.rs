//! Connections to PostgreSQL: how they are made, and what is told of one that fails.

use std::collections::HashMap;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, Error, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::super::StoreError;
use super::super::clock::Clock;

/// What is said of a URL that cannot be read; it may have a password in it.
const NO_URL: &str = "its URL cannot be read: it looks like postgres://user:password@host:5432/database, and its sslmode \
    is disable, prefer or require";

/// How long a connection may take to be made, with all that is said before it is used.
const CONNECT: Duration = Duration::from_secs(5);

/// How long an answer may take: some more than the server gives a statement. After that the connection is given up.
pub(super) const ANSWER: Duration = Duration::from_secs(7);

/// What every connection is told: no statement takes longer than 5 s, a commit is on the disk when it returns, and the
/// transaction of a host that is not heard of any more keeps others waiting for 10 s.
pub(super) const SETTINGS: &str =
    "SET statement_timeout = 5000; SET synchronous_commit = on; SET client_min_messages = error;
    SET default_transaction_isolation = 'read committed'; SET idle_in_transaction_session_timeout = 10000";

/// What the server's clock shows, in microseconds since 1970.
const CLOCK: &str = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";

/// Where the server is, and how it is spoken to.
#[derive(Clone)]
pub(super) struct Server {
    /// Its clock, which each new connection asks.
    pub(super) clock: Arc<Clock>,
    config: Config,
    tls: MakeRustlsConnect,
    /// Its address, without user and password.
    place: Arc<str>,
}

/// A connection, with its prepared statements.
pub(super) struct Line {
    pub(super) client: Client,
    prepared: Mutex<HashMap<&'static str, Statement>>,
}

impl Server {
    /// Reads a URL. TLS is as its `sslmode` says, with a certificate of the public authorities. Without a word about it a
    /// server elsewhere has to speak TLS, lest who sits between say that it does not, and one on this machine need not.
    pub(super) fn new(url: &str, clock: Arc<Clock>) -> Result<Self, StoreError> {
        let unreadable =
            |reason: &str| StoreError::Unavailable { place: "PostgreSQL".into(), reason: reason.to_owned() };
        let mut config = Config::from_str(url).map_err(|_| unreadable(NO_URL))?;
        if config.get_hosts().is_empty() {
            return Err(unreadable("its URL names no host"));
        }
        if config.get_ssl_mode() == SslMode::Prefer {
            let here = config.get_hosts().iter().all(here) && config.get_hostaddrs().iter().all(IpAddr::is_loopback);
            let said = says_sslmode(url);
            config.ssl_mode(match (here, said) {
                (true, _) => SslMode::Disable,
                (false, true) => SslMode::Prefer,
                (false, false) => SslMode::Require,
            });
        }
        config.connect_timeout(CONNECT).tcp_user_timeout(ANSWER).application_name("freshdesk-host");
        let tls = tls().map_err(|error| unreadable(&error.to_string()))?;
        let place = place(&config).into();
        Ok(Self { clock, config, tls, place })
    }

    pub(super) async fn connect(&self) -> Result<Line, StoreError> {
        let connected = async {
            let (client, connection) = self.config.connect(self.tls.clone()).await?;
            tokio::spawn(async move {
                // Whoever uses the connection learns that it ended.
                let _ = connection.await;
            });
            let line = Line { client, prepared: Mutex::default() };
            line.client.batch_execute(SETTINGS).await?;
            self.ask_clock(&line).await?;
            Ok(line)
        };
        tokio::time::timeout(CONNECT, connected).await.map_err(|_| self.late())?.map_err(|error| self.told(&error))
    }

    /// Asks the server's clock.
    pub(super) async fn ask_clock(&self, line: &Line) -> Result<(), Error> {
        let statement = line.prepare(CLOCK).await?;
        let asked = Instant::now();
        let showed = line.client.query_one(&statement, &[]).await?.try_get(0)?;
        self.clock.read(asked, showed);
        Ok(())
    }

    /// Waits for an answer, but not forever.
    pub(super) async fn in_time<T>(&self, answer: impl Future<Output = Result<T, Error>>) -> Result<T, StoreError> {
        tokio::time::timeout(ANSWER, answer).await.map_err(|_| self.late())?.map_err(|error| self.told(&error))
    }

    pub(super) fn late(&self) -> StoreError {
        StoreError::Unavailable { place: self.place.to_string(), reason: "it does not answer in time".to_owned() }
    }

    /// What may be told of an error: neither the server's message nor its detail, which have values in them.
    pub(super) fn told(&self, error: &Error) -> StoreError {
        let place = self.place.to_string();
        let Some(answer) = error.as_db_error() else {
            return StoreError::Unavailable { place, reason: cause(error) };
        };
        let (code, constraint) = (answer.code(), answer.constraint().unwrap_or("none"));
        let reason = match code.code() {
            "28000" | "28P01" => "it refuses the user or the password".to_owned(),
            "3D000" => "it has no such database".to_owned(),
            "57014" => "it gave up, as the statement took too long (SQLSTATE 57014)".to_owned(),
            "55P03" => {
                "others use its tables, such as a dump: start again when that has ended (SQLSTATE 55P03)".to_owned()
            }
            code => format!("SQLSTATE {code}, constraint {constraint}"),
        };
        match &code.code()[..2] {
            "22" | "23" | "42" => StoreError::Failed { place, reason },
            _ => StoreError::Unavailable { place, reason },
        }
    }
}

impl Line {
    /// The statement of this text, prepared once a connection.
    pub(super) async fn prepare(&self, text: &'static str) -> Result<Statement, Error> {
        let known = self.prepared.lock().unwrap_or_else(PoisonError::into_inner).get(text).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = self.client.prepare(text).await?;
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner).insert(text, statement.clone());
        Ok(statement)
    }
}

/// Whether others' transactions got into the way.
pub(super) fn conflict(error: &Error) -> bool {
    let conflicts = [SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE];
    error.code().is_some_and(|code| conflicts.contains(code))
}

/// Whether the connection is of no use any more, though nothing was wrong with what was asked: it ended, or the server
/// did away with what it had prepared.
pub(super) fn ended(error: &Error) -> bool {
    let stale = [SqlState::FEATURE_NOT_SUPPORTED, SqlState::INVALID_SQL_STATEMENT_NAME];
    match error.code() {
        Some(code) => code.code().starts_with("57P") || code.code().starts_with("08") || stale.contains(code),
        None => true,
    }
}

fn here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

/// Whether a URL, or a list of `name=value`, has this parameter; a name of a database or a password is none.
fn says_sslmode(url: &str) -> bool {
    let parameters = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('?').map_or("", |(_, parameters)| parameters),
        None => url,
    };
    parameters.split(['&', ' ']).any(|parameter| parameter.trim_start().starts_with("sslmode="))
}

fn place(config: &Config) -> String {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => name.clone(),
        #[cfg(unix)]
        Some(Host::Unix(path)) => path.display().to_string(),
        None => String::new(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    format!("PostgreSQL at {host}:{port}, database {}", config.get_dbname().unwrap_or("of the user's name"))
}

/// What lies under an error of the driver: its own words repeat nothing of a statement.
fn cause(error: &Error) -> String {
    use std::error::Error as _;
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

fn tls() -> Result<MakeRustlsConnect, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(MakeRustlsConnect::new(versions.with_root_certificates(roots).with_no_client_auth()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_elsewhere_has_to_speak_tls_unless_the_url_says_otherwise() {
        let mode = |url: &str| Server::new(url, Arc::new(Clock::default())).unwrap().config.get_ssl_mode();
        assert_eq!(mode("postgres://u:p@db.example.com/d"), SslMode::Require);
        assert_eq!(mode("postgres://u:p@127.0.0.1,db.example.com/d"), SslMode::Require);
        assert_eq!(mode("postgres://u:p@db.example.com/d?sslmode=prefer"), SslMode::Prefer);
        assert_eq!(mode("postgres://u:p@db.example.com/d?sslmode=disable"), SslMode::Disable);
        assert_eq!(mode("postgres://u:p@127.0.0.1/d"), SslMode::Disable);
        assert_eq!(mode("postgres://u:p@localhost/d?sslmode=require"), SslMode::Require);
        assert_eq!(mode("postgres://u:p@localhost/d?hostaddr=192.0.2.1"), SslMode::Require);
        assert_eq!(mode("postgres://u:sslmode=prefer@db.example.com/sslmode"), SslMode::Require);
        assert_eq!(mode("host=db.example.com user=u sslmode=prefer"), SslMode::Prefer);
        assert_eq!(mode("host=db.example.com user=u password=sslmode"), SslMode::Require);
    }
}
