//! Whose key a request carries, and who attaches it.

use freshdesk_components::PLUGIN;
use freshdesk_host::{ApiKey, Host};
use freshdesk_simulator::{Fault, FaultAction, State, Transport, seed};
use freshdesk_tests::{World, account, everywhere, good, run, settings, simulator};
use serde_json::json;

use crate::tools::answer;

/// `Basic base64(key:X)` for the seed's administrator and for its agent.
const ADMIN: &str = "Basic RkFLRWtleU9mSmFuZURvZTAwMDE6WA==";
const AGENT: &str = "Basic RkFLRWtleU9mVG9tUGFyazAwMDI6WA==";

/// The values of a request's Authorization headers.
fn authorizations(world: &World) -> Vec<String> {
    let headers = world.request().headers.into_iter();
    headers.filter(|(name, _)| name == "authorization").map(|(_, value)| value).collect()
}

/// B10: exactly the bytes that HTTP Basic asks for, once, for each tool.
#[test]
fn b10_each_request_carries_the_accounts_key_once() {
    everywhere(async |world: World| {
        for call in good() {
            world.forget();
            answer(&world, call.tool, call.input).await;
            assert_eq!(authorizations(&world), [ADMIN], "{}", call.tool);
        }
        let world = world.as_agent();
        world.forget();
        answer(&world, "ticket_get", json!({"ticket_id": 42_817})).await;
        assert_eq!(authorizations(&world), [AGENT]);
    });
}

/// Told that its host attaches the key, the plugin sends none: what reaches Freshdesk under our host is the host's.
#[test]
fn the_plugin_sends_no_key_where_its_host_attaches_it() {
    run(async {
        let keyless = World::keyless().await;
        for call in good() {
            keyless.forget();
            let error = keyless.call(call.tool, call.input.clone()).await.unwrap_err();
            assert_eq!(error.case, "revoked", "Freshdesk refuses a request without a key");
            let request = keyless.request();
            assert_eq!((request.method.as_str(), request.path.as_str()), (call.method, call.path));
            assert_eq!(authorizations(&keyless), [""; 0]);
            assert!(!format!("{request:?}").contains("FAKE"));
        }
        let hosted = World::hosted().await;
        answer(&hosted, "roles_list", json!({})).await;
        assert_eq!(authorizations(&hosted), [ADMIN]);
    });
}

/// B10: without a key nothing is sent, least of all the word for nothing.
#[test]
fn b10_without_a_key_no_request_is_made() {
    run(async {
        let listening = World::bare().await;
        let url = listening.simulator.base_url();
        for variables in [
            vec![("FRESHDESK_BASE_URL", url.as_str()), ("FRESHDESK_API_KEY", "")],
            vec![("FRESHDESK_BASE_URL", url.as_str()), ("FRESHDESK_API_KEY", " \n")],
            vec![("FRESHDESK_BASE_URL", url.as_str())],
            vec![("FRESHDESK_API_KEY", seed::ADMIN_KEY)],
            vec![],
        ] {
            let world = World::bare_with(&variables).await;
            for call in good() {
                let error = world.call(call.tool, call.input).await.unwrap_err();
                assert_eq!(error.case, "not_connected", "{variables:?}");
                assert!(error.message.contains("set FRESHDESK_"), "{}", error.message);
            }
        }
        assert_eq!(listening.state().connections, 0);
    });
    // Under our host an account without a key cannot be made.
    assert!(ApiKey::new("").is_err() && ApiKey::new(" ").is_err());
}

/// B12: a helpdesk whose name could send the key elsewhere gets no request, here by names of a server that listens.
#[test]
fn b12_a_name_that_leads_elsewhere_gets_no_request() {
    run(async {
        let listening = World::bare().await;
        let addr = listening.simulator.addr();
        let port = addr.port();
        let domains = [
            format!("{addr}"),
            format!("{addr}/#"),
            format!("{addr}/?.freshdesk.com"),
            format!("https://{addr}/.freshdesk.com"),
            format!("http://{addr}"),
            format!("acme.freshdesk.com@{addr}"),
            format!("localhost:{port}"),
            "acme.freshdesk.com.localhost".to_owned(),
            "127.0.0.1".to_owned(),
            "..".to_owned(),
        ];
        let urls = [
            format!("https://{addr}"),
            format!("http://{addr}/x"),
            format!("http://{addr}#"),
            format!("http://acme@{addr}"),
            format!("http://127.0.0.1:{port}@localhost:{port}"),
            format!("http://127.1:{port}"),
            format!("http://[::1]:{port}"),
        ];
        let domains = domains.iter().map(|domain| ("FRESHDESK_DOMAIN", domain));
        for (name, value) in domains.chain(urls.iter().map(|url| ("FRESHDESK_BASE_URL", url))) {
            let world = World::bare_with(&[(name, value), ("FRESHDESK_API_KEY", seed::ADMIN_KEY)]).await;
            let error = world.call("roles_list", json!({})).await.unwrap_err();
            assert_eq!(error.case, "not_connected", "{name}={value}");
            assert!(!error.message.contains("FAKE"), "{}", error.message);
        }
        assert_eq!(listening.state().connections, 0);
    });
}

/// What is looked for in an answer is the key that was attached to its request, and no other account's before it.
#[test]
fn each_account_has_its_own_key_taken_out_of_its_answers() {
    run(async {
        let simulator = simulator(Transport::Tls, State::seeded()).await;
        let host = Host::new(PLUGIN, &settings(&simulator)).unwrap();
        let accounts = [seed::ADMIN_KEY, seed::AGENT_KEY].map(|key| (key, account(key)));
        for round in 0..4 {
            for (key, account) in &accounts {
                let body = json!({"id": 42_817, "subject": format!("Your key is {key} in round {round}")}).to_string();
                let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
                let action = FaultAction::Respond { status: 200, headers, body: body.into_bytes() };
                simulator.state().faults.push(Fault::once(action));
                let answer = host.call(account, "freshdesk_ticket_get", &json!({"ticket_id": 42_817})).await.unwrap();
                assert_eq!(answer["subject"], format!("Your key is [redacted] in round {round}"));
            }
        }
    });
}
