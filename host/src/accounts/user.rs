//! Whose account it is, and in what state.

use thiserror::Error;

/// One user of one tenant, who has at most one account.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct User {
    tenant: String,
    identifier: String,
}

/// Longest identifier, in characters: an e-mail address has at most 254 bytes, and ids are shorter.
const LONGEST_IDENTIFIER: usize = 200;

/// Longest id of a tenant: it is a word to type.
const LONGEST_TENANT: usize = 63;

/// A text that names no tenant or no user.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum InvalidUser {
    /// Not a tenant's id.
    #[error("a tenant's id is a word of a to z, 0 to 9 and hyphens, of at most {LONGEST_TENANT} characters")]
    Tenant,
    /// Not an identifier.
    #[error(
        "an identifier has 1 to {LONGEST_IDENTIFIER} characters, none of them a control character or a space at an end"
    )]
    Identifier,
}

impl User {
    /// The user whom `tenant` calls `identifier`.
    ///
    /// # Errors
    ///
    /// Fails when one of the two is none.
    pub fn new(tenant: &str, identifier: &str) -> Result<Self, InvalidUser> {
        valid_tenant(tenant)?;
        let length = identifier.chars().count();
        let clean = identifier.trim() == identifier && !identifier.chars().any(char::is_control);
        if !(1..=LONGEST_IDENTIFIER).contains(&length) || !clean {
            return Err(InvalidUser::Identifier);
        }
        Ok(Self { tenant: tenant.to_owned(), identifier: identifier.to_owned() })
    }

    /// The tenant's id.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The tenant's id of the user.
    pub fn identifier(&self) -> &str {
        &self.identifier
    }
}

/// Whether a text can be a tenant's id.
pub(crate) fn valid_tenant(id: &str) -> Result<(), InvalidUser> {
    let word = id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !(1..=LONGEST_TENANT).contains(&id.len()) || !word || id.starts_with('-') {
        return Err(InvalidUser::Tenant);
    }
    Ok(())
}

/// The state of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Made, and never connected.
    Pending,
    /// Connected: calls go out.
    Active,
    /// Freshdesk refused its key: its user must connect again.
    Revoked,
    /// Removed; its key is destroyed.
    Disconnected,
}

impl State {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Active, Self::Revoked, Self::Disconnected];

    /// The state as a word: `pending`, `active`, `revoked`, `disconnected`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Revoked => "revoked",
            Self::Disconnected => "disconnected",
        }
    }

    /// The state of this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_a_tenant_and_an_identifier() {
        assert!(User::new("acme-app", "user 42@example.com").is_ok());
        for tenant in ["", "Acme", "-a", "a b", "ä", &"a".repeat(64)] {
            assert_eq!(User::new(tenant, "u"), Err(InvalidUser::Tenant), "{tenant}");
        }
        for identifier in ["", " u", "u\n", "a\0b", &"u".repeat(201)] {
            assert_eq!(User::new("acme", identifier), Err(InvalidUser::Identifier), "{identifier:?}");
        }
    }

    #[test]
    fn states_are_words() {
        assert!(State::ALL.iter().all(|state| State::parse(state.as_str()) == Some(*state)));
        assert_eq!(State::parse("ACTIVE"), None);
    }
}
