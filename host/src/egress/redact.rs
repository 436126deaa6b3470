//! stub
use bytes::Bytes;
use http::HeaderMap;
pub(crate) struct Redactor;
impl Redactor { pub(crate) fn new(_: &str) -> Self { Self } pub(crate) fn body(&self, b: Bytes) -> Bytes { b } pub(crate) fn headers(&self, _: &mut HeaderMap) {}
 #[cfg(test)] pub(crate) fn finds(&self, _: &[u8]) -> bool { true } }
