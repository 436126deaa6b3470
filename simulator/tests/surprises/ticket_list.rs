//! Listing tickets: `docs/freshdesk.md §4` and `§7.4`.

use freshdesk_simulator::{Fault, FaultAction, Ticket};

use crate::desk::Desk;

/// Surprise 4.
#[tokio::test]
async fn nobody_with_this_address_is_a_400_and_not_an_empty_list() {
    let desk = Desk::open().await;
    let reply = desk.get("/tickets?email=nobody@example.com").await;
    reply.assert_invalid(&[("email", "invalid_value")]);
    assert_eq!(reply.json()["errors"][0]["message"], "There is no contact matching the given email");
    assert_eq!(desk.get("/tickets?email=sarah@acmecorp.com").await.ids(), [42_817, 42_816]);
}

/// Surprise 5.
#[tokio::test]
async fn tickets_cannot_be_listed_by_status() {
    let reply = Desk::open().await.get("/tickets?status=2&priority=1").await;
    reply.assert_invalid(&[("priority", "invalid_field"), ("status", "invalid_field")]);
}

/// Surprise 9.
#[tokio::test]
async fn the_plain_list_goes_back_thirty_days_by_creation() {
    let desk = Desk::open().await;
    let plain = desk.get("/tickets").await.ids();
    assert!(!plain.contains(&42_731), "it was created 45 days ago");
    let touched = desk.get("/tickets?updated_since=2026-11-20T07:00:48Z").await.ids();
    assert!(touched.contains(&42_731), "it was updated at exactly that time");
    let later = desk.get("/tickets?updated_since=2026-11-20T07:00:49Z").await.ids();
    assert!(!later.contains(&42_731));
}

/// Surprise 10.
#[tokio::test]
async fn page_301_and_a_page_of_101_are_errors() {
    let desk = Desk::open().await;
    let beyond = desk.get("/tickets?page=301").await;
    beyond.assert_invalid(&[("page", "invalid_value")]);
    let message = "You cannot access tickets beyond the 300th page. Please provide a smaller page number.";
    assert_eq!(beyond.json()["errors"][0]["message"], message);
    assert_eq!(desk.get("/tickets?page=300").await.body, "[]");
    desk.get("/tickets?per_page=101").await.assert_invalid(&[("per_page", "invalid_value")]);
    desk.get("/tickets?per_page=0&page=x")
        .await
        .assert_invalid(&[("page", "datatype_mismatch"), ("per_page", "datatype_mismatch")]);
}

/// Surprise 11.
#[tokio::test]
async fn an_item_has_a_description_only_on_request_and_attachments_never() {
    let desk = Desk::open().await;
    let plain = &desk.get("/tickets").await.ok()[0];
    assert_eq!((plain.get("description"), plain.get("description_text"), plain.get("attachments")), (None, None, None));
    let described = &desk.get("/tickets?include=description").await.ok()[0];
    assert!(described["description"].is_string() && described["description_text"].is_string());
    assert_eq!(described.get("attachments"), None);
}

/// Surprise 11.
#[tokio::test]
async fn the_last_page_has_no_link_and_nothing_tells_the_total() {
    let desk = Desk::open().await;
    let mut path = "/tickets?per_page=4&order_type=asc".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = desk.get(&path).await;
        seen.extend(page.ids());
        let Some(link) = page.header("link") else { break };
        let next = link.strip_prefix("<http://acme.freshdesk.com/api/v2").unwrap();
        path = next.strip_suffix(">; rel=\"next\"").unwrap().to_owned();
    }
    assert_eq!(seen.len(), 10);
    assert!(seen.is_sorted());
}

#[tokio::test]
async fn a_list_that_fills_its_page_exactly_has_no_link() {
    let reply = Desk::open().await.get("/tickets?per_page=10").await;
    assert_eq!((reply.ids().len(), reply.header("link")), (10, None));
}

#[tokio::test]
async fn thirty_items_are_a_page_when_nothing_else_is_asked_for() {
    let desk = Desk::open().await;
    let now = desk.simulator.state().clock.now();
    desk.helpdesk(|helpdesk| {
        helpdesk.tickets.extend((50_000..50_040).map(|id| (id, Ticket::new(id, 158_017_000_701, "s", "d", now))));
    });
    let page = desk.get("/tickets").await;
    assert_eq!(page.ids(), (50_010..50_040).rev().collect::<Vec<u64>>());
    assert!(page.header("link").unwrap().contains("page=2"));
}

#[tokio::test]
async fn each_filter_has_its_own_tickets() {
    let desk = Desk::open().await;
    for (filter, ids) in [
        ("new_and_my_open", vec![42_817, 42_816, 42_814]),
        ("watching", vec![42_812]),
        ("spam", vec![42_809]),
        ("deleted", vec![42_811]),
    ] {
        assert_eq!(desk.get(&format!("/tickets?filter={filter}")).await.ids(), ids, "{filter}");
    }
    let unknown = desk.get("/tickets?filter=open").await;
    unknown.assert_invalid(&[("filter", "invalid_value")]);
    let message = "It should be one of these values: 'new_and_my_open,watching,spam,deleted'";
    assert_eq!(unknown.json()["errors"][0]["message"], message);
}

#[tokio::test]
async fn spam_and_deleted_tickets_are_in_their_own_filters_only() {
    let ids = Desk::open().await.get("/tickets").await.ids();
    assert!(!ids.contains(&42_809) && !ids.contains(&42_811));
}

#[tokio::test]
async fn the_newest_come_first_unless_another_order_is_asked_for() {
    let desk = Desk::open().await;
    assert!(desk.get("/tickets").await.ids().iter().rev().is_sorted());
    assert!(desk.get("/tickets?order_by=created_at&order_type=asc").await.ids().is_sorted());
    assert_eq!(desk.get("/tickets?order_by=updated_at").await.ids()[0], 42_817);
    let by_status = desk.get("/tickets?order_by=status&order_type=asc").await.ok();
    assert!(by_status.as_array().unwrap().iter().map(|item| item["status"].as_u64()).is_sorted());
    desk.get("/tickets?order_by=priority").await.assert_invalid(&[("order_by", "invalid_value")]);
}

#[tokio::test]
async fn one_requester_or_company_can_be_asked_for() {
    let desk = Desk::open().await;
    let northwind = [42_815, 42_812, 42_801, 42_798];
    assert_eq!(desk.get("/tickets?company_id=158017000302").await.ids(), northwind);
    assert_eq!(desk.get("/tickets?requester_id=158017000702").await.ids(), northwind);
    assert_eq!(desk.get("/tickets?unique_external_id=NW-1004").await.ids(), northwind);
    desk.get("/tickets?requester_id=7").await.assert_invalid(&[("requester_id", "invalid_value")]);
}

/// Surprise 28.
#[tokio::test]
async fn a_plus_in_an_address_must_be_encoded() {
    let desk = Desk::open().await;
    desk.get("/tickets?email=olena+orders@bondar.example").await.assert_invalid(&[("email", "invalid_value")]);
    assert_eq!(desk.get("/tickets?email=olena%2Borders@bondar.example").await.ids(), [42_804]);
}

/// Surprise 29.
#[tokio::test]
async fn a_403_on_a_list_with_companies_may_pass() {
    let desk = Desk::open().await;
    let body = br#"{"code":"access_denied","message":"You are not authorized to perform this action."}"#.to_vec();
    let refusal = FaultAction::Respond { status: 403, headers: Vec::new(), body };
    desk.simulator.state().faults.push(Fault::on("GET", "/tickets", refusal));
    assert_eq!(desk.get("/tickets?include=requester,company,stats").await.status, 403);
    let list = desk.get("/tickets?include=requester,company,stats").await.ok();
    assert_eq!(list[0]["company"]["name"], "Acme Corp");
}

#[tokio::test]
async fn every_documented_form_of_a_time_is_read() {
    let desk = Desk::open().await;
    for since in
        ["2026-11-20", "2026-11-20T07:00", "2026-11-20T07:00Z", "2026-11-20T09:00:00%2B02:00", "2026-11-20T07:00:00-00"]
    {
        assert!(desk.get(&format!("/tickets?updated_since={since}")).await.ids().contains(&42_731), "{since}");
    }
    desk.get("/tickets?updated_since=yesterday").await.assert_invalid(&[("updated_since", "invalid_value")]);
}
