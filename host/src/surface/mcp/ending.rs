//! Ends streams that answer no request when the server is to end: nobody's answer is in them, and they would delay it.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::Method;
use http_body::Frame;
use tokio::sync::watch;

/// What says that the server is to end: its other side is dropped.
pub(super) type Stopped = Option<watch::Receiver<()>>;

/// Has the stream of a session end with the server.
pub(super) async fn with_server(State(stopped): State<Stopped>, request: Request, next: Next) -> Response {
    let alone = request.method() == Method::GET;
    let response = next.run(request).await;
    match stopped {
        Some(mut stopped) if alone => response.map(|body| {
            let stop = Box::pin(async move { while stopped.changed().await.is_ok() {} });
            Body::new(Ending { body, stop })
        }),
        _ => response,
    }
}

/// A body that ends at a time.
struct Ending {
    body: Body,
    stop: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl http_body::Body for Ending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if self.stop.as_mut().poll(context).is_ready() {
            return Poll::Ready(None);
        }
        Pin::new(&mut self.body).poll_frame(context)
    }
}
