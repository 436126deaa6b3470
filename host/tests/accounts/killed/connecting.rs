//! Hosts that are killed while a user connects.

use std::io;
use std::sync::mpsc::{self, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use freshdesk_host::{LinkWish, State, Wish};
use freshdesk_simulator::{Fault, FaultAction, seed};
use tokio::task::block_in_place;

use crate::office::{EMAIL, Engine, Office, user};
use crate::visitor::{Page, Visitor};

/// The steps of connecting, each of which is a request of the browser and where that leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Open,
    Offer,
    Confirm,
}

const STEPS: [Step; 3] = [Step::Open, Step::Offer, Step::Confirm];

/// When a host is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// So long after a step began.
    Within(Step, Duration),
    /// While Freshdesk holds its answer to the question whose key it is.
    WhileAsking,
    /// Right after the user was told that the account is connected.
    Afterwards,
}

/// A user who goes through the page until the host does not answer any more.
struct Walk {
    running: JoinHandle<Walked>,
}

/// How far a user got: the browser, and the page after each step that was answered.
struct Walked {
    visitor: Visitor,
    pages: Vec<Page>,
}

impl Walk {
    /// Sets out. Says when each step begins.
    fn begin(mut visitor: Visitor, link: String, begun: Sender<Step>) -> Self {
        let running = std::thread::spawn(move || {
            let mut pages: Vec<Page> = Vec::new();
            for step in STEPS {
                let _ = begun.send(step);
                match visitor.step(step, &link, pages.last()) {
                    Ok(page) => pages.push(page),
                    Err(_) => break,
                }
            }
            Walked { visitor, pages }
        });
        Self { running }
    }
}

impl Visitor {
    fn step(&mut self, step: Step, link: &str, page: Option<&Page>) -> io::Result<Page> {
        match (step, page) {
            (Step::Offer, Some(form)) => self.offer(form, seed::ADMIN_KEY),
            (Step::Confirm, Some(shown)) => self.submit(shown, &[]),
            _ => self.open(link),
        }
    }
}

/// A link for a user whose account is made for it.
async fn link(office: &Office, identifier: &str) -> String {
    let accounts = office.another_host("product").await;
    let wish = Wish { expected_email: Some(EMAIL.to_owned()), ..Wish::default() };
    accounts.get_or_create(&user(identifier), &wish).await.unwrap();
    let link = accounts.link(&user(identifier), &LinkWish::default()).await.unwrap();
    accounts.close().await;
    link.url
}

/// How long each step takes when nobody is killed.
async fn paces(office: &Office) -> [Duration; 3] {
    let link = link(office, "first").await;
    let server = office.serve(&[]);
    block_in_place(|| {
        let mut visitor = Visitor::at(&server.url);
        let mut page: Option<Page> = None;
        STEPS.map(|step| {
            let begun = Instant::now();
            page = Some(visitor.step(step, &link, page.as_ref()).unwrap());
            begun.elapsed()
        })
    })
}

/// Has a host killed while a user connects. Tells how far the user got.
fn kill_while_connecting(office: &Office, link: &str, moment: Moment) -> Walked {
    let before = office.requests().len();
    if let Moment::WhileAsking = moment {
        let held = Fault::on("GET", "/agents/me", FaultAction::Delay(Duration::from_secs(60)));
        office.simulator.state().faults.push(held);
    }
    let server = office.serve(&[]);
    block_in_place(|| {
        let (sender, begun) = mpsc::channel();
        let walk = Walk::begin(Visitor::at(&server.url), link.to_owned(), sender);
        match moment {
            Moment::Within(step, delay) => {
                // Where a step does not come, an earlier one failed, and what follows shows why.
                while begun.recv().is_ok_and(|begun| begun != step) {}
                std::thread::sleep(delay);
            }
            Moment::WhileAsking => office.await_request(before, "/agents/me"),
            Moment::Afterwards => while begun.recv().is_ok() {},
        }
        server.kill();
        office.simulator.state().faults.clear();
        walk.running.join().unwrap()
    })
}

/// Asserts that what a killed host left is whole: the account as it was or active with all that belongs to it. Where it is as
/// it was, the user's browser goes on. Tells whether it was active.
async fn is_whole(office: &Office, identifier: &str, link: &str, walked: Walked) -> bool {
    office.await_silence();
    let accounts = office.another_host("product").await;
    let account = accounts.get(&user(identifier)).await.unwrap();
    let vault = accounts.vault_verify().await.unwrap();
    assert_eq!(vault.failed, [""; 0], "what is sealed opens");
    accounts.close().await;
    let active = account.state == State::Active;
    let told = walked.pages.last().is_some_and(Page::says_connected);
    assert!(active || (account.state == State::Pending && !told), "{:?} after {:?}", account.state, walked.pages);
    let of_user = format!("identifier = '{identifier}'");
    let one = u64::from(active);
    for (table, condition) in [
        ("accounts", "state = 'active' AND version = 1 AND secret IS NOT NULL"),
        ("links", "state = 'used'"),
        ("events", "new_state = 'active'"),
        ("audit", "kind = 'account.connected'"),
    ] {
        assert_eq!(office.count(table, &format!("{of_user} AND {condition}")), one, "{table}, active: {active}");
    }
    let server = office.serve(&[]);
    let shown = walked.pages.last().is_some_and(Page::asks_to_confirm);
    let mut visitor = walked.visitor.moved(&server.url);
    let last = block_in_place(|| {
        if active {
            return visitor.open(link).unwrap();
        }
        // The key that the host said it had verified is still there; otherwise it is given again.
        let page = visitor.open(link).unwrap();
        let page = match shown {
            true => visitor.get(&walked.pages.last().unwrap().path).unwrap(),
            false => visitor.offer(&page, seed::ADMIN_KEY).unwrap(),
        };
        visitor.submit(&page, &[]).unwrap()
    });
    if active {
        assert_eq!(last.status, 410, "a used link stays used: {last:?}");
    } else {
        assert!(last.says_connected(), "the link is good still: {last:?}");
    }
    assert_eq!(office.count("accounts", &format!("{of_user} AND state = 'active' AND version = 1")), 1);
    active
}

async fn kill_hosts_that_connect(engine: Engine, each: u32) {
    let Some(office) = Office::with_tenant(engine).await else { return };
    let paces = paces(&office).await;
    let mut moments = vec![Moment::WhileAsking, Moment::Afterwards];
    for (step, pace) in STEPS.into_iter().zip(paces) {
        let delay = |number| pace.mul_f64(1.2 * f64::from(number) / f64::from(each - 1));
        moments.extend((0..each).map(|number| Moment::Within(step, delay(number))));
    }
    let (mut before, mut after) = (0, 0);
    for (number, moment) in moments.into_iter().enumerate() {
        let identifier = format!("user-{number}");
        let link = link(&office, &identifier).await;
        let walked = kill_while_connecting(&office, &link, moment);
        let active = is_whole(&office, &identifier, &link, walked).await;
        match moment {
            Moment::WhileAsking => assert!(!active, "nothing is stored before Freshdesk has answered"),
            Moment::Afterwards => assert!(active, "what the user was told is so"),
            Moment::Within(..) => {}
        }
        if active { after += 1 } else { before += 1 }
    }
    println!("{engine:?}: killed {before} times before and {after} times after the account was active");
    assert!(before > 0 && after > 0, "both were met");
    office.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_killed_while_a_user_connects_leaves_the_account_as_it_was_or_active() {
    kill_hosts_that_connect(Engine::Sqlite, 7).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_postgres_too_a_killed_host_leaves_the_account_as_it_was_or_active() {
    kill_hosts_that_connect(Engine::Postgres, 3).await;
}
