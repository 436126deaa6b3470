//! Rotations that are killed while another host goes on.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use freshdesk_host::{TenantWish, Verification};
use freshdesk_simulator::seed;
use serde_json::json;
use tokio::task::block_in_place;

use super::kill;
use crate::office::{Engine, Office, PATIENCE, user, wait_for};

/// Another host that calls and makes tenants, whose webhook keys are sealed, until it is told to stop. Everything has to go
/// well meanwhile. Tells how much it did.
fn go_on(office: &Arc<Office>, stop: &Arc<AtomicBool>) -> tokio::task::JoinHandle<u32> {
    let (office, stop) = (Arc::clone(office), Arc::clone(stop));
    tokio::spawn(async move {
        let accounts = office.another_host("beside").await;
        let mut done = 0;
        while !stop.load(Ordering::Relaxed) {
            accounts.call(&user("jane"), "freshdesk_roles_list", &json!({"per_page": 1})).await.unwrap();
            if done % 10 == 0 {
                accounts.create_tenant(&format!("beside-{done}"), &with_webhook()).await.unwrap();
            }
            done += 1;
        }
        accounts.close().await;
        done
    })
}

fn with_webhook() -> TenantWish {
    TenantWish { webhook_url: Some("https://hooks.example.com/".to_owned()), ..TenantWish::default() }
}

/// Keeps everybody from writing to the store until it is dropped.
enum Hold {
    File(rusqlite::Connection),
    Server(Child),
}

impl Hold {
    fn begin(engine: Engine, database: &str) -> Self {
        if engine == Engine::Sqlite {
            let store = rusqlite::Connection::open(database).unwrap();
            store.busy_timeout(PATIENCE).unwrap();
            store.execute_batch("BEGIN IMMEDIATE").unwrap();
            return Self::File(store);
        }
        let mut psql = Command::new("psql");
        psql.args([database, "-qt"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut session = psql.spawn().unwrap();
        let lock = b"BEGIN; LOCK TABLE heads, data_keys IN EXCLUSIVE MODE; SELECT 'held';\n";
        session.stdin.as_mut().unwrap().write_all(lock).unwrap();
        assert!(BufReader::new(session.stdout.as_mut().unwrap()).lines().any(|line| line.unwrap().contains("held")));
        Self::Server(session)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        match self {
            Self::File(store) => store.execute_batch("ROLLBACK").unwrap(),
            Self::Server(session) => kill(session),
        }
    }
}

async fn kill_hosts_that_rotate(engine: Engine, rounds: u32) {
    let Some(office) = Office::with_tenant(engine).await else { return };
    let office = Arc::new(office);
    office.connect(&user("jane"), seed::ADMIN_KEY).await;
    let accounts = office.another_host("product").await;
    for number in 0..40 {
        accounts.create_tenant(&format!("tenant-{number}"), &with_webhook()).await.unwrap();
    }
    let stop = Arc::new(AtomicBool::new(false));
    let beside = go_on(&office, &stop);
    let wrapped_by = |vault: &Verification, id: &str| vault.by_root_key.get(id).copied().unwrap_or(0);
    // How long it takes from the new root key until all is wrapped by it.
    let mut pace = Duration::ZERO;
    let (mut none, mut some, mut all) = (0, 0, 0);
    for number in 0..=rounds + 1 {
        let held = (number > rounds).then(|| block_in_place(|| Hold::begin(engine, &office.database)));
        let ring = std::fs::read_to_string(office.root_keys()).unwrap();
        let mut rotate =
            office.command(&["vault", "rotate"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_for("a new root key", || std::fs::read_to_string(office.root_keys()).is_ok_and(|now| now != ring));
        let added = primary(&office);
        if number == 0 {
            let begun = Instant::now();
            while accounts.vault_verify().await.unwrap().by_root_key.keys().any(|id| *id != added) {
                assert!(begun.elapsed() < PATIENCE);
            }
            pace = begun.elapsed();
        } else if held.is_none() {
            std::thread::sleep(pace.mul_f64(1.2 * f64::from(number - 1) / f64::from(rounds - 1)));
        }
        block_in_place(|| kill(&mut rotate));
        drop(held);
        let vault = accounts.vault_verify().await.unwrap();
        assert_eq!(vault.failed, [""; 0], "whatever it is wrapped by, it opens");
        match (wrapped_by(&vault, &added), vault.opened) {
            (0, _) => none += 1,
            (wrapped, whole) if wrapped < whole => some += 1,
            _ => all += 1,
        }
    }
    println!("{engine:?}: killed when none was wrapped by the new root key {none} times, some {some}, all {all}");
    assert!(none > 0 && all > 0, "both were met");
    let before = primary(&office);
    let done = block_in_place(|| office.json(&["vault", "rotate", "--retire"]));
    assert_eq!((&done["failed"], &done["left"]), (&json!([]), &json!({ before: 0 })));
    stop.store(true, Ordering::Relaxed);
    assert!(beside.await.unwrap() > 0, "calls went on meanwhile");
    assert_eq!(accounts.vault_verify().await.unwrap().by_root_key.into_keys().collect::<Vec<_>>(), [primary(&office)]);
    accounts.close().await;
    office.is_sound();
}

/// The id of the root key that seals.
fn primary(office: &Office) -> String {
    let ring = std::fs::read_to_string(office.root_keys()).unwrap();
    ring.lines().find(|line| !line.starts_with('#')).unwrap().split(' ').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_is_killed_leaves_all_that_is_sealed_open_while_calls_go_on() {
    kill_hosts_that_rotate(Engine::Sqlite, 16).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_postgres_too_a_killed_rotation_leaves_all_that_is_sealed_open() {
    kill_hosts_that_rotate(Engine::Postgres, 4).await;
}
