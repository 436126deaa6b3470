//! Calls that are made once, and break off: without an answer, without a client, without a host.

use freshdesk_simulator::FaultAction;

use super::once::*;
use super::*;

impl World {
    /// Another host, whose calls have so much time.
    async fn with_deadline(&self, name: &str, deadline: Duration) -> Arc<Accounts> {
        let settings = Settings { deadline, ..reaching(&self.simulator) };
        let host = Host::new(PLUGIN, &settings).unwrap();
        Accounts::open(Arc::new(host), &Keeping { host: name.to_owned(), ..self.keeping.clone() }).await.unwrap()
    }

    /// Waits until so many writes have arrived.
    pub(super) async fn arrived(&self, writes: usize) {
        until("a write", async || self.writes() >= writes).await;
    }
}

#[test]
fn a_write_without_an_answer_stays_one() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        world.fault(FaultAction::Reset);
        for _ in 0..3 {
            assert_eq!(case(world.made(&world.accounts, &alice, "Printer", "key-1").await), "outcome_unknown");
        }
        assert_eq!(world.writes(), 1);
    });
}

/// The host's process ends between the request and its answer: its tasks are gone, and nothing of it runs on.
#[test]
fn what_a_killed_host_was_at_is_found_by_another_and_never_written_again() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        world.fault(FaultAction::Delay(Duration::from_secs(60)));
        let doomed = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (settings, keeping) =
            (reaching(&world.simulator), Keeping { host: "two".to_owned(), ..world.keeping.clone() });
        let whose = alice.clone();
        doomed.spawn(async move {
            let host = Arc::new(Host::new(PLUGIN, &settings).unwrap());
            let accounts = Accounts::open(host, &keeping).await.unwrap();
            accounts.call_once(&whose, CREATE, &ticket("Printer"), "key-1", None).await
        });
        world.arrived(1).await;
        doomed.shutdown_background();

        let impatient = world.with_deadline("three", Duration::from_secs(2)).await;
        let error = world.made(&impatient, &alice, "Printer", "key-1").await.unwrap_err();
        assert_eq!((error.case.as_str(), error.detail["retry_after"].as_u64()), ("rate_limited", Some(10)));
        assert!(error.message.contains("still runs"), "{}", error.message);
        world.database.meddle("UPDATE calls SET leased_until = begun_at");
        let made = world.made(&world.accounts, &alice, "Printer", "key-1").await.unwrap();
        for on in [&impatient, &world.accounts] {
            assert_eq!(world.made(on, &alice, "Printer", "key-1").await.unwrap(), made);
        }
        assert!(world.tickets("Printer").contains_key(&made["id"].as_u64().unwrap()));
        assert_eq!(world.writes(), 1);
    });
}

#[test]
fn who_repeats_a_call_that_runs_waits_for_it() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let other = world.another("two").await;
        world.fault(FaultAction::Delay(Duration::from_millis(700)));
        let first = world.made(&world.accounts, &alice, "Printer", "key-1");
        let second = async {
            world.arrived(1).await;
            world.made(&other, &alice, "Printer", "key-1").await
        };
        let (first, second) = tokio::join!(first, second);
        assert_eq!(first.unwrap(), second.unwrap());
        assert_eq!(world.writes(), 1);
    });
}

#[test]
fn a_call_that_lost_its_client_is_remembered() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        world.fault(FaultAction::Delay(Duration::from_secs(2)));
        let lost = tokio::select! {
            _ = world.made(&world.accounts, &alice, "Printer", "key-1") => false,
            () = world.arrived(1) => true,
        };
        assert!(lost);
        let answer = world.made(&world.accounts, &alice, "Printer", "key-1").await.unwrap();
        assert_eq!((answer["subject"].as_str(), world.writes()), (Some("Printer"), 1));
    });
}

#[test]
fn a_call_whose_client_leaves_before_it_is_sent_is_called_off() {
    in_a_file(async |world: World| {
        let Database::Sqlite(path) = world.database.database.clone() else { panic!("no file") };
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        // It cannot be noted, and so it cannot leave, before its client is gone.
        let other = rusqlite::Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let call = world.made(&world.accounts, &alice, "Printer", "key-1");
        drop(tokio::time::timeout(Duration::from_millis(100), call).await);
        other.execute_batch("ROLLBACK").unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(world.writes(), 0);
        assert!(world.made(&world.accounts, &alice, "Printer", "key-1").await.is_ok());
        assert_eq!(world.writes(), 1);
    });
}

#[test]
fn what_a_call_came_to_is_written_when_the_store_answers_again() {
    in_a_file(async |world: World| {
        let Database::Sqlite(path) = world.database.database.clone() else { panic!("no file") };
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        world.fault(FaultAction::Delay(Duration::from_millis(500)));
        let first = world.made(&world.accounts, &alice, "Printer", "key-1");
        let locked = async {
            world.arrived(1).await;
            let other = rusqlite::Connection::open(&path).unwrap();
            other.execute_batch("BEGIN IMMEDIATE").unwrap();
            tokio::time::sleep(Duration::from_secs(7)).await;
            other.execute_batch("ROLLBACK").unwrap();
        };
        let (first, ()) = tokio::join!(first, locked);
        let first = first.unwrap();
        assert_eq!(world.made(&world.accounts, &alice, "Printer", "key-1").await.unwrap(), first);
        assert_eq!(world.writes(), 1);
    });
}
