//! What cannot be done is said with what to do.

use crate::office::{EMAIL, Engine, Office, TENANT};
use crate::output::{stderr, stdout};

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_said_with_what_to_do() {
    let office = Office::with_tenant(Engine::Sqlite).await.unwrap();
    for (arguments, said) in [
        (vec!["accounts", "connect", "nobody", "jane", "--code"], "there is no such tenant"),
        (vec!["accounts", "show", TENANT, "nobody"], "there is no such account"),
        (vec!["accounts", "disconnect", TENANT, "nobody"], "there is no such account"),
        (vec!["accounts", "show", "Acme", "jane"], "a tenant's id is a word"),
        (vec!["accounts", "show", TENANT, " jane"], "an identifier has 1 to 200 characters"),
        (vec!["accounts", "show", TENANT, ""], "an identifier has 1 to 200 characters"),
        (vec!["accounts", "connect", TENANT, "jane", "--email", "jane"], "this is no e-mail address"),
        (vec!["accounts", "connect", TENANT, "jane"], "a link has to show that its holder is its user"),
        (vec!["accounts", "connect", TENANT, "jane", "--code", "--email", EMAIL], "cannot be used with"),
        (vec!["accounts", "connect", TENANT, "jane", "--return-state", "x"], "--return-url"),
        (
            vec!["accounts", "connect", TENANT, "jane", "--return-url", "https://evil.example/"],
            "the tenant's return URLs",
        ),
        (vec!["accounts", "connect", TENANT, "jane", "--code", "--domain", "evil.tld/x"], "names no helpdesk"),
        (vec!["accounts", "show", TENANT, "jane"], "there is no such account"),
        (vec!["tenants", "create", TENANT], "there is a tenant acme-app already"),
        (vec!["tenants", "create", "Acme"], "a tenant's id is a word"),
        (vec!["tenants", "set", "nobody", "--name", "x"], "there is no such tenant"),
        (vec!["tenants", "set", TENANT, "--colour", "red"], "#rrggbb"),
        (vec!["tenants", "set", TENANT, "--logo", "authority.pem"], "a logo is a PNG, JPEG or WebP"),
        (vec!["tenants", "set", TENANT, "--logo", "missing.png"], "cannot read missing.png"),
        (vec!["tenants", "set", TENANT, "--own-url", "http://connect.example.com"], "https://"),
        (vec!["tenants", "set", TENANT, "--webhook-url", "ftp://example.com"], "https://"),
        (vec!["tenants", "set", TENANT, "--return-url", "https://a.example/#x"], "without #"),
        (vec!["tokens", "create", "nobody", "--name", "x"], "there is no such tenant"),
        (vec!["tokens", "list", "nobody"], "there is no such tenant"),
        (vec!["accounts", "list", "--tenant", "nobody"], "there is no such tenant"),
        (vec!["audit", "list", "--tenant", "nobody"], "there is no such tenant"),
        (vec!["tokens", "create", TENANT, "--name", "x", "--days", "0"], "--days"),
        (vec!["tokens", "revoke", TENANT, "tok_x"], "there is no such token"),
        (vec!["call", "freshdesk_roles_list", "{}", "--identifier", "jane"], "--tenant"),
        (vec!["vault", "verify", "--database", "https://example.com/db"], "takes a file's name or postgres://"),
        (vec!["serve", "--public-url", "http://connect.example.com"], "the public URL"),
    ] {
        let told = office.misused(&arguments);
        assert!(told.contains(said), "{arguments:?}: {told}");
    }
    office.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_key_is_not_imported_and_not_repeated() {
    let office = Office::with_tenant(Engine::Sqlite).await.unwrap();
    let import = |input: &str| {
        let output = office.run_with_input(&["accounts", "import", TENANT, "jane", "--domain", "acme"], input);
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(2), ""));
        stderr(&output)
    };
    assert!(import("").contains("give the key on standard input: in Freshdesk, your avatar"));
    assert!(import("two words").contains("this is no API key"));
    assert!(!import("a-user:password-of-mine").contains("password-of-mine"));
    assert_eq!(office.requests().len(), 0);
    let refused = import("WrongKeyOfNobody12345");
    assert!(!refused.contains("WrongKeyOfNobody12345"), "{refused}");
    assert_eq!(office.count("accounts", "state = 'active'"), 0);
    let on_argv = office.misused(&["accounts", "import", TENANT, "jane", "--domain", "acme", "--key", "x"]);
    assert!(on_argv.contains("unexpected argument"), "{on_argv}");
}
