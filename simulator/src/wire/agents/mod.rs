//! `/agents`: `docs/freshdesk.md §6.5`, `§7.7` to `§7.9` and `§7.11`.

mod create;
mod delete;
mod list;
mod shape;
mod view;

pub(crate) use create::create;
pub(crate) use delete::delete;
pub(crate) use list::list;
pub(crate) use view::{me, view};
