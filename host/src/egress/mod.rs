//! The one way out. Every request of the plugin passes here, and nothing else of it gets out.

mod address;
mod attach;
mod budget;
mod client;
mod connect;
#[cfg(feature = "accounts")]
mod dial;
mod hooks;
mod policy;
pub(crate) mod redact;
mod refused;
mod retry;
mod routes;
mod said;
mod seen;
#[cfg(feature = "accounts")]
mod single;
#[cfg(feature = "accounts")]
mod target;
mod two;
mod whole;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, HeaderName, HeaderValue, SET_COOKIE, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{Request, Response};
use http_body_util::Full;
use serde_json::{Map, Value};
use tokio::time::Instant;
use tracing::{Instrument, debug_span, info};

use crate::account::{Account, NoKey};
use crate::host::Settings;
use crate::stage::Stages;
use crate::witness::Witness;
use budget::{Budget, Report};
#[cfg(feature = "accounts")]
pub(crate) use budget::{Fold, Log, Page, Reading, Shelf, Usage};
use client::Clients;
#[cfg(feature = "command")]
pub(crate) use connect::tls;
pub use connect::{Development, EgressError};
#[cfg(feature = "accounts")]
pub(crate) use dial::Dialer;
pub(crate) use hooks::Door;
use policy::{Denied, Permit};
pub(crate) use redact::Redactor;
pub(crate) use refused::Refused;
use retry::Retry;
#[cfg(feature = "accounts")]
pub(crate) use routes::method;
#[cfg(feature = "command")]
pub(crate) use routes::reach;
pub(crate) use routes::writes;
pub(crate) use seen::{Ending, Seen};
#[cfg(feature = "accounts")]
pub(crate) use single::Unanswered;
#[cfg(feature = "accounts")]
pub(crate) use target::{InvalidTarget, Target};
use whole::{Broken, whole};

/// Longest request, in bytes. Freshdesk's own limit on a ticket is far below; 1 MiB is a book of 500 pages.
const LONGEST_REQUEST: usize = 1 << 20;

/// Longest answer, in bytes: a full page of 100 tickets with descriptions is about 2 MB.
const LONGEST_ANSWER: usize = 8 << 20;

/// Time between two pieces of a request: the plugin has it whole in its memory when it begins to send.
const BETWEEN_PIECES: Duration = Duration::from_secs(10);

/// Time since a call began after which its key is asked for again: whoever disconnects an account waits no longer for the
/// calls that have begun. Calls that wait for nothing leave before.
const FRESH: Duration = Duration::from_secs(1);

/// Headers of an answer that the plugin does not see: they are for browsers.
const NOT_HANDED_BACK: [HeaderName; 2] = [SET_COOKIE, WWW_AUTHENTICATE];

/// The way out of the process: connections, and the budgets of the helpdesks that they lead to.
pub(crate) struct Egress {
    clients: Clients,
    budget: Budget,
    speak_as_others: bool,
    witness: Option<Arc<dyn Witness>>,
}

impl Egress {
    /// A way out that reaches Freshdesk, and what the development settings name instead of it.
    pub(crate) fn new(settings: &Settings) -> Result<Self, EgressError> {
        let clients = Clients::new(&settings.development)?;
        let budget = Budget::new(settings.window, settings.reserve);
        Ok(Self { clients, budget, speak_as_others: settings.speak_as_others, witness: None })
    }

    /// What connects to where webhooks go.
    #[cfg(feature = "accounts")]
    pub(crate) fn dialer(&self) -> Dialer {
        self.clients.dialer()
    }

    /// Shares budgets with all who have this shelf, where this process is called `by`. Calls are over after `longest`.
    #[cfg(feature = "accounts")]
    pub(crate) fn share_budgets(&self, shelf: Arc<dyn Shelf>, by: i64, longest: Duration) {
        self.budget.share(shelf, by, longest);
    }

    /// A request of this version of an account that left then had no answer in its call's whole time.
    pub(crate) fn doubt(&self, version: u64, left: std::time::Instant) {
        self.clients.of(version).doubt(left);
    }

    /// How the budget of the helpdesk at this host stands.
    #[cfg(feature = "accounts")]
    pub(crate) fn usage(&self, helpdesk: &str) -> Usage {
        self.budget.usage(helpdesk)
    }

    /// The same way out, with somebody who is shown what comes back to the guest.
    #[cfg(feature = "command")]
    pub(crate) fn watched(self, witness: Arc<dyn Witness>) -> Self {
        Self { witness: Some(witness), ..self }
    }
}

/// What a call is for.
pub(crate) struct Errand {
    /// The function of the tool that runs.
    pub(crate) function: String,
    /// The ids that its request names, by field.
    pub(crate) ids: Vec<(String, u64)>,
    /// What the caller said of a write, in the contract's words; null is what is to be cleared.
    pub(crate) said: Map<String, Value>,
}

impl Errand {
    /// The host's own: to ask whose key it is.
    pub(crate) fn who() -> Self {
        Self { function: routes::WHO.to_owned(), ids: Vec::new(), said: Map::new() }
    }
}

/// The passage of one call: bound to its account and its errand, good for one request.
#[derive(Clone)]
pub(crate) struct Passage {
    egress: Arc<Egress>,
    account: Arc<Account>,
    errand: Arc<Errand>,
    began: Instant,
    deadline: Instant,
    seen: Arc<Seen>,
    stages: Option<Arc<Stages>>,
}

impl Passage {
    /// A passage for one call of `account`.
    pub(crate) fn new(egress: Arc<Egress>, account: Arc<Account>, errand: Errand, deadline: Instant) -> Self {
        Self {
            egress,
            account,
            errand: Arc::new(errand),
            began: Instant::now(),
            deadline,
            seen: Arc::default(),
            stages: None,
        }
    }

    /// The same, with somebody who looks how far it has come, and may call it off.
    pub(crate) fn followed(self, stages: Arc<Stages>) -> Self {
        Self { stages: Some(stages), ..self }
    }

    /// The account's helpdesk, as the plugin addresses it.
    pub(crate) fn base_url(&self) -> String {
        format!("https://{}", self.account.helpdesk().host())
    }

    /// What the passage sees, readable while the call runs.
    pub(crate) fn seen(&self) -> Arc<Seen> {
        Arc::clone(&self.seen)
    }

    /// Asks Freshdesk whose key this is: the host's own request, which passes like any other.
    pub(crate) async fn ask_who(&self) -> Result<Response<Bytes>, Refused> {
        let uri = format!("{}{}", self.base_url(), routes::WHO_PATH);
        let request = Request::get(uri).header(ACCEPT, "application/json").body(Full::<Bytes>::default());
        let request = request.map_err(|why| Refused::BrokenOff(why.to_string()))?;
        self.pass(request).await.inspect_err(|why| {
            self.seen.refuse(why);
        })
    }

    /// Takes one request out and its answer back: whole request read, destination, method and path, headers, body, one
    /// request a call; then, for each time it is sent, its turn, key attached, sent, whole answer read; and the answer
    /// handed back without the key.
    async fn pass<B>(&self, request: Request<B>) -> Result<Response<Bytes>, Refused>
    where
        B: http_body::Body<Data = Bytes> + Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (mut head, body) = request.into_parts();
        let reading = whole(body, LONGEST_REQUEST, BETWEEN_PIECES);
        let body = reading.instrument(debug_span!("read")).await.map_err(Broken::of_request)?;
        let body = debug_span!("check").in_scope(|| self.check(&mut head, &body))?;
        self.seen.request(&head.method)?;
        let (answer, redactor) = self.exchange(head, body).await?;
        let answer = debug_span!("redact").in_scope(|| harmless(answer, &redactor));
        if let Some(witness) = &self.egress.witness {
            witness.sees("in an answer's head", format!("{:?}", answer.headers()).as_bytes());
            witness.sees("in an answer's body", answer.body());
        }
        Ok(answer)
    }

    /// The body that leaves, if the request may: the host's own text of what was checked, which no reader reads otherwise.
    fn check(&self, head: &mut Parts, body: &[u8]) -> Result<Bytes, Denied> {
        let host = self.account.helpdesk().host();
        let speak_as_others = self.egress.speak_as_others;
        let body = policy::check(head, body, &Permit { host: &host, errand: &self.errand, speak_as_others })?;
        if let Some(length) = head.headers.get_mut(CONTENT_LENGTH) {
            *length = body.len().into();
        }
        Ok(body)
    }

    /// Sends the request until it is answered, or until sending it again makes no sense.
    async fn exchange(&self, head: Parts, body: Bytes) -> Result<(Response<Bytes>, Redactor), Refused> {
        let mut retry = Retry::new(&head.method);
        let mut again = false;
        loop {
            let (outcome, redactor) = self.send(head.clone(), body.clone(), again).await?;
            again = true;
            let left = self.deadline.saturating_duration_since(Instant::now());
            let Some(wait) = retry.after(&outcome, left) else { return Ok((outcome?, redactor)) };
            match &outcome {
                Ok(answer) => info!(status = answer.status().as_u16(), ?wait, "sending again"),
                Err(why) => info!(%why, ?wait, "sending again"),
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Sends the request once, in its turn and with the key. Fails where it had no turn, and where it was waited for so
    /// long that the key is not the account's any more.
    async fn send(
        &self,
        mut head: Parts,
        body: Bytes,
        again: bool,
    ) -> Result<(Result<Response<Bytes>, Refused>, Redactor), Refused> {
        if let Some(stages) = &self.stages {
            stages.waits();
        }
        let spend = routes::spend(&self.errand.function, &head.uri);
        let (helpdesk, version) = (self.account.helpdesk().host(), self.account.version());
        let turn = self.egress.budget.turn(&helpdesk, version, spend, self.deadline);
        let mut turn = turn.instrument(debug_span!("turn")).await?;
        if again || self.began.elapsed() > FRESH {
            self.account.still().await?;
        }
        let redactor = debug_span!("attach").in_scope(|| {
            let key = self.account.key(&self.errand.function)?;
            Ok::<_, NoKey>(attach::key(&mut head.headers, &key))
        })?;
        head.headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let client = self.egress.clients.of(version);
        let sending = client.send(Request::from_parts(head, body), || {
            if self.stages.as_ref().is_some_and(|stages| !stages.leaves()) {
                return Err(Denied::TooLate.into());
            }
            self.seen.leave()?;
            turn.sent();
            Ok(())
        });
        let outcome = sending.instrument(debug_span!("send")).await.map_err(|refused| refused.harmless(&redactor));
        match &outcome {
            Ok(answer) => {
                self.seen.answer(answer.status());
                turn.settle(&Report::read(answer.status(), answer.headers()));
            }
            Err(refused) if refused.before_leaving() => {
                self.stay();
                turn.give_back();
            }
            Err(_) => drop(turn),
        }
        Ok((outcome, redactor))
    }

    /// Notes that it did not leave after all.
    fn stay(&self) {
        self.seen.stay();
        if let Some(stages) = &self.stages {
            stages.stays();
        }
    }
}

/// The answer as the plugin may see it.
fn harmless(answer: Response<Bytes>, redactor: &Redactor) -> Response<Bytes> {
    let (mut head, body) = answer.into_parts();
    NOT_HANDED_BACK.iter().for_each(|name| drop(head.headers.remove(name)));
    redactor.headers(&mut head.headers);
    Response::from_parts(head, redactor.body(body))
}

/// An error with the chain of its causes.
pub(crate) fn story(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |story, cause| format!("{story}: {cause}"))
}
