//! The sessions of older revisions: each is one caller's, and there are only so many. One that makes way is no loss:
//! its client is told that there is none, and makes another.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lru::LruCache;
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::streamable_http_server::session::local::{LocalSessionManager, LocalSessionManagerError};
use rmcp::transport::streamable_http_server::session::{EventStream, SessionId, SessionManager};

use super::McpSettings;
use crate::accounts::Caller;

/// Time after which a session that is not used ends.
const IDLE: Duration = Duration::from_secs(30 * 60);

/// Time for a session's first message to be taken up.
const BEGIN: Duration = Duration::from_secs(10);

/// Time that the end of a stream is kept for a client that lost it.
const REPLAYED: Duration = Duration::from_secs(15);

tokio::task_local! {
    /// Whose request is being answered.
    pub(super) static OWNER: Owner;
}

/// Whose a session is.
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

/// All sessions.
pub(super) struct Sessions {
    all: LocalSessionManager,
    book: Mutex<Book>,
}

/// Whose they are, and when each was used last.
struct Book {
    owners: LruCache<SessionId, Owner>,
    counts: HashMap<Owner, usize>,
    most: usize,
    each: usize,
}

impl Sessions {
    pub(super) fn new(settings: &McpSettings) -> Self {
        let mut all = LocalSessionManager::default();
        all.session_config.keep_alive = Some(IDLE);
        all.session_config.init_timeout = Some(BEGIN);
        all.session_config.completed_cache_ttl = REPLAYED;
        let most = NonZeroUsize::new(settings.sessions).unwrap_or(NonZeroUsize::MIN);
        let each = settings.sessions_each.max(1);
        let book = Book { owners: LruCache::unbounded(), counts: HashMap::new(), most: most.get(), each };
        Self { all, book: Mutex::new(book) }
    }

    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    /// Enters a session. Those that have to make way come back.
    fn enter(&mut self, id: &SessionId, owner: Owner) -> Vec<SessionId> {
        let own = self.counts.get(&owner).copied().unwrap_or_default();
        let own = (own >= self.each).then(|| self.oldest(|other| *other == owner)).flatten();
        let any = (self.owners.len() - usize::from(own.is_some()) >= self.most).then(|| self.crowding()).flatten();
        let leaving: Vec<_> = own.or(any).into_iter().collect();
        for id in &leaving {
            self.leave(id);
        }
        *self.counts.entry(owner.clone()).or_default() += 1;
        self.owners.put(id.clone(), owner);
        leaving
    }

    /// The one that was not used for the longest time.
    fn oldest(&self, whose: impl Fn(&Owner) -> bool) -> Option<SessionId> {
        self.owners.iter().rev().find(|(_, owner)| whose(owner)).map(|(id, _)| id.clone())
    }

    /// The one that was not used for the longest time, of those of the tenant with the most and there of the user with the
    /// most: who makes many, by many tokens, takes no place of others.
    fn crowding(&self) -> Option<SessionId> {
        let mut sums: HashMap<&[String], usize> = HashMap::new();
        for (Owner(names), count) in &self.counts {
            for part in [&names[..1], &names[..2]] {
                *sums.entry(part).or_default() += count;
            }
        }
        let crowd = |Owner(names): &Owner| [&names[..1], &names[..2]].map(|part| sums.get(part).copied());
        let most = self.counts.keys().map(crowd).max()?;
        self.oldest(|owner| crowd(owner) == most)
    }

    fn leave(&mut self, id: &SessionId) {
        let Some(owner) = self.owners.pop(id) else { return };
        if let Some(count) = self.counts.get_mut(&owner) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&owner);
            }
        }
    }

    /// Whether the session is there for this owner. It counts as used.
    fn uses(&mut self, id: &SessionId, owner: &Owner) -> bool {
        self.owners.peek(id) == Some(owner) && self.owners.promote(id)
    }
}

#[expect(refining_impl_trait, reason = "the streams of the one kind of sessions that there is are as good in a box")]
impl SessionManager for Sessions {
    type Error = LocalSessionManagerError;
    type Transport = <LocalSessionManager as SessionManager>::Transport;

    async fn create_session(&self) -> Result<(SessionId, Self::Transport), Self::Error> {
        let (id, transport) = self.all.create_session().await?;
        let leaving = self.book().enter(&id, Owner::current().unwrap_or_default());
        for id in leaving {
            self.all.close_session(&id).await?;
        }
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
        let used = self.book().uses(id, &Owner::current().unwrap_or_default());
        Ok(used && self.all.has_session(id).await?)
    }

    /// Ends a session, when it does so by itself or its owner wants it to.
    async fn close_session(&self, id: &SessionId) -> Result<(), Self::Error> {
        {
            let mut book = self.book();
            if Owner::current().is_some_and(|owner| !book.uses(id, &owner)) {
                return Ok(());
            }
            book.leave(id);
        }
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
}
