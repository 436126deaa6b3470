use freshdesk_tests::{World, run};
use serde_json::json;
#[test]
fn scratch() {
    run(async {
        let w = World::hosted().await;
        for (t, i) in [
            (
                "ticket_create",
                json!({"subject":"S","description":"D","email":"sarah@acmecorp.com","priority":"high","status":7,"source":"phone","type":"Incident","tags":["a"],"cc_emails":["x@y.example"],"custom_fields":{"cf_plan":"Team","cf_order_number":null},"due_by":"2031-01-02T03:04:05Z"}),
            ),
            ("ticket_get", json!({"ticket_id":42817,"include":["conversations","requester","stats","company"]})),
            ("ticket_update", json!({"ticket_id":42817,"priority":4,"group_id":null})),
            ("tickets_list", json!({"per_page":1,"include":"description,requester,company,stats"})),
            ("tickets_reply", json!({"ticket_id":42817,"body":"Hi","bcc_emails":["b@x.example"]})),
            (
                "contact_create",
                json!({"name":"N M","email":"n@m.example","custom_fields":{"customer_since":"2026-01-01"},"company_id":158017000301u64,"view_all_tickets":true}),
            ),
            ("agent_create", json!({"email":"a@b.example","ticket_scope":"group","agent_type":3})),
            ("agent_delete", json!({"agent_id":158017000103u64})),
            ("agents_list", json!({"per_page":1})),
            ("roles_list", json!({"per_page":1})),
        ] {
            let a = w.call(t, i).await;
            println!("{t}: {}", a.map_or_else(|e| e.to_json(), |a| a));
        }
        for e in w.requests() {
            println!("{} {} {} {:?} {}", e.method, e.path, e.query, e.headers, String::from_utf8_lossy(&e.body));
        }
        let w = World::bare().await;
        let _ = w.call("roles_list", json!({})).await;
        for e in w.requests() {
            println!("{} {} {} {:?} {}", e.method, e.path, e.query, e.headers, String::from_utf8_lossy(&e.body));
        }
        let t = std::time::Instant::now();
        for _ in 0..50 {
            let _ = w.call("roles_list", json!({})).await;
        }
        println!("bare {:?}", t.elapsed() / 50);
        let w = World::hosted().await;
        let t = std::time::Instant::now();
        for _ in 0..50 {
            let _ = w.call("roles_list", json!({})).await;
        }
        println!("hosted {:?}", t.elapsed() / 50);
        for n in [3000usize, 20000, 65000, 70000, 300000] {
            let w = World::bare().await;
            println!(
                "bare {n} {:?}",
                w.call("agents_list", json!({"email":"x".repeat(n)})).await.map_err(|e| e.to_json())
            );
            let w = World::hosted().await;
            println!(
                "hosted {n} {:?}",
                w.call("agents_list", json!({"email":"x".repeat(n)})).await.map_err(|e| e.to_json())
            );
        }
        for n in [100_000, 1_100_000usize] {
            let w = World::bare().await;
            println!(
                "bare {n} {:?}",
                w.call("tickets_reply", json!({"ticket_id":42817, "body":"x".repeat(n)}))
                    .await
                    .map_err(|e| e.to_json())
                    .map(|v| v["id"].clone())
            );
            let w = World::hosted().await;
            println!(
                "hosted {n} {:?}",
                w.call("tickets_reply", json!({"ticket_id":42817, "body":"x".repeat(n)}))
                    .await
                    .map_err(|e| e.to_json())
                    .map(|v| v["id"].clone())
            );
        }
    });
}
