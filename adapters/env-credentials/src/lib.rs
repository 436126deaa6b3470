//! Credentials from the environment.
