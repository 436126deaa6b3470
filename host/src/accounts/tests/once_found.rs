//! Writes whose answers are lost, and what was found of them at Freshdesk.

use std::collections::BTreeMap;

use freshdesk_simulator::{Clock, Conversation, Fault, FaultAction, Ticket};

use super::once::*;
use super::*;

pub(super) const REPLY: &str = "freshdesk_tickets_reply";
pub(super) const UPDATE: &str = "freshdesk_ticket_update";
pub(super) const AGENT: &str = "freshdesk_agent_create";

pub(super) fn reply(body: &str) -> Value {
    json!({"ticket_id": seed::TICKET_ID, "body": body})
}

impl World {
    /// The tickets with this subject.
    pub(super) fn tickets(&self, subject: &str) -> BTreeMap<u64, Ticket> {
        let tickets = self.simulator.state().helpdesk(seed::LABEL).tickets.clone();
        tickets.into_iter().filter(|(_, ticket)| ticket.subject.as_deref() == Some(subject)).collect()
    }

    /// The replies that were written by the tools: all of them are kept in a `div`.
    pub(super) fn replies(&self, body: &str) -> Vec<Conversation> {
        let said = self.simulator.state().helpdesk(seed::LABEL).conversations.clone();
        said.into_values().filter(|said| said.body == format!("<div>{body}</div>")).collect()
    }

    /// Has the next request of this kind go wrong like this.
    pub(super) fn goes_wrong(&self, method: &str, path: &str, action: FaultAction) {
        self.simulator.state().faults.push(Fault::on(method, path, action));
    }

    /// Runs a tool, with a key or without one.
    pub(super) async fn run(
        &self,
        user: &User,
        tool: &str,
        input: &Value,
        key: Option<&str>,
    ) -> Result<Value, ToolError> {
        match key {
            Some(key) => told(self.accounts.call_once(user, tool, input, key, None).await),
            None => told(self.accounts.call(user, tool, input).await),
        }
    }

    /// A number that the database counts.
    pub(super) async fn counted(&self, table: &str) -> usize {
        match table {
            "calls" => self.accounts.store.count("SELECT COUNT(*) FROM calls").await,
            _ => self.accounts.store.count("SELECT COUNT(*) FROM claims").await,
        }
    }

    /// Waits until a call without a key has left nothing behind.
    async fn forgotten(&self) {
        until("the end of what a call left", async || self.counted("calls").await == 0).await;
    }
}

/// Checks an answer by the tool's published schema.
fn conforms(world: &World, tool: &str, answer: &Value) {
    let tools = world.accounts.host().tools();
    let schema = tools.iter().find(|known| known.name() == tool).unwrap().output_schema();
    let schema = jsonschema::validator_for(schema).unwrap();
    assert!(schema.is_valid(answer), "{tool}: {answer}");
}

#[test]
fn a_ticket_whose_answer_was_lost_is_found() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        for (number, action) in
            [FaultAction::ResetAfter, FaultAction::Truncate(20), FaultAction::Truncate(0)].into_iter().enumerate()
        {
            for key in [Some(format!("key-{number}")), None] {
                let subject = format!("Printer {number} {key:?}");
                world.fault(action.clone());
                let made = world.run(&alice, CREATE, &ticket(&subject), key.as_deref()).await.unwrap();
                conforms(&world, CREATE, &made);
                let tickets = world.tickets(&subject);
                assert_eq!(tickets.keys().copied().collect::<Vec<_>>(), [made["id"].as_u64().unwrap()]);
                assert_eq!((&made["subject"], &made["status"]), (&json!(subject), &json!("open")));
                if key.is_some() {
                    assert_eq!(world.run(&alice, CREATE, &ticket(&subject), key.as_deref()).await.unwrap(), made);
                }
            }
        }
        assert_eq!((world.writes(), world.counted("claims").await), (6, 6));
        assert_eq!(world.counted("calls").await, 3, "calls without a key leave nothing behind");
    });
}

#[test]
fn a_reply_an_agent_and_a_change_whose_answers_were_lost_are_found() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let roles = world.run(&alice, "freshdesk_roles_list", &json!({}), None).await.unwrap();
        let agent = json!({"email": "New@acme.example", "ticket_scope": 1, "role_ids": [roles["roles"][3]["id"]]});
        let change =
            json!({"ticket_id": seed::TICKET_ID, "status": 3, "group_id": null, "custom_fields": {"cf_plan": "Team"}});
        for (method, path, tool, input) in [
            ("POST", "/tickets", REPLY, reply("It is mended.")),
            ("POST", "/agents", AGENT, agent),
            ("PUT", "/tickets", UPDATE, change),
        ] {
            for key in ["key-1", "key-1"] {
                let key = format!("{tool} {key}").replace(' ', "-");
                world.goes_wrong(method, path, FaultAction::ResetAfter);
                let made = world.run(&alice, tool, &input, Some(&key)).await.unwrap();
                conforms(&world, tool, &made);
                world.simulator.state().faults.clear();
            }
        }
        assert_eq!((world.replies("It is mended.").len(), world.writes()), (1, 3));
        assert_eq!(world.counted("claims").await, 2, "a change is nobody's");
        let ticket = world.simulator.state().helpdesk(seed::LABEL).tickets[&seed::TICKET_ID].clone();
        assert_eq!((ticket.status, ticket.group_id), (3, None));
    });
}

#[test]
fn what_was_not_done_is_not_found_and_who_repeats_it_is_told_what_to_look_for() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let change = json!({"ticket_id": seed::TICKET_ID, "status": "closed"});
        let contact = json!({"name": "Kim Lee", "email": "kim@example.com"});
        let agent = json!({"email": "new@acme.example", "ticket_scope": "global"});
        for (path, tool, input, words) in [
            ("/tickets", CREATE, ticket("Printer"), "a ticket with the subject \"Printer\" made since"),
            ("/tickets", REPLY, reply("Hi"), "ticket 42817 has this reply"),
            ("/tickets", UPDATE, change, "ticket 42817 is as you asked for"),
            ("/contacts", "freshdesk_contact_create", contact, "the contact \"Kim Lee\""),
            ("/agents", AGENT, agent, "new@acme.example"),
            ("/agents", "freshdesk_agent_delete", json!({"agent_id": seed::AGENT_ID}), "agent 158017000102 is there"),
        ] {
            let method = match tool {
                UPDATE => "PUT",
                "freshdesk_agent_delete" => "DELETE",
                _ => "POST",
            };
            for key in [None, Some(tool), Some(tool)] {
                world.goes_wrong(method, path, FaultAction::Reset);
                let error = world.run(&alice, tool, &input, key).await.unwrap_err();
                world.simulator.state().faults.clear();
                assert_eq!(error.case, "outcome_unknown", "{tool}");
                assert!(error.message.contains(words), "{}", error.message);
                assert_eq!(error.message.contains("idempotency key looks again"), key.is_some(), "{}", error.message);
            }
        }
        assert_eq!((world.writes(), world.tickets("Printer").len(), world.counted("claims").await), (12, 0, 0));
    });
}

/// Nobody can tell whether it was an agent before: Freshdesk's lost answer may have been that there is none.
#[test]
fn an_agent_that_is_gone_and_a_contact_are_not_claimed() {
    in_a_file(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        for (method, path, tool, input) in [
            ("DELETE", "/agents", "freshdesk_agent_delete", json!({"agent_id": seed::AGENT_ID})),
            ("POST", "/contacts", "freshdesk_contact_create", json!({"name": "Kim", "email": "kim@example.com"})),
        ] {
            world.goes_wrong(method, path, FaultAction::ResetAfter);
            assert_eq!(case(world.run(&alice, tool, &input, Some(tool)).await), "outcome_unknown");
            assert_eq!(case(world.run(&alice, tool, &input, Some(tool)).await), "outcome_unknown");
        }
        assert_eq!(world.writes(), 2);
    });
}

#[test]
fn a_record_from_another_time_is_not_taken_for_the_calls() {
    in_a_file(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        for (number, seconds) in [-300, 300].into_iter().enumerate() {
            let subject = format!("Printer {number}");
            world.simulator.state().clock = Clock::Real { offset: time::Duration::seconds(seconds) };
            world.fault(FaultAction::ResetAfter);
            let key = format!("key-{number}");
            let result = world.run(&alice, CREATE, &ticket(&subject), Some(&key)).await;
            assert_eq!((case(result).as_str(), world.tickets(&subject).len()), ("outcome_unknown", 1), "{seconds}");
        }
        world.simulator.state().clock = Clock::Real { offset: time::Duration::seconds(30) };
        world.fault(FaultAction::ResetAfter);
        assert!(world.run(&alice, CREATE, &ticket("Printer"), None).await.is_ok(), "clocks differ a little");
    });
}

#[test]
fn a_text_that_freshdesk_wrote_anew_is_not_known_again() {
    in_a_file(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        world.fault(FaultAction::Reset);
        assert_eq!(case(world.run(&alice, CREATE, &ticket("Printer"), Some("key-1")).await), "outcome_unknown");
        {
            let mut state = world.simulator.state();
            let now = state.clock.now();
            let helpdesk = state.helpdesk(seed::LABEL);
            let kim = helpdesk.add_contact("Kim", Some("kim@example.com"), now).id;
            for (id, description) in
                [(50_001, "<p>It does not turn on.</p>"), (50_002, "<div>It does not turn on!</div>")]
            {
                helpdesk.tickets.insert(id, Ticket::new(id, kim, "Printer", description, now));
            }
        }
        assert_eq!(case(world.run(&alice, CREATE, &ticket("Printer"), Some("key-1")).await), "outcome_unknown");
        // What is as it was sent is found, also later.
        world.simulator.state().helpdesk(seed::LABEL).tickets.get_mut(&50_001).unwrap().description =
            "<div>It does not turn on.</div>".to_owned();
        let made = world.run(&alice, CREATE, &ticket("Printer"), Some("key-1")).await.unwrap();
        assert_eq!((made["id"].as_u64(), world.writes()), (Some(50_001), 1));
    });
}

#[test]
fn two_records_that_could_be_it_are_none() {
    in_a_file(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        world.goes_wrong("GET", "/tickets", FaultAction::Respond { status: 403, headers: vec![], body: vec![] });
        world.fault(FaultAction::ResetAfter);
        assert_eq!(case(world.run(&alice, CREATE, &ticket("Printer"), Some("key-1")).await), "outcome_unknown");
        {
            let mut state = world.simulator.state();
            let helpdesk = state.helpdesk(seed::LABEL);
            let twin = helpdesk.tickets.values().find(|ticket| ticket.subject.as_deref() == Some("Printer")).unwrap();
            let twin = Ticket { id: 50_001, ..twin.clone() };
            helpdesk.tickets.insert(twin.id, twin);
        }
        assert_eq!(case(world.run(&alice, CREATE, &ticket("Printer"), Some("key-1")).await), "outcome_unknown");
        world.simulator.state().helpdesk(seed::LABEL).tickets.remove(&50_001);
        assert!(world.run(&alice, CREATE, &ticket("Printer"), Some("key-1")).await.is_ok());
    });
}

#[test]
fn a_conversation_that_is_not_shown_whole_tells_nothing() {
    in_a_file(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        for number in 0..10 {
            world.run(&alice, REPLY, &reply(&format!("Reply {number}")), None).await.unwrap();
        }
        world.goes_wrong("POST", "/tickets", FaultAction::ResetAfter);
        assert_eq!(case(world.run(&alice, REPLY, &reply("Last"), Some("key-1")).await), "outcome_unknown");
        assert_eq!(world.replies("Last").len(), 1);
    });
}

#[test]
fn a_reply_of_another_agent_is_not_taken_for_the_callers() {
    in_a_file(async |world: World| {
        let tom = world.connected("tom", seed::AGENT_KEY).await;
        world.goes_wrong("POST", "/tickets", FaultAction::Reset);
        assert_eq!(case(world.run(&tom, REPLY, &reply("Hi"), Some("key-1")).await), "outcome_unknown");
        let said = |id, author| {
            let mut state = world.simulator.state();
            let now = state.clock.now();
            let mail = Conversation::mail(id, seed::TICKET_ID, author, "<div>Hi</div>", now);
            state.helpdesk(seed::LABEL).conversations.insert(id, mail);
        };
        said(900, seed::ADMIN_ID);
        assert_eq!(case(world.run(&tom, REPLY, &reply("Hi"), Some("key-1")).await), "outcome_unknown");
        said(901, seed::AGENT_ID);
        assert_eq!(world.run(&tom, REPLY, &reply("Hi"), Some("key-1")).await.unwrap()["id"], 901);
    });
}

#[test]
fn a_write_without_a_key_leaves_a_claim_and_nothing_else() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        world.run(&alice, CREATE, &ticket("Printer"), None).await.unwrap();
        world.run(&alice, REPLY, &reply("Hi"), None).await.unwrap();
        world
            .run(&alice, "freshdesk_contact_create", &json!({"name": "Kim", "email": "k@example.com"}), None)
            .await
            .unwrap();
        let refused = world.run(&alice, REPLY, &json!({"ticket_id": 99, "body": "Hi"}), None).await;
        assert_eq!(case(refused), "not_found");
        world.forgotten().await;
        assert_eq!(world.counted("claims").await, 2);
        world.database.meddle("UPDATE claims SET expires_at = 1");
        world.accounts.sweep().await.unwrap();
        assert_eq!(world.counted("claims").await, 0);
    });
}

#[test]
fn a_call_that_was_looked_for_before_its_account_was_disconnected_keeps_no_answer() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        world.goes_wrong("GET", "/tickets", FaultAction::Respond { status: 403, headers: vec![], body: vec![] });
        world.fault(FaultAction::ResetAfter);
        assert_eq!(case(world.run(&alice, CREATE, &ticket("Printer"), Some("key-1")).await), "outcome_unknown");
        // While it is looked for, the account is disconnected.
        world.goes_wrong("GET", "/tickets", FaultAction::Delay(Duration::from_secs(3)));
        let before = world.requests().len();
        let printer = ticket("Printer");
        let (result, ()) = tokio::join!(world.run(&alice, CREATE, &printer, Some("key-1")), async {
            world.asked_for(before, "/tickets").await;
            world.accounts.disconnect(&alice).await.unwrap();
        });
        assert_eq!(case(result), "outcome_unknown");
        assert!(!world.accounts.store.sealed(None, 100).await.unwrap().iter().any(|row| row.purpose == "answer"));
        assert_eq!(case(world.run(&alice, CREATE, &ticket("Printer"), Some("key-1")).await), "outcome_unknown");
        // Connected again, it is the same user's call still.
        world.connected("alice", seed::ADMIN_KEY).await;
        assert!(world.run(&alice, CREATE, &ticket("Printer"), Some("key-1")).await.is_ok());
        assert_eq!(world.writes(), 1);
    });
}

/// The ids of tickets are small numbers: another helpdesk has a ticket of the same one.
#[test]
fn a_change_that_was_lost_is_not_found_at_another_helpdesk() {
    everywhere(async |world: World| {
        let mut evil = world.simulator.state().helpdesk(seed::LABEL).clone();
        evil.label = "evil".to_owned();
        evil.tickets.get_mut(&seed::TICKET_ID).unwrap().status = 5;
        evil.tickets.get_mut(&seed::TICKET_ID).unwrap().updated_at = world.simulator.state().clock.now();
        world.simulator.state().helpdesks.insert("evil".to_owned(), evil);
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let close = json!({"ticket_id": seed::TICKET_ID, "status": "closed"});
        world.goes_wrong("PUT", "/tickets", FaultAction::Reset);
        assert_eq!(case(world.run(&alice, UPDATE, &close, Some("key-1")).await), "outcome_unknown");
        world.accounts.disconnect(&alice).await.unwrap();
        let (evil, key) = (Label::parse("evil").unwrap(), ApiKey::new(seed::ADMIN_KEY).unwrap());
        world.accounts.import(&alice, evil, key).await.unwrap();
        let there = world.run(&alice, "freshdesk_ticket_get", &json!({"ticket_id": seed::TICKET_ID}), None).await;
        assert_eq!(there.unwrap()["status"], "closed");
        assert_eq!(case(world.run(&alice, UPDATE, &close, Some("key-1")).await), "outcome_unknown");
        assert_eq!(world.writes(), 1);
    });
}
