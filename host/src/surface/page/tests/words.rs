//! A sentence for everything that can go wrong, and what to do.

use std::collections::HashSet;
use std::time::Duration;

use http::StatusCode;

use crate::accounts::{ConfirmError, LinkError, OfferError};
use crate::surface::page::stop::Stop;
use crate::surface::page::words::{self, Problem};

const HOST: &str = "acme.freshdesk.com";

fn offer(error: OfferError) -> Problem {
    words::offer(error, "App X", Some(HOST)).unwrap()
}

fn forbidden(code: Option<&str>) -> OfferError {
    OfferError::Forbidden { code: code.map(str::to_owned) }
}

/// All problems with a key and with a confirmation.
fn problems() -> Vec<Problem> {
    let offers = [
        OfferError::Helpdesk(freshdesk_label::InvalidLabel),
        OfferError::Key,
        OfferError::OtherHelpdesk { expected: "globex".to_owned() },
        OfferError::WrongKey { left: 3 },
        OfferError::NoHelpdesk,
        forbidden(None),
        forbidden(Some("require_feature")),
        forbidden(Some("account_suspended")),
        forbidden(Some("password_lockout")),
        forbidden(Some("password_expired")),
        OfferError::OtherPerson,
        OfferError::Unavailable { retry_after: Some(40) },
        OfferError::Unavailable { retry_after: None },
    ];
    let confirms = [ConfirmError::Nothing, ConfirmError::WrongCode { left: 1 }, ConfirmError::Changed];
    let offers = offers.map(offer);
    offers.into_iter().chain(confirms.map(|error| words::confirm(error, "App X").unwrap())).collect()
}

fn stops() -> Vec<Stop> {
    vec![
        Stop::Gone,
        Stop::Dead,
        Stop::Lost,
        Stop::Foreign,
        Stop::Unreadable,
        Stop::TooLarge,
        Stop::Slow,
        Stop::Busy(Duration::from_millis(2500)),
        Stop::NoPage,
        Stop::Method,
        Stop::Broken,
    ]
}

#[test]
fn every_failure_has_its_own_sentence_and_what_to_do() {
    let problems = problems();
    let sentences: HashSet<_> = problems.iter().map(|problem| &problem.what).collect();
    assert_eq!(sentences.len(), problems.len());
    for problem in &problems {
        assert!(problem.what.ends_with('.') && problem.next.ends_with('.'), "{problem:?}");
        assert!(problem.status.is_client_error() || problem.status.is_server_error(), "{problem:?}");
        assert!(["", "helpdesk", "key", "code"].contains(&problem.at), "{problem:?}");
    }
}

#[test]
fn every_end_has_its_own_page() {
    let notices: Vec<_> = stops().iter().map(words::notice).collect();
    let titles: HashSet<_> = notices.iter().map(|notice| notice.title).collect();
    assert_eq!(titles.len(), notices.len());
    for notice in notices {
        assert!(notice.what.ends_with('.') && notice.next.ends_with('.'), "{notice:?}");
        assert!(notice.status.is_client_error() || notice.status.is_server_error(), "{notice:?}");
    }
}

#[test]
fn sentences_name_the_helpdesk_and_the_application() {
    assert!(offer(OfferError::WrongKey { left: 3 }).what.contains(HOST));
    assert!(offer(OfferError::WrongKey { left: 3 }).next.contains("3 more tries"));
    assert!(offer(OfferError::WrongKey { left: 1 }).next.contains("one more try"));
    assert!(offer(OfferError::OtherHelpdesk { expected: "globex".to_owned() }).what.contains("globex.freshdesk.com"));
    assert!(offer(OfferError::OtherPerson).next.contains("App X"));
    assert!(offer(forbidden(Some("require_feature"))).next.contains("Growth"));
}

#[test]
fn a_time_to_wait_is_said_in_words() {
    let next = |seconds| offer(OfferError::Unavailable { retry_after: seconds }).next;
    assert!(next(Some(1)).contains("in a second."));
    assert!(next(Some(40)).contains("in 40 seconds."));
    assert!(next(Some(600)).contains("in 10 minutes."));
    assert!(next(None).contains("in a minute."));
    assert_eq!(offer(OfferError::Unavailable { retry_after: None }).status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(words::notice(&Stop::Busy(Duration::from_millis(2500))).next.contains("Wait 3 seconds"));
}

#[test]
fn after_the_last_try_there_is_no_form() {
    assert_eq!(words::offer(OfferError::WrongKey { left: 0 }, "App X", None), Err(Stop::Dead));
    assert_eq!(words::confirm(ConfirmError::WrongCode { left: 0 }, "App X"), Err(Stop::Dead));
    assert_eq!(words::offer(LinkError::Gone.into(), "App X", None), Err(Stop::Gone));
    assert_eq!(words::confirm(LinkError::Dead.into(), "App X"), Err(Stop::Dead));
}

/// The page does not tell who is expected: who reads it may not be that person.
#[test]
fn another_persons_key_does_not_tell_who_is_expected() {
    let problem = offer(OfferError::OtherPerson);
    assert!(!format!("{}{}", problem.what, problem.next).contains('@'));
}
