//! Where accounts are kept and by which root keys: what is made at the first start, and what is refused.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use freshdesk_simulator::seed;

use crate::office::{Engine, Office, TENANT, user};
use crate::output::{refused, stderr, succeeded};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_makes_a_root_key_and_says_where() {
    let office = Office::open().await;
    assert!(office.misused(&["tenants", "list"]).contains("there is no database"), "who only looks makes nothing");
    assert!(!office.root_keys().exists());
    let first = office.run(&["tenants", "create", TENANT]);
    succeeded(&first);
    let said = stderr(&first);
    assert!(said.contains(&format!("made a root key in {}", office.root_keys().display())), "{said}");
    assert!(said.contains("Back it up"), "{said}");
    for file in [office.root_keys(), office.path("accounts.db")] {
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o077, 0, "{} is its owner's", file.display());
    }
    let second = office.run(&["tenants", "list"]);
    succeeded(&second);
    assert_eq!(stderr(&second), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_without_its_root_keys_is_refused_and_no_new_ones_are_made() {
    let office = Office::with_tenant(Engine::Sqlite).await.unwrap();
    let kept = fs::read(office.root_keys()).unwrap();
    fs::remove_file(office.root_keys()).unwrap();
    let said = office.misused(&["tenants", "list"]);
    assert!(said.contains("there is no file of root keys") && said.contains("put it back"), "{said}");
    assert!(!office.root_keys().exists());

    fs::write(office.root_keys(), &kept).unwrap();
    fs::set_permissions(office.root_keys(), Permissions::from_mode(0o644)).unwrap();
    assert!(office.misused(&["tenants", "list"]).contains("chmod 600"));

    fs::set_permissions(office.root_keys(), Permissions::from_mode(0o600)).unwrap();
    fs::write(office.root_keys(), "").unwrap();
    assert!(office.misused(&["tenants", "list"]).contains("there is no root key in"));
    fs::write(office.root_keys(), "0a1b2c3d not-base64\n").unwrap();
    let broken = office.misused(&["tenants", "list"]);
    assert!(broken.contains("line 1") && !broken.contains("not-base64"), "{broken}");

    fs::write(office.root_keys(), &kept).unwrap();
    succeeded(&office.run(&["tenants", "list"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn other_root_keys_are_refused_over_both_databases() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(office) = Office::with_tenant(engine).await else { continue };
        let id = fs::read_to_string(office.root_keys()).unwrap();
        let id = id.lines().find(|line| !line.starts_with('#')).unwrap().split(' ').next().unwrap().to_owned();
        let others = office.path("others.keys");
        freshdesk_host::create_root_keys(&others).unwrap();
        let source = format!("file:{}", others.display());
        for arguments in [vec!["tenants", "list"], vec!["serve", "--listen", "127.0.0.1:0"]] {
            let said = refused(&office.bare_command(&arguments).args(["--root-keys", &source]).output().unwrap());
            assert!(said.contains(&format!("sealed by root key {id}")), "{said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn root_keys_come_from_a_variable_or_a_command_and_never_from_two_places() {
    let office = Office::with_tenant(Engine::Sqlite).await.unwrap();
    office.connect(&user("jane"), seed::ADMIN_KEY).await;
    let keys = fs::read_to_string(office.root_keys()).unwrap();
    fs::rename(office.root_keys(), office.path("elsewhere")).unwrap();
    let run = |source: Option<&str>, variable: Option<&str>| {
        let mut command = office.bare_command(&["vault", "verify"]);
        command.args(source.into_iter().flat_map(|source| ["--root-keys", source]));
        command.envs(variable.map(|name| (name, &keys)));
        command.output().unwrap()
    };
    succeeded(&run(None, Some("FRESHDESK_ROOT_KEYS")));
    succeeded(&run(Some("env:KEYS"), Some("KEYS")));
    succeeded(&run(Some("env:FRESHDESK_ROOT_KEYS"), Some("FRESHDESK_ROOT_KEYS")));
    succeeded(&run(Some("command:cat elsewhere"), None));
    for (source, variable, said) in [
        (Some("file:elsewhere"), Some("FRESHDESK_ROOT_KEYS"), "unset one of them"),
        (Some("env:KEYS"), None, "the variable KEYS is not set"),
        (Some("command:exit 3"), None, "run it by hand"),
        (Some("command:echo secret-of-a-command"), None, "line 1"),
        (Some("vault"), None, "--root-keys takes file:PATH, env:NAME or command:TEXT"),
        (None, None, "there is no file of root keys"),
    ] {
        let told = refused(&run(source, variable));
        assert!(told.contains(said) && !told.contains("secret-of-a-command"), "{told}");
        assert!(!told.contains(keys.split(' ').next_back().unwrap().trim()), "no key is in it");
    }
    // A rotation begins where the keys are: the operator puts a new one in front there.
    let rotate = || {
        let mut command = office.bare_command(&["vault", "rotate"]);
        command.args(["--root-keys", "command:cat elsewhere"]).output().unwrap()
    };
    let nothing = rotate();
    assert_eq!(nothing.status.code(), Some(1));
    assert!(stderr(&nothing).contains("a new first line"), "{}", stderr(&nothing));
    freshdesk_host::create_root_keys(&office.path("other.keys")).unwrap();
    let both = fs::read_to_string(office.path("other.keys")).unwrap() + &keys;
    fs::write(office.path("elsewhere"), both).unwrap();
    let rotated = succeeded(&rotate());
    assert!(rotated.contains("3 secrets were wrapped anew") && rotated.contains("wraps 0"), "{rotated}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_database_is_left_as_it_is() {
    let office = Office::open().await;
    let text = "Dear Sir or Madam, this is no database. ".repeat(200);
    fs::write(&office.database, &text).unwrap();
    freshdesk_host::create_root_keys(&office.root_keys()).unwrap();
    let said = office.misused(&["tenants", "list"]);
    assert!(said.contains("accounts.db"), "it names the file: {said}");
    assert_eq!(fs::read_to_string(&office.database).unwrap(), text);
    assert!(
        office.misused(&["tenants", "create", TENANT, "--database", "/proc/no/such/folder.db"]).contains("/proc/no")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_version_is_refused() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(office) = Office::with_tenant(engine).await else { continue };
        office.meddle("UPDATE schema_version SET version = 99");
        let said = office.misused(&["tenants", "list"]);
        assert!(said.contains("99") && said.contains("newer"), "{said}");
        assert_eq!(office.count("tenants", &format!("id = '{TENANT}'")), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_wants_root_keys_named_and_its_password_is_not_repeated() {
    let office = Office::open().await;
    let url = "postgres://host:pass-of-postgres@127.0.0.1:1/accounts";
    let said = refused(&office.bare_command(&["tenants", "list"]).args(["--database", url]).output().unwrap());
    assert!(said.contains("name the source of the root keys"), "{said}");
    freshdesk_host::create_root_keys(&office.root_keys()).unwrap();
    let source = format!("file:{}", office.root_keys().display());
    let unreachable =
        office.bare_command(&["tenants", "list"]).args(["--database", url, "--root-keys", &source]).output();
    let unreachable = refused(&unreachable.unwrap());
    assert!(!unreachable.contains("pass-of-postgres") && unreachable.contains("127.0.0.1"), "{unreachable}");
    let help = succeeded(
        &office.bare_command(&["tenants", "list", "--help"]).env("FRESHDESK_DATABASE", url).output().unwrap(),
    );
    assert!(!help.contains("pass-of-postgres"));
}
