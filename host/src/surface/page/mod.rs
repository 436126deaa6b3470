//! The page on which a user connects Freshdesk.
