//! The connect page in a real Chromium, as its users meet it. What they see is kept in `target/screenshots`.

mod chromium;
mod driver;
mod scene;
mod web;

mod arrivals;
mod failures;
mod looks;
mod phishing;
mod proofs;
mod reach;
mod tabs;
