//! The lists: what is asked, what arrives, and where a page says it stands.

use freshdesk_simulator::{Settings, Simulator, Transport};
use freshdesk_tests::{World, everywhere, good};
use serde_json::{Value, json};

use crate::tools::{answer, is_published, only};

/// Adds tickets until there are so many that the list shows.
fn fill(world: &World, total: u64) {
    world.helpdesk(|desk| {
        let template = desk.tickets[&42_817].clone();
        // The seed has ten that are younger than 30 days, neither deleted nor spam.
        for id in 50_000..50_000 + total - 10 {
            let mut ticket = template.clone();
            ticket.id = id;
            desk.tickets.insert(id, ticket);
        }
    });
}

/// B17, B19: the query that arrives is the one that was asked for, the answer repeats it, and says whether more follows.
#[test]
fn b17_b19_a_list_adds_nothing_of_its_own_to_the_query() {
    everywhere(async |world: World| {
        for tool in ["tickets_list", "agents_list", "roles_list"] {
            world.forget();
            let page = answer(&world, tool, json!({})).await;
            assert_eq!((world.request().query.as_str(), &page["query"]), ("", &json!("")), "{tool}");
            assert_eq!((&page["has_more"], page.get("next_page")), (&json!(false), None), "{tool}");
        }
        let page = answer(&world, "tickets_list", json!({})).await;
        assert_eq!(page["tickets"].as_array().unwrap().len(), 10);
    });
}

#[test]
fn b17_a_list_asks_for_everything_it_is_told_and_repeats_it() {
    everywhere(async |world: World| {
        let input = json!({"filter": "watching", "requester_id": 158_017_000_702_u64, "email": "luis@northwind.example",
            "unique_external_id": "NW-1004", "company_id": 158_017_000_302_u64, "updated_since": "2020-01-01T00:00:00+02:00",
            "include": ["stats", "description"], "order_by": "updated_at", "order_type": "asc", "page": 1, "per_page": 100});
        let page = answer(&world, "tickets_list", input).await;
        let query = "filter=watching&requester_id=158017000702&email=luis%40northwind.example\
            &unique_external_id=NW-1004&company_id=158017000302&updated_since=2020-01-01T00%3A00%3A00%2B02%3A00\
            &include=stats,description&order_by=updated_at&order_type=asc&page=1&per_page=100";
        assert_eq!((world.request().query.as_str(), page["query"].as_str()), (query, Some(query)));
        let tickets = page["tickets"].as_array().unwrap();
        assert_eq!(tickets.len(), 1);
        assert_eq!(
            only(&tickets[0], &["id", "status", "description_text"]),
            json!({"id": 42_812, "status": "pending", "description_text": "Can you print our VAT number?"})
        );
        assert!(tickets[0]["stats"]["pending_since"].is_string());
    });
}

/// B18: nothing of one call is left for the next.
#[test]
fn b18_a_filter_is_forgotten_with_its_call() {
    everywhere(async |world: World| {
        answer(&world, "tickets_list", json!({"filter": "spam", "page": 1, "email": null})).await;
        answer(&world, "tickets_list", json!({"per_page": 2})).await;
        let queries: Vec<_> = world.requests().into_iter().map(|request| request.query).collect();
        assert_eq!(queries, ["filter=spam&page=1", "per_page=2"]);
    });
}

#[test]
fn each_view_lists_its_tickets() {
    everywhere(async |world: World| {
        let ids = async |input: Value| -> Vec<u64> {
            let page = answer(&world, "tickets_list", input).await;
            page["tickets"].as_array().unwrap().iter().map(|ticket| ticket["id"].as_u64().unwrap()).collect()
        };
        assert_eq!(ids(json!({"filter": "spam"})).await, [42_809]);
        assert_eq!(ids(json!({"filter": "deleted"})).await, [42_811]);
        assert_eq!(ids(json!({"filter": "watching"})).await, [42_812]);
        assert_eq!(ids(json!({"filter": "new_and_my_open"})).await, [42_817, 42_816, 42_814]);
        assert_eq!(ids(json!({"company_id": 158_017_000_301_u64, "order_type": "asc"})).await, [42_816, 42_817]);
        assert!(ids(json!({"updated_since": "2000-01-01"})).await.contains(&42_731));
        assert!(!ids(json!({})).await.contains(&42_731), "older than 30 days");
    });
}

/// B11: a plus in an address arrives as one.
#[test]
fn b11_an_address_with_a_plus_finds_its_requester() {
    everywhere(async |world: World| {
        let page = answer(&world, "tickets_list", json!({"email": "olena+orders@bondar.example"})).await;
        assert_eq!(page["tickets"][0]["id"], 42_804);
        assert_eq!(world.request().query, "email=olena%2Borders%40bondar.example");
    });
}

#[test]
fn a_list_shows_custom_statuses_as_numbers_and_the_rest_as_words() {
    everywhere(async |world: World| {
        let page = answer(&world, "tickets_list", json!({"order_by": "status", "order_type": "asc"})).await;
        let tickets = page["tickets"].as_array().unwrap();
        let stands: Vec<_> = tickets.iter().map(|ticket| ticket["status"].clone()).collect();
        let words = ["open", "open", "open", "open", "pending", "resolved", "closed", "closed"].map(Value::from);
        assert_eq!(stands, [words.as_slice(), &[json!(6), json!(7)]].concat());
        assert!(tickets.iter().all(|ticket| ticket.get("description_text").is_none()));
    });
}

/// B2, B19: following `next_page` shows every ticket once, and the last page says that it is the last.
#[test]
fn b2_b19_the_pages_are_followed_to_the_end() {
    everywhere(async |world: World| {
        fill(&world, 25);
        let (mut seen, mut next) = (Vec::new(), Some(1));
        while let Some(number) = next {
            let page = answer(&world, "tickets_list", json!({"page": number, "per_page": 10})).await;
            seen.extend(page["tickets"].as_array().unwrap().iter().map(|ticket| ticket["id"].as_u64().unwrap()));
            next = page.get("next_page").and_then(Value::as_u64);
            assert_eq!(page["has_more"], next.is_some());
            assert_eq!(page["query"], format!("page={number}&per_page=10"));
        }
        assert_eq!(world.requests().len(), 3);
        assert_eq!(seen.len(), 25);
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 25);
    });
}

#[test]
fn behind_the_last_page_of_tickets_more_may_follow_but_no_page_does() {
    everywhere(async |world: World| {
        fill(&world, 302);
        let page = answer(&world, "tickets_list", json!({"page": 299, "per_page": 1})).await;
        assert_eq!((&page["has_more"], &page["next_page"]), (&json!(true), &json!(300)));
        let page = answer(&world, "tickets_list", json!({"page": 300, "per_page": 1})).await;
        assert_eq!((&page["has_more"], page.get("next_page")), (&json!(true), None));
    });
}

#[test]
fn an_empty_page_is_no_error() {
    everywhere(async |world: World| {
        for (tool, items) in [("tickets_list", "tickets"), ("agents_list", "agents"), ("roles_list", "roles")] {
            let page = answer(&world, tool, json!({"page": 200, "per_page": 100})).await;
            let empty = json!({items: [], "has_more": false, "query": "page=200&per_page=100"});
            assert_eq!(page, empty);
        }
    });
}

/// B2: of the link only the parameter `page` counts, and only of the one that says next.
#[test]
fn b2_the_next_page_is_never_taken_from_another_number() {
    everywhere(async |world: World| {
        for (link, next) in [
            (r#"<https://x.example/t?per_page=100&page=2>; rel="next""#, json!(2)),
            (r#"<https://x.example/t?page=2&per_page=100>; rel="next""#, json!(2)),
            (r#"<https://x.example/t?page=1>; rel="prev", <https://x.example/t?page=3>; rel="next""#, json!(3)),
            (r#"<https://x.example/t?page=3>; rel="next", <https://x.example/t?page=1>; rel="prev""#, json!(3)),
            (r#"<https://x.example/t?include=requester,stats&page=4>; rel="next""#, json!(4)),
            (r#"<https://x.example/t?per_page=100>; rel="next""#, Value::Null),
            (r#"<https://x.example/t?page=5>; rel="prev""#, Value::Null),
            (r#"<https://x.example/t?page=99999999999>; rel="next""#, Value::Null),
            (r#"<https://x.example/t?page=-1>; rel="next""#, Value::Null),
            ("<<<>;;=,rel=next", Value::Null),
        ] {
            for call in good().into_iter().filter(|call| call.lists()) {
                world.answers(200, &[("link", link), ("content-type", "application/json")], "[]");
                let page = answer(&world, call.tool, call.input).await;
                assert_eq!(page.get("next_page").unwrap_or(&Value::Null), &next, "{link}");
                assert_eq!(page["has_more"], !next.is_null(), "{link}");
            }
        }
    });
}

/// B13: of a link to another host only the number is read; the next page is asked of the helpdesk.
#[test]
fn b13_a_link_to_another_host_is_never_followed() {
    everywhere(async |world: World| {
        let settings = Settings { transport: Transport::Plain, ..Settings::default() };
        let elsewhere = Simulator::start(settings).await.unwrap();
        let link = format!("<{}/api/v2/tickets?page=2>; rel=\"next\"", elsewhere.base_url());
        world.answers(200, &[("link", &link)], "[]");
        let page = world.call("tickets_list", json!({"per_page": 1})).await.unwrap();
        is_published("tickets_list", &page);
        answer(&world, "tickets_list", json!({"per_page": 1, "page": page["next_page"]})).await;
        let queries: Vec<_> = world.requests().into_iter().map(|request| request.query).collect();
        assert_eq!(queries, ["per_page=1", "page=2&per_page=1"]);
        assert_eq!(elsewhere.state().connections, 0);
    });
}
