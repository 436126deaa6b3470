//! What a fault does to an answer on its way out.

mod body;
mod warp;

use std::convert::Infallible;
use std::io::{self, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use http::HeaderValue;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use hyper::Response;

use crate::server::Scissors;
use crate::state::{Encoding, FaultAction};
use crate::wire::Answer;
pub(crate) use body::OutgoingBody;

/// Closes the connection instead of answering.
pub(crate) async fn silence(scissors: Scissors) -> Result<Response<OutgoingBody>, Infallible> {
    scissors.cut();
    std::future::pending().await
}

/// Sends the answer as the fault demands, or plainly when there is none.
pub(crate) async fn deliver(
    answer: Answer,
    action: Option<FaultAction>,
    scissors: Scissors,
) -> Result<Response<OutgoingBody>, Infallible> {
    let answer = changed(answer, action.as_ref());
    let whole = answer.body.len();
    let (body, promised) = match action {
        Some(FaultAction::Delay(delay)) => {
            tokio::time::sleep(delay).await;
            (OutgoingBody::plain(answer.body), Some(whole))
        }
        Some(FaultAction::Truncate(kept)) if kept < whole => {
            (OutgoingBody::cut(answer.body.slice(..kept), scissors), Some(whole))
        }
        Some(FaultAction::SlowBody { chunk, pause }) => (OutgoingBody::slow(answer.body, chunk, pause), Some(whole)),
        // A status that forbids a body has none, and so none without end.
        Some(FaultAction::Endless) if answer.status != 204 => (OutgoingBody::endless(answer.body), None),
        _ => (OutgoingBody::plain(answer.body), Some(whole)),
    };
    let mut response = Response::new(body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    if let Some(promised) = promised.filter(|_| answer.status != 204) {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(promised));
    }
    Ok(response)
}

/// The answer with another body, if the fault gives it one.
fn changed(answer: Answer, action: Option<&FaultAction>) -> Answer {
    match action {
        Some(FaultAction::Warp(number)) => match warp::warped(&answer.body, *number) {
            Some(body) => Answer { body, ..answer },
            None => answer,
        },
        Some(FaultAction::Compress { encoding, told }) if !answer.body.is_empty() => {
            // Writing to memory does not fail.
            let Ok(body) = compressed(&answer.body, *encoding) else { return answer };
            let mut answer = Answer { body, ..answer };
            let name = match encoding {
                Encoding::Gzip => "gzip",
                Encoding::Deflate => "deflate",
            };
            if *told {
                answer.headers.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
            }
            answer
        }
        _ => answer,
    }
}

/// The body in another encoding.
fn compressed(body: &[u8], encoding: Encoding) -> io::Result<Bytes> {
    let compressed = match encoding {
        Encoding::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(body)?;
            encoder.finish()?
        }
        Encoding::Deflate => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(body)?;
            encoder.finish()?
        }
    };
    Ok(Bytes::from(compressed))
}
