//! Links: the way for one user to connect one account, once. Holding a link is not enough: something else has to show
//! that its holder is that user.

use std::fmt;

use serde_json::json;

use super::events::entry;
use super::{Accounts, AccountsError, Record, User, Wish, random, valid};
use crate::store::records::{AccountRow, LinkRow, LinkState, Proof, TenantRow};

/// Where the page is, below the origin; a link's token follows.
pub(crate) const CONNECT: &str = "/connect/";

/// How long a link can be used, in milliseconds: half an hour is enough to find a key, and little for who finds a mail.
pub(super) const LIFETIME: i64 = 30 * 60 * 1000;

/// Live links of an account: a mail that was sent twice, a chat, and two agents that asked.
const LIVE: i64 = 5;

/// Longest text that a tenant wants back, in characters.
const LONGEST_STATE: usize = 500;

/// How a new link shows that its holder is its user. One is needed, or an expected e-mail of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkWish {
    /// The e-mail that Freshdesk has to name; the account's expected one when nothing is said. Whoever runs a helpdesk
    /// says who its agents are: expect a helpdesk as well where that is known.
    pub email: Option<String>,
    /// Have the user type a code that the tenant shows; it is in the answer.
    pub code: bool,
    /// Send the user back here, where the tenant confirms.
    pub return_url: Option<String>,
    /// What the tenant wants to get back with that, at most 500 characters.
    pub return_state: Option<String>,
    /// Whether another helpdesk or person than before may be connected.
    pub allow_other: bool,
}

/// A link that was made. It is shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct NewLink {
    /// The address to send the user to.
    pub url: String,
    /// When it expires, in milliseconds since 1970.
    pub expires_at: i64,
    /// The code to show to the user, where one was asked for.
    pub code: Option<String>,
}

/// Shows neither the address nor the code: who has them may connect.
impl fmt::Debug for NewLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewLink").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// The one way in which a link shows whose it is.
enum Way {
    Email(String),
    Code,
    Return { url: String, state: Option<String> },
}

impl Accounts {
    /// Makes a link for an account that there is. It can be used for 30 minutes. An account has five live links: the
    /// oldest that nobody opened gives way to the next.
    ///
    /// # Errors
    ///
    /// Fails when the wish asks for no proof or for more than one, when the return URL is not the tenant's, and when
    /// all five links are open.
    pub async fn link(&self, user: &User, wish: &LinkWish) -> Result<NewLink, AccountsError> {
        let row = self.row(user).await?;
        let tenant = self.tenant_row(user.tenant()).await?;
        let way = Way::of(wish, row.expected_email.as_deref(), &tenant)?;
        Ok(self.make_link(user, &tenant, way, wish.allow_other).await?.0)
    }

    /// The user's account, made if there is none, as [`Accounts::get_or_create`] does it; and a link for it. Where the link
    /// cannot be made for its proof, neither is made.
    ///
    /// # Errors
    ///
    /// Fails as the two do.
    pub async fn invite(&self, user: &User, wish: &Wish, link: &LinkWish) -> Result<(Record, NewLink), AccountsError> {
        let tenant = self.tenant_row(user.tenant()).await?;
        let before = self.store.account(user).await?.and_then(|row| row.expected_email);
        Way::of(link, wish.expected_email.as_deref().or(before.as_deref()), &tenant)?;
        let (account, _) = self.get_or_create(user, wish).await?;
        Ok((account, self.link(user, link).await?))
    }

    /// A link for an account by the proof that is there without anybody asking: its expected e-mail, or the one address
    /// that its tenant sends users back to. None where there is neither.
    pub(super) async fn own_link(&self, row: &AccountRow) -> Result<Option<(NewLink, Vec<u8>)>, AccountsError> {
        let tenant = self.tenant_row(row.user.tenant()).await?;
        let way = match (&row.expected_email, &tenant.return_urls[..]) {
            (Some(email), _) => Way::Email(email.clone()),
            (None, [url]) => Way::Return { url: url.clone(), state: None },
            _ => return Ok(None),
        };
        self.make_link(&row.user, &tenant, way, false).await.map(Some)
    }

    async fn make_link(
        &self,
        user: &User,
        tenant: &TenantRow,
        way: Way,
        allow_other: bool,
    ) -> Result<(NewLink, Vec<u8>), AccountsError> {
        let token = random::token()?;
        let (hash, created_at) = (random::hash(&token), self.now());
        let (proof, code) = self.proof(way, &hash)?;
        let expires_at = created_at + LIFETIME;
        let link = LinkRow {
            hash: hash.clone(),
            user: user.clone(),
            proof,
            allow_other,
            state: LinkState::Live,
            tries: 0,
            created_at,
            opened_at: None,
            expires_at,
            candidate: None,
        };
        let entry = entry(
            "link.created",
            user,
            created_at,
            json!({"link": name(&hash), "proof": proof_name(&link.proof), "allow_other": allow_other}),
        );
        if !self.store.create_link(&link, LIVE, entry).await? {
            return Err(AccountsError::refused(
                "this account has five links that were opened and can still be used: use one of them, or wait until \
                 one expires, which takes 30 minutes",
            ));
        }
        let url = format!("{}{CONNECT}{token}", self.origin(tenant));
        Ok((NewLink { url, expires_at, code }, hash))
    }

    /// The proof as it is kept, and the code to show.
    fn proof(&self, way: Way, hash: &[u8]) -> Result<(Proof, Option<String>), AccountsError> {
        Ok(match way {
            Way::Email(email) => (Proof::Email(email), None),
            Way::Return { url, state } => (Proof::Return { url, state }, None),
            Way::Code => {
                let code = random::code()?;
                (Proof::Code(random::code_hash(&self.shared_key, hash, &code)), Some(code))
            }
        })
    }

    /// Where a tenant's users reach the page.
    pub(super) fn origin(&self, tenant: &TenantRow) -> String {
        tenant.public_url.clone().unwrap_or_else(|| self.public_url.clone())
    }
}

impl Way {
    /// What the wish asks for, or else the e-mail that the account expects.
    fn of(wish: &LinkWish, expected: Option<&str>, tenant: &TenantRow) -> Result<Self, AccountsError> {
        let state = wish.return_state.as_deref().map(|state| valid::text("the return state", state, LONGEST_STATE));
        let state = state.transpose()?;
        if state.is_some() && wish.return_url.is_none() {
            return Err(AccountsError::refused("a return state goes with a return URL"));
        }
        match (&wish.email, wish.code, &wish.return_url) {
            (Some(email), false, None) => Ok(Self::Email(valid::email(email)?)),
            (None, true, None) => Ok(Self::Code),
            (None, false, Some(url)) if tenant.return_urls.contains(url) => {
                Ok(Self::Return { url: url.clone(), state })
            }
            (None, false, Some(_)) => Err(AccountsError::refused(
                "this is not, letter by letter, one of the tenant's return URLs: add it to the tenant first",
            )),
            (None, false, None) => expected.map(|email| Self::Email(email.to_owned())).ok_or_else(|| {
                AccountsError::refused(
                    "a link has to show that its holder is its user: name the e-mail that Freshdesk has to name, or \
                     ask for a code that you show to the user, or give a return URL where you confirm",
                )
            }),
            _ => Err(AccountsError::refused("a link has one proof: an e-mail, a code, or a return URL")),
        }
    }
}

/// How the trail names a link: by the beginning of its hash, of which nobody makes its token.
pub(super) fn name(hash: &[u8]) -> String {
    random::hex(hash.get(..8).unwrap_or(hash))
}

/// How the trail names a proof.
pub(super) const fn proof_name(proof: &Proof) -> &'static str {
    match proof {
        Proof::Email(_) => "email",
        Proof::Code(_) => "code",
        Proof::Return { .. } => "return",
    }
}
