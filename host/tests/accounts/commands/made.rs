//! Tenants, accounts and tokens are made, shown and taken away.

use freshdesk_simulator::seed;
use serde_json::{Value, json};

use super::{import, offices, words};
use crate::office::{EMAIL, TENANT};

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_is_made_listed_and_changed() {
    for office in offices().await {
        let made = office.json(&[
            "tenants",
            "create",
            "shop",
            "--name",
            "The Shop",
            "--colour",
            "#1F6FEB",
            "--own-url",
            "https://connect.shop.example",
            "--return-url",
            "https://shop.example/a",
            "--return-url",
            "https://shop.example/b",
            "--webhook-url",
            "https://shop.example/hooks",
        ]);
        let tenant = &made["tenant"];
        assert_eq!(
            (&tenant["id"], &tenant["name"], &tenant["logo"]),
            (&json!("shop"), &json!("The Shop"), &json!(false))
        );
        assert_eq!(
            (&tenant["colour"], &tenant["public_url"]),
            (&json!("#1f6feb"), &json!("https://connect.shop.example"))
        );
        assert_eq!(tenant["return_urls"], json!(["https://shop.example/a", "https://shop.example/b"]));
        assert!(made["webhook_key"].as_str().unwrap().starts_with("whsec_"), "it signs events by a key that is shown");

        let listed = office.json(&["tenants", "list"]);
        assert_eq!(listed.as_array().unwrap().iter().map(|tenant| &tenant["id"]).collect::<Vec<_>>(), [TENANT, "shop"]);
        assert!(office.text(&["tenants", "list"]).ends_with("2 tenants\n"));

        std::fs::write(office.path("logo.png"), b"\x89PNG\r\n\x1a\nrest").unwrap();
        let set = office.json(&["tenants", "set", "shop", "--name", "Shop", "--logo", "logo.png"]);
        assert_eq!((&set["tenant"]["name"], &set["tenant"]["logo"]), (&json!("Shop"), &json!(true)));
        assert_eq!(
            (&set["webhook_key"], &set["tenant"]["colour"]),
            (&Value::Null, &json!("#1f6feb")),
            "the rest stays"
        );
        let anew = office.json(&["tenants", "set", "shop", "--new-webhook-key"]);
        assert_ne!(anew["webhook_key"], made["webhook_key"]);
        let taken = office.json(&["tenants", "set", "shop", "--webhook-url", "", "--colour", "", "--logo", ""]);
        assert_eq!(taken["tenant"]["webhook_url"], Value::Null);
        assert_eq!((&taken["tenant"]["logo"], &taken["tenant"]["colour"]), (&json!(false), &Value::Null));
        let told = office.text(&["tenants", "set", "shop", "--webhook-url", "https://shop.example/hooks"]);
        assert!(told.contains("shown once") && told.contains("whsec_"), "{told}");
        office.is_sound();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_made_once_and_each_link_has_a_proof() {
    for office in offices().await {
        office.text(&words("tenants set acme-app --return-url https://app.example.com/done"));
        let by_email =
            office.json(&["accounts", "connect", TENANT, "jane", "--email", EMAIL, "--name", "Jane's Freshdesk"]);
        let account = &by_email["account"];
        assert_eq!((&account["state"], &account["name"]), (&json!("pending"), &json!("Jane's Freshdesk")));
        assert_eq!((&account["connection_name"], &account["expected_email"]), (&json!("freshdesk"), &json!(EMAIL)));
        assert!(by_email["link"]["url"].as_str().unwrap().starts_with("http://127.0.0.1:8080/connect/"));
        let by_code = office.json(&["accounts", "connect", TENANT, "jane", "--code"]);
        assert_eq!(by_code["account"]["id"], account["id"]);
        assert_eq!(by_code["link"]["code"].as_str().unwrap().len(), 8);
        assert_ne!(by_code["link"]["url"], by_email["link"]["url"]);
        let by_return =
            words("accounts connect acme-app jane --return-url https://app.example.com/done --return-state 7");
        assert_eq!(office.json(&by_return)["link"]["code"], Value::Null);
        let told = office.text(&["accounts", "connect", TENANT, "jane", "--code"]);
        assert!(told.contains("It works once, until ") && told.contains("only that user"), "{told}");
        // The account's own e-mail is a proof from now on.
        assert!(office.text(&["accounts", "connect", TENANT, "jane"]).contains("/connect/"));
        assert_eq!(office.json(&["accounts", "list"]).as_array().unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_imported_from_standard_input_and_the_account_tells_all_but_it() {
    for office in offices().await {
        let account = import(&office, "jane");
        assert_eq!((&account["state"], &account["helpdesk"]), (&json!("active"), &json!("acme")));
        assert_eq!(account["person"], json!({"id": seed::ADMIN_ID, "name": "Jane Doe", "email": EMAIL}));
        assert_eq!(account["version"], 1);
        assert!(!account["roles"].as_array().unwrap().is_empty(), "an administrator may read the names of roles");
        assert_eq!(office.json(&["accounts", "show", TENANT, "jane"]), account);
        let told = office.text(&["accounts", "show", TENANT, "jane"]);
        assert!(told.contains("active") && told.contains("Jane Doe <jane@acme.example>"), "{told}");
        let listed = office.text(&["accounts", "list", "--tenant", TENANT]);
        assert!(listed.contains("acme-app/jane") && listed.ends_with("1 account\n"), "{listed}");
        assert!(!(told + &listed + &account.to_string()).contains(seed::ADMIN_KEY));

        let gone = office.json(&["accounts", "disconnect", TENANT, "jane"]);
        assert_eq!(gone["state"], "disconnected");
        assert_eq!(office.json(&["accounts", "disconnect", TENANT, "jane"])["state"], "disconnected", "twice is once");
        let again = import(&office, "jane");
        assert_eq!((&again["state"], &again["version"], &again["id"]), (&json!("active"), &json!(2), &account["id"]));
        office.is_sound();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_once_and_revoked_by_its_id() {
    for office in offices().await {
        let made =
            office.json(&["tokens", "create", TENANT, "--name", "backend", "--identifier", "jane", "--days", "30"]);
        let (token, id) = (made["token"].as_str().unwrap(), made["about"]["id"].as_str().unwrap());
        assert!(token.starts_with("fdp_") && token.len() == 47, "{token}");
        let listed = office.json(&["tokens", "list", TENANT]);
        assert_eq!((&listed[0]["id"], &listed[0]["identifier"]), (&json!(id), &json!("jane")));
        assert!(!listed.to_string().contains(token));
        assert_eq!(office.json(&["tokens", "revoke", TENANT, id]), json!({"id": id, "revoked": true}));
        assert!(office.text(&["tokens", "list", TENANT]).contains("revoked 20"));
        assert!(office.misused(&["tokens", "revoke", TENANT, id]).contains("there is no such token"));
        let tools = "freshdesk_tickets_list,freshdesk_ticket_get";
        let narrow = office.json(&["tokens", "create", TENANT, "--name", "agent", "--tools", tools]);
        assert_eq!(narrow["about"]["tools"], json!(["freshdesk_ticket_get", "freshdesk_tickets_list"]));
        assert!(
            office.text(&["tokens", "list", TENANT]).contains("may call freshdesk_ticket_get, freshdesk_tickets_list")
        );
        let unknown = office.misused(&["tokens", "create", TENANT, "--name", "x", "--tools", "freshdesk_x"]);
        assert!(unknown.contains("there is no tool"), "{unknown}");
        let told = office.text(&["tokens", "create", TENANT, "--name", "other"]);
        assert!(told.contains("shown once") && told.contains("fdp_"), "{told}");
        assert!(office.text(&["tokens", "list", TENANT]).ends_with("3 tokens\n"));
    }
}
