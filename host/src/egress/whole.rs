//! Reads bodies to their end.

use std::pin::pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use tokio::time::timeout;

use super::{Refused, story};

/// Why a body could not be read whole.
pub(super) enum Broken {
    TooLong,
    Off(String),
}

impl Broken {
    pub(super) fn of_request(self) -> Refused {
        match self {
            Self::TooLong => Refused::TooLong,
            Self::Off(why) => Refused::BrokenOff(why),
        }
    }

    pub(super) fn of_answer(self) -> Refused {
        match self {
            Self::TooLong => Refused::AnswerTooLong,
            Self::Off(why) => Refused::NoAnswer(why),
        }
    }
}

/// Reads a body to its end, `longest` bytes at most, into one piece however small the pieces are that it comes in, with no
/// more than `patience` between two of them.
pub(super) async fn whole<B>(body: B, longest: usize, patience: Duration) -> Result<Bytes, Broken>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut body = pin!(body);
    let mut all = BytesMut::new();
    loop {
        let frame = timeout(patience, body.frame()).await;
        let frame = frame.map_err(|_| Broken::Off(format!("nothing more within {} s", patience.as_secs())))?;
        let Some(frame) = frame else { return Ok(all.freeze()) };
        let Ok(data) = frame.map_err(|why| Broken::Off(story(&*why.into())))?.into_data() else { continue };
        if all.len() + data.len() > longest {
            return Err(Broken::TooLong);
        }
        all.extend_from_slice(&data);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use http_body::{Body, Frame};
    use http_body_util::Full;
    use tokio::time::Instant;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    /// A body that has a piece and never another.
    struct Stuck(Option<&'static str>);

    impl Body for Stuck {
        type Data = Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            let Some(piece) = self.0.take() else { return Poll::Pending };
            Poll::Ready(Some(Ok(Frame::data(Bytes::from(piece)))))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stops_coming_is_not_waited_for() {
        let started = Instant::now();
        let Err(Broken::Off(why)) = whole(Stuck(Some("half of it")), 100, PATIENCE).await else {
            panic!("it never ended")
        };
        assert_eq!((why.as_str(), started.elapsed().as_secs()), ("nothing more within 10 s", 10));
    }

    #[tokio::test]
    async fn a_body_has_a_length() {
        let body = |length: usize| Full::new(Bytes::from(vec![0; length]));
        assert!(whole(body(100), 100, PATIENCE).await.is_ok_and(|all| all.len() == 100));
        assert!(matches!(whole(body(101), 100, PATIENCE).await, Err(Broken::TooLong)));
    }
}
