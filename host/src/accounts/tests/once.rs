//! Calls that are made once, and nonces that are used once.

use freshdesk_simulator::{Fault, FaultAction};

use super::*;
use crate::stage::Stages;

pub(super) const CREATE: &str = "freshdesk_ticket_create";

/// A ticket with this subject.
pub(super) fn ticket(subject: &str) -> Value {
    json!({"subject": subject, "description": "It does not turn on.", "email": "kim@example.com", "priority": "high",
        "status": "open"})
}

impl World {
    /// Makes a ticket once, on this host.
    pub(super) async fn made(
        &self,
        on: &Arc<Accounts>,
        user: &User,
        subject: &str,
        key: &str,
    ) -> Result<Value, ToolError> {
        told(on.call_once(user, CREATE, &ticket(subject), key, None).await)
    }

    /// How many requests arrived that write.
    pub(super) fn writes(&self) -> usize {
        self.requests().iter().filter(|request| request.method != "GET").count()
    }

    /// Has the next new ticket go wrong like this.
    pub(super) fn fault(&self, action: FaultAction) {
        self.simulator.state().faults.push(Fault::on("POST", "/tickets", action));
    }
}

pub(super) fn told(result: Result<Value, CallError>) -> Result<Value, ToolError> {
    match result {
        Ok(answer) => Ok(answer),
        Err(CallError::Tool { error, .. }) => Err(error),
        Err(broken) => panic!("it broke: {}", broken.log()),
    }
}

pub(super) fn case(result: Result<Value, ToolError>) -> String {
    result.map_or_else(|error| error.case, |answer| panic!("it was done: {answer}"))
}

#[test]
fn thirty_two_callers_of_two_hosts_make_one_ticket() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let other = world.another("two").await;
        world.fault(FaultAction::Delay(Duration::from_millis(100)));
        let tasks: Vec<_> = (0..32)
            .map(|number| {
                let on = Arc::clone(if number % 2 == 0 { &other } else { &world.accounts });
                let alice = alice.clone();
                tokio::spawn(
                    async move { on.call_once(&alice, CREATE, &ticket("Printer"), "key-1", None).await.unwrap() },
                )
            })
            .collect();
        let mut ids = Vec::new();
        for task in tasks {
            ids.push(task.await.unwrap()["id"].as_u64().unwrap());
        }
        ids.dedup();
        assert_eq!((ids.len(), world.writes()), (1, 1));
    });
}

#[test]
fn a_repeated_call_answers_what_the_first_one_did_also_after_a_restart() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let first = world.made(&world.accounts, &alice, "Printer", "key-1").await.unwrap();
        assert_eq!(world.made(&world.accounts, &alice, "Printer", "key-1").await.unwrap(), first);
        world.accounts.close().await;
        let again = world.another("one").await;
        assert_eq!(world.made(&again, &alice, "Printer", "key-1").await.unwrap().to_string(), first.to_string());
        assert_eq!(world.writes(), 1);
        let second = world.made(&again, &alice, "Printer", "key-2").await.unwrap();
        assert!(second["id"] != first["id"] && world.writes() == 2);
    });
}

#[test]
fn a_key_is_for_one_call() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let first = world.made(&world.accounts, &alice, "Printer", "key-1").await.unwrap();
        let error = world.made(&world.accounts, &alice, "Scanner", "key-1").await.unwrap_err();
        assert_eq!(
            (error.case.as_str(), &error.detail["problems"][0]["field"]),
            ("invalid_input", &json!("idempotency_key"))
        );
        let reply = json!({"ticket_id": seed::TICKET_ID, "body": "Hi"});
        let reply = world.accounts.call_once(&alice, "freshdesk_tickets_reply", &reply, "key-1", None).await;
        assert_eq!(case(told(reply)), "invalid_input");
        // The order of fields says nothing.
        let mut sorted = ticket("Printer");
        sorted.sort_all_objects();
        let written = [&sorted, &ticket("Printer")].map(Value::to_string);
        assert_ne!(written[0], written[1]);
        let same = world.accounts.call_once(&alice, CREATE, &sorted, "key-1", None).await;
        assert_eq!(told(same).unwrap(), first);
        for key in ["", "a b", "k\u{e9}y", "a\n", &"k".repeat(256)] {
            assert_eq!(case(world.made(&world.accounts, &alice, "Printer", key).await), "invalid_input", "{key:?}");
        }
        assert!(world.made(&world.accounts, &alice, "Printer", &"k".repeat(255)).await.is_ok());
        let unknown = world.accounts.call_once(&alice, "freshdesk_x", &json!({}), "key-3", None).await;
        assert!(matches!(unknown, Err(CallError::UnknownTool(_))));
        assert_eq!(world.writes(), 2);
    });
}

#[test]
fn users_and_tenants_have_their_own_keys() {
    everywhere(async |world: World| {
        world.accounts.create_tenant("other", &TenantWish::default()).await.unwrap();
        let theirs = User::new("other", "alice").unwrap();
        world.accounts.import(&theirs, acme(), ApiKey::new(seed::ADMIN_KEY).unwrap()).await.unwrap();
        let mut ids = std::collections::HashSet::new();
        let ours = [world.connected("alice", seed::ADMIN_KEY).await, world.connected("tom", seed::AGENT_KEY).await];
        for user in ours.iter().chain([&theirs]) {
            ids.insert(world.made(&world.accounts, user, "Printer", "key-1").await.unwrap()["id"].as_u64().unwrap());
        }
        assert_eq!((ids.len(), world.writes()), (3, 3));
    });
}

#[test]
fn what_did_nothing_may_be_called_again_with_the_same_key() {
    everywhere(async |world: World| {
        let alice = world.user("alice").await;
        assert_eq!(case(world.made(&world.accounts, &alice, "Printer", "key-1").await), "not_connected");
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let wrong = world.accounts.call_once(&alice, CREATE, &json!({"subject": 1}), "key-1", None).await;
        assert_eq!(case(told(wrong)), "invalid_input");
        let stages = Arc::new(Stages::default());
        assert!(stages.call_off());
        let off = world.accounts.call_once(&alice, CREATE, &ticket("Printer"), "key-1", Some(stages)).await;
        assert_eq!(case(told(off)), "unavailable");
        assert_eq!(world.writes(), 0);
        assert!(world.made(&world.accounts, &alice, "Printer", "key-1").await.is_ok());
        assert_eq!(world.writes(), 1);
    });
}

#[test]
fn what_freshdesk_refuses_for_good_is_remembered() {
    in_a_file(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let input = json!({"ticket_id": 99, "priority": "low"});
        for _ in 0..2 {
            let refused = world.accounts.call_once(&alice, "freshdesk_ticket_update", &input, "key-1", None).await;
            assert_eq!(case(told(refused)), "not_found");
        }
        assert_eq!(world.writes(), 1);
    });
}

#[test]
fn reads_are_simply_run() {
    in_a_file(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let before = world.requests().len();
        for ticket in [seed::TICKET_ID, seed::TICKET_ID, 1] {
            let input = json!({"ticket_id": ticket});
            let read = world.accounts.call_once(&alice, "freshdesk_ticket_get", &input, "key-1", None).await;
            assert!(told(read).is_ok_and(|answer| answer["id"] == ticket) || ticket == 1);
        }
        assert_eq!(world.requests().len(), before + 3);
        assert!(world.made(&world.accounts, &alice, "Printer", "key-1").await.is_ok());
    });
}

#[test]
fn a_day_later_a_call_is_forgotten() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        world.made(&world.accounts, &alice, "Printer", "key-1").await.unwrap();
        assert_eq!(world.accounts.sweep().await.unwrap(), 0);
        world.database.meddle("UPDATE calls SET expires_at = 1");
        assert_eq!(world.accounts.sweep().await.unwrap(), 1);
        world.made(&world.accounts, &alice, "Printer", "key-1").await.unwrap();
        assert_eq!(world.writes(), 2);
    });
}

#[test]
fn a_user_has_room_for_so_many_calls_with_keys() {
    in_a_file(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let tom = world.connected("tom", seed::AGENT_KEY).await;
        world.fault(FaultAction::Delay(Duration::from_millis(2500)));
        let make = |user: &User| {
            let (accounts, user) = (Arc::clone(&world.accounts), user.clone());
            tokio::spawn(
                async move { told(accounts.call_once(&user, CREATE, &ticket("Printer"), "key-1", None).await) },
            )
        };
        let those: Vec<_> = (0..100).map(|_| make(&alice)).collect();
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(case(make(&alice).await.unwrap()), "rate_limited");
        assert!(make(&tom).await.unwrap().is_ok());
        for one in those {
            assert!(one.await.unwrap().is_ok());
        }
        assert!(make(&alice).await.unwrap().is_ok());
        assert_eq!(world.writes(), 2);
    });
}

#[test]
fn a_disconnected_account_has_no_answers_and_its_keys_write_nothing_again() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        world.made(&world.accounts, &alice, "Printer", "key-1").await.unwrap();
        world.accounts.disconnect(&alice).await.unwrap();
        assert_eq!(case(world.made(&world.accounts, &alice, "Printer", "key-1").await), "outcome_unknown");
        assert_eq!(case(world.made(&world.accounts, &alice, "Printer", "key-2").await), "not_connected");
        let sealed = world.accounts.store.sealed(None, 100).await.unwrap();
        assert!(!sealed.iter().any(|row| row.purpose == "answer"));
        world.connected("alice", seed::ADMIN_KEY).await;
        assert_eq!(case(world.made(&world.accounts, &alice, "Printer", "key-1").await), "outcome_unknown");
        assert_eq!(world.writes(), 1);
    });
}

#[test]
fn ticket_text_lies_sealed_and_opens_after_root_keys_changed() {
    everywhere(async |world: World| {
        const CANARY: &str = "canary-of-a-ticket";
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let first = world.made(&world.accounts, &alice, CANARY, CANARY).await.unwrap();
        assert!(first.to_string().contains(CANARY));
        let holds = |bytes: &[u8]| memchr::memmem::find(bytes, CANARY.as_bytes()).is_some();
        let sealed = world.accounts.store.sealed(None, 100).await.unwrap();
        let sealed: Vec<_> = sealed.iter().filter(|row| row.purpose == "answer").collect();
        assert!(sealed.len() == 1 && !holds(&sealed[0].sealed.secret));
        assert!(!format!("{:?}", world.accounts.trail(None, None, 1000).await.unwrap()).contains(CANARY));
        let rotation = world.accounts.vault_rotate(true).await.unwrap();
        assert_eq!(rotation.failed, Vec::<String>::new());
        assert_eq!(world.accounts.vault_verify().await.unwrap().failed, Vec::<String>::new());
        assert_eq!(world.made(&world.accounts, &alice, CANARY, CANARY).await.unwrap(), first);
        if let Database::Sqlite(path) = &world.database.database {
            for file in std::fs::read_dir(path.parent().unwrap()).unwrap() {
                let path = file.unwrap().path();
                assert!(!holds(&std::fs::read(&path).unwrap()), "{}", path.display());
            }
        }
        assert_eq!(world.writes(), 1);
    });
}

#[test]
fn a_nonce_is_used_once_by_its_user_and_for_its_kind() {
    everywhere(async |world: World| {
        let other = world.another("two").await;
        let (alice, soon) = (user("alice"), now() + 60_000);
        assert!(world.accounts.use_once(&alice, "state", "n1", soon).await.unwrap());
        assert!(!world.accounts.use_once(&alice, "state", "n1", soon).await.unwrap());
        assert!(!other.use_once(&alice, "state", "n1", soon + 1).await.unwrap());
        for (user, kind, nonce) in
            [(user("bob"), "state", "n1"), (alice.clone(), "other", "n1"), (alice.clone(), "state", "n2")]
        {
            assert!(other.use_once(&user, kind, nonce, soon).await.unwrap(), "{user:?} {kind} {nonce}");
        }
        assert!(!other.use_once(&alice, "state", "n3", now()).await.unwrap(), "it has expired");
        assert!(other.use_once(&alice, "state", "short", now() + 200).await.unwrap());
        tokio::time::sleep(Duration::from_millis(250)).await;
        world.accounts.sweep().await.unwrap();
        assert!(!world.accounts.use_once(&alice, "state", "short", now()).await.unwrap());
        assert!(!world.accounts.use_once(&alice, "state", "n1", soon).await.unwrap());
    });
}
