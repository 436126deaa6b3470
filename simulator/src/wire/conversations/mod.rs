//! What is said on a ticket: `docs/freshdesk.md §6.3` and `§7.5`.

mod list;
mod reply;
mod shape;

pub(crate) use list::list;
pub(crate) use reply::reply;
pub(crate) use shape::listed;
