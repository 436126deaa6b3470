//! Writes of the same content by several callers: a record is one call's.

use freshdesk_simulator::FaultAction;

use super::once::*;
use super::*;

#[test]
fn a_record_that_another_call_made_is_not_claimed() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let tom = world.connected("tom", seed::AGENT_KEY).await;
        for (number, key) in [Some("first"), None].into_iter().enumerate() {
            let subject = format!("Printer {number}");
            let first = world.run(&alice, CREATE, &ticket(&subject), key).await.unwrap();
            world.fault(FaultAction::Reset);
            let second = world.run(&tom, CREATE, &ticket(&subject), Some(&format!("key-{number}"))).await;
            assert_eq!(case(second), "outcome_unknown");
            world.fault(FaultAction::ResetAfter);
            let third = world.run(&tom, CREATE, &ticket(&subject), Some(&format!("other-{number}"))).await;
            // The second may have made it.
            assert_eq!((case(third).as_str(), world.tickets(&subject).len()), ("outcome_unknown", 2));
            assert!(first["id"].as_u64().is_some());
        }
        assert_eq!(world.counted("claims").await, 2);
    });
}

/// Whichever of the two it was that made the one ticket, nobody is told that it was theirs.
#[test]
fn of_two_calls_without_a_word_none_claims_the_one_record() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let tom = world.connected("tom", seed::AGENT_KEY).await;
        for (number, [one, other]) in
            [[FaultAction::Reset, FaultAction::ResetAfter], [FaultAction::ResetAfter, FaultAction::Reset]]
                .into_iter()
                .enumerate()
        {
            let subject = format!("Printer {number}");
            world.fault(one);
            world.goes_wrong("GET", "/tickets", FaultAction::Respond { status: 403, headers: vec![], body: vec![] });
            assert_eq!(case(world.run(&alice, CREATE, &ticket(&subject), None).await), "outcome_unknown");
            world.simulator.state().faults.clear();
            world.fault(other);
            for _ in 0..2 {
                let second = world.run(&tom, CREATE, &ticket(&subject), Some(&format!("key-{number}"))).await;
                assert_eq!(case(second), "outcome_unknown");
            }
            assert_eq!(world.tickets(&subject).len(), 1);
        }
        // Another text is another content.
        world.fault(FaultAction::ResetAfter);
        let other = json!({"subject": "Printer 0", "description": "It smokes.", "email": "kim@example.com"});
        assert!(world.run(&tom, CREATE, &other, Some("key-2")).await.is_ok());
    });
}

#[test]
fn who_looks_waits_for_a_call_of_the_same_content_that_runs() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let tom = world.connected("tom", seed::AGENT_KEY).await;
        let other = world.another("two").await;
        world.fault(FaultAction::Delay(Duration::from_millis(1500)));
        let printer = ticket("Printer");
        let first = async { (world.run(&alice, CREATE, &printer, None).await, std::time::Instant::now()) };
        let second = async {
            world.arrived(1).await;
            world.fault(FaultAction::ResetAfter);
            (world.made(&other, &tom, "Printer", "key-1").await, std::time::Instant::now())
        };
        let ((first, over), (second, found)) = tokio::join!(first, second);
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_ne!(first["id"], second["id"]);
        assert!(found > over, "it was found while the other ran");
        assert_eq!((world.tickets("Printer").len(), world.counted("claims").await), (2, 2));
    });
}

#[test]
fn sixteen_who_repeat_a_lost_call_at_two_hosts_are_answered_alike() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let other = world.another("two").await;
        world.goes_wrong("GET", "/tickets", FaultAction::Respond { status: 403, headers: vec![], body: vec![] });
        world.fault(FaultAction::ResetAfter);
        assert_eq!(case(world.run(&alice, CREATE, &ticket("Printer"), Some("key-1")).await), "outcome_unknown");
        let tasks: Vec<_> = (0..16)
            .map(|number| {
                let on = Arc::clone(if number % 2 == 0 { &other } else { &world.accounts });
                let alice = alice.clone();
                tokio::spawn(
                    async move { on.call_once(&alice, CREATE, &ticket("Printer"), "key-1", None).await.unwrap() },
                )
            })
            .collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap());
        }
        answers.dedup();
        assert_eq!((answers.len(), world.writes(), world.counted("claims").await), (1, 1, 1));
    });
}
