//! The seam to wasmtime's implementation of wasi:http: what the plugin sends arrives here.

use std::sync::Arc;

use http::{HeaderName, Request, Response};
use http_body_util::{BodyExt, Full};
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, ForbiddenHeaderFilter, RequestOptions, Result, WasiBody, WasiHttpHooks,
};

use tracing::{Instrument, warn};

use super::{Passage, Refused, policy};

/// What becomes of errors of a response's body that is handed over as a stream; ours are whole before.
type Io = Box<dyn Future<Output = Result<()>> + Send>;

/// The door of an instance. It leads nowhere until the instance has a call, whose passage is behind it.
#[derive(Clone, Default)]
pub(crate) struct Door(Option<Passage>);

impl Door {
    /// A door to the passage of the instance's one call.
    pub(crate) fn to(passage: Passage) -> Self {
        Self(Some(passage))
    }

    /// The account's helpdesk, as the plugin addresses it, if there is a call.
    pub(crate) fn base_url(&self) -> Option<String> {
        self.0.as_ref().map(Passage::base_url)
    }

    /// Takes a request through the passage, as a part of the call whose span this is called in: what runs it may be elsewhere.
    pub(crate) fn pass<B>(
        &self,
        request: Request<B>,
    ) -> impl Future<Output = Result<Response<WasiBody>>> + Send + use<B>
    where
        B: http_body::Body<Data = bytes::Bytes> + Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let passage = self.0.clone();
        let passing = async move {
            let passage = passage.ok_or(Error::HttpRequestDenied)?;
            let answer = passage.pass(request).await.map_err(|refused| {
                if passage.seen.refuse(&refused) {
                    warn!(why = passage.seen.story(), "refused");
                }
                code(&refused)
            })?;
            Ok(answer.map(|body| Full::new(body).map_err(|never| match never {}).boxed_unsync()))
        };
        passing.in_current_span()
    }
}

impl WasiHttpHooks for Door {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Io,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Io)>> + Send> {
        let passing = self.pass(request);
        Box::new(async move { Ok((passing.await?, Box::new(async { Ok(()) }) as Io)) })
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
        Refused::NoTurn(no_turn) if no_turn.retry_after().is_some() => Error::ConnectionLimitReached,
        Refused::NoTurn(_) | Refused::NoKey(_) | Refused::Unreachable(_) | Refused::Unsent(_) => {
            Error::DestinationUnavailable
        }
        Refused::NoAnswer(_) => Error::HttpResponseIncomplete,
        Refused::AnswerTooLong => Error::HttpResponseBodySize(None),
        Refused::Encoded(_) => Error::HttpResponseContentCoding(None),
    }
}
