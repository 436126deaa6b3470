//! stub
use http::{HeaderMap, StatusCode};
use std::time::Duration;
use thiserror::Error;
use tokio::time::Instant;
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    TicketCreate,
    TicketUpdate,
    TicketsList,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spend {
    pub(crate) credits: u32,
    pub(crate) operation: Option<Operation>,
}
pub(crate) struct Report;
impl Report {
    pub(crate) fn read(_: StatusCode, _: &HeaderMap) -> Self {
        Self
    }
    pub(crate) fn throttled(s: StatusCode, h: &HeaderMap) -> bool {
        s == StatusCode::TOO_MANY_REQUESTS || (s == 403 && h.contains_key("retry-after"))
    }
}
#[derive(Debug, Error)]
#[error("no turn")]
pub(crate) struct NoTurn {
    pub(crate) retry_after: Duration,
}
pub(crate) struct Budget;
pub(crate) struct Turn;
impl Turn {
    pub(crate) fn sent(&mut self) {}
    pub(crate) fn settle(self, _: &Report) {}
    pub(crate) fn give_back(self) {}
}
impl Budget {
    pub(crate) fn new(_: Duration, _: u8) -> Self {
        Self
    }
    pub(crate) async fn turn(&self, _: &str, _: u64, _: Spend, _: Instant) -> Result<Turn, NoTurn> {
        Ok(Turn)
    }
}
