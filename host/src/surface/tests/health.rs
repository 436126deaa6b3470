//! What those who run a host ask it: whether it lives, whether it can serve, and what it counts.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::accounts::Accounts;
use crate::office::{Office, settings};
use crate::store::Database;
use crate::store::tests::{TestDatabase, postgres, sqlite};
use crate::surface::metrics::Metrics;
use crate::surface::{health, metrics};

/// A host over a store, and what is asked about it.
struct World {
    accounts: Arc<Accounts>,
    router: Router,
    database: TestDatabase,
    _folder: TempDir,
}

impl World {
    async fn over(database: TestDatabase) -> Self {
        let Office { accounts, folder, .. } = Office::over(database.database.clone(), &settings()).await;
        let router = health::probes(Arc::clone(&accounts)).merge(metrics::counts(Arc::new(Metrics::default())));
        Self { accounts, router, database, _folder: folder }
    }

    async fn get(&self, path: &str, accept: &str) -> (StatusCode, String, String) {
        let request = Request::get(path).header(ACCEPT, accept).body(Body::empty()).unwrap();
        let (head, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let kind = head.headers[CONTENT_TYPE].to_str().unwrap().to_owned();
        (head.status, kind, String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap())
    }

    async fn ready(&self) -> (u16, Value) {
        let (status, kind, body) = self.get("/readyz", "*/*").await;
        assert_eq!(kind, "application/json");
        (status.as_u16(), serde_json::from_str(&body).unwrap())
    }

    /// The same, when the answer before is not good any more.
    async fn ready_later(&self) -> (u16, Value) {
        tokio::time::sleep(Duration::from_millis(1100)).await;
        self.ready().await
    }
}

fn all_is_well() -> (u16, Value) {
    (200, json!({"ready": true, "store": "ok", "trail": "ok"}))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_ready_while_its_store_answers() {
    for database in std::iter::once(sqlite()).chain(postgres()) {
        let world = World::over(database).await;
        assert_eq!(world.ready().await, all_is_well());
        world.database.meddle("ALTER TABLE schema_version RENAME TO away");
        assert_eq!(world.ready().await, all_is_well(), "the store is not asked again so soon");
        assert_eq!(world.ready_later().await, (503, json!({"ready": false, "store": "failing", "trail": "ok"})));
        world.database.meddle("ALTER TABLE away RENAME TO schema_version");
        assert_eq!(world.ready_later().await, all_is_well());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_was_closed_lives_and_is_not_ready() {
    let world = World::over(sqlite()).await;
    world.accounts.close().await;
    let (status, told) = world.ready().await;
    assert_eq!((status, &told["trail"]), (503, &json!("failing")));
    assert_eq!(
        world.get("/healthz", "*/*").await,
        (StatusCode::OK, "text/plain; charset=utf-8".to_owned(), "ok\n".to_owned())
    );
}

/// However many ask a store that hangs, it is asked once, and all have their answer when its time is over.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_hangs_keeps_nobody_waiting() {
    let Some(database) = postgres() else { return };
    let Database::Postgres(url) = database.database.clone() else { return };
    let world = Arc::new(World::over(database).await);
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("BEGIN; LOCK TABLE schema_version IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let began = Instant::now();
    let asked: Vec<_> = (0..100)
        .map(|_| {
            tokio::spawn({
                let world = Arc::clone(&world);
                async move { world.ready().await }
            })
        })
        .collect();
    for asked in asked {
        assert_eq!(asked.await.unwrap().0, 503);
    }
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(1900) && took < Duration::from_secs(4), "{took:?}");
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    let waiting: i64 = client.query_one(waiting, &[]).await.unwrap().get(0);
    assert!(waiting <= 1, "{waiting} questions wait");
    client.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(world.ready_later().await, all_is_well());
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_come_in_the_format_that_is_asked_for() {
    let world = World::over(sqlite()).await;
    let prometheus = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    for accept in [prometheus, "application/openmetrics-text", "Application/OpenMetrics-Text; version=1.0.0, */*"] {
        let (status, kind, text) = world.get("/metrics", accept).await;
        assert_eq!(
            (status, kind.as_str()),
            (StatusCode::OK, "application/openmetrics-text; version=1.0.0; charset=utf-8")
        );
        assert!(text.ends_with("# EOF\n"), "{text}");
    }
    let plainer = "application/openmetrics-text;q=0.2, text/plain;q=0.9";
    for accept in ["*/*", "text/plain", "text/html", plainer, "application/openmetrics-text;q=0", ";;,,q=", "é"] {
        let (status, kind, text) = world.get("/metrics", accept).await;
        assert_eq!((status, kind.as_str()), (StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8"), "{accept}");
        assert!(text.contains("# TYPE freshdesk_host_build_info gauge") && !text.contains("# EOF"), "{text}");
    }
}

/// The counts can be kept from where users come in.
#[tokio::test(flavor = "multi_thread")]
async fn probes_alone_tell_no_counts() {
    let world = World::over(sqlite()).await;
    let probes = health::probes(Arc::clone(&world.accounts));
    for (path, status) in [("/healthz", 200), ("/readyz", 200), ("/metrics", 404)] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        assert_eq!(probes.clone().oneshot(request).await.unwrap().status(), status, "{path}");
    }
    let request = Request::get("/readyz").body(Body::empty()).unwrap();
    assert_eq!(metrics::counts(Arc::default()).oneshot(request).await.unwrap().status(), 404);
}
