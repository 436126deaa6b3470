//! Calls for a user, and commands beside a host that serves.

use freshdesk_simulator::seed;
use serde_json::{Value, json};

use super::{import, offices};
use crate::office::{EMAIL, TENANT};
use crate::visitor::Visitor;

#[tokio::test(flavor = "multi_thread")]
async fn a_call_for_a_user_works_once_the_account_is_active() {
    for office in offices().await {
        let call = |identifier: &str| {
            let output = office.run(&[
                "call",
                "freshdesk_ticket_get",
                r#"{"ticket_id":42817}"#,
                "--tenant",
                TENANT,
                "--identifier",
                identifier,
            ]);
            (output.status.code().unwrap(), serde_json::from_slice::<Value>(&output.stdout).unwrap())
        };
        let (code, unknown) = call("jane");
        assert_eq!((code, &unknown["error"], &unknown["connect_url"]), (1, &json!("not_connected"), &Value::Null));
        office.json(&["accounts", "connect", TENANT, "jane", "--email", EMAIL]);
        let (code, pending) = call("jane");
        assert_eq!((code, &pending["error"]), (1, &json!("not_connected")));
        assert!(pending["connect_url"].as_str().unwrap().contains("/connect/"), "{pending}");
        assert_eq!(office.requests().len(), 0, "no request left");
        import(&office, "jane");
        let (code, ticket) = call("jane");
        assert_eq!((code, &ticket["id"]), (0, &json!(seed::TICKET_ID)));
        office.json(&["accounts", "disconnect", TENANT, "jane"]);
        assert_eq!(call("jane").1["error"], "not_connected");
        let half = office.misused(&["call", "freshdesk_roles_list", "{}", "--tenant", TENANT]);
        assert!(half.contains("--identifier"), "{half}");
    }
}

/// A `serve` and commands have the machine's name, and so one chain of the trail.
#[tokio::test(flavor = "multi_thread")]
async fn commands_are_run_beside_a_host_that_serves_under_the_same_name() {
    for office in offices().await {
        let server = office.serve(&[]);
        for identifier in ["ann", "ben", "cem"] {
            let link = office.json(&["accounts", "connect", TENANT, identifier, "--email", EMAIL]);
            let mut visitor = Visitor::at(&server.url);
            let connected = tokio::task::block_in_place(|| {
                let form = visitor.open(link["link"]["url"].as_str().unwrap()).unwrap();
                let shown = visitor.offer(&form, seed::ADMIN_KEY).unwrap();
                visitor.submit(&shown, &[]).unwrap()
            });
            assert!(connected.says_connected(), "{connected:?}");
            let whole = office.json(&["accounts", "show", TENANT, identifier]);
            assert_eq!(whole["state"], "active");
        }
        office.is_sound();
    }
}
