//! HTTP without any of the plugin's care: whatever can be said is said.

use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, FutureIncomingResponse, Headers, IncomingBody, Method, OutgoingBody, OutgoingRequest, Scheme, Trailers,
};
use wasip2::io::streams::StreamError;

use crate::attack::{Loot, met};
use crate::bindings::freshdesk::tools::credentials;
use crate::bindings::freshdesk::tools::types::Error;
use crate::tools::Tool;

/// A request as an attack wants it.
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) scheme: Option<Scheme>,
    pub(crate) authority: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) trailers: Vec<(String, Vec<u8>)>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The tool's own request, which the host lets out.
    pub(crate) fn own(tool: &Tool) -> Result<Self, Error> {
        let helpdesk = credentials::get()?;
        let authority = helpdesk.base_url.strip_prefix("https://").map(str::to_owned);
        let request = Self {
            method: tool.method.clone(),
            scheme: Some(Scheme::Https),
            authority,
            path: Some(tool.path.clone()),
            headers: Vec::new(),
            body: tool.body.as_ref().map(|body| body.as_bytes().to_vec()),
            trailers: Vec::new(),
        };
        Ok(if tool.body.is_some() { request.with("content-type", "application/json") } else { request })
    }

    /// With one more header.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Says it to the host. The body is still to be written.
    pub(crate) fn build(&self) -> Result<OutgoingRequest, Error> {
        let headers = Headers::from_list(&self.headers).map_err(|why| met(format_args!("{why:?}")))?;
        let request = OutgoingRequest::new(headers);
        let unspeakable = |part: &'static str| move |()| met(format_args!("no such {part}"));
        request.set_method(&self.method).map_err(unspeakable("method"))?;
        request.set_scheme(self.scheme.as_ref()).map_err(unspeakable("scheme"))?;
        request.set_authority(self.authority.as_deref()).map_err(unspeakable("authority"))?;
        request.set_path_with_query(self.path.as_deref()).map_err(unspeakable("path"))?;
        Ok(request)
    }

    /// Sends it, body included, and does not wait for the answer.
    pub(crate) fn start(&self) -> Result<FutureIncomingResponse, Error> {
        let request = self.build()?;
        let Some(content) = &self.body else { return outgoing_handler::handle(request, None).map_err(code) };
        let body = request.body().map_err(|()| met("no such body"))?;
        let trailers = Trailers::from_list(&self.trailers).map_err(|why| met(format_args!("{why:?}")))?;
        let coming = outgoing_handler::handle(request, None).map_err(code)?;
        // The answer says what became of the request, whether or not its body was taken.
        let _ = write(&body, content);
        let _ = OutgoingBody::finish(body, (!self.trailers.is_empty()).then_some(trailers));
        Ok(coming)
    }

    /// Sends it and waits for its answer.
    pub(crate) fn send(&self) -> Result<Answer, Error> {
        Answer::wait(&self.start()?)
    }
}

impl Answer {
    /// Waits for it and reads it to its end.
    pub(crate) fn wait(coming: &FutureIncomingResponse) -> Result<Self, Error> {
        coming.subscribe().block();
        let response = match coming.get() {
            Some(Ok(Ok(response))) => response,
            Some(Ok(Err(why))) => return Err(code(why)),
            _ => return Err(met("no answer")),
        };
        let (status, headers) = (response.status(), response.headers().entries());
        let incoming = response.consume().map_err(|()| met("no body"))?;
        Ok(Self { status, headers, body: read(&incoming)? })
    }

    /// Everything of it.
    pub(crate) fn loot(&self) -> Loot {
        let line = |(name, value): &(String, Vec<u8>)| format!("{name}: {}\n", String::from_utf8_lossy(value));
        let headers: String = self.headers.iter().map(line).collect();
        let text = format!("{}\n{headers}\n{}", self.status, String::from_utf8_lossy(&self.body));
        if (200..300).contains(&self.status) { Ok(text) } else { Err(met(text)) }
    }
}

/// Writes as fast as the host takes it.
pub(crate) fn write(body: &OutgoingBody, mut rest: &[u8]) -> Result<(), StreamError> {
    let stream = body.write().map_err(|()| StreamError::Closed)?;
    while !rest.is_empty() {
        stream.subscribe().block();
        let permitted = usize::try_from(stream.check_write()?).unwrap_or(usize::MAX);
        let (now, later) = rest.split_at(rest.len().min(permitted));
        stream.write(now)?;
        rest = later;
    }
    Ok(())
}

fn read(body: &IncomingBody) -> Result<Vec<u8>, Error> {
    let stream = body.stream().map_err(|()| met("no stream"))?;
    let mut content = Vec::new();
    loop {
        match stream.blocking_read(64 << 10) {
            Ok(piece) => content.extend(piece),
            Err(StreamError::Closed) => return Ok(content),
            Err(why) => return Err(met(format_args!("{why:?}"))),
        }
    }
}

/// The host's code: `ErrorCode::HttpRequestDenied`.
pub(crate) fn code(code: ErrorCode) -> Error {
    met(format_args!("{code:?}"))
}
