//! Who calls: finds out by the token that a request shows, and lets in who speaks for one user.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

use super::body::NO_MESSAGE;
use super::sessions::{OWNER, Owner};
use super::web::refuse;
use crate::surface::caller::{Callers, Unknown};
use crate::surface::rate::{Address, seconds};

/// The door to the tools.
pub(super) struct Door {
    callers: Arc<Callers>,
    proxies: u8,
}

impl Door {
    pub(super) fn new(callers: Arc<Callers>, proxies: u8) -> Self {
        Self { callers, proxies }
    }
}

/// Lets a request pass with its caller, and without the token.
pub(super) async fn enter(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response {
    let from = Address::of_request(request.extensions(), request.headers(), door.proxies);
    let caller = match door.callers.who(request.headers(), from).await {
        Ok(caller) => caller,
        Err(unknown) => return door.turn_away(&unknown),
    };
    if caller.identifier.is_none() {
        let text = "this token speaks for all users of its tenant: make one for a user, by \
                    POST /v1/accounts/{identifier}/tokens or by `freshdesk-host tokens create --identifier`";
        return refuse(StatusCode::FORBIDDEN, NO_MESSAGE, text, None);
    }
    let owner = Owner::of(&caller);
    request.headers_mut().remove(AUTHORIZATION);
    request.extensions_mut().insert(caller);
    OWNER.scope(owner, next.run(request)).await
}

impl Door {
    fn turn_away(&self, unknown: &Unknown) -> Response {
        let status = match unknown {
            Unknown::Missing | Unknown::Wrong => StatusCode::UNAUTHORIZED,
            Unknown::Busy(_) => StatusCode::TOO_MANY_REQUESTS,
            Unknown::Broken => StatusCode::SERVICE_UNAVAILABLE,
        };
        let mut response = refuse(status, NO_MESSAGE, &unknown.to_string(), None);
        match unknown {
            Unknown::Missing | Unknown::Wrong => {
                response.headers_mut().insert(WWW_AUTHENTICATE, self.callers.challenge(unknown));
            }
            Unknown::Busy(time) => {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds(*time)));
            }
            Unknown::Broken => {}
        }
        response
    }
}
