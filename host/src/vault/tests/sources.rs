//! Where root keys come from, and when they are read again.

use std::os::unix::fs::symlink;
use std::process::Command;
use std::thread;

use super::*;

fn patient(command: &str, millis: u64) -> Result<Vault, VaultError> {
    Vault::patient(&RootKeys::Command(command.to_owned()), Duration::from_millis(millis))
}

fn printing(folder: &Folder) -> String {
    format!("cat '{}'", folder.path().display())
}

#[test]
fn a_new_file_is_for_its_owner_alone_and_is_never_overwritten() {
    let folder = Folder::new();
    let id = Vault::create_file(&folder.path()).unwrap();
    assert_eq!(fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(folder.vault().known().unwrap(), [id]);
    let text = folder.text();
    assert_eq!(refused(Vault::create_file(&folder.path())), VaultError::FileExists(folder.path()));
    let nowhere = folder.0.path().join("none/root.keys");
    assert!(matches!(refused(Vault::create_file(&nowhere)), VaultError::NotWritable { .. }));
    // A link that leads nowhere is not followed.
    let link = folder.0.path().join("link");
    symlink(folder.0.path().join("target"), &link).unwrap();
    assert_eq!(refused(Vault::create_file(&link)), VaultError::FileExists(link));
    assert_eq!(folder.text(), text);
}

#[test]
fn a_file_that_others_may_use_is_refused() {
    let (folder, _) = Folder::with_vault();
    let link = folder.0.path().join("link");
    symlink(folder.path(), &link).unwrap();
    for mode in [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666, 0o440] {
        chmod(&folder.path(), mode);
        let error = refused(Vault::load(&folder.keys()));
        assert_eq!(error, VaultError::OthersMayUse { path: folder.path(), mode });
        assert!(error.to_string().ends_with(&format!("chmod 600 {}", folder.path().display())), "{error}");
        let error = refused(Vault::load(&RootKeys::File(link.clone())));
        assert_eq!(error, VaultError::OthersMayUse { path: link.clone(), mode });
    }
    for mode in [0o600, 0o400] {
        chmod(&folder.path(), mode);
        assert!(Vault::load(&folder.keys()).is_ok());
        assert!(Vault::load(&RootKeys::File(link.clone())).is_ok());
    }
}

#[test]
fn what_is_no_file_is_refused() {
    let folder = Folder::new();
    assert_eq!(refused(Vault::load(&folder.keys())), VaultError::NoFile(folder.path()));
    let directory = folder.0.path().to_owned();
    assert_eq!(refused(Vault::load(&RootKeys::File(directory.clone()))), VaultError::NoRegularFile(directory));
    let pipe = folder.0.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert_eq!(refused(Vault::load(&RootKeys::File(pipe.clone()))), VaultError::NoRegularFile(pipe));
    folder.write(&"# nothing\n".repeat(7000));
    let error = refused(Vault::load(&folder.keys()));
    assert_eq!(error, VaultError::TooLarge(format!("the file {}", folder.path().display())));
}

#[test]
fn a_file_that_was_replaced_is_read_before_the_next_seal() {
    let folder = Folder::new();
    folder.write(&line("0000000a", 1));
    let vault = folder.vault();
    let old = vault.seal(&place("jane"), &secret()).unwrap();
    folder.write(&(line("0000000b", 2) + &line("0000000a", 1)));
    let new = vault.seal(&place("jane"), &secret()).unwrap();
    assert_eq!(Vault::root_key_of(&new.data_key).unwrap(), "0000000b");
    assert_eq!(vault.known().unwrap(), ["0000000b", "0000000a"]);
    for sealed in [old, new] {
        assert_eq!(shown(&vault.open(&place("jane"), &sealed).unwrap()), SECRET);
    }
}

#[test]
fn a_file_that_broke_stops_seals_but_not_what_is_open() {
    let (folder, vault) = Folder::with_vault();
    let (text, id) = (folder.text(), vault.primary().unwrap());
    let sealed = vault.seal(&place("jane"), &secret()).unwrap();
    folder.write("half a li");
    assert!(matches!(refused(vault.seal(&place("jane"), &secret())), VaultError::BrokenLine { line: 1, .. }));
    fs::remove_file(folder.path()).unwrap();
    assert_eq!(refused(vault.seal(&place("jane"), &secret())), VaultError::NoFile(folder.path()));
    assert_eq!(shown(&vault.open(&place("jane"), &sealed).unwrap()), SECRET);
    folder.write(&text);
    chmod(&folder.path(), 0o640);
    assert!(matches!(refused(vault.seal(&place("jane"), &secret())), VaultError::OthersMayUse { .. }));
    chmod(&folder.path(), 0o600);
    let sealed = vault.seal(&place("jane"), &secret()).unwrap();
    assert_eq!(Vault::root_key_of(&sealed.data_key).unwrap(), id);
}

#[test]
fn an_unknown_root_key_has_the_file_read_again() {
    let folder = Folder::new();
    folder.write(&line("0000000a", 1));
    let here = folder.vault();
    folder.write(&(line("0000000b", 2) + &line("0000000a", 1)));
    let sealed = folder.vault().seal(&place("jane"), &secret()).unwrap();
    assert_eq!(shown(&here.open(&place("jane"), &sealed).unwrap()), SECRET);
    // Also a moment after another that was in vain: the file has changed since.
    let mut bad = sealed;
    bad.data_key[1..9].copy_from_slice(b"00000bad");
    assert_eq!(refused(here.open(&place("jane"), &bad)), VaultError::UnknownRootKey("00000bad".to_owned()));
    folder.write(&(line("0000000c", 3) + &line("0000000b", 2)));
    let sealed = folder.vault().seal(&place("jane"), &secret()).unwrap();
    assert_eq!(shown(&here.open(&place("jane"), &sealed).unwrap()), SECRET);
}

#[test]
fn unknown_root_keys_are_no_reason_to_read_all_the_time() {
    let (folder, vault) = Folder::with_vault();
    let mut sealed = vault.seal(&place("jane"), &secret()).unwrap();
    let count = folder.0.path().join("count");
    let command = format!("echo >> '{}'; {}", count.display(), printing(&folder));
    let vault = patient(&command, 10_000).unwrap();
    sealed.data_key[1..9].copy_from_slice(b"00000bad");
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..100 {
                    let error = refused(vault.open(&place("jane"), &sealed));
                    assert_eq!(error, VaultError::UnknownRootKey("00000bad".to_owned()));
                }
            });
        }
    });
    assert_eq!(fs::read_to_string(count).unwrap().len(), 2);
}

/// The environment of a process that has threads is not to be changed, so the test runs itself in another one.
#[test]
fn root_keys_come_from_a_variable() {
    const RING: &str = "VAULT_TEST_RING";
    const THIS: &str = "vault::tests::sources::root_keys_come_from_a_variable";
    let keys = RootKeys::Variable(RING.to_owned());
    if std::env::var_os(RING).is_some() {
        let vault = Vault::load(&keys).unwrap();
        assert_eq!(vault.known().unwrap(), ["0000000a", "0000000b"]);
        let sealed = vault.seal(&place("jane"), &secret()).unwrap();
        assert_eq!(shown(&vault.open(&place("jane"), &sealed).unwrap()), SECRET);
        let elsewhere = VaultError::Elsewhere(format!("the variable {RING}"));
        assert_eq!(refused(vault.add_root_key()), elsewhere);
        assert_eq!(refused(vault.retire_root_key("0000000b")), elsewhere);
        return;
    }
    assert_eq!(refused(Vault::load(&keys)), VaultError::NoVariable(RING.to_owned()));
    let ring = line("0000000a", 1) + &line("0000000b", 2);
    let child =
        Command::new(std::env::current_exe().unwrap()).args(["--exact", THIS]).env(RING, ring).output().unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn root_keys_come_from_a_command() {
    let (folder, vault) = Folder::with_vault();
    let sealed = vault.seal(&place("jane"), &secret()).unwrap();
    let vault = Vault::load(&RootKeys::Command(printing(&folder))).unwrap();
    assert_eq!(shown(&vault.open(&place("jane"), &sealed).unwrap()), SECRET);
    // A key that the command did not print before.
    let id = folder.vault().add_root_key().unwrap();
    let sealed = folder.vault().seal(&place("jane"), &secret()).unwrap();
    assert_eq!(shown(&vault.open(&place("jane"), &sealed).unwrap()), SECRET);
    assert_eq!(vault.primary().unwrap(), id);
}

#[test]
fn a_command_that_fails_gives_no_root_keys_whatever_it_printed() {
    let (folder, _) = Folder::with_vault();
    let failed = refused(patient(&format!("{}; exit 3", printing(&folder)), 10_000));
    assert_eq!(failed, VaultError::CommandFailed("exit status: 3".to_owned()));
    assert!(matches!(refused(patient("kill -9 $$", 10_000)), VaultError::CommandFailed(_)));
    assert!(matches!(refused(patient("/nowhere/at-all", 10_000)), VaultError::CommandFailed(_)));
    assert!(matches!(refused(patient("true", 10_000)), VaultError::NoRootKey(_)));
    let much = refused(patient("yes '# 0123456789abcdef'", 10_000));
    assert_eq!(much, VaultError::TooLarge("the command for root keys".to_owned()));
}

#[test]
fn a_command_that_hangs_is_killed_with_all_that_it_started() {
    let (folder, _) = Folder::with_vault();
    let late = folder.0.path().join("late");
    // Some hang before they have printed, some behind it; and what they started lives on in the same group.
    for command in [
        format!("(sleep 2; touch '{}') & sleep 60", late.display()),
        format!("{}; exec >&-; (sleep 2; touch '{}') & sleep 60", printing(&folder), late.display()),
        format!("{}; (sleep 2; touch '{}') &", printing(&folder), late.display()),
    ] {
        let began = Instant::now();
        assert_eq!(refused(patient(&command, 300)), VaultError::CommandHung(0), "{command}");
        assert!(began.elapsed() < Duration::from_millis(1900), "{command}");
    }
    thread::sleep(Duration::from_millis(2500));
    assert!(!late.exists());
}

#[test]
fn a_slow_command_is_asked_less_often_and_known_keys_do_not_wait_for_it() {
    let (folder, vault) = Folder::with_vault();
    let good = vault.seal(&place("jane"), &secret()).unwrap();
    let mut bad = good.clone();
    bad.data_key[1..9].copy_from_slice(b"00000bad");
    let slow = folder.0.path().join("slow");
    let command = format!("test -e '{}' && sleep 60; {}", slow.display(), printing(&folder));
    let vault = patient(&command, 3000).unwrap();
    fs::write(&slow, "").unwrap();
    thread::scope(|scope| {
        let hanging = scope.spawn(|| vault.open(&place("jane"), &bad).is_err());
        thread::sleep(Duration::from_millis(100));
        assert!(vault.open(&place("jane"), &good).is_ok() && vault.seal(&place("jane"), &secret()).is_ok());
        assert!(!hanging.is_finished());
        assert!(hanging.join().unwrap());
    });
    // The next reading is ten times as far away as the last one took.
    thread::sleep(Duration::from_millis(1200));
    let began = Instant::now();
    assert!(vault.open(&place("jane"), &bad).is_err());
    assert!(began.elapsed() < Duration::from_millis(2000));
}
