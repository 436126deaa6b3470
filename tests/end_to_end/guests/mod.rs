//! Hostile guests: each attack fails in the way its test says, the host goes on serving, and the next call succeeds.
//!
//! What attacks is the component in `tests/hostile`, and shapes of WebAssembly that no compiler makes.

mod bodies;
mod component;
mod destinations;
mod echoes;
mod headers;
mod imports;
mod lies;
mod requests;
mod routes;
mod shapes;
mod space;
mod time;
mod values;
mod world;

use std::time::{Duration, Instant};

use freshdesk_host::CallError;
use freshdesk_simulator::{Exchange, seed};
use freshdesk_tests::World;
use serde_json::{Value, json};

/// What a guest sees of a request that is not let out.
const DENIED: &str = "ErrorCode::HttpRequestDenied";

/// The time of a call that would never end.
const SHORT: Duration = Duration::from_millis(500);

/// Time in which a call that has little time succeeds once, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(10);

/// A tool with a text in its request that can name an attack.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Tool {
    Lists,
    Creates,
    Replies,
}

impl Tool {
    /// The tool's name, and its request with this text.
    fn request(self, text: &str) -> (&'static str, Value) {
        match self {
            Self::Lists => ("tickets_list", json!({"email": text})),
            Self::Creates => ("ticket_create", json!({"subject": text, "description": "D", "email": "a@example.com"})),
            Self::Replies => ("tickets_reply", json!({"ticket_id": seed::TICKET_ID, "body": text})),
        }
    }

    /// The text of the answer that has what the attack got.
    fn loot(self, answer: &Value) -> String {
        let text = match self {
            Self::Lists => &answer["query"],
            Self::Creates => &answer["subject"],
            Self::Replies => &answer["body_text"],
        };
        text.as_str().unwrap_or_default().to_owned()
    }
}

/// What became of an attack: what the host answered, and what arrived at the helpdesk.
#[derive(Debug)]
struct Attacked {
    attack: String,
    result: Result<String, CallError>,
    arrived: Vec<Exchange>,
}

/// Has a guest attack in place of a tool, and then be served as if nothing had been.
async fn attack(world: &World, tool: Tool, attack: &str) -> Attacked {
    world.forget();
    let (name, input) = tool.request(attack);
    let result = world.outcome(name, input).await.map(|answer| tool.loot(&answer));
    let arrived = world.requests();
    serves(world, attack).await;
    Attacked { attack: attack.chars().take(100).collect(), result, arrived }
}

/// The host serves the same component that attacked it. Calls have little time here, and machines that test are busy: who
/// is late is called again.
async fn serves(world: &World, after: &str) {
    world.state().faults.clear();
    let (name, input) = Tool::Lists.request("honest");
    let begun = Instant::now();
    let answer = loop {
        world.forget();
        match world.outcome(name, input.clone()).await {
            Ok(answer) => break answer,
            Err(error) if is_late(&error) && begun.elapsed() < PATIENCE => {}
            Err(error) => panic!("after {after}: {}", error.log()),
        }
    };
    assert_eq!((Tool::Lists.loot(&answer).as_str(), world.requests().len()), ("200", 1), "after {after}");
}

fn is_late(error: &CallError) -> bool {
    matches!(error, CallError::Tool { error, .. } if error.case == "unavailable")
}

impl Attacked {
    /// What the attack got with an answer of the helpdesk.
    fn got(&self) -> &str {
        self.result.as_ref().unwrap_or_else(|error| panic!("{}: {}", self.attack, error.log()))
    }

    /// What the attack got or met otherwise.
    fn met(&self) -> &str {
        match &self.result {
            Err(CallError::Tool { error, .. }) if error.case == "unexpected" => {
                error.detail["detail"].as_str().unwrap()
            }
            _ => panic!("{self:?}"),
        }
    }

    /// The case of the contract's error, whatever the guest said.
    fn case(&self) -> &str {
        match &self.result {
            Err(CallError::Tool { error, .. }) => &error.case,
            _ => panic!("{self:?}"),
        }
    }

    /// Why the plugin broke, which the agent is not told.
    fn broke(&self) -> String {
        match &self.result {
            Err(error @ CallError::Broken(why)) => {
                assert!(!error.to_string().contains(&why.to_string()), "{self:?}");
                error.log()
            }
            _ => panic!("{self:?}"),
        }
    }

    /// The guest met this, and nothing arrived.
    fn is_stopped(&self, by: &str) {
        assert_eq!((self.met(), self.arrived.len()), (by, 0), "{self:?}");
    }

    /// The plugin broke, and nothing arrived.
    fn breaks(&self) -> String {
        assert!(self.arrived.is_empty(), "{self:?}");
        self.broke()
    }

    /// The one request that arrived.
    fn arrived(&self) -> &Exchange {
        assert_eq!(self.arrived.len(), 1, "{self:?}");
        &self.arrived[0]
    }
}
