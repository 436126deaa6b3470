//! The page that people read.

use super::world::World;
use crate::surface::api::code::Code;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_has_every_operation_and_every_code() {
    let world = World::new().await;
    let stranger = world.stranger();
    let page = stranger.get("/v1/docs").await;
    assert_eq!(page.is(200).header("content-type"), "text/html; charset=utf-8");
    let document = stranger.get("/v1/openapi.json").await.json;
    for (path, item) in document["paths"].as_object().unwrap() {
        assert!(page.text.contains(&format!("<code>{path}</code>")), "{path}");
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(page.text.contains(&format!("<h3 id=\"{id}\">")), "{id}");
        }
    }
    for code in Code::ALL {
        let name = code.row().name;
        assert!(page.text.contains(&format!("<div id=\"{name}\">")), "{name}");
    }
    for field in ["tool_input", "Idempotency-Key", "lifetime_seconds", "return_state", "helpdesks[].budget.left"] {
        assert!(page.text.contains(&format!("<code>{field}</code>")), "{field}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_runs_nothing_and_takes_nothing_from_others() {
    let world = World::new().await;
    let stranger = world.stranger();
    let page = stranger.get("/v1/docs").await;
    for word in ["<script", "javascript:", "src=", "style=", "onclick", "@import"] {
        assert!(!page.text.contains(word), "{word}");
    }
    let links = page.text.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let links: Vec<_> = links.collect();
    assert!(links.len() > 30);
    for link in &links {
        match link.strip_prefix('#') {
            Some(id) => assert!(page.text.contains(&format!("id=\"{id}\"")), "{link}"),
            None => assert!(link.starts_with('/') && !link.starts_with("//"), "{link}"),
        }
    }
    let style = links.iter().find(|link| link.starts_with("/v1/docs/style-")).unwrap();
    let style = stranger.get(style).await;
    assert_eq!(style.is(200).header("content-type"), "text/css; charset=utf-8");
    assert!(style.header("cache-control").contains("immutable"));
    assert!(!style.text.contains("url("));
}
