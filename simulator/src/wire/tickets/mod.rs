//! `/tickets`: `docs/freshdesk.md §7.1` to `§7.4`.

mod attributes;
mod create;
mod list;
mod shape;
mod update;
mod view;

pub(crate) use create::create;
pub(crate) use list::list;
pub(crate) use update::update;
pub(crate) use view::view;
