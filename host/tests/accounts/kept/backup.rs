//! A store that is copied while its host serves and writes, and put back on another machine.

use std::fs;

use freshdesk_simulator::seed;
use serde_json::{Value, json};
use tokio::task::block_in_place;

use super::elsewhere::Elsewhere;
use super::load::{Load, Made};
use super::{Application, copies};
use crate::office::{EMAIL, Engine, Office, Server, TENANT, user, wait_for};
use crate::receiver::Receiver;
use crate::visitor::Visitor;

/// Where nobody takes webhooks.
const NOBODY: &str = "http://127.0.0.1:1/hooks";

/// A host that serves, and what is in its store.
struct Scene {
    engine: Engine,
    office: Office,
    server: Server,
    /// The application's token, and one that will be revoked: its id and the token.
    token: String,
    old: (String, String),
    /// A link that nobody has opened.
    link: String,
    /// The key by which the tenant's events are signed.
    webhook_key: String,
}

/// What the copy has to have: what was done before it was begun, and what the host did beside it.
struct Copied {
    before: Made,
    during: Made,
}

fn token(office: &Office, name: &str) -> (String, String) {
    let made = office.json(&["tokens", "create", TENANT, "--name", name]);
    (made["about"]["id"].as_str().unwrap().to_owned(), made["token"].as_str().unwrap().to_owned())
}

fn link(office: &Office, identifier: &str) -> String {
    let made = office.json(&["accounts", "connect", TENANT, identifier, "--email", EMAIL]);
    made["link"]["url"].as_str().unwrap().to_owned()
}

/// The status of the page that a link leads to.
fn opened(server: &Server, link: &str) -> u16 {
    block_in_place(|| Visitor::at(&server.url).open(link).unwrap().status)
}

impl Scene {
    async fn begin(engine: Engine) -> Option<Self> {
        let office = Office::with_tenant(engine).await.filter(|_| copies::can(engine))?;
        let set = office.json(&["tenants", "set", TENANT, "--webhook-url", NOBODY]);
        let webhook_key = set["webhook_key"].as_str().unwrap().to_owned();
        for identifier in ["jane", "leaves"] {
            office.connect(&user(identifier), seed::ADMIN_KEY).await;
        }
        let (_, token_of_application) = token(&office, "application");
        let old = token(&office, "old");
        let link = link(&office, "invited");
        let server = office.serve(&["--local-webhooks"]);
        Some(Self { engine, office, server, token: token_of_application, old, link, webhook_key })
    }

    fn application(&self) -> Application {
        Application::at(&self.server.url, &self.token)
    }

    /// Copies the store while tickets are made, and an event is between two tries.
    async fn copy(&self) -> Copied {
        let load = Load::begin(&self.application(), "jane");
        load.await_more(20);
        self.office.connect(&user("eve"), seed::ADMIN_KEY).await;
        let tried = "identifier = 'eve' AND attempts > 0 AND next_at IS NOT NULL";
        wait_for("a try", || self.office.count("events", tried) > 0);
        let before = load.made();
        copies::make(self.engine, &self.office.path(""), &self.office.database);
        load.await_more(20);
        Copied { before, during: load.end() }
    }

    /// What is done once the copy is made: an account is disconnected, a token revoked, an account connected, a link and
    /// a ticket made. The link.
    async fn go_on(&self) -> String {
        self.office.json(&["accounts", "disconnect", TENANT, "leaves"]);
        self.office.text(&["tokens", "revoke", TENANT, &self.old.0]);
        self.office.connect(&user("comes"), seed::ADMIN_KEY).await;
        assert_eq!(self.application().ticket("jane", "afterwards").0, 200);
        assert_eq!(self.application().lists_roles("leaves").status, 409);
        assert_eq!(Application::at(&self.server.url, &self.old.1).lists_roles("jane").status, 401);
        let link = link(&self.office, "invited-since");
        assert_eq!(opened(&self.server, &link), 200);
        link
    }

    fn posts(&self) -> usize {
        self.office.requests().iter().filter(|request| request.method == "POST").count()
    }
}

/// Without its root keys, and with others, no host opens it.
fn refuses_without_its_root_keys(scene: &Scene, elsewhere: &Elsewhere<'_>) {
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let missing = elsewhere.misused(&serve);
    assert!(missing.contains("root keys"), "{missing}");
    assert!(!elsewhere.path("accounts.keys").exists(), "none are made beside a store that is there");
    let others = scene.office.path("others.keys");
    freshdesk_host::create_root_keys(&others).unwrap();
    elsewhere.bring_root_keys(&others);
    let refused = elsewhere.misused(&serve);
    assert!(refused.contains("sealed by root key"), "{refused}");
}

/// What was answered before the copy was begun is answered again, and not made again.
fn remembers(scene: &Scene, application: &Application, copied: &Copied) {
    let posts = scene.posts();
    for (key, id) in &copied.before {
        assert_eq!(application.ticket("jane", key), (200, Some(*id)), "{key}");
    }
    assert_eq!(scene.posts(), posts, "nothing was made again");
    let in_copy = copied.during.keys().filter(|key| !copied.before.contains_key(*key)).count();
    println!("{:?}: {} tickets before the copy, {in_copy} during and after it", scene.engine, copied.before.len());
}

/// What was done since the copy is undone, as the documentation says.
fn is_as_it_was(scene: &Scene, elsewhere: &Elsewhere<'_>, server: &Server, since: &str) {
    let application = Application::at(&server.url, &scene.token);
    assert_eq!(application.lists_roles("leaves").status, 200, "a key that was destroyed since is back");
    elsewhere.json(&["accounts", "disconnect", TENANT, "leaves"]);
    assert_eq!(application.lists_roles("leaves").status, 409, "and is destroyed again");
    let old = Application::at(&server.url, &scene.old.1);
    assert_eq!(old.lists_roles("jane").status, 200, "a token that was revoked since is good again");
    elsewhere.run(&["tokens", "revoke", TENANT, &scene.old.0]);
    assert_eq!(old.lists_roles("jane").status, 401, "and is revoked again");
    assert_eq!(application.lists_roles("comes").status, 409, "who connected since connects again");
    assert_eq!((opened(server, &scene.link), opened(server, since)), (200, 410), "links made since are unknown");
    let posts = scene.posts();
    assert_eq!(application.ticket("jane", "afterwards").0, 200);
    assert_eq!(scene.posts(), posts + 1, "a key that was used since is unknown");
}

async fn a_store_is_put_back(engine: Engine) {
    let Some(scene) = Scene::begin(engine).await else { return };
    let copied = scene.copy().await;
    let since = scene.go_on().await;
    let elsewhere = Elsewhere::with_copy(&scene.office, engine);
    refuses_without_its_root_keys(&scene, &elsewhere);
    elsewhere.bring_root_keys(&scene.office.root_keys());
    // The host's own two, the tenant's, three accounts', and an answer for each ticket.
    assert!(elsewhere.is_sound() >= 6 + copied.before.len() as u64);

    let receiver = Receiver::start();
    elsewhere.json(&["tenants", "set", TENANT, "--webhook-url", &receiver.url]);
    let server = elsewhere.serve();
    remembers(&scene, &Application::at(&server.url, &scene.token), &copied);
    is_as_it_was(&scene, &elsewhere, &server, &since);
    let event = receiver.await_event("eve", "pending", "active");
    event.is_signed_by(&scene.webhook_key);
    let id = event.headers["webhook-id"].to_str().unwrap();
    assert_eq!(scene.office.count("events", &format!("id = '{id}'")), 1, "it has the id that it had");
    server.end(rustix::process::Signal::TERM);
    elsewhere.is_sound();
    scene.office.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_copied_while_a_host_writes_is_put_back_whole() {
    a_store_is_put_back(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_postgres_too_what_is_copied_while_a_host_writes_is_put_back_whole() {
    a_store_is_put_back(Engine::Postgres).await;
}

/// What the documentation warns of: the file alone lacks what is in the log beside it.
#[tokio::test(flavor = "multi_thread")]
async fn the_file_alone_is_no_copy() {
    let Some(scene) = Scene::begin(Engine::Sqlite).await else { return };
    let load = Load::begin(&scene.application(), "jane");
    load.await_more(20);
    fs::copy(&scene.office.database, scene.office.path(copies::name(Engine::Sqlite))).unwrap();
    let made = load.end().len();
    let elsewhere = Elsewhere::with_copy(&scene.office, Engine::Sqlite);
    elsewhere.bring_root_keys(&scene.office.root_keys());
    let calls = elsewhere.value("SELECT count(*) FROM calls WHERE secret IS NOT NULL").and_then(|n| n.parse().ok());
    assert!(calls.is_none_or(|calls: usize| calls < 20 && calls < made), "{calls:?} of {made}");
}

/// Where the old file's log is left beside the copy, what comes out is neither: the documentation takes it away first.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_put_in_the_place_of_the_old_store_is_the_copy() {
    let Some(scene) = Scene::begin(Engine::Sqlite).await else { return };
    assert_eq!(scene.application().ticket("jane", "before").0, 200);
    copies::make(Engine::Sqlite, &scene.office.path(""), &scene.office.database);
    for number in 0..5 {
        assert_eq!(scene.application().ticket("jane", &format!("after-{number}")).0, 200);
    }
    let Scene { office, server, .. } = scene;
    // Killed, it leaves its log.
    server.kill();
    assert!(fs::metadata(office.path("accounts.db-wal")).unwrap().len() > 0);
    copies::put_back(Engine::Sqlite, &office.path(""), &office.database);
    assert_eq!(office.count("calls", "secret IS NOT NULL"), 1);
    office.is_sound();
}

/// A copy opens as long as the root keys of its day do, and no longer.
async fn retired_root_keys_end_copies(engine: Engine) {
    let Some(scene) = Scene::begin(engine).await else { return };
    let root_keys = scene.office.path("of-that-day.keys");
    fs::copy(scene.office.root_keys(), &root_keys).unwrap();
    copies::make(engine, &scene.office.path(""), &scene.office.database);
    scene.office.json(&["accounts", "disconnect", TENANT, "leaves"]);
    for _ in 0..2 {
        let rotated: Value = scene.office.json(&["vault", "rotate", "--retire"]);
        assert_eq!(rotated["failed"], json!([]), "{rotated}");
    }
    let elsewhere = Elsewhere::with_copy(&scene.office, engine);
    elsewhere.bring_root_keys(&scene.office.root_keys());
    let refused = elsewhere.misused(&["vault", "verify"]);
    assert!(refused.contains("sealed by root key"), "{refused}");
    elsewhere.bring_root_keys(&root_keys);
    assert!(elsewhere.is_sound() > 0, "whoever has kept them opens it");
    scene.office.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn once_their_root_key_is_retired_copies_of_a_file_do_not_open() {
    retired_root_keys_end_copies(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn once_their_root_key_is_retired_copies_of_postgres_do_not_open() {
    retired_root_keys_end_copies(Engine::Postgres).await;
}
