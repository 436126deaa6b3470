//! The vault and the trail: what is sealed opens, and what was changed is found.

use serde_json::{Value, json};

use super::{import, offices};
use crate::office::TENANT;
use crate::output::{stderr, stdout, succeeded};

#[tokio::test(flavor = "multi_thread")]
async fn root_keys_are_rotated_and_the_old_one_is_retired_on_wish() {
    for office in offices().await {
        import(&office, "jane");
        let before = office.json(&["vault", "verify"]);
        let old = before["by_root_key"].as_object().unwrap().keys().next().unwrap().clone();
        let rotated = office.json(&["vault", "rotate"]);
        assert_eq!((&rotated["rewrapped"], &rotated["failed"]), (&before["opened"], &json!([])));
        assert_eq!((&rotated["primary"], &rotated["left"]), (&rotated["added"], &json!({&old: 0})));
        let told = office.text(&["vault", "rotate", "--retire"]);
        assert!(told.contains(&format!("root key {old} wrapped nothing any more, and is gone")), "{told}");
        let primary = rotated["primary"].as_str().unwrap();
        assert!(told.contains(&format!("root key {primary} sealed until now")), "{told}");
        let after = office.json(&["vault", "verify"]);
        assert_eq!((&after["opened"], after["by_root_key"].as_object().unwrap().len()), (&before["opened"], 1));
        assert!(office.text(&["vault", "verify"]).contains("secrets open, 0 do not"));
        let keys = std::fs::read_to_string(office.root_keys()).unwrap();
        let two = [after["by_root_key"].as_object().unwrap().keys().next().unwrap(), primary];
        let left: Vec<_> =
            keys.lines().filter(|line| !line.starts_with('#')).map(|line| line[..8].to_owned()).collect();
        assert_eq!(left, two, "the one that sealed until now stays");
        let tool = ["call", "freshdesk_roles_list", "{}", "--tenant", TENANT, "--identifier", "jane"];
        assert!(office.run(&tool).status.success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_was_moved_is_reported_and_fails_closed() {
    for office in offices().await {
        import(&office, "jane");
        import(&office, "tom");
        office.meddle("UPDATE accounts SET secret = (SELECT secret FROM accounts WHERE identifier = 'tom') WHERE identifier = 'jane'");
        let output = office.run(&["vault", "verify", "--json"]);
        assert_eq!(output.status.code(), Some(1));
        let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(seen["failed"].as_array().unwrap().len(), 1, "{seen}");
        assert!(seen["failed"][0].as_str().unwrap().contains("jane"), "{seen}");
        let before = office.requests().len();
        let call = office.run(&["call", "freshdesk_roles_list", "{}", "--tenant", TENANT, "--identifier", "jane"]);
        let error: Value = serde_json::from_slice(&call.stdout).unwrap();
        assert_eq!((call.status.code(), &error["error"]), (Some(1), &json!("unavailable")), "{}", stderr(&call));
        assert_eq!(office.requests().len(), before, "no request left");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_is_listed_and_a_change_of_it_is_found() {
    for office in offices().await {
        import(&office, "jane");
        succeeded(&office.run(&["call", "freshdesk_roles_list", "{}", "--tenant", TENANT, "--identifier", "jane"]));
        let listed = office.json(&["audit", "list", "--tenant", TENANT]);
        let kinds: Vec<_> = listed.as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
        assert_eq!(
            kinds,
            ["key.used", "account.imported", "account.created", "account.import_tried", "tenant.created"],
            "newest first"
        );
        assert_eq!(listed[0]["detail"]["function"], "roles-list");
        assert_eq!((&listed[1]["detail"]["old"], &listed[1]["detail"]["new"]), (&json!("pending"), &json!("active")));
        let told = office.text(&["audit", "list", "--last", "3"]);
        assert!(told.ends_with("3 entries\n"), "{told}");
        let whole = office.text(&["audit", "verify"]);
        assert!(whole.contains("Nothing was edited, removed, moved or cut off."), "{whole}");

        office.meddle("UPDATE audit SET identifier = 'tom' WHERE kind = 'account.imported'");
        let output = office.run(&["audit", "verify"]);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        assert!(stdout(&output).contains('✗'), "{}", stdout(&output));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_that_was_cut_off_is_found_from_another_host() {
    for office in offices().await {
        import(&office, "jane");
        office.meddle(
            "DELETE FROM audit WHERE host = 'office' AND seq = (SELECT max(seq) FROM audit WHERE host = 'office')",
        );
        let output =
            office.command(&["audit", "verify", "--json"]).env("FRESHDESK_HOST_NAME", "other").output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(report["faults"][0].as_str().unwrap().contains("office"), "{report}");
    }
}
