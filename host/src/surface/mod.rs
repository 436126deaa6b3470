//! Where callers come in. A surface decodes, calls, and translates what comes back once.

pub(crate) mod page;
