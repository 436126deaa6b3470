//! End-to-end tests by topic.
