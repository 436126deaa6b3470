//! Components of odd shapes, written as text.

use std::fmt::Display;
use std::time::{Duration, Instant};

use freshdesk_host::{CallError, Host, Settings};
use freshdesk_tests::World;
use serde_json::{Value, json};

use super::{PATIENCE, SHORT};

/// A component whose tool `agents-list` attacks when it is asked for an email.
pub(super) struct Component<'a> {
    /// The size of its memory, in pages.
    pub(super) memory: &'a str,
    /// Fields of its core module: tables, functions, a start.
    pub(super) module: &'a str,
    /// The body of a function that answers 1 when the attack has got something, or else 0.
    pub(super) attack: &'a str,
    /// How it takes memory for what it is sent.
    pub(super) realloc: &'a str,
    /// What it answers: an error without a payload, the first case unless the attack has got something.
    pub(super) answer: &'a str,
    /// The type of what it answers.
    pub(super) result: &'a str,
    /// How its answer is read.
    pub(super) options: &'a str,
    /// Fields of the component, and what of them the core module imports.
    pub(super) beside: &'a str,
    pub(super) with: &'a str,
}

/// One that attacks in no way.
pub(super) const HARMLESS: Component<'_> = Component {
    memory: "1",
    module: "",
    attack: "(i32.const 0)",
    realloc: "(i32.const 1024)",
    answer: "(i32.store8 (i32.const 64) (i32.const 1)) (i32.store8 (i32.const 65) (local.get $got)) (i32.const 64)",
    result: "(result (error $error))",
    options: "",
    beside: "",
    with: "",
};

/// The tools of an interface, which do nothing.
const AGENTS: [&str; 3] = ["agent-create", "agent-delete", "roles-list"];
const TICKETS: [&str; 5] = ["ticket-create", "ticket-get", "ticket-update", "tickets-list", "tickets-reply"];
const CONTACTS: [&str; 1] = ["contact-create"];

impl Component<'_> {
    /// The component in binary.
    pub(super) fn binary(&self) -> Vec<u8> {
        let text = self.text();
        wat::parse_str(&text).unwrap_or_else(|why| panic!("{why}"))
    }

    fn text(&self) -> String {
        let Self { memory, module, attack, realloc, answer, result, options, beside, with } = self;
        let tools = |names: &[&str]| -> String {
            names.iter().map(|name| format!("(export \"{name}\" (func $nothing))")).collect()
        };
        let (agents, tickets, contacts) = (tools(&AGENTS), tools(&TICKETS), tools(&CONTACTS));
        format!(
            r#"(component
                (type $state' (enum "fulltime" "occasional"))
                (export $state "agent-state" (type $state'))
                (type $request' (record
                    (field "email" (option string)) (field "phone" (option string)) (field "mobile" (option string))
                    (field "state" (option $state)) (field "page" (option u32)) (field "per-page" (option u32))))
                (export $request "agents-list-request" (type $request'))
                (type $error' (variant (case "not-found") (case "unavailable")))
                (export $error "error" (type $error'))
                {beside}
                (core module $m
                    {module}
                    (memory (export "memory") {memory})
                    (func $attack (result i32) {attack})
                    (func (export "run") (param $asked i32)
                        (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
                        (local $got i32)
                        (if (local.get $asked) (then (local.set $got (call $attack))))
                        {answer})
                    (func (export "realloc") (param i32 i32 i32 i32) (result i32) {realloc})
                    (func (export "nothing")))
                (core instance $i (instantiate $m {with}))
                (func $run (param "request" $request) (result {result})
                    (canon lift (core func $i "run") (memory (core memory $i "memory"))
                        (realloc (core func $i "realloc")) {options}))
                (func $nothing (canon lift (core func $i "nothing")))
                (instance $agents
                    (export "agent-state" (type $state)) (export "agents-list-request" (type $request))
                    (export "error" (type $error)) (export "agents-list" (func $run)) {agents})
                (instance $tickets {tickets})
                (instance $contacts {contacts})
                (export "freshdesk:tools/agents@0.1.0" (instance $agents))
                (export "freshdesk:tools/tickets@0.1.0" (instance $tickets))
                (export "freshdesk:tools/contacts@0.1.0" (instance $contacts)))"#
        )
    }

    /// The component under a host, where a call that hangs is short.
    pub(super) async fn world(&self) -> World {
        World::of(&self.binary(), SHORT).await
    }

    /// The component under a host, where a call may take its time.
    pub(super) async fn patient_world(&self) -> World {
        World::of(&self.binary(), Duration::from_secs(20)).await
    }
}

/// Has the component attack. Answers the case of the error that it says, or the host.
pub(super) async fn ask(world: &World) -> Result<String, CallError> {
    case(world.outcome("agents_list", json!({"email": "a@example.com"})).await)
}

/// Has the component do nothing, which it can.
pub(super) async fn serves(world: &World, after: impl Display) {
    let begun = Instant::now();
    let case = loop {
        let case = case(world.outcome("agents_list", json!({})).await);
        if !case.as_ref().is_ok_and(|case| case == "unavailable") || begun.elapsed() > PATIENCE {
            break case;
        }
    };
    assert_eq!(case.unwrap_or_else(|why| panic!("after {after}: {}", why.log())), "not_found", "after {after}");
}

#[expect(clippy::result_large_err, reason = "it is the host's error, as it is")]
fn case(result: Result<Value, CallError>) -> Result<String, CallError> {
    match result {
        Err(CallError::Tool { error, .. }) => Ok(error.case),
        Err(other) => Err(other),
        Ok(answer) => panic!("{answer}"),
    }
}

/// Why a host does not start with this component, if it does not.
pub(super) fn refused(component: &[u8]) -> Option<String> {
    Host::new(component, &Settings { calls: 2, ..Settings::default() }).err().map(|why| why.to_string())
}
