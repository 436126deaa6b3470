//! What an operator types: tenants, accounts, tokens, vault and audit.

mod kept;
mod made;
mod misused;
mod used;

use freshdesk_simulator::seed;
use serde_json::Value;

use crate::office::{Engine, Office, TENANT};
use crate::output::succeeded;

/// An office over each kind of store, with a tenant in it.
pub(crate) async fn offices() -> Vec<Office> {
    let mut offices = Vec::new();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        offices.extend(Office::with_tenant(engine).await);
    }
    offices
}

/// Connects the administrator's account by the command.
pub(crate) fn import(office: &Office, identifier: &str) -> Value {
    let arguments = ["accounts", "import", TENANT, identifier, "--domain", "acme", "--json"];
    let output = office.run_with_input(&arguments, &format!("{}\n", seed::ADMIN_KEY));
    serde_json::from_str(&succeeded(&output)).unwrap()
}

/// The words of a table of commands: one entry for each word.
pub(crate) fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}
