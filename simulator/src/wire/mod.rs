//! How the state looks over HTTP: the checks in Freshdesk's order, the operations, and the shapes of the answers.

mod account;
mod agents;
mod attribute;
mod auth;
mod body;
mod call;
mod contacts;
mod conversations;
mod custom_field;
mod echo;
mod errors;
mod headers;
mod html;
mod include;
mod message;
mod moment;
mod page;
mod query;
mod requester;
mod roles;
mod routes;
mod tickets;

use std::net::IpAddr;

use crate::state::{Helpdesk, Moment, Standing, State};
use body::Fields;
use call::Call;
pub(crate) use echo::echo;
use errors::Refusal;
pub(crate) use message::{Answer, Request};
use routes::Routed;

/// Answers one request. The order of the checks is that of `docs/freshdesk.md §3.1`; all but the first cost a credit.
pub(crate) fn answer(state: &mut State, request: &Request) -> Answer {
    let clock = state.clock.now();
    let serial = state.journal.len() as u64;
    let Some(helpdesk) = addressed(state, &request.host) else {
        return Answer::empty(404);
    };
    let routed = routes::find(&request.method, request.path_below_api());
    let credits = routed.credits(&request.query);
    let charged = helpdesk.spend.charge(&helpdesk.limits, helpdesk.window, clock, credits, routed.sub_limit());
    let outcome = admit(helpdesk, request).and_then(|caller| {
        charged.map_err(|exhausted| Refusal::Exhausted(exhausted.retry_after))?;
        let now = clock.replace_nanosecond(0).unwrap_or(clock);
        run(helpdesk, request, routed, caller, now)
    });
    let mut answer = outcome.unwrap_or_else(Refusal::answer);
    answer.credits = if charged.is_ok() { credits } else { 1 };
    headers::add(&mut answer, helpdesk, clock, serial);
    answer
}

/// The helpdesk that a host names. A numeric host and `localhost` mean the first one.
fn addressed<'a>(state: &'a mut State, host: &str) -> Option<&'a mut Helpdesk> {
    let name = message::without_port(host);
    if name == "localhost" || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
        return state.helpdesks.values_mut().next();
    }
    state.helpdesks.get_mut(name.to_ascii_lowercase().strip_suffix(".freshdesk.com")?)
}

/// Finds out whose key it is, and whether the account is served. The free plan has no API.
fn admit(helpdesk: &mut Helpdesk, request: &Request) -> Result<u64, Refusal> {
    let code = match helpdesk.standing {
        Standing::Active if helpdesk.limits.total == 0 => "require_feature",
        Standing::Active => {
            let caller = auth::caller(helpdesk, request);
            helpdesk.note_login(caller.is_ok());
            return caller;
        }
        Standing::Suspended => "account_suspended",
        Standing::LockedOut => "password_lockout",
        Standing::PasswordExpired => "password_expired",
    };
    Err(Refusal::forbidden(code, "The account cannot be used at the moment."))
}

/// Checks the request as far as no operation matters, then runs the operation.
fn run(
    helpdesk: &mut Helpdesk,
    request: &Request,
    routed: Routed,
    caller: u64,
    now: Moment,
) -> Result<Answer, Refusal> {
    let (route, id) = match routed {
        Routed::Nowhere => return Err(Refusal::NotFound),
        Routed::OtherVerbs(allowed) => return Err(Refusal::verb(&request.method, allowed)),
        Routed::To(route, id) => (route, id),
    };
    request.check_accept()?;
    let fields = Fields::new(body::read(request)?);
    request.check_slashes()?;
    if route.right.is_some_and(|right| !helpdesk.allows(caller, right)) {
        return Err(Refusal::access_denied());
    }
    let (path, query) = (&request.path, &request.query);
    (route.handle)(Call { helpdesk, caller, now, base: request.base(), path, query, fields, id })
}
