//! A data key that was destroyed is nowhere in the files of SQLite.

use memchr::memmem;

use super::super::engine::{Change, sql};
use super::super::sealed::{add, new_id};
use super::super::{Database, accounts};
use super::fixture::*;
use super::sqlite;
use crate::accounts::State;
use crate::vault::{Sealed, WRAPPED};

const ACCOUNTS: u64 = 100_000;

const MARK: &[u8; 8] = b"\xF1keymark";

/// A wrapped data key that is known by any 24 bytes of it.
fn wrapped(number: u64) -> Vec<u8> {
    let known = [MARK.as_slice(), &number.to_be_bytes()].concat();
    known.into_iter().cycle().take(WRAPPED).collect()
}

/// Adds an account with a key; of rows, only the data keys have one length.
fn added(change: Change, number: u64) -> Change {
    let id = new_id().unwrap();
    let key = Sealed { data_key: wrapped(number), secret: vec![1; 40 + (number * 7 % 40) as usize] };
    let account =
        "INSERT INTO accounts (tenant, identifier, id, state, roles, version, data_key, secret, created_at, changed_at)
        VALUES ('acme', $1, 'id', 'active', '[]', 1, $2, $3, 1, 1)";
    let account = sql(account).with(&format!("user-{}", number * 7919 % ACCOUNTS)).with(id).with(&key.secret);
    change.one(add(id, &key)).one(account)
}

/// Of which accounts there is any piece of a data key in the file.
fn found(path: &std::path::Path) -> std::collections::HashMap<u64, usize> {
    let file = std::fs::read(path).unwrap_or_default();
    let mut found = std::collections::HashMap::new();
    for at in memmem::find_iter(&file, MARK) {
        let number = file.get(at + 8..at + 16).map_or(u64::MAX, |bytes| u64::from_be_bytes(bytes.try_into().unwrap()));
        *found.entry(number).or_default() += 1;
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_thousand_destroyed_keys_the_files_hold_nothing() {
    let world = World::new(sqlite()).await;
    let Database::Sqlite(path) = &world.database.database else { panic!("no file") };
    for block in 0..ACCOUNTS / 5000 {
        let change = (block * 5000..(block + 1) * 5000).fold(Change::default(), added);
        assert_eq!(world.store.change(change).await, Ok(true));
        // Half of them are destroyed before more are added.
        let gone =
            (block * 2500..(block + 1) * 2500).map(|number| user(&format!("user-{}", number * 2 * 7919 % ACCOUNTS)));
        let change = gone.fold(Change::default(), |change, user| change.and(accounts::without_key(&user)));
        assert_eq!(world.store.change(change).await, Ok(true));
    }
    // By the way that accounts go, too.
    let odd = user(&format!("user-{}", 7919 % ACCOUNTS));
    let event = event(&odd, "e1", Some(State::Active), State::Disconnected);
    assert_eq!(world.store.disconnect(&odd, &event, entry("gone")).await, Ok(true));
    world.store.sweep_links(NOW, NOW).await.unwrap();

    assert_eq!(std::fs::metadata(path.with_extension("db-wal")).unwrap().len(), 0);
    let found = found(path);
    assert_eq!(found.len() as u64, ACCOUNTS / 2 - 1);
    let kept = |(number, pieces): (&u64, &usize)| number % 2 == 1 && *number > 1 && *pieces == WRAPPED / 16;
    assert!(found.iter().all(kept));
}
