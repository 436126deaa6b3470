//! The logs of budgets: what is appended, what is read of it, and what a fold leaves.

use super::super::Store;
use super::fixture::*;
use crate::egress::{Fold, Log, Page, Shelf};

const ACME: &str = "acme.freshdesk.com";

fn page(from: i64, entries: &str) -> Page {
    Page { from, entries: entries.to_owned(), now: 1000, fold: None }
}

async fn append(store: &Store, page: Page) -> Log {
    store.append(ACME, page).await.unwrap()
}

fn log(base: i64, book: &str, entries: &str) -> Log {
    Log { base, book: book.to_owned(), entries: entries.to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_appends_reads_what_others_appended() {
    for world in worlds().await {
        let other = world.another("two").await;
        assert_eq!(append(&world.store, page(0, "one\n")).await, log(1000, "", "one\n"));
        assert_eq!(append(&other, page(0, "two\n")).await, log(1000, "", "one\ntwo\n"));
        assert_eq!(append(&world.store, page(1004, "three\n")).await, log(1000, "", "two\nthree\n"));
        assert_eq!(append(&world.store, page(1014, "")).await, log(1000, "", ""));
        // One that reads beyond the end learns that what it knows is not there.
        assert_eq!(append(&other, page(5000, "")).await, log(1000, "", ""));
        let elsewhere = other.append("umbrella.freshdesk.com", page(0, "four\n")).await;
        assert_eq!(elsewhere, Ok(log(1000, "", "four\n")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fold_takes_the_place_of_the_beginning_once() {
    for world in worlds().await {
        append(&world.store, page(0, "one\ntwo\n")).await;
        let folded = |base, to, book: &str| Some(Fold { base, to, book: book.to_owned() });
        let fold = Page { fold: folded(1000, 1004, "{1}"), ..page(1008, "three\n") };
        assert_eq!(append(&world.store, fold).await, log(1004, "", "three\n"));
        // Somebody else folded it meanwhile: only what is appended counts.
        let late = Page { fold: folded(1000, 1008, "{1,2}"), ..page(1008, "four\n") };
        assert_eq!(append(&world.store, late).await, log(1004, "", "three\nfour\n"));
        assert_eq!(append(&world.store, page(0, "")).await, log(1004, "{1}", "two\nthree\nfour\n"));
        assert_eq!(append(&world.store, page(1003, "")).await, log(1004, "{1}", "two\nthree\nfour\n"));
        let all = Page { fold: folded(1004, 1019, "{4}"), ..page(1019, "") };
        assert_eq!(append(&world.store, all).await, log(1019, "", ""));
        assert_eq!(append(&world.store, page(0, "five\n")).await, log(1019, "{4}", "five\n"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_append_at_the_same_time_read_one_order() {
    for world in worlds().await {
        let other = world.another("two").await;
        let tasks: Vec<_> = [&world.store, &other, &world.store, &other]
            .into_iter()
            .cloned()
            .enumerate()
            .map(|(host, store)| {
                tokio::spawn(async move {
                    let (mut from, mut read) = (0, String::new());
                    for number in 0..50 {
                        let entry = format!("{host}:{number}\n");
                        let log = append(&store, page(from, &entry)).await;
                        assert!(log.entries.ends_with(&entry), "{log:?}");
                        from = from.max(log.base) + log.entries.len() as i64;
                        read += &log.entries;
                    }
                    read
                })
            })
            .collect();
        let mut reads = Vec::new();
        for task in tasks {
            reads.push(task.await.unwrap());
        }
        let whole = append(&other, page(0, "")).await.entries;
        assert_eq!(whole.lines().count(), 200);
        assert!(reads.iter().all(|read| whole.starts_with(read)), "what each read is the log's beginning");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_nobody_writes_to_is_forgotten_after_a_day() {
    for world in worlds().await {
        let now = world.store.now_us();
        append(&world.store, page(0, "old\n")).await;
        let recent = Page { now, ..page(0, "recent\n") };
        world.store.append("umbrella.freshdesk.com", recent.clone()).await.unwrap();
        world.store.sweep_budgets().await.unwrap();
        assert_eq!(append(&world.store, Page { now, ..page(0, "new\n") }).await, log(now, "", "new\n"));
        let kept = world.store.append("umbrella.freshdesk.com", recent).await;
        assert_eq!(kept, Ok(log(now, "", "recent\nrecent\n")));
    }
}
