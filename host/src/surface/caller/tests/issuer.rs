//! An issuer on this machine, which has its keys there, or does not.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::surface::caller::KeySource;

/// What it answers.
#[derive(Clone)]
pub(super) struct Answer {
    pub(super) head: String,
    pub(super) body: Vec<u8>,
    pub(super) after: Duration,
}

impl Answer {
    /// This set of keys.
    pub(super) fn set(set: &str) -> Self {
        Self { head: "200 OK\r\ncontent-type: application/json".to_owned(), body: set.into(), after: Duration::ZERO }
    }

    pub(super) fn late(self, after: Duration) -> Self {
        Self { after, ..self }
    }

    pub(super) fn with_head(self, head: &str) -> Self {
        Self { head: head.to_owned(), ..self }
    }
}

pub(super) struct Issuing {
    pub(super) url: String,
    answer: Arc<Mutex<Answer>>,
    asked: Arc<AtomicUsize>,
}

impl Issuing {
    pub(super) async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let issuing = Self { url, answer: Arc::new(Mutex::new(answer)), asked: Arc::default() };
        let (answer, asked) = (Arc::clone(&issuing.answer), Arc::clone(&issuing.asked));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                asked.fetch_add(1, Ordering::SeqCst);
                let Answer { head, body, after } = answer.lock().unwrap().clone();
                tokio::spawn(async move {
                    let mut request = vec![0; 4096];
                    let _ = stream.read(&mut request).await;
                    tokio::time::sleep(after).await;
                    let head =
                        format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
                    let _ = stream.write_all(&[head.as_bytes(), &body].concat()).await;
                });
            }
        });
        issuing
    }

    pub(super) fn answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    /// How often it was asked.
    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub(super) fn keys(&self) -> KeySource {
        KeySource::Url(self.url.clone())
    }
}
