//! A host ends at each step of a write, and another one is asked with the same key.

use std::sync::atomic::{AtomicBool, Ordering};

use freshdesk_simulator::FaultAction;

use super::once::*;
use super::once_found::*;
use super::steps::{Step, Watch};
use super::*;

/// Has a host end at a step.
struct At {
    step: Step,
    reached: AtomicBool,
}

impl Watch for At {
    fn ends_at(&self, _: &[u8], step: Step) -> bool {
        let here = step == self.step;
        self.reached.fetch_or(here, Ordering::SeqCst);
        here
    }
}

impl World {
    /// A host of its own that makes this call, and ends at this step: its tasks are gone, and nothing of it runs on.
    async fn ends(&self, step: Step, user: &User, tool: &'static str, input: &Value) {
        let doomed = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (settings, keeping) =
            (reaching(&self.simulator), Keeping { host: "doomed".to_owned(), ..self.keeping.clone() });
        let (user, input) = (user.clone(), input.clone());
        let at = Arc::new(At { step, reached: AtomicBool::new(false) });
        let watch: Arc<dyn Watch> = at.clone();
        doomed.spawn(async move {
            let host = Arc::new(Host::new(PLUGIN, &settings).unwrap());
            let accounts = Accounts::open(host, &keeping).await.unwrap();
            accounts.watched_by(watch);
            let result = accounts.call_once(&user, tool, &input, "key-1", None).await;
            panic!("it did not end, and answered {result:?}");
        });
        for _ in 0..1000 {
            if at.reached.load(Ordering::SeqCst) {
                // Uses that are queued for the trail are written within 10 ms.
                tokio::time::sleep(Duration::from_millis(50)).await;
                doomed.shutdown_background();
                self.database.meddle("UPDATE calls SET leased_until = begun_at WHERE ended_at IS NULL");
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{step:?} was not reached");
    }

    /// Repeats the call, twice; the id of what was made, if it is known.
    async fn repeated(&self, user: &User, tool: &str, input: &Value) -> Option<u64> {
        let [one, other] =
            [self.run(user, tool, input, Some("key-1")).await, self.run(user, tool, input, Some("key-1")).await];
        match (one, other) {
            (Ok(one), Ok(other)) => {
                assert_eq!(one, other);
                one["id"].as_u64()
            }
            (Err(one), Err(other)) => {
                assert_eq!([one.case.as_str(), other.case.as_str()], ["outcome_unknown"; 2]);
                None
            }
            differing => panic!("{differing:?}"),
        }
    }
}

/// The step, what happens to the request, and whether its record is there afterwards.
const POINTS: [(Step, Option<FaultAction>, bool); 7] = [
    (Step::Noted, None, false),
    (Step::Over, Some(FaultAction::Reset), false),
    (Step::Over, Some(FaultAction::ResetAfter), true),
    (Step::Over, None, true),
    (Step::Read, Some(FaultAction::ResetAfter), true),
    (Step::Read, Some(FaultAction::Reset), false),
    (Step::Claimed, Some(FaultAction::ResetAfter), true),
];

#[test]
fn a_ticket_is_made_once_and_found_wherever_its_host_ended() {
    for (step, fault, made) in POINTS {
        everywhere(async |world: World| {
            let alice = world.connected("alice", seed::ADMIN_KEY).await;
            fault.iter().for_each(|action| world.fault(action.clone()));
            world.ends(step, &alice, CREATE, &ticket("Printer")).await;
            let found = world.repeated(&alice, CREATE, &ticket("Printer")).await;
            let there: Vec<_> = world.tickets("Printer").into_keys().collect();
            assert_eq!(
                (found.into_iter().collect::<Vec<_>>(), there.len()),
                (there, usize::from(made)),
                "{step:?} {fault:?}"
            );
            assert_eq!(world.writes(), usize::from(step != Step::Noted));
        });
    }
}

#[test]
fn a_reply_is_sent_once_and_found_wherever_its_host_ended() {
    for (step, fault, made) in POINTS {
        in_a_file(async |world: World| {
            let alice = world.connected("alice", seed::ADMIN_KEY).await;
            fault.iter().for_each(|action| world.fault(action.clone()));
            world.ends(step, &alice, REPLY, &reply("Hi")).await;
            let found = world.repeated(&alice, REPLY, &reply("Hi")).await;
            let there: Vec<_> = world.replies("Hi").iter().map(|said| said.id).collect();
            assert_eq!(
                (found.into_iter().collect::<Vec<_>>(), there.len()),
                (there, usize::from(made)),
                "{step:?} {fault:?}"
            );
        });
    }
}

#[test]
fn a_change_is_made_once_and_found_wherever_its_host_ended() {
    for (step, fault, made) in POINTS {
        in_a_file(async |world: World| {
            let alice = world.connected("alice", seed::ADMIN_KEY).await;
            let change = json!({"ticket_id": seed::TICKET_ID, "priority": 4, "subject": "Anew"});
            fault.iter().for_each(|action| world.goes_wrong("PUT", "/tickets", action.clone()));
            world.ends(step, &alice, UPDATE, &change).await;
            let found = world.repeated(&alice, UPDATE, &change).await;
            assert_eq!((found.is_some(), world.tickets("Anew").len()), (made, usize::from(made)), "{step:?} {fault:?}");
            assert_eq!(world.writes(), usize::from(step != Step::Noted));
        });
    }
}

/// Disconnects a user at another host, once a call is noted.
struct Disconnects {
    other: Arc<Accounts>,
    user: User,
}

impl Watch for Disconnects {
    fn ends_at(&self, _: &[u8], step: Step) -> bool {
        if step == Step::Noted {
            let runtime = tokio::runtime::Handle::current();
            tokio::task::block_in_place(|| runtime.block_on(self.other.disconnect(&self.user))).unwrap();
        }
        false
    }
}

#[test]
fn a_call_whose_account_is_disconnected_before_it_leaves_does_not_leave() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let other = world.another("two").await;
        world.accounts.watched_by(Arc::new(Disconnects { other, user: alice.clone() }));
        for key in [Some("key-1"), None] {
            let result = world.run(&alice, CREATE, &ticket("Printer"), key).await;
            assert_eq!((case(result).as_str(), world.writes()), ("not_connected", 0));
            world.connected("alice", seed::ADMIN_KEY).await;
        }
    });
}
