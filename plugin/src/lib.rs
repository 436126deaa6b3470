//! Ten Freshdesk tools.
