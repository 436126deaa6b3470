//! The sessions of older revisions: each is one caller's, and a host has only so many in memory. One that makes way there
//! is no loss: where its id is of all hosts, it comes back when it is used; else its client is told that there is none, and
//! makes another.
//!
//! - `id` is what a session was begun with, and `shared` has any host go on with it.
//! - `book` says whose those in memory are.

mod book;
mod id;
mod shared;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::streamable_http_server::session::local::{LocalSessionManager, LocalSessionManagerError};
use rmcp::transport::streamable_http_server::session::{EventStream, RestoreOutcome, SessionId, SessionManager};
use tracing::warn;

use super::McpSettings;
use crate::accounts::Caller;
use book::Book;
pub(super) use id::Begins;
pub(super) use shared::{Shared, own};

/// Time after which a session that is not used leaves a host's memory.
const IDLE: Duration = Duration::from_secs(30 * 60);

/// Time for a session's first message to be taken up.
const BEGIN: Duration = Duration::from_secs(10);

/// Time that the end of a stream is kept for a client that lost it.
const REPLAYED: Duration = Duration::from_secs(15);

tokio::task_local! {
    /// Whose request is being answered.
    pub(super) static OWNER: Owner;

    /// What the message says that is being answered, where it begins a session.
    pub(super) static BEGINS: Begins;
}

/// Whose a session is: tenant, user, and the token's id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub(super) struct Owner([String; 3]);

impl Owner {
    pub(super) fn of(caller: &Caller) -> Self {
        Self([caller.tenant.clone(), caller.identifier.clone().unwrap_or_default(), caller.token.clone()])
    }

    /// Whose request is being answered; nobody's where nobody is asked.
    fn current() -> Option<Self> {
        OWNER.try_with(Self::clone).ok()
    }
}

/// The sessions in a host's memory.
pub(super) struct Sessions {
    all: LocalSessionManager,
    book: Mutex<Book>,
    shared: Option<Arc<Shared>>,
}

impl Sessions {
    /// Sessions of this host alone where nothing is shared.
    pub(super) fn new(settings: &McpSettings, shared: Option<Arc<Shared>>) -> Self {
        let mut all = LocalSessionManager::default();
        all.session_config.keep_alive = Some(IDLE);
        all.session_config.init_timeout = Some(BEGIN);
        all.session_config.completed_cache_ttl = REPLAYED;
        Self { all, book: Mutex::new(Book::new(settings.sessions, settings.sessions_each)), shared }
    }

    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a session, and has others make way for it.
    async fn enter(&self, id: &SessionId) -> Result<(), LocalSessionManagerError> {
        let leaving = self.book().enter(id, Owner::current().unwrap_or_default());
        for id in leaving {
            self.all.close_session(&id).await?;
        }
        Ok(())
    }

    /// Whether a session is in memory, and the caller's.
    fn is_own(&self, id: &SessionId) -> bool {
        self.book().is_of(id, &Owner::current().unwrap_or_default())
    }

    /// Whether a session in memory was ended at another host. Where the store does not answer it was not, as far as is known.
    async fn is_ended_elsewhere(&self, id: &SessionId) -> bool {
        let (Some(shared), Some(owner)) = (&self.shared, Owner::current()) else { return false };
        shared.is_ended(id, &owner).await.unwrap_or_else(|why| {
            warn!(%why, "it cannot be told whether a session was ended");
            false
        })
    }
}

#[expect(refining_impl_trait, reason = "the streams of the one kind of sessions that there is are as good in a box")]
impl SessionManager for Sessions {
    type Error = LocalSessionManagerError;
    type Transport = <LocalSessionManager as SessionManager>::Transport;

    async fn create_session(&self) -> Result<(SessionId, Self::Transport), Self::Error> {
        let shared = self.shared.as_ref().zip(Owner::current());
        let id = shared.and_then(|(shared, owner)| shared.new_id(&owner));
        let (id, transport) = match id {
            Some(id) => match self.all.restore_session(id.clone()).await? {
                RestoreOutcome::Restored(transport) => (id, transport),
                _ => self.all.create_session().await?,
            },
            None => self.all.create_session().await?,
        };
        self.enter(&id).await?;
        Ok((id, transport))
    }

    async fn initialize_session(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<ServerJsonRpcMessage, Self::Error> {
        self.all.initialize_session(id, message).await
    }

    async fn has_session(&self, id: &SessionId) -> Result<bool, Self::Error> {
        if !self.is_own(id) || !self.all.has_session(id).await? {
            return Ok(false);
        }
        let look = self.book().uses(id);
        if look && self.is_ended_elsewhere(id).await {
            self.book().leave(id);
            self.all.close_session(id).await?;
            return Ok(false);
        }
        Ok(true)
    }

    /// Takes a session out of memory, when it ends by itself or its owner wants it to.
    async fn close_session(&self, id: &SessionId) -> Result<(), Self::Error> {
        if Owner::current().is_some() && !self.is_own(id) {
            return Ok(());
        }
        self.book().leave(id);
        self.all.close_session(id).await
    }

    async fn create_stream(&self, id: &SessionId, message: ClientJsonRpcMessage) -> Result<EventStream, Self::Error> {
        Ok(Box::pin(self.all.create_stream(id, message).await?))
    }

    async fn accept_message(&self, id: &SessionId, message: ClientJsonRpcMessage) -> Result<(), Self::Error> {
        self.all.accept_message(id, message).await
    }

    async fn create_standalone_stream(&self, id: &SessionId) -> Result<EventStream, Self::Error> {
        Ok(Box::pin(self.all.create_standalone_stream(id).await?))
    }

    async fn resume(&self, id: &SessionId, last_event_id: String) -> Result<EventStream, Self::Error> {
        Ok(Box::pin(self.all.resume(id, last_event_id).await?))
    }

    /// Takes up the session of another host, or one that left this host's memory.
    async fn restore_session(&self, id: SessionId) -> Result<RestoreOutcome<Self::Transport>, Self::Error> {
        let restored = self.all.restore_session(id.clone()).await?;
        self.enter(&id).await?;
        Ok(restored)
    }
}
