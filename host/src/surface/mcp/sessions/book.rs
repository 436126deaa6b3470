//! Whose the sessions in memory are, and which of them makes way for another.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use lru::LruCache;
use rmcp::transport::streamable_http_server::session::SessionId;

use super::Owner;

/// How long it may take until a session that was ended at one host is unknown at another.
const LOOK: Duration = Duration::from_millis(800);

/// Whose they are, and when each was used last.
pub(super) struct Book {
    sessions: LruCache<SessionId, Entry>,
    counts: HashMap<Owner, usize>,
    most: usize,
    each: usize,
}

struct Entry {
    owner: Owner,
    /// When it was looked whether it was ended elsewhere.
    looked: Instant,
}

impl Book {
    pub(super) fn new(most: usize, each: usize) -> Self {
        Self { sessions: LruCache::unbounded(), counts: HashMap::new(), most: most.max(1), each: each.max(1) }
    }

    /// Enters a session. Those that have to make way come back.
    pub(super) fn enter(&mut self, id: &SessionId, owner: Owner) -> Vec<SessionId> {
        self.leave(id);
        let own = self.counts.get(&owner).copied().unwrap_or_default();
        let own = (own >= self.each).then(|| self.oldest(|other| *other == owner)).flatten();
        let any = (self.sessions.len() - usize::from(own.is_some()) >= self.most).then(|| self.crowding()).flatten();
        let leaving: Vec<_> = own.or(any).into_iter().collect();
        for id in &leaving {
            self.leave(id);
        }
        *self.counts.entry(owner.clone()).or_default() += 1;
        self.sessions.put(id.clone(), Entry { owner, looked: Instant::now() });
        leaving
    }

    /// The one that was not used for the longest time.
    fn oldest(&self, whose: impl Fn(&Owner) -> bool) -> Option<SessionId> {
        self.sessions.iter().rev().find(|(_, entry)| whose(&entry.owner)).map(|(id, _)| id.clone())
    }

    /// The one that was not used for the longest time, of those of the tenant with the most and there of the user with the
    /// most: who makes many, by many tokens, takes no place of others.
    fn crowding(&self) -> Option<SessionId> {
        let mut sums: HashMap<&[String], usize> = HashMap::new();
        for (Owner(names), count) in &self.counts {
            for part in [&names[..1], &names[..2]] {
                *sums.entry(part).or_default() += count;
            }
        }
        let crowd = |Owner(names): &Owner| [&names[..1], &names[..2]].map(|part| sums.get(part).copied());
        let most = self.counts.keys().map(crowd).max()?;
        self.oldest(|owner| crowd(owner) == most)
    }

    pub(super) fn leave(&mut self, id: &SessionId) {
        let Some(Entry { owner, .. }) = self.sessions.pop(id) else { return };
        if let Some(count) = self.counts.get_mut(&owner) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&owner);
            }
        }
    }

    /// Whether the session is there for this owner.
    pub(super) fn is_of(&self, id: &SessionId, owner: &Owner) -> bool {
        self.sessions.peek(id).is_some_and(|entry| entry.owner == *owner)
    }

    /// Notes that the owner uses a session that is there. Tells whether it is time to look if it was ended elsewhere.
    pub(super) fn uses(&mut self, id: &SessionId) -> bool {
        let Some(entry) = self.sessions.get_mut(id) else { return false };
        let look = entry.looked.elapsed() > LOOK;
        if look {
            entry.looked = Instant::now();
        }
        look
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Enters a session of this name for a token of a user.
    fn enter(book: &mut Book, id: &str, user: &str, token: &str) -> Vec<String> {
        let owner = Owner(["app", user, token].map(str::to_owned));
        book.enter(&id.into(), owner).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn of_who_makes_more_than_allowed_the_one_makes_way_that_was_not_used_for_the_longest_time() {
        let mut book = Book::new(100, 2);
        assert!(enter(&mut book, "bob's", "bob", "b").is_empty());
        assert!(
            enter(&mut book, "first", "alice", "a").is_empty() && enter(&mut book, "second", "alice", "a").is_empty()
        );
        book.uses(&"first".into());
        assert_eq!(enter(&mut book, "third", "alice", "a"), ["second"]);
        assert_eq!(enter(&mut book, "third", "alice", "a"), [""; 0], "one that comes back takes no second place");
        assert!(book.is_of(&"bob's".into(), &Owner(["app", "bob", "b"].map(str::to_owned))));
        assert!(!book.is_of(&"bob's".into(), &Owner(["app", "alice", "a"].map(str::to_owned))));
    }

    #[test]
    fn there_are_only_so_many_in_all() {
        let mut book = Book::new(3, 3);
        let left: Vec<_> =
            ["a", "b", "c", "d", "e"].iter().flat_map(|name| enter(&mut book, name, name, "t")).collect();
        assert_eq!(left, ["a", "b"]);
    }

    #[test]
    fn who_fills_the_room_by_many_tokens_takes_no_place_of_others() {
        let mut book = Book::new(4, 4);
        enter(&mut book, "bob's", "bob", "b");
        let left: Vec<_> = (0..6).flat_map(|n| enter(&mut book, &n.to_string(), "alice", &n.to_string())).collect();
        assert_eq!(left, ["0", "1", "2"]);
    }

    #[test]
    fn nothing_is_left_of_one_that_left() {
        let mut book = Book::new(3, 3);
        enter(&mut book, "a", "alice", "t");
        book.leave(&"a".into());
        book.leave(&"a".into());
        assert!(book.counts.is_empty() && book.sessions.is_empty());
    }
}
