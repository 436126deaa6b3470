//! Keys, roles and the standing of an account: `docs/freshdesk.md §1` and `§3`.

use freshdesk_simulator::{Scope, Standing, seed};
use serde_json::json;

use crate::desk::Desk;

#[tokio::test]
async fn only_administrators_deal_with_agents_and_roles() {
    let desk = Desk::open().await.with_key(seed::AGENT_KEY);
    for path in ["/agents", "/roles", "/account"] {
        let reply = desk.get(path).await;
        let message = "You are not authorized to perform this action.";
        assert_eq!((reply.status, reply.json()), (403, json!({ "code": "access_denied", "message": message })));
    }
    assert_eq!(desk.post("/agents", json!({})).await.status, 403, "the right comes before the attributes");
    assert_eq!(desk.delete(&format!("/agents/{}", seed::ADMIN_ID)).await.status, 403);
    assert_eq!(desk.get("/tickets/42817").await.status, 200);
}

#[tokio::test]
async fn a_collaborator_reads_tickets_and_writes_none() {
    let desk = Desk::open().await;
    desk.helpdesk(|helpdesk| {
        let role = helpdesk.roles[4].id;
        helpdesk.agents.get_mut(&seed::AGENT_ID).unwrap().role_ids = vec![role];
    });
    let desk = desk.with_key(seed::AGENT_KEY);
    assert_eq!(desk.get("/tickets/42817").await.status, 200);
    assert_eq!(desk.put("/tickets/42817", json!({ "priority": 1 })).await.status, 403);
    assert_eq!(desk.post("/tickets/42817/reply", json!({ "body": "Hi" })).await.status, 403);
    assert_eq!(desk.post("/contacts", json!({ "name": "x", "phone": "1" })).await.status, 403);
}

#[tokio::test]
async fn a_restricted_agent_sees_own_tickets_only() {
    let desk = Desk::open().await;
    desk.helpdesk(|helpdesk| helpdesk.agents.get_mut(&seed::AGENT_ID).unwrap().scope = Scope::Restricted);
    let desk = desk.with_key(seed::AGENT_KEY);
    assert_eq!(desk.get("/tickets").await.ids(), [42_815, 42_804]);
    assert_eq!(desk.get("/tickets/42817").await.status, 403);
}

#[tokio::test]
async fn a_reset_key_is_a_401_and_the_new_one_works() {
    let desk = Desk::open().await;
    desk.helpdesk(|helpdesk| {
        helpdesk.agents.get_mut(&seed::ADMIN_ID).unwrap().api_key = Some("FAKEkeyAfterReset003".to_owned());
    });
    let reply = desk.get("/agents/me").await;
    assert_eq!((reply.status, &reply.json()["code"]), (401, &json!("invalid_credentials")));
    assert_eq!(desk.with_key("FAKEkeyAfterReset003").get("/agents/me").await.status, 200);
}

#[tokio::test]
async fn an_account_that_is_not_in_order_is_a_403_with_its_reason() {
    let desk = Desk::open().await;
    for (standing, code) in [
        (Standing::Suspended, "account_suspended"),
        (Standing::LockedOut, "password_lockout"),
        (Standing::PasswordExpired, "password_expired"),
    ] {
        desk.helpdesk(|helpdesk| helpdesk.standing = standing);
        let reply = desk.get("/agents/me").await;
        assert_eq!((reply.status, &reply.json()["code"]), (403, &json!(code)));
    }
}

#[tokio::test]
async fn wrong_keys_in_a_row_lock_the_account_out() {
    let desk = Desk::open().await.with_key("FAKEkeyOfNobody00000");
    desk.helpdesk(|helpdesk| helpdesk.lockout_after = Some(2));
    assert_eq!(desk.get("/agents/me").await.status, 401);
    assert_eq!(desk.get("/agents/me").await.status, 401);
    let reply = desk.with_key(seed::ADMIN_KEY).get("/agents/me").await;
    assert_eq!((reply.status, &reply.json()["code"]), (403, &json!("password_lockout")));
}
