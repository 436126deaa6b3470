//! Root keys are replaced while the host runs.

use std::os::unix::fs::symlink;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::*;

#[test]
fn a_rewrapped_data_key_opens_the_same_secret_by_the_new_root_key() {
    let (folder, vault) = Folder::with_vault();
    let old = vault.primary().unwrap();
    let sealed = vault.seal(&place("jane"), &secret()).unwrap();
    assert_eq!(vault.rewrap(&place("jane"), &sealed.data_key).unwrap(), None);
    let new = vault.add_root_key().unwrap();
    assert_eq!(vault.known().unwrap(), [new.clone(), old.clone()]);
    let error = refused(vault.rewrap(&place("john"), &sealed.data_key));
    assert_eq!(error, VaultError::DataKeyRefused(old.clone()));
    let data_key = vault.rewrap(&place("jane"), &sealed.data_key).unwrap().unwrap();
    assert_eq!((data_key.len(), Vault::root_key_of(&data_key).unwrap()), (WRAPPED, new.clone()));
    let rewrapped = Sealed { data_key, secret: sealed.secret.clone() };
    for sealed in [&sealed, &rewrapped] {
        assert_eq!(shown(&vault.open(&place("jane"), sealed).unwrap()), SECRET);
    }
    vault.retire_root_key(&old).unwrap();
    assert_eq!(folder.vault().known().unwrap(), [new]);
    assert_eq!(shown(&vault.open(&place("jane"), &rewrapped).unwrap()), SECRET);
    assert_eq!(refused(vault.open(&place("jane"), &sealed)), VaultError::UnknownRootKey(old));
}

#[test]
fn the_primary_stays_and_so_does_what_is_no_root_key() {
    let (folder, vault) = Folder::with_vault();
    let (id, text) = (vault.primary().unwrap(), folder.text());
    assert_eq!(refused(vault.retire_root_key(&id)), VaultError::Primary(id));
    assert_eq!(refused(vault.retire_root_key("00000bad")), VaultError::UnknownRootKey("00000bad".to_owned()));
    assert_eq!(refused(vault.retire_root_key("0")), VaultError::NoKeyId);
    assert_eq!(folder.text(), text);
}

#[test]
fn comments_and_mode_survive_and_nothing_is_left_beside_the_file() {
    let folder = Folder::new();
    let text = format!("# one\n\n{}# two\n{}", line("0000000a", 1), line("0000000b", 2));
    folder.write(&text);
    // What a process left that was killed.
    fs::write(folder.0.path().join(".root.keys.new"), "half").unwrap();
    let vault = folder.vault();
    let id = vault.add_root_key().unwrap();
    let new = folder.text();
    let added = new.lines().nth(2).unwrap();
    assert!(added.starts_with(&id) && added.len() == 8 + 1 + 44, "{new}");
    assert_eq!(new.replace(&format!("{added}\n"), ""), text);
    vault.retire_root_key("0000000a").unwrap();
    assert_eq!(folder.text(), new.replace(&line("0000000a", 1), ""));
    assert_eq!(fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(folder.0.path()).unwrap().count(), 1);
}

#[test]
fn behind_a_link_the_target_is_replaced() {
    let (folder, _) = Folder::with_vault();
    let link = folder.0.path().join("link");
    symlink(folder.path(), &link).unwrap();
    let vault = Vault::load(&RootKeys::File(link.clone())).unwrap();
    let id = vault.add_root_key().unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(folder.vault().primary().unwrap(), id);
}

#[test]
fn a_file_that_is_broken_or_read_by_others_is_not_changed() {
    let (folder, vault) = Folder::with_vault();
    chmod(&folder.path(), 0o640);
    assert!(matches!(refused(vault.add_root_key()), VaultError::OthersMayUse { .. }));
    folder.write("broken");
    assert!(matches!(refused(vault.add_root_key()), VaultError::BrokenLine { .. }));
    assert_eq!(folder.text(), "broken");
    fs::remove_file(folder.path()).unwrap();
    assert_eq!(refused(vault.add_root_key()), VaultError::NoFile(folder.path()));
}

#[test]
fn rotations_at_the_same_time_drop_no_key() {
    let (folder, vault) = Folder::with_vault();
    let added = Mutex::new(vec![vault.primary().unwrap()]);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                // A vault of its own, as another process has.
                let vault = folder.vault();
                for _ in 0..5 {
                    let id = vault.add_root_key().unwrap();
                    added.lock().unwrap().push(id);
                }
            });
        }
    });
    let (mut added, mut known) = (added.into_inner().unwrap(), vault.known().unwrap());
    added.sort();
    known.sort();
    assert_eq!((known.len(), known), (41, added));
}

#[test]
fn eight_threads_seal_and_open_while_the_root_key_is_rotated() {
    let (folder, vault) = Folder::with_vault();
    // Two hosts over one file.
    let hosts = [vault, folder.vault()];
    let rows = Mutex::new(Vec::new());
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for worker in 0..8 {
            let (hosts, rows, done) = (&hosts, &rows, &done);
            scope.spawn(move || {
                for turn in 0.. {
                    let name = format!("user-{worker}-{turn}");
                    let sealed = hosts[worker % 2].seal(&place(&name), &SecretString::from(&*name)).unwrap();
                    let opened = hosts[(worker + 1) % 2].open(&place(&name), &sealed);
                    assert_eq!(shown(&opened.unwrap()), name);
                    rows.lock().unwrap().push((name, sealed));
                    if done.load(Ordering::Relaxed) {
                        break;
                    }
                }
            });
        }
        for _ in 0..5 {
            hosts[0].add_root_key().unwrap();
            for (name, sealed) in rows.lock().unwrap().iter_mut() {
                if let Some(data_key) = hosts[0].rewrap(&place(name), &sealed.data_key).unwrap() {
                    sealed.data_key = data_key;
                }
            }
            thread::sleep(Duration::from_millis(50));
        }
        done.store(true, Ordering::Relaxed);
    });
    let known = hosts[0].known().unwrap();
    assert_eq!(known.len(), 6);
    let mut rows = rows.into_inner().unwrap();
    for (name, sealed) in &mut rows {
        if let Some(data_key) = hosts[0].rewrap(&place(name), &sealed.data_key).unwrap() {
            sealed.data_key = data_key;
        }
    }
    known[1..].iter().for_each(|old| hosts[0].retire_root_key(old).unwrap());
    assert!(rows.len() >= 8);
    for (name, sealed) in &rows {
        assert_eq!(shown(&folder.vault().open(&place(name), sealed).unwrap()), name);
    }
}
