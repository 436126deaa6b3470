//! The seam to wasmtime's implementation of wasi:http: what the plugin sends arrives here.

use std::sync::Arc;

use http::{HeaderName, Request, Response};
use http_body_util::{BodyExt, Full};
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, ForbiddenHeaderFilter, RequestOptions, Result, WasiBody, WasiHttpHooks,
};

use tracing::warn;

use super::{Passage, Refused, policy};

/// What becomes of errors of a response's body that is handed over as a stream; ours are whole before.
type Io = Box<dyn Future<Output = Result<()>> + Send>;

impl WasiHttpHooks for Passage {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Io,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Io)>> + Send> {
        let passage = self.clone();
        Box::new(async move {
            let answer = passage.pass(request).await.map_err(|refused| {
                if passage.seen.refuse(&refused) {
                    warn!(why = passage.seen.story(), "refused");
                }
                code(&refused)
            })?;
            let answer = answer.map(|body| Full::new(body).map_err(|never| match never {}).boxed_unsync());
            Ok((answer, Box::new(async { Ok(()) }) as Io))
        })
    }

    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(|name: &HeaderName| DEFAULT_FORBIDDEN_HEADERS.contains(name) || policy::HOSTS_OWN.contains(name))
    }

    fn set_host_header(&mut self) -> bool {
        false
    }
}

/// What the plugin learns of a refusal: the kind, and none of the story.
fn code(refused: &Refused) -> Error {
    match refused {
        Refused::Denied(_) => Error::HttpRequestDenied,
        Refused::TooLong | Refused::BrokenOff(_) => Error::HttpRequestBodySize(None),
        Refused::NoTurn(_) => Error::ConnectionLimitReached,
        Refused::NoKey(_) | Refused::Unreachable(_) | Refused::Unsent(_) => Error::DestinationUnavailable,
        Refused::NoAnswer(_) => Error::HttpResponseIncomplete,
        Refused::AnswerTooLong => Error::HttpResponseBodySize(None),
        Refused::Encoded(_) => Error::HttpResponseContentCoding(None),
    }
}
