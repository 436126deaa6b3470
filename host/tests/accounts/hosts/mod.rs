//! Several hosts over one PostgreSQL: processes of their own behind one listener, which sends each connection to the next of
//! them. Nothing keeps a caller on one host.

mod agents;
mod balancer;
mod budget;
mod clock;
mod connecting;
mod killed;
mod lost;
mod revoking;
mod rotating;
mod starts;
mod wire;

use std::path::Path;

use freshdesk_host::TokenWish;
use freshdesk_simulator::seed;
use serde_json::json;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::block_in_place;

use crate::client::{Answer, execute};
use crate::office::{Engine, Office, Server, TENANT, user};
use balancer::Balancer;

/// How many of these tests run at a time: a host has six connections, and a server of PostgreSQL takes a hundred in all.
const AT_A_TIME: u32 = 2;

static ROOM: Semaphore = Semaphore::const_new(AT_A_TIME as usize);

/// Waits until there is room for another of these tests.
async fn room() -> SemaphorePermit<'static> {
    ROOM.acquire().await.unwrap()
}

/// Waits until none of these tests runs.
async fn all_room() -> SemaphorePermit<'static> {
    ROOM.acquire_many(AT_A_TIME).await.unwrap()
}

/// Three hosts that serve, and the listener before them.
struct Hosts {
    office: Office,
    servers: Vec<Server>,
    balancer: Balancer,
    _room: SemaphorePermit<'static>,
}

impl Hosts {
    /// Three hosts with a tenant, started with these arguments. None where there is no PostgreSQL, which is said.
    async fn start(arguments: &[&str]) -> Option<Self> {
        let room = room().await;
        let office = Office::with_tenant(Engine::Postgres).await?;
        let servers: Vec<_> = ["one", "two", "three"].map(|name| serve(&office, name, arguments)).into();
        let balancer = Balancer::start(servers.iter().map(|server| server.url.clone()).collect());
        Some(Self { office, servers, balancer, _room: room })
    }

    /// The addresses of the hosts.
    fn urls(&self) -> Vec<String> {
        self.servers.iter().map(|server| server.url.clone()).collect()
    }

    /// A user who is connected.
    async fn connected(&self, identifier: &str) {
        self.office.connect(&user(identifier), seed::ADMIN_KEY).await;
    }

    /// A token: for a user's agents, or for all users of the tenant. Its id comes first.
    async fn token(&self, identifier: Option<&str>) -> (String, String) {
        token(&self.office, identifier).await
    }
}

/// Starts a host of this name over the store of an office. Its log is in a file of the same name.
fn serve(office: &Office, name: &str, arguments: &[&str]) -> Server {
    serve_over(office, &office.database, name, arguments)
}

/// The same, with its database at another address.
fn serve_over(office: &Office, database: &str, name: &str, arguments: &[&str]) -> Server {
    block_in_place(|| start_over(office, database, name, arguments))
}

/// The same on a thread that may wait.
fn start_over(office: &Office, database: &str, name: &str, arguments: &[&str]) -> Server {
    let mut command = office.command(&[&["serve", "--listen", "127.0.0.1:0"], arguments].concat());
    command.env("FRESHDESK_HOST_NAME", name).env("FRESHDESK_DATABASE", database);
    Server::start(command, &log(office, name))
}

/// Where a host's log is.
fn log(office: &Office, name: &str) -> std::path::PathBuf {
    office.path(&format!("{name}.log"))
}

async fn token(office: &Office, identifier: Option<&str>) -> (String, String) {
    let accounts = office.another_host("operator").await;
    let wish = TokenWish {
        tenant: TENANT.to_owned(),
        identifier: identifier.map(str::to_owned),
        name: "test".to_owned(),
        ..TokenWish::default()
    };
    let (token, secret) = accounts.create_token(&wish).await.unwrap();
    accounts.close().await;
    (token.id, secret)
}

/// Lists roles for a user, which takes one request.
fn roles(url: &str, token: &str, identifier: &str) -> Answer {
    block_in_place(|| execute(url, token, identifier, "freshdesk_roles_list", &json!({}), None).unwrap())
}

/// What a file says; nothing where there is none.
fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}
