//! Whatever a caller sends, the request that arrives is the tool's own.

use std::fmt::Debug;

use freshdesk_simulator::{Exchange, Limits};
use freshdesk_tests::{World, everywhere, run};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};
use tokio::runtime::Handle;

/// How many requests each tool is made to send in each world.
const CASES: u32 = 60;

/// The header names that a request may have; `host` is HTTP/1's, `accept-encoding` our host's.
const HEADERS: [&str; 7] =
    ["accept", "accept-encoding", "authorization", "content-length", "content-type", "host", "user-agent"];

/// Runs a test on many values, and shrinks the first that fails.
pub(crate) fn holds<T: Debug>(cases: u32, values: impl Strategy<Value = T>, test: impl AsyncFn(T)) {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let outcome = TestRunner::new(config).run(&values, |value| {
        tokio::task::block_in_place(|| Handle::current().block_on(test(value)));
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// A helpdesk that does not tire.
pub(crate) fn tireless(world: &World) {
    world.helpdesk(|desk| desk.limits = Limits::total(u32::MAX / 2));
}

/// Texts of signs that mean something to URLs, headers, JSON and HTML, of any others, and long ones.
fn text() -> impl Strategy<Value = String> {
    let signs: Vec<char> =
        "+%&=#?/\\\"'\r\n\0\t ,;:@<>{}[]|^`~.-_*!$()aZ09é漢😀\u{202e}\u{feff}\u{7f}".chars().collect();
    let sign = prop_oneof![4 => select(signs), 1 => any::<char>()];
    let known = [
        "a+b%2B@example.com",
        "x&page=2#",
        "../../agents/1",
        "%2e%2e%2f",
        "a\r\nAuthorization: Basic eA==",
        "null",
        "HTTP/1.1 200 OK\r\n\r\n",
        "//evil.example/",
        "@evil.example",
    ];
    prop_oneof![
        6 => vec(sign.clone(), 1..24).prop_map(String::from_iter),
        2 => select(known.map(str::to_owned).to_vec()),
        1 => (sign, 100..400_usize).prop_map(|(sign, times)| String::from(sign).repeat(times)),
    ]
}

/// Ids of all widths. Those above 10^19 are in no range, and 0 is no id.
fn id() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), any::<u32>().prop_map(u64::from), select(vec![0, 1, u64::MAX, 10_u64.pow(19)])]
}

/// What a tool is sent, and what has to arrive of it.
#[derive(Clone, Debug)]
struct Sent {
    tool: &'static str,
    path: String,
    input: Value,
    ids: Vec<u64>,
}

/// An object with these fields, each with a text of its own, and lists of texts.
fn texts(fields: &'static [&'static str], lists: &'static [&'static str]) -> impl Strategy<Value = Map<String, Value>> {
    let values = vec(text().prop_map(Value::from), fields.len());
    let items = vec(vec(text(), 0..4).prop_map(Value::from), lists.len());
    (values, items).prop_map(move |(values, items)| {
        let names = fields.iter().chain(lists).map(|name| (*name).to_owned());
        names.zip(values.into_iter().chain(items)).collect()
    })
}

fn lists_tickets() -> impl Strategy<Value = Sent> {
    (texts(&["email", "unique_external_id", "updated_since"], &[]), id(), id()).prop_map(|(mut input, one, other)| {
        input.insert("requester_id".to_owned(), one.into());
        input.insert("company_id".to_owned(), other.into());
        sent("tickets_list", "/api/v2/tickets".to_owned(), input, vec![one, other])
    })
}

fn lists_agents() -> impl Strategy<Value = Sent> {
    let path = "/api/v2/agents".to_owned();
    texts(&["email", "phone", "mobile"], &[]).prop_map(move |input| sent("agents_list", path.clone(), input, vec![]))
}

fn creates_tickets() -> impl Strategy<Value = Sent> {
    let fields = &["subject", "description", "email", "name", "phone", "type", "twitter_id", "facebook_id"];
    let custom = vec((text(), text()), 0..3);
    (texts(fields, &["tags", "cc_emails"]), custom, id()).prop_map(|(mut input, custom, id)| {
        let custom: Map<_, _> = custom.into_iter().map(|(name, value)| (name, value.into())).collect();
        input.insert("custom_fields".to_owned(), custom.into());
        input.insert("group_id".to_owned(), id.into());
        input.extend([("priority".to_owned(), json!(1)), ("status".to_owned(), json!(77))]);
        sent("ticket_create", "/api/v2/tickets".to_owned(), input, vec![id])
    })
}

fn updates_tickets() -> impl Strategy<Value = Sent> {
    (texts(&["subject", "description", "type", "due_by", "name"], &["tags"]), id()).prop_map(|(mut input, id)| {
        input.insert("ticket_id".to_owned(), id.into());
        sent("ticket_update", format!("/api/v2/tickets/{id}"), input, vec![id])
    })
}

fn replies() -> impl Strategy<Value = Sent> {
    (texts(&["body", "from_email"], &["cc_emails", "bcc_emails"]), id()).prop_map(|(mut input, id)| {
        input.insert("ticket_id".to_owned(), id.into());
        sent("tickets_reply", format!("/api/v2/tickets/{id}/reply"), input, vec![id])
    })
}

fn creates_contacts() -> impl Strategy<Value = Sent> {
    let fields = &["name", "email", "phone", "mobile", "twitter_id", "address", "job_title", "language", "time_zone"];
    texts(fields, &["tags", "other_emails"])
        .prop_map(|input| sent("contact_create", "/api/v2/contacts".to_owned(), input, vec![]))
}

fn creates_agents() -> impl Strategy<Value = Sent> {
    (texts(&["email", "name", "signature", "language"], &[]), id()).prop_map(|(mut input, id)| {
        input.insert("ticket_scope".to_owned(), json!(1));
        input.insert("group_ids".to_owned(), json!([id]));
        sent("agent_create", "/api/v2/agents".to_owned(), input, vec![id])
    })
}

fn names_ids() -> impl Strategy<Value = Sent> {
    (id(), any::<bool>()).prop_map(|(id, ticket)| {
        let (tool, name, path) = match ticket {
            true => ("ticket_get", "ticket_id", "tickets"),
            false => ("agent_delete", "agent_id", "agents"),
        };
        sent(tool, format!("/api/v2/{path}/{id}"), Map::from_iter([(name.to_owned(), id.into())]), vec![id])
    })
}

fn sent(tool: &'static str, path: String, input: Map<String, Value>, ids: Vec<u64>) -> Sent {
    Sent { tool, path, input: input.into(), ids }
}

/// Sends and looks at what arrives: nothing, where the input is refused, or the one request of the tool.
async fn arrives(world: &World, sent: Sent) {
    world.forget();
    let result = world.call(sent.tool, sent.input.clone()).await;
    let requests = world.requests();
    let in_range = sent.ids.iter().all(|id| (1..=10_u64.pow(19)).contains(id));
    let Some(request) = requests.first() else {
        assert_eq!(result.unwrap_err().case, "invalid_input");
        let texts = || sent.input.as_object().unwrap().values().filter_map(Value::as_str);
        assert!(!in_range || texts().any(|text| text.trim().is_empty()), "refused for nothing");
        return;
    };
    assert!(in_range && requests.len() == 1, "{requests:?}");
    assert_eq!((request.path.as_str(), request.version.as_str().len()), (sent.path.as_str(), 8));
    has_no_strange_header(world, request);
    if request.method == "GET" {
        assert!(request.body.is_empty());
        assert_eq!(decoded(&request.query), parameters(&sent));
    } else {
        assert_eq!(request.query, "");
        assert_eq!(request.json(), body(&sent));
    }
}

fn has_no_strange_header(world: &World, request: &Exchange) {
    let mut names: Vec<_> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.iter().all(|name| HEADERS.contains(name)), "{names:?}");
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), request.headers.len(), "each header once");
    assert!(request.headers.iter().all(|(_, value)| value.is_ascii() && value.len() < 100));
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    assert_eq!(length, request.body.len());
    let addr = world.simulator.addr().to_string();
    assert!([addr.as_str(), "acme.freshdesk.com"].contains(&request.host.as_str()), "{}", request.host);
}

/// The body that a write has to have: its input but for the id in the path. The numbers are sent as such.
fn body(sent: &Sent) -> Value {
    let mut body = sent.input.clone();
    body.as_object_mut().unwrap().retain(|name, _| name != "ticket_id" && name != "agent_id");
    if sent.tool == "agent_delete" { Value::Null } else { body }
}

/// The parameters that a read has to have, sorted.
fn parameters(sent: &Sent) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let input = sent.input.as_object().unwrap().iter().filter(|(name, _)| *name != "ticket_id");
    let mut parameters: Vec<_> = input.map(|(name, value)| (name.clone(), text(value))).collect();
    parameters.sort();
    parameters
}

/// A query as a server reads it, sorted. Nothing in it but what a URL may have as it is.
fn decoded(query: &str) -> Vec<(String, String)> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"*-._+%=&,".contains(&byte);
    assert!(query.bytes().all(plain), "{query}");
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pair = |pair: &str| pair.split_once('=').map(|(name, value)| (plain_text(name), plain_text(value)));
    let mut parameters: Vec<_> = pairs.map(|text| pair(text).unwrap()).collect();
    parameters.sort();
    parameters
}

fn plain_text(encoded: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), encoded.bytes());
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let hex = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).unwrap()
}

/// B11: paths have ids only, every parameter is encoded, every text arrives as it was sent, and no header is added.
#[test]
fn b11_whatever_is_sent_arrives_as_it_is_where_it_belongs() {
    everywhere(async |world: World| {
        tireless(&world);
        holds(CASES, lists_tickets(), async |sent| arrives(&world, sent).await);
        holds(CASES, lists_agents(), async |sent| arrives(&world, sent).await);
        holds(CASES, creates_tickets(), async |sent| arrives(&world, sent).await);
        holds(CASES, updates_tickets(), async |sent| arrives(&world, sent).await);
        holds(CASES, replies(), async |sent| arrives(&world, sent).await);
        holds(CASES, creates_contacts(), async |sent| arrives(&world, sent).await);
        holds(CASES, creates_agents(), async |sent| arrives(&world, sent).await);
        holds(2 * CASES, names_ids(), async |sent| arrives(&world, sent).await);
    });
}

/// What is too long for a URL or for the host is refused for its values, and nothing was executed.
#[test]
fn texts_of_any_length_are_sent_or_refused() {
    everywhere(async |world: World| {
        let long = "é".repeat(400_000);
        let error = world.call("agents_list", json!({"phone": long})).await.unwrap_err();
        assert_eq!((error.case.as_str(), world.requests().len()), ("invalid_input", 0));
        let reply = json!({"ticket_id": 42_817, "body": long});
        world.call("tickets_reply", reply).await.unwrap();
        assert_eq!(world.request().json()["body"], long);
    });
    run(async {
        let world = World::hosted().await;
        let reply = json!({"ticket_id": 42_817, "body": "x".repeat(1 << 20)});
        let error = world.call("tickets_reply", reply).await.unwrap_err();
        assert_eq!((error.case.as_str(), world.requests().len()), ("invalid_input", 0));
    });
}
