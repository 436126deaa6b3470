//! Hosts that lose their database, and get it back.

use std::time::{Duration, Instant};

use freshdesk_simulator::seed;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::sync::SemaphorePermit;
use tokio::task::block_in_place;

use super::wire::{State, Wire};
use super::{log, read, room, serve_over, token};
use crate::client::{Answer, ask, execute};
use crate::office::{Engine, Office, Server, ticket, user};
use crate::postgres;

/// The longest time for any answer while the database does not.
const BOUND: Duration = Duration::from_secs(12);

/// A host whose way to the database can be cut.
struct Lonely {
    office: Office,
    server: Server,
    wire: Wire,
    token: String,
    agent: String,
    _room: SemaphorePermit<'static>,
}

impl Lonely {
    async fn start() -> Option<Self> {
        let room = room().await;
        let office = Office::with_tenant(Engine::Postgres).await?;
        office.connect(&user("jane"), seed::ADMIN_KEY).await;
        let server = postgres::server();
        let address = server.rsplit_once('@').map_or(server.as_str(), |(_, address)| address);
        let address = address.split('/').next().unwrap().to_owned();
        let wire = Wire::to(address.clone());
        let database = office.database.replace(&address, &format!("127.0.0.1:{}", wire.port));
        let server = serve_over(&office, &database, "lonely", &[]);
        let (_, token) = token(&office, None).await;
        let (_, agent) = super::token(&office, Some("jane")).await;
        Some(Self { office, server, wire, token, agent, _room: room })
    }

    fn get(&self, path: &str) -> Answer {
        block_in_place(|| ask(&self.server.url, "GET", path, Some(&self.token), &[], "").unwrap())
    }

    fn execute(&self, tool: &str, input: &Value, once: Option<&str>) -> Answer {
        block_in_place(|| execute(&self.server.url, &self.token, "jane", tool, input, once).unwrap())
    }

    /// What the host says of its readiness, once it has noticed. An answer is good for a second.
    fn unready(&self) -> Answer {
        let begun = Instant::now();
        loop {
            let answer = self.get("/readyz");
            if answer.status != 200 || begun.elapsed() > Duration::from_secs(4) {
                return answer;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Lists tools over MCP.
    fn lists(&self) -> Answer {
        let about = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "a", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": about}}).to_string();
        let headers = [
            ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
            ("mcp-protocol-version", "2026-07-28"),
            ("mcp-method", "tools/list"),
        ];
        block_in_place(|| ask(&self.server.url, "POST", "/mcp", Some(&self.agent), &headers, &list).unwrap())
    }

    /// Asserts that everything is refused in its own way, and nothing hangs; nor do many who ask at the same time.
    fn is_refused(&self, state: State) {
        let before = self.office.requests().len();
        let each: Vec<(&str, Duration)> = block_in_place(|| {
            std::thread::scope(|scope| {
                let asking = [
                    ("/readyz", 503),
                    ("/v1/tools/execute", 503),
                    ("keyed", 503),
                    ("/v1/accounts/jane", 503),
                    ("/mcp", 503),
                    ("/healthz", 200),
                ];
                let asked: Vec<_> = asking
                    .into_iter()
                    .flat_map(|ask| std::iter::repeat_n(ask, 8))
                    .map(|(what, status)| {
                        scope.spawn(move || {
                            let begun = Instant::now();
                            let roles = "freshdesk_roles_list";
                            let answer = match what {
                                "/v1/tools/execute" => self.execute(roles, &json!({}), None),
                                "keyed" => self.execute("freshdesk_ticket_create", &ticket("lost"), Some("lost")),
                                "/mcp" => self.lists(),
                                "/readyz" => self.unready(),
                                path => self.get(path),
                            };
                            assert_eq!(answer.status, status, "{what} while {state:?}: {answer:?}");
                            match what {
                                "/mcp" => assert!(answer.json()["error"]["code"].is_i64(), "{answer:?}"),
                                "/readyz" => assert_eq!(answer.json()["store"], "failing", "{answer:?}"),
                                "/healthz" => {}
                                _ => assert_eq!(answer.code(), "unavailable", "{answer:?}"),
                            }
                            (what, begun.elapsed())
                        })
                    })
                    .collect();
                asked.into_iter().map(|asked| asked.join().unwrap()).collect()
            })
        });
        let longest = each.iter().max_by_key(|(_, took)| *took).unwrap();
        println!("{state:?}: the longest answer took {:?} ({})", longest.1, longest.0);
        assert!(longest.1 < BOUND, "{longest:?}");
        assert_eq!(self.office.requests().len(), before, "no key was used");
    }

    /// Asserts that it serves again by itself. Tells after how long.
    fn recovers(&self) -> Duration {
        let begun = Instant::now();
        while self.get("/readyz").status != 200 {
            assert!(begun.elapsed() < BOUND, "it did not recover");
            std::thread::sleep(Duration::from_millis(50));
        }
        let took = begun.elapsed();
        assert_eq!(self.execute("freshdesk_roles_list", &json!({}), None).status, 200);
        assert_eq!(self.lists().status, 200);
        took
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_loses_its_database_refuses_within_seconds_and_recovers_by_itself() {
    let Some(lonely) = Lonely::start().await else { return };
    lonely.recovers();
    for (number, state) in [State::Cut, State::Stalled, State::Cut].into_iter().enumerate() {
        lonely.wire.is(state);
        lonely.is_refused(state);
        // Once more, when it is known already.
        lonely.is_refused(state);
        lonely.wire.is(State::Whole);
        println!("{state:?}: it serves again after {:?}", lonely.recovers());
        let key = format!("after-{number}");
        for _ in 0..2 {
            assert_eq!(lonely.execute("freshdesk_ticket_create", &ticket(&key), Some(&key)).status, 200);
        }
        let tickets = lonely.office.simulator.state().helpdesk(seed::LABEL).tickets.clone();
        let there = |subject: &str| tickets.values().filter(|t| t.subject.as_deref() == Some(subject)).count();
        assert_eq!((there("lost"), there(&key)), (0, 1));
    }
    lonely.office.is_sound();
}

/// A write that was under way when the database went keeps its answer for who repeats it.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_ends_while_the_database_is_gone_is_answered_and_remembered() {
    let Some(lonely) = Lonely::start().await else { return };
    let slow = freshdesk_simulator::FaultAction::Delay(Duration::from_millis(1500));
    lonely.office.simulator.state().faults.push(freshdesk_simulator::Fault::on("POST", "/tickets", slow));
    let before = lonely.office.requests().len();
    let answer = block_in_place(|| {
        std::thread::scope(|scope| {
            let asked = scope.spawn(|| lonely.execute("freshdesk_ticket_create", &ticket("kept"), Some("kept")));
            while lonely.office.requests().len() == before {
                std::thread::sleep(Duration::from_millis(1));
            }
            lonely.wire.is(State::Cut);
            asked.join().unwrap()
        })
    });
    assert_eq!(answer.status, 200, "Freshdesk made it: {answer:?}");
    lonely.wire.is(State::Whole);
    lonely.recovers();
    let (id, begun) = (answer.json()["result"]["id"].clone(), Instant::now());
    loop {
        let again = lonely.execute("freshdesk_ticket_create", &ticket("kept"), Some("kept"));
        if again.status == 200 {
            assert_eq!(again.json()["result"]["id"], id);
            break;
        }
        // It is noted a moment later.
        assert_eq!(again.code(), "rate_limited", "{again:?}");
        assert!(begun.elapsed() < BOUND, "{again:?}");
        block_in_place(|| std::thread::sleep(Duration::from_millis(200)));
    }
    let made = lonely.office.requests().iter().filter(|request| request.method == "POST").count();
    assert_eq!(made, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_ends_when_it_is_told_to_also_without_its_database() {
    for state in [State::Cut, State::Stalled] {
        let Some(lonely) = Lonely::start().await else { return };
        assert_eq!(lonely.execute("freshdesk_roles_list", &json!({}), None).status, 200);
        lonely.wire.is(state);
        let begun = Instant::now();
        let Lonely { office, server, .. } = lonely;
        assert!(server.end(Signal::TERM).success(), "{}", read(&log(&office, "lonely")));
        println!("{state:?}: it ended after {:?}", begun.elapsed());
        assert!(begun.elapsed() < Duration::from_secs(15));
        assert!(read(&log(&office, "lonely")).contains("stopped"));
        office.is_sound();
    }
}
