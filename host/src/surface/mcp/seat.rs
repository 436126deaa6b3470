//! For whom a request is, and what it is served with.

use std::sync::Arc;

use rmcp::model::{Extensions, Tool};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::{Map, Value};
use tokio::sync::watch;

use super::McpSettings;
use super::listed::listed;
use super::state::{Purpose, Seal};
use crate::accounts::{Accounts, Caller, User};
use crate::surface::calls::{Calls, Whose};

/// What requests are served with.
pub(super) struct Toolbox {
    pub(super) calls: Arc<Calls>,
    pub(super) listed: Vec<Tool>,
    /// Seals what comes back with a repeated call, where there are accounts that can be connected.
    pub(super) seal: Option<Seal>,
}

impl Toolbox {
    pub(super) fn new(calls: Arc<Calls>, accounts: Option<Arc<Accounts>>, settings: &McpSettings) -> Self {
        let listed = listed(calls.tools(), settings.output_schemas);
        let seal = accounts.map(|accounts| Seal::new(accounts.shared_key()));
        Self { calls, listed, seal }
    }
}

/// Where a handler sits.
pub(super) enum Place {
    /// Behind a door that tells whose each request is.
    Web(Arc<Toolbox>, Arc<Accounts>),
    /// In a process of its own, for one user, once the host is there.
    Own(watch::Receiver<Option<Arc<Seat>>>),
}

/// What a process of its own serves with.
pub(crate) struct Opened {
    /// Runs calls.
    pub(crate) calls: Arc<Calls>,
    /// Whose calls they are.
    pub(crate) whose: Whose,
}

/// Whose a request is, and what it is served with.
pub(super) struct Seat {
    pub(super) toolbox: Arc<Toolbox>,
    pub(super) whose: Whose,
    /// Who calls; nobody where there is but one account.
    caller: Option<Caller>,
}

impl Seat {
    /// The seat of a process of its own.
    pub(super) fn own(opened: Opened, settings: &McpSettings) -> Self {
        let Opened { calls, whose } = opened;
        let (accounts, caller) = match &whose {
            Whose::Users(accounts, user) => (Some(Arc::clone(accounts)), Some(own_caller(user))),
            Whose::Own(..) => (None, None),
        };
        Self { toolbox: Arc::new(Toolbox::new(calls, accounts, settings)), whose, caller }
    }

    /// Whether this tool is there for the caller.
    pub(super) fn may_call(&self, tool: &str) -> bool {
        self.caller.as_ref().is_none_or(|caller| caller.may_call(tool))
    }

    /// The account's user, and what a sealed state for this call is good for.
    pub(super) fn purpose<'a>(
        &'a self,
        tool: &'a str,
        arguments: &'a Map<String, Value>,
    ) -> Option<(&'a Arc<Accounts>, &'a User, Purpose<'a>)> {
        let (Whose::Users(accounts, user), Some(caller)) = (&self.whose, &self.caller) else { return None };
        let (tenant, identifier) = (user.tenant(), user.identifier());
        Some((accounts, user, Purpose { tenant, identifier, token: &caller.token, tool, arguments }))
    }
}

/// Who calls in a process of its own: the operator, for a user.
fn own_caller(user: &User) -> Caller {
    Caller {
        tenant: user.tenant().to_owned(),
        identifier: Some(user.identifier().to_owned()),
        token: "stdio".to_owned(),
        tools: None,
    }
}

impl Place {
    /// The seat for a request.
    pub(super) async fn seat(&self, context: &RequestContext<RoleServer>) -> Result<Arc<Seat>, ErrorData> {
        let seat = match self {
            Self::Web(toolbox, accounts) => of_web(toolbox, accounts, &context.extensions).map(Arc::new),
            Self::Own(opened) => match opened.clone().wait_for(Option::is_some).await {
                Ok(seat) => seat.clone(),
                Err(_) => None,
            },
        };
        seat.ok_or_else(|| ErrorData::internal_error("the host is not there", None))
    }

    /// Whether all callers are told the same.
    pub(super) fn same_for_all(&self) -> bool {
        matches!(self, Self::Own(_))
    }
}

/// The seat of who came through the door.
fn of_web(toolbox: &Arc<Toolbox>, accounts: &Arc<Accounts>, extensions: &Extensions) -> Option<Seat> {
    let caller = extensions.get::<http::request::Parts>()?.extensions.get::<Caller>()?.clone();
    let user = User::new(&caller.tenant, caller.identifier.as_deref()?).ok()?;
    let whose = Whose::Users(Arc::clone(accounts), user);
    Some(Seat { toolbox: Arc::clone(toolbox), whose, caller: Some(caller) })
}
