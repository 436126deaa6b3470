//! The trail: its order, its durability, and what tampering with it shows.

use super::super::chain::AuditKey;
use super::super::{Store, StoreError};
use super::fixture::*;

/// A world whose host `one` has written five entries.
async fn five(world: &World) {
    for kind in ["b", "c", "d", "e"] {
        world.store.write(entry(kind)).await.unwrap();
    }
    assert_eq!(faults(&world.store).await, [""; 0]);
}

async fn faults(store: &Store) -> Vec<String> {
    store.verify_trail(&KEY).await.unwrap().faults
}

/// Worlds whose host `one` has written five entries, for one fault after another.
struct Written(Vec<World>);

impl Written {
    async fn new() -> Self {
        let worlds = worlds().await;
        for world in &worlds {
            five(world).await;
            let keep = "CREATE TABLE kept_audit AS SELECT * FROM audit; CREATE TABLE kept_heads AS SELECT * FROM heads";
            world.database.meddle(keep);
        }
        Self(worlds)
    }

    /// What is found after somebody ran these statements, which are taken back.
    async fn tampered(&self, sql: &str) -> Vec<String> {
        let mut found = Vec::new();
        for world in &self.0 {
            world.database.meddle(sql);
            found.push(faults(&world.store).await);
            let back = "DELETE FROM audit; DELETE FROM heads; INSERT INTO audit SELECT * FROM kept_audit;
                INSERT INTO heads SELECT * FROM kept_heads";
            world.database.meddle(back);
            assert_eq!(faults(&world.store).await, [""; 0]);
        }
        assert!(found.iter().all(|faults| *faults == found[0]), "{found:?}");
        found.remove(0)
    }
}

#[tokio::test]
async fn an_entry_comes_back_as_it_was_written() {
    for world in worlds().await {
        world.store.write(entry("account.shown")).await.unwrap();
        let row = world.store.trail(None, None, 1).await.unwrap().remove(0);
        assert_eq!((row.host.as_str(), row.seq, row.at), ("one", 2, NOW));
        assert_eq!(
            (row.kind.as_str(), row.tenant.as_str(), row.identifier.as_str()),
            ("account.shown", "acme", "jane")
        );
        assert_eq!(row.detail, entry("").detail);
        assert_eq!(world.store.verify_trail(&KEY).await.unwrap().chains, [("one".to_owned(), 2)]);
    }
}

#[tokio::test]
async fn the_trail_is_listed_page_by_page_and_by_tenant() {
    for world in worlds().await {
        let other = world.another("two").await;
        for number in 0..4 {
            let mut entry = entry("x");
            (entry.at, entry.tenant) = (NOW + number, if number % 2 == 0 { "b" } else { "acme" }.to_owned());
            let store = if number < 2 { &world.store } else { &other };
            store.write(entry).await.unwrap();
        }
        let (mut all, mut before) = (Vec::new(), None);
        while let [row] = world.store.trail(None, before.take(), 1).await.unwrap().as_slice() {
            before = Some((row.at, row.host.clone(), row.seq));
            all.push((row.host.clone(), row.seq));
        }
        let one = |seq| ("one".to_owned(), seq);
        assert_eq!(all, [("two".to_owned(), 2), ("two".to_owned(), 1), one(3), one(2), one(1)]);
        let mine = world.store.trail(Some("b"), None, 10).await.unwrap();
        assert_eq!(mine.iter().map(|row| row.at).collect::<Vec<_>>(), [NOW + 2, NOW]);
        assert_eq!(world.store.verify_trail(&KEY).await.unwrap().chains, [one(3), ("two".to_owned(), 2)]);
    }
}

#[tokio::test]
async fn a_use_is_durable_within_moments_and_in_its_place() {
    for world in worlds().await {
        let other = world.another("two").await;
        for _ in 0..100 {
            world.store.note(entry("key.used")).unwrap();
        }
        // A disk may take a while; 101 rows are there within 50 ms where it does not.
        let written = async || other.trail(None, None, 1000).await.unwrap().len();
        for _ in 0..200 {
            if written().await >= 101 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(written().await, 101);
        world.store.note(entry("key.used")).unwrap();
        world.store.write(entry("last")).await.unwrap();
        assert_eq!(world.kinds().await[..2], ["last", "key.used"]);
        assert_eq!(faults(&world.store).await, [""; 0]);
    }
}

#[tokio::test]
async fn what_is_queued_is_written_when_the_store_is_closed() {
    for world in worlds().await {
        for _ in 0..300 {
            world.store.note(entry("key.used")).unwrap();
        }
        world.store.close().await;
        world.store.close().await;
        assert_eq!(world.store.note(entry("late")), Err(StoreError::Closed));
        assert_eq!(world.store.write(entry("late")).await, Err(StoreError::Closed));
        let again = world.another("one").await;
        assert_eq!(again.trail(None, None, 1000).await.unwrap().len(), 301);
        again.write(entry("more")).await.unwrap();
        assert_eq!(again.verify_trail(&KEY).await.unwrap().chains, [("one".to_owned(), 302)]);
        assert_eq!(faults(&again).await, [""; 0]);
    }
}

#[tokio::test]
async fn nothing_is_written_before_the_trail_is_begun() {
    for world in worlds().await {
        let store = Store::open(&world.database.database, "two").await.unwrap();
        assert_eq!(store.note(entry("x")), Err(StoreError::NotBegun));
        assert_eq!(store.write(entry("x")).await, Err(StoreError::NotBegun));
        assert_eq!(store.keep_key("audit", &sealed(1)).await, Ok(sealed(1)));
    }
}

#[tokio::test]
async fn an_edited_entry_is_found() {
    let written = Written::new().await;
    for field in ["kind = 'x'", "tenant = 'x'", "identifier = 'x'", "at = at + 1", "detail = '{}'"] {
        let found = written.tampered(&format!("UPDATE audit SET {field} WHERE seq = 3")).await;
        assert_eq!(found, ["host \"one\": entry 3 is not as it was written, or not where"], "{field}");
    }
    let found = written.tampered("UPDATE audit SET mac = (SELECT mac FROM audit WHERE seq = 1) WHERE seq = 3").await;
    assert_eq!(found.len(), 2);
}

#[tokio::test]
async fn a_deleted_entry_is_found() {
    let written = Written::new().await;
    assert_eq!(written.tampered("DELETE FROM audit WHERE seq = 1").await, ["host \"one\": entry 1 is missing"]);
    let middle = written.tampered("DELETE FROM audit WHERE seq IN (2, 3)").await;
    assert_eq!(middle, ["host \"one\": entries 2 to 3 are missing"]);
    assert_eq!(written.tampered("DELETE FROM audit WHERE seq = 5").await, ["host \"one\": entry 5 is missing"]);
    assert_eq!(written.tampered("DELETE FROM audit").await, ["host \"one\": entries 1 to 5 are missing"]);
    assert_eq!(written.tampered("DELETE FROM heads").await, ["host \"one\": the chain has no head"]);
    // The numbers closed up behind it.
    let closed = "DELETE FROM audit WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4;
        UPDATE audit SET seq = 4 WHERE seq = 5";
    let found = written.tampered(closed).await;
    assert_eq!(found.len(), 3, "{found:?}");
}

#[tokio::test]
async fn reordered_entries_are_found() {
    let written = Written::new().await;
    let swap = "UPDATE audit SET seq = 9 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3;
        UPDATE audit SET seq = 3 WHERE seq = 9";
    assert_eq!(written.tampered(swap).await.len(), 3);
}

#[tokio::test]
async fn a_forged_head_is_found() {
    let written = Written::new().await;
    let unsealed = "host \"one\": the head was not sealed by this store's key";
    let back = "DELETE FROM audit WHERE seq = 5; UPDATE heads SET seq = 4, mac = (SELECT mac FROM audit WHERE seq = 4)";
    assert_eq!(written.tampered(back).await, [unsealed]);
    let seal = "UPDATE heads SET seal = (SELECT mac FROM audit WHERE seq = 4)";
    assert_eq!(written.tampered(seal).await, [unsealed]);
    let other = "UPDATE heads SET mac = seal";
    assert_eq!(
        written.tampered(other).await,
        [unsealed, "host \"one\": the last entry is not the one that the head names"]
    );
}

#[tokio::test]
async fn entries_outside_of_the_chain_are_found() {
    let written = Written::new().await;
    let copy = |host: &str, seq: &str| {
        format!(
            "INSERT INTO audit SELECT {host}, {seq}, at, kind, tenant, identifier, detail, mac FROM audit WHERE seq = 5"
        )
    };
    let low = written.tampered(&(copy("host", "0") + ";" + &copy("host", "-7"))).await;
    assert_eq!(low, ["host \"one\": entry -7 is numbered below 1", "host \"one\": entry 0 is numbered below 1"]);
    let beyond = written.tampered(&copy("host", "6")).await;
    let after = "host \"one\": there are entries after 5, where the head says that the chain ends";
    assert_eq!(beyond, ["host \"one\": entry 6 is not as it was written, or not where", after]);
    let alone = written.tampered(&copy("'ghost'", "1")).await;
    assert_eq!(alone[1], "host \"ghost\": the chain has no head");
}

#[tokio::test]
async fn a_chain_and_its_head_put_back_together_show_in_the_number_of_entries_alone() {
    for world in worlds().await {
        world.database.meddle("CREATE TABLE earlier AS SELECT * FROM heads");
        five(&world).await;
        assert_eq!(world.store.verify_trail(&KEY).await.unwrap().chains, [("one".to_owned(), 5)]);
        world
            .database
            .meddle("DELETE FROM audit WHERE seq > 1; DELETE FROM heads; INSERT INTO heads SELECT * FROM earlier");
        let report = world.store.verify_trail(&KEY).await.unwrap();
        assert_eq!((report.chains, report.faults), (vec![("one".to_owned(), 1)], Vec::new()));
        // The running host notices.
        let moved = StoreError::OtherWriter { host: "one".to_owned() };
        assert_eq!(world.store.write(entry("next")).await, Err(moved));
    }
}

#[tokio::test]
async fn another_key_verifies_nothing() {
    for world in worlds().await {
        five(&world).await;
        assert_eq!(world.store.verify_trail(&[8; 32]).await.unwrap().faults.len(), 6);
        let store = Store::open(&world.database.database, "one").await.unwrap();
        let error = store.begin_trail([8; 32]).await.unwrap_err();
        assert!(matches!(error, StoreError::TrailBroken { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_broken_chain_is_not_continued() {
    for broken in ["DELETE FROM heads", "DELETE FROM audit WHERE seq = 5", "UPDATE heads SET seq = 4"] {
        for world in worlds().await {
            five(&world).await;
            world.database.meddle(broken);
            let store = Store::open(&world.database.database, "one").await.unwrap();
            let error = store.begin_trail(KEY).await.unwrap_err();
            assert!(matches!(error, StoreError::TrailBroken { .. }), "{broken}: {error}");
            open(&world.database.database, "three").await.write(entry("x")).await.unwrap();
        }
    }
}

#[tokio::test]
async fn processes_of_one_name_go_on_with_one_chain() {
    for world in worlds().await {
        let other = world.another("one").await;
        other.write(entry("by the other")).await.unwrap();
        world.store.note(entry("a use")).unwrap();
        let jane = user("jane");
        let event = event(&jane, "e1", None, crate::accounts::State::Pending);
        assert_eq!(world.store.create_account(&account(&jane), &event, entry("by the first")).await, Ok(true));
        other.write(entry("goes on")).await.unwrap();
        assert_eq!(faults(&other).await, [""; 0]);
        assert_eq!(world.kinds().await, ["goes on", "by the first", "a use", "by the other", "tenant.created"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_of_one_name_take_turns() {
    for world in worlds().await {
        let mut writing = tokio::task::JoinSet::new();
        for store in [world.store.clone(), world.another("one").await, world.another("one").await] {
            writing.spawn(async move {
                for _ in 0..50 {
                    store.write(entry("x")).await.unwrap();
                }
            });
        }
        writing.join_all().await;
        assert_eq!(faults(&world.store).await, [""; 0]);
        assert_eq!(world.store.verify_trail(&KEY).await.unwrap().chains, [("one".to_owned(), 151)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_is_verified_while_hosts_write() {
    for world in worlds().await {
        let store = world.store.clone();
        let writing = tokio::spawn(async move {
            for _ in 0..300 {
                store.write(entry("x")).await.unwrap();
            }
        });
        while !writing.is_finished() {
            assert_eq!(faults(&world.store).await, [""; 0]);
        }
        writing.await.unwrap();
        assert_eq!(world.store.verify_trail(&KEY).await.unwrap().chains, [("one".to_owned(), 301)]);
    }
}

#[test]
fn fields_of_an_entry_are_told_apart() {
    let key = AuditKey::new(KEY);
    let told =
        |kind, tenant| super::super::chain::Told { host: "h", seq: 1, at: 2, kind, tenant, identifier: "", detail: "" };
    assert_ne!(key.entry(b"", &told("a", "bc")), key.entry(b"", &told("ab", "c")));
    assert_ne!(key.entry(b"", &told("a", "bc")), key.entry(b"x", &told("a", "bc")));
    assert_ne!(key.seal("h", 1, b"m"), key.seal("h", 2, b"m"));
    assert_ne!(key.beginning("h"), key.beginning("i"));
}
