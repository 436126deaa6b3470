//! Many accounts under load while things go wrong, for as long as `SOAK_SECONDS` says: what a call leaves behind would show.

mod load;
mod measure;

use std::sync::Arc;
use std::time::Duration;

use freshdesk_components::PLUGIN;
use freshdesk_host::serve::{self, Listeners, serve};
use freshdesk_host::{
    Accounts, ApiKey, Database, Host, Keeping, Label, RootKeys, Settings, TenantWish, TokenWish, User,
};
use freshdesk_simulator::{Dice, Kind, Mishap, seed};
use freshdesk_tests::{number, run};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::office::{self, Desk};
use load::Agent;
use measure::Measure;

/// Seconds of load where `SOAK_SECONDS` says nothing.
const SECONDS: u64 = 20;

/// Rounds of load, after each of which everything comes to rest and is measured; and how many of them warm up.
const ROUNDS: u32 = 10;
const WARM: usize = 4;

/// The time that a call has: short, so that those that are lost do not take the round.
const PATIENCE: Duration = Duration::from_secs(1);

/// Time from one fault of a helpdesk to its next.
const PACE: Duration = Duration::from_millis(80);

const DESKS: usize = 4;
const USERS: usize = 40;
const TENANT: &str = "soak";

/// A host that serves, its helpdesks, and who calls.
struct Site {
    desks: Arc<Vec<Desk>>,
    accounts: Arc<Accounts>,
    /// The server's host and port.
    address: String,
    /// A token for all users, and one for each.
    tenant_token: String,
    user_tokens: Vec<String>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
    _folder: TempDir,
}

impl Site {
    async fn open() -> Self {
        let (desks, settings) = office::helpdesks(DESKS).await;
        let settings = Settings { deadline: PATIENCE, calls: 40, ..settings };
        let folder = TempDir::new().unwrap();
        let root_keys = folder.path().join("keys");
        freshdesk_host::create_root_keys(&root_keys).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let keeping = Keeping {
            database: Database::Sqlite(folder.path().join("accounts.db")),
            root_keys: RootKeys::File(root_keys),
            host: "soak".to_owned(),
            public_url: format!("http://{address}"),
        };
        let accounts = Accounts::open(Arc::new(Host::new(PLUGIN, &settings).unwrap()), &keeping).await.unwrap();
        accounts.create_tenant(TENANT, &TenantWish::default()).await.unwrap();
        let wish = TokenWish { tenant: TENANT.to_owned(), name: "all".to_owned(), ..TokenWish::default() };
        let tenant_token = accounts.create_token(&wish).await.unwrap().1;
        let mut user_tokens = Vec::new();
        for number in 0..USERS {
            let user = User::new(TENANT, &user(number)).unwrap();
            let helpdesk = Label::parse(&format!("desk{}", number % DESKS)).unwrap();
            accounts.import(&user, helpdesk, ApiKey::new(seed::ADMIN_KEY).unwrap()).await.unwrap();
            let wish = TokenWish { identifier: Some(user.identifier().to_owned()), ..wish.clone() };
            user_tokens.push(accounts.create_token(&wish).await.unwrap().1);
        }
        let (stop, stopped) = oneshot::channel();
        let listeners = Listeners { public: listener, metrics: None };
        let served = Arc::clone(&accounts);
        let serving = tokio::spawn(async move {
            serve(listeners, served, &serve::Settings::default(), async {
                let _ = stopped.await;
            })
            .await
        });
        let desks = Arc::new(desks);
        Self { desks, accounts, address, tenant_token, user_tokens, stop, serving, _folder: folder }
    }

    /// Has every helpdesk go wrong in one way after the other.
    fn go_wrong(&self, seed: u64) -> JoinHandle<()> {
        let desks = Arc::clone(&self.desks);
        tokio::spawn(async move {
            let mut dice = Dice::new(seed);
            loop {
                for desk in desks.iter() {
                    let kind = Kind::ALL[dice.below(Kind::ALL.len())];
                    let mishap = Mishap::of(kind, &mut dice, PATIENCE);
                    desk.restore();
                    desk.simulator.state().befall(&mishap);
                    if kind.below_http() {
                        desk.simulator.hang_up();
                    }
                }
                tokio::time::sleep(PACE).await;
            }
        })
    }

    /// Nothing goes wrong, and no connection is open.
    fn come_to_rest(&self) {
        for desk in self.desks.iter() {
            desk.restore();
            desk.simulator.hang_up();
        }
    }
}

/// The identifier of a user.
fn user(number: usize) -> String {
    format!("user-{number}")
}

/// After a warm-up nothing grows: no memory, no descriptor, no task, no thread; and no call breaks the host.
#[test]
fn nothing_grows_under_load_while_things_go_wrong() {
    run(async {
        let seconds = number("SOAK_SECONDS").unwrap_or(SECONDS);
        let site = Site::open().await;
        let (mut measures, mut agents) = (Vec::new(), Agent::all(&site));
        for round in 0..ROUNDS {
            let wrong = site.go_wrong(u64::from(round));
            load::round(&mut agents, Duration::from_secs(seconds) / ROUNDS).await;
            wrong.abort();
            let _ = wrong.await;
            site.come_to_rest();
            let measure = Measure::at_rest().await;
            println!("round {round}: {measure}");
            measures.push(measure);
        }
        let told = load::told(&agents);
        println!("{seconds} s: {told:?}");
        let metrics = load::metrics(&site.address).await;
        assert!(metrics.contains("freshdesk_host_calls_running 0"), "calls run at rest");
        let broken: Vec<_> = metrics.lines().filter(|line| line.contains("outcome=\"broken\"")).collect();
        assert!(broken.is_empty(), "{broken:?}");
        // Calls went well and went wrong, in all ways that there are, or this shows nothing.
        for outcome in ["200", "outcome_unknown", "unavailable", "rate_limited", "unexpected"] {
            assert!(told.keys().any(|told| told.ends_with(outcome)), "no call was {outcome}: {told:?}");
        }
        Measure::assert_flat(&measures[WARM - 1..]);
        site.stop.send(()).unwrap();
        site.serving.await.unwrap().unwrap();
        drop(site.accounts);
    });
}
