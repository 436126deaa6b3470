//! Sends requests without a body within the guest's own call. wasmtime makes two tasks for each request, since the guest may
//! still be writing it, and threads wake one another for them; a request that is whole when it is handed over needs none.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, ready};

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{Request, Response, Uri};
use http_body_util::Empty;
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi_http::p2::bindings::http::outgoing_handler::Host as _;
use wasmtime_wasi_http::p2::bindings::http::types::{
    ErrorCode, HostFutureIncomingResponse as _, RequestOptions, Scheme,
};
use wasmtime_wasi_http::p2::body::HostIncomingBody;
use wasmtime_wasi_http::p2::http_request_error;
use wasmtime_wasi_http::p2::types::{HostFutureIncomingResponse, HostIncomingResponse, HostOutgoingRequest};
use wasmtime_wasi_http::{Error, FieldMap, WasiBody, WasiHttpView};

use super::guest::Guest;
use super::limits;
use crate::egress::Door;

/// The interfaces that are changed, in the version in which wasmtime offers them.
const HANDLER: &str = "wasi:http/outgoing-handler@0.2.12";
const TYPES: &str = "wasi:http/types@0.2.12";

/// An answer, by the number of the resource that the guest gets it by.
pub(super) type Answer = (u32, Response<WasiBody>);

/// What `future-incoming-response.get` returns: nothing yet, or once, what became of the request.
type Got = Option<Result<Result<Resource<HostIncomingResponse>, ErrorCode>, ()>>;

/// Where a guest leaves its request, and finds the answer. The passage runs beside the guest and not on its stack, which would
/// grow by twice as much and stay so for as long as the guest waits.
#[derive(Default)]
pub(super) struct Counter(Mutex<Exchange>);

#[derive(Default)]
struct Exchange {
    request: Option<Request<Empty<Bytes>>>,
    answer: Option<Result<Response<WasiBody>, Error>>,
}

/// A request on its way through the passage.
type Passing<'a> = Pin<Box<dyn Future<Output = Result<Response<WasiBody>, Error>> + Send + 'a>>;

impl Counter {
    /// What is on it is whole whenever it is readable, also after a panic.
    fn exchange(&self) -> MutexGuard<'_, Exchange> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs a guest, and takes the requests that it leaves on the counter through its door.
pub(super) async fn attend<T>(counter: &Counter, door: &Door, guest: impl Future<Output = T>) -> T {
    let mut guest = pin!(guest);
    let mut passing: Option<Passing<'_>> = None;
    poll_fn(|context| {
        loop {
            if let Some(passage) = &mut passing {
                let answer = ready!(passage.as_mut().poll(context));
                counter.exchange().answer = Some(answer);
                passing = None;
            }
            if let Poll::Ready(ended) = guest.as_mut().poll(context) {
                return Poll::Ready(ended);
            }
            let Some(request) = counter.exchange().request.take() else { return Poll::Pending };
            passing = Some(Box::pin(door.pass(request)));
        }
    })
    .await
}

/// Takes the place of wasmtime's own functions.
pub(super) fn link(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    linker.instance(HANDLER)?.func_wrap_async("handle", |store, (request, options)| {
        Box::new(async move { Ok((handle(store, request, options).await?,)) })
    })?;
    linker.instance(TYPES)?.func_wrap(
        "[method]future-incoming-response.get",
        |mut store: StoreContextMut<'_, Guest>, (future,): (Resource<HostFutureIncomingResponse>,)| {
            Ok((get(store.data_mut(), future)?,))
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}

async fn handle(
    mut store: StoreContextMut<'_, Guest>,
    request: Resource<HostOutgoingRequest>,
    options: Option<Resource<RequestOptions>>,
) -> wasmtime::Result<Result<Resource<HostFutureIncomingResponse>, ErrorCode>> {
    let guest = store.data_mut();
    let whole = options.is_none() && is_whole(guest.table.get(&request)?);
    let Some(counter) = guest.counter.clone().filter(|_| whole) else {
        return guest.http().handle(request, options).map(Ok).or_else(|error| error.downcast().map(Err));
    };
    let request = match ready_to_go(guest.table.delete(request)?) {
        Ok(request) => request,
        Err(code) => return Ok(Err(code)),
    };
    counter.exchange().request = Some(request);
    // Who attends to the counter runs this on when there is an answer.
    let answer = poll_fn(|_| counter.exchange().answer.take().map_or(Poll::Pending, Poll::Ready)).await;
    let guest = store.data_mut();
    Ok(Ok(match answer {
        Ok(answer) => {
            let future = guest.table.push(HostFutureIncomingResponse::Consumed)?;
            guest.answer = Some((future.rep(), answer));
            // It waited, and there is one answer a call: its time until it gives way begins anew.
            store.set_epoch_deadline(limits::FIRST);
            future
        }
        Err(error) => guest.table.push(HostFutureIncomingResponse::Ready(Err(error)))?,
    }))
}

/// Whether there is nothing to wait for, nor anything that wasmtime has to judge.
fn is_whole(request: &HostOutgoingRequest) -> bool {
    let length = request.headers.get(CONTENT_LENGTH);
    matches!(request.scheme, Some(Scheme::Https)) && request.body.is_none() && length.is_none_or(|length| length == "0")
}

fn ready_to_go(request: HostOutgoingRequest) -> Result<Request<Empty<Bytes>>, ErrorCode> {
    let mut uri = Uri::builder().scheme("https").authority(request.authority.unwrap_or_default());
    if let Some(path) = request.path_with_query {
        uri = uri.path_and_query(path);
    }
    let mut ready = Request::new(Empty::new());
    *ready.method_mut() = request.method.try_into().map_err(|_| ErrorCode::HttpRequestMethodInvalid)?;
    *ready.uri_mut() = uri.build().map_err(http_request_error)?;
    *ready.headers_mut() = request.headers.into();
    Ok(ready)
}

fn get(guest: &mut Guest, future: Resource<HostFutureIncomingResponse>) -> wasmtime::Result<Got> {
    let Some((_, answer)) = guest.answer.take_if(|(number, _)| *number == future.rep()) else {
        return guest.http().get(future);
    };
    let (head, body) = answer.into_parts();
    let headers = FieldMap::new_immutable(&mut guest.door, head.headers);
    let body = Some(HostIncomingBody::new(body));
    let answer = HostIncomingResponse { status: head.status.as_u16(), headers, body };
    Ok(Some(Ok(Ok(guest.table.push(answer)?))))
}
