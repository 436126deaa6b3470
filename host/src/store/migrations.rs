//! The tables, version by version. A migration is never changed: another one follows it.

use super::StoreError;

/// What each version adds to the one before.
pub(super) const MIGRATIONS: &[&str] =
    &[include_str!("schema.sql"), include_str!("schema_2.sql"), include_str!("schema_3.sql")];

/// Where the version is kept.
pub(super) const PREPARE: &str = "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)";

/// Reads the version; no row before the first migration.
pub(super) const READ_VERSION: &str = "SELECT version FROM schema_version";

/// The migrations that a store of this version lacks; refuses a store of a newer program, whose rows this one would
/// misread.
pub(super) fn missing(found: i64) -> Result<&'static [&'static str], StoreError> {
    let known = MIGRATIONS.len() as i64;
    let from = usize::try_from(found).ok();
    from.and_then(|from| MIGRATIONS.get(from..)).ok_or(StoreError::Newer { found, known })
}

/// Notes that the store has the newest version.
pub(super) fn note_version() -> String {
    format!("DELETE FROM schema_version; INSERT INTO schema_version VALUES ({})", MIGRATIONS.len())
}
