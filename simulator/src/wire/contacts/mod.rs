//! `/contacts`: `docs/freshdesk.md §6.4` and `§7.6`.

mod create;
mod list;
mod shape;

pub(crate) use create::create;
pub(crate) use list::list;
