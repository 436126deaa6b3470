//! Refuses what Freshdesk would refuse, before it costs a request. All problems of a request are named together.

use crate::bindings::freshdesk::tools::types::{Error, InvalidInput, Problem};

/// Most items on a page (`docs/freshdesk.md` §4).
const LARGEST_PAGE: u32 = 100;

/// The problems found so far.
#[derive(Default)]
pub(crate) struct Check(Vec<Problem>);

impl Check {
    /// Refuses `field` with `message` if `wrong`.
    pub(crate) fn refuse_if(mut self, wrong: bool, field: &str, message: &str) -> Self {
        if wrong {
            self.0.push(Problem { field: field.to_owned(), message: message.to_owned(), code: None });
        }
        self
    }

    /// Freshdesk numbers from 1.
    pub(crate) fn id(self, field: &str, id: impl Into<Option<u64>>) -> Self {
        self.refuse_if(id.into() == Some(0), field, "an id is never 0")
    }

    /// Freshdesk numbers from 1.
    pub(crate) fn ids(self, field: &str, ids: Option<&[u64]>) -> Self {
        self.refuse_if(ids.is_some_and(|ids| ids.contains(&0)), field, "an id is never 0")
    }

    /// A text that must say something if it is there.
    pub(crate) fn text<'a>(self, field: &str, text: impl Into<Option<&'a str>>) -> Self {
        let blank = text.into().is_some_and(|text| text.trim().is_empty());
        self.refuse_if(blank, field, "is empty: give a value, or leave it out where it is optional")
    }

    /// A page's number, up to `last` where Freshdesk lists no further.
    pub(crate) fn page(self, page: Option<u32>, last: Option<u32>) -> Self {
        self.refuse_if(page == Some(0), "page", "pages are numbered from 1").refuse_if(
            last.is_some_and(|last| page > Some(last)),
            "page",
            "Freshdesk lists no further than page 300: narrow the query instead",
        )
    }

    /// A page's size.
    pub(crate) fn per_page(self, per_page: Option<u32>) -> Self {
        let wrong = per_page.is_some_and(|size| !(1..=LARGEST_PAGE).contains(&size));
        self.refuse_if(wrong, "per_page", "must be 1 to 100")
    }

    /// Lets the request through if no problem was found.
    pub(crate) fn done(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::InvalidInput(InvalidInput { problems: self.0 })) }
    }
}
