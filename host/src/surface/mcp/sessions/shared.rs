//! What makes a session good at every host: its id opens at each, and it is noted in the store that it was ended.

use std::pin::Pin;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{Method, StatusCode};
use rmcp::transport::streamable_http_server::session::{SessionId, SessionState, SessionStore, SessionStoreError};

use super::id::{Begins, Ids, Opened};
use super::{BEGINS, Owner};
use crate::accounts::{Accounts, AccountsError, User};
use crate::surface::mcp::body::NO_MESSAGE;
use crate::surface::mcp::web::refuse;

/// What an ended session is remembered as.
const KIND: &str = "mcp_session";

/// Where a request names its session.
const HEADER: &str = "mcp-session-id";

/// The length of ids that are of one host alone.
const UUID: usize = 36;

/// An answer as the crate that speaks MCP wants it.
type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, SessionStoreError>> + Send + 'a>>;

/// The sessions of all hosts of a store.
pub(in crate::surface::mcp) struct Shared {
    accounts: Arc<Accounts>,
    ids: Ids,
}

impl Shared {
    pub(in crate::surface::mcp) fn new(accounts: Arc<Accounts>) -> Self {
        let ids = Ids::new(accounts.shared_key());
        Self { accounts, ids }
    }

    /// An id for the session that the message being answered begins. None where it says nothing that can be kept: the
    /// session is this host's alone then.
    pub(super) fn new_id(&self, owner: &Owner) -> Option<SessionId> {
        let begins = BEGINS.try_with(Begins::clone).ok()?;
        self.ids.seal(owner, &begins, self.accounts.now()).map(Into::into)
    }

    /// Whether the session of this id was ended, at whichever host.
    pub(super) async fn is_ended(&self, id: &str, owner: &Owner) -> Result<bool, AccountsError> {
        match self.opened(id, owner) {
            Some((user, opened)) => self.accounts.was_used(&user, KIND, &opened.nonce).await,
            None => Ok(false),
        }
    }

    /// Whether this may be the caller's session. Of an id that is of one host alone, that host knows.
    fn may_be(&self, id: &str) -> bool {
        let owner = Owner::current().unwrap_or_default();
        id.len() <= UUID || self.opened(id, &owner).is_some()
    }

    fn opened(&self, id: &str, owner: &Owner) -> Option<(User, Opened)> {
        let Owner([tenant, identifier, _]) = owner;
        let user = User::new(tenant, identifier).ok()?;
        Some((user, self.ids.open(id, owner, self.accounts.now())?))
    }

    async fn begun(&self, id: &str) -> Result<Option<SessionState>, SessionStoreError> {
        let Some(owner) = Owner::current() else { return Ok(None) };
        let Some((user, opened)) = self.opened(id, &owner) else { return Ok(None) };
        if self.accounts.was_used(&user, KIND, &opened.nonce).await? {
            return Ok(None);
        }
        Ok(Some(SessionState::new(serde_json::from_value(opened.begins.params())?)))
    }

    async fn end(&self, id: &str) -> Result<(), SessionStoreError> {
        let Some(owner) = Owner::current() else { return Ok(()) };
        let Some((user, opened)) = self.opened(id, &owner) else { return Ok(()) };
        self.accounts.use_once(&user, KIND, &opened.nonce, opened.end).await?;
        Ok(())
    }
}

/// Refuses a request for a session of all hosts that is not its caller's, or has ended by itself, before it is taken up.
pub(in crate::surface::mcp) async fn own(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let id = request.headers().get(HEADER).map(|id| id.to_str().unwrap_or_default());
    if request.method() != Method::DELETE && id.is_some_and(|id| !shared.may_be(id)) {
        return refuse(StatusCode::NOT_FOUND, NO_MESSAGE, "there is no such session: begin another", None);
    }
    next.run(request).await
}

/// Written out, as the trait's own crate writes it.
impl SessionStore for Shared {
    fn load<'a, 'b, 'c>(&'a self, id: &'b str) -> Answer<'c, Option<SessionState>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        Box::pin(self.begun(id))
    }

    /// The id says it all.
    fn store<'a, 'b, 'd, 'c>(&'a self, _id: &'b str, _state: &'d SessionState) -> Answer<'c, ()>
    where
        'a: 'c,
        'b: 'c,
        'd: 'c,
        Self: 'c,
    {
        Box::pin(std::future::ready(Ok(())))
    }

    fn delete<'a, 'b, 'c>(&'a self, id: &'b str) -> Answer<'c, ()>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        Box::pin(self.end(id))
    }
}
