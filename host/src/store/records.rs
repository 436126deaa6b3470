//! What the store keeps.

use crate::account::Person;
use crate::accounts::{State, User};
use crate::vault::Sealed;

/// A tenant: an application that uses the host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TenantRow {
    /// Its id, a word in lower case.
    pub(crate) id: String,
    /// The name that its users know it by.
    pub(crate) name: String,
    /// Its logo as PNG, JPEG or WebP, at most 64 kB.
    pub(crate) logo: Option<Vec<u8>>,
    /// Its colour, `#rrggbb`.
    pub(crate) colour: Option<String>,
    /// Where its users reach the page, where that is not the host's own address: `https://connect.example.com`.
    pub(crate) public_url: Option<String>,
    /// Addresses that its users may be sent back to, exactly.
    pub(crate) return_urls: Vec<String>,
    /// Where its events go.
    pub(crate) webhook_url: Option<String>,
    /// The key that its events are signed by, sealed (place: purpose `webhook`, the tenant, identifier empty, version 1).
    pub(crate) webhook_key: Option<Sealed>,
    /// When it was made.
    pub(crate) created_at: i64,
}

/// A tenant's token, of which only the hash is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenRow {
    /// Its id, to name it by.
    pub(crate) id: String,
    /// SHA-256 of the token.
    pub(crate) hash: Vec<u8>,
    /// Whose it is.
    pub(crate) tenant: String,
    /// The user that it is good for; none: all of the tenant's.
    pub(crate) identifier: Option<String>,
    /// What it is for, in the operator's words.
    pub(crate) name: String,
    /// When it was made, ends, was revoked.
    pub(crate) created_at: i64,
    pub(crate) expires_at: Option<i64>,
    pub(crate) revoked_at: Option<i64>,
    /// The tools that it is good for; none: all.
    pub(crate) tools: Option<Vec<String>>,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccountRow {
    /// Whose it is.
    pub(crate) user: User,
    /// Its id, to name it by: never looked up without its user.
    pub(crate) id: String,
    /// Its state.
    pub(crate) state: State,
    /// What the operator calls it, and says about it.
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    /// Who the tenant expects to connect, and where.
    pub(crate) expected_email: Option<String>,
    pub(crate) expected_helpdesk: Option<String>,
    /// The label of the helpdesk that it is or was connected to.
    pub(crate) helpdesk: Option<String>,
    /// The support agent that it is or was connected as.
    pub(crate) person: Option<Person>,
    /// The names of that agent's roles, where they were readable.
    pub(crate) roles: Vec<String>,
    /// The version of its key: 0 before the first, one more with each.
    pub(crate) version: i64,
    /// Its key, sealed (place: purpose `account`, tenant, identifier, version); none unless it is active.
    pub(crate) key: Option<Sealed>,
    /// When it was made, and when its state changed last.
    pub(crate) created_at: i64,
    pub(crate) changed_at: i64,
}

/// How it is shown that who holds a link is who it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Freshdesk names this e-mail for the key.
    Email(String),
    /// The user types a code that the tenant shows; its hash (HMAC by the page's key).
    Code(Vec<u8>),
    /// The tenant confirms from its own session, to which the browser is sent back: the address, and the tenant's own state.
    Return { url: String, state: Option<String> },
}

/// What becomes of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkState {
    /// It can be used, until it expires.
    Live,
    /// Its user is done, and its tenant has to confirm.
    Waiting,
    /// Its account was connected by it.
    Used,
    /// Its account was connected by another, or disconnected; or it gave way to newer ones.
    Cancelled,
    /// Its tries are used up.
    Dead,
}

/// A link: the way for one user to connect one account, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LinkRow {
    /// SHA-256 of its token.
    pub(crate) hash: Vec<u8>,
    /// Whose account it connects.
    pub(crate) user: User,
    /// What shows that its holder is that user.
    pub(crate) proof: Proof,
    /// Whether another helpdesk or person than before may be connected.
    pub(crate) allow_other: bool,
    /// What became of it.
    pub(crate) state: LinkState,
    /// Tries so far.
    pub(crate) tries: i64,
    /// When it was made, opened for the first time, and expires.
    pub(crate) created_at: i64,
    pub(crate) opened_at: Option<i64>,
    pub(crate) expires_at: i64,
    /// Whom it is about to connect.
    pub(crate) candidate: Option<Candidate>,
}

/// A verified key that waits for the user's or the tenant's confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// The helpdesk's label.
    pub(crate) helpdesk: String,
    /// Whom Freshdesk names for the key.
    pub(crate) person: Person,
    /// The names of the agent's roles, where they were readable.
    pub(crate) roles: Vec<String>,
    /// The key, sealed (place: purpose `link`, tenant, identifier = the link's hash in hex, version 1).
    pub(crate) key: Sealed,
}

/// How an account becomes active.
#[derive(Clone, Debug)]
pub(crate) struct Connect {
    /// Whose it is.
    pub(crate) user: User,
    /// The version and state that were read; another one by now means that it changed in between.
    pub(crate) expected_version: i64,
    pub(crate) expected_state: State,
    /// The helpdesk, the person, the roles.
    pub(crate) helpdesk: String,
    pub(crate) person: Person,
    pub(crate) roles: Vec<String>,
    /// The key, sealed for version `expected_version + 1`.
    pub(crate) key: Sealed,
    /// The link by which it comes about; none for an import.
    pub(crate) link: Option<Vec<u8>>,
    /// Now.
    pub(crate) at: i64,
}

/// A call that is made once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CallRow {
    /// HMAC of the user and the idempotency key, by the page's key.
    pub(crate) hash: Vec<u8>,
    /// Whose call it is.
    pub(crate) user: User,
    /// HMAC of the tool and its arguments, by the same key.
    pub(crate) digest: Vec<u8>,
    /// HMAC of the helpdesk, the tool and what the record is known by that it makes; none where no record is looked for.
    pub(crate) content: Option<Vec<u8>>,
    /// Which try it is: a number that no other one has.
    pub(crate) run: i64,
    /// When it began, until when who runs it may take, and when it is forgotten.
    pub(crate) begun_at: i64,
    pub(crate) leased_until: i64,
    pub(crate) expires_at: i64,
    /// When it ended, if it did.
    pub(crate) ended_at: Option<i64>,
    /// What it answered, sealed (place: purpose `answer`, tenant, identifier = the hash in hex, version 1); none where it
    /// ended without a word, or its account was disconnected meanwhile.
    pub(crate) answer: Option<Sealed>,
}

/// A record of Freshdesk that one call has made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// The helpdesk's label.
    pub(crate) helpdesk: String,
    /// What it is, in a word.
    pub(crate) kind: &'static str,
    /// Its id.
    pub(crate) record: String,
    /// When nobody asks for it any more.
    pub(crate) expires_at: i64,
}

/// A record that was found to be a call's, where no other call can have made it.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The record.
    pub(crate) claim: Claim,
    /// When it was made, by this store's clock: between these moments.
    pub(crate) made: (i64, i64),
}

/// A change of an account's state, which its tenant is told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EventRow {
    /// Its id, by which a repeated delivery is known; in the order of happening (time first).
    pub(crate) id: String,
    /// Whose account changed.
    pub(crate) user: User,
    /// The account's id.
    pub(crate) account: String,
    /// What it was and is; none for one that is new.
    pub(crate) old: Option<State>,
    pub(crate) new: State,
    /// The helpdesk's label, where there is one.
    pub(crate) helpdesk: Option<String>,
    /// Why, in a word: `created`, `connected`, `reconnected`, `imported`, `key_refused`, `disconnected`.
    pub(crate) reason: String,
    /// When.
    pub(crate) at: i64,
    /// Tries to deliver it so far.
    pub(crate) attempts: i64,
}

/// What became of a try to deliver an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tried {
    Delivered,
    Again { next_at: i64 },
    GivenUp,
}

/// An entry of the trail, before it has its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// When.
    pub(crate) at: i64,
    /// What happened: `key.used`, `account.connected`, `link.reused`, …
    pub(crate) kind: &'static str,
    /// Whom it concerns; empty where nobody.
    pub(crate) tenant: String,
    pub(crate) identifier: String,
    /// What else there is to say, as one JSON object without secrets and without ticket text.
    pub(crate) detail: serde_json::Value,
}

/// An entry of the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TrailRow {
    pub(crate) host: String,
    pub(crate) seq: i64,
    pub(crate) at: i64,
    pub(crate) kind: String,
    pub(crate) tenant: String,
    pub(crate) identifier: String,
    pub(crate) detail: serde_json::Value,
}

/// What reading all chains showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TrailReport {
    /// Hosts and the number of their entries.
    pub(crate) chains: Vec<(String, i64)>,
    /// What is wrong, a sentence each.
    pub(crate) faults: Vec<String>,
}

/// A sealed secret and its place, for rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SealedRow {
    /// What it is for, as in its place: `account`, `answer`, `host`, `link`, `webhook`.
    pub(crate) purpose: String,
    pub(crate) tenant: String,
    pub(crate) identifier: String,
    pub(crate) version: i64,
    /// Where its data key lies.
    pub(crate) data_key_id: i64,
    pub(crate) sealed: Sealed,
}
