//! The parts of the host that the fuzzers call, by the paths that they have there; the plugin's and the label's come from their
//! crates. The rest of the host is left out, and wasmtime with it: these sources are compiled here once more.

#![allow(dead_code, missing_docs, reason = "parts of a whole")]

#[path = "../../host/src/account.rs"]
mod account;
#[path = "../../host/src/fuzz/mod.rs"]
pub mod fuzz;
#[path = "../../host/src/vault/mod.rs"]
mod vault;

#[path = "."]
mod egress {
    #[path = "../../host/src/egress/redact/mod.rs"]
    pub(crate) mod redact;
}

#[path = "."]
mod error {
    #[path = "../../host/src/error/harmless.rs"]
    mod harmless;
    pub(crate) use harmless::{LONGEST_STORY, harmless};
}

#[path = "."]
mod sandbox {
    #[path = "../../host/src/sandbox/contract/mod.rs"]
    pub(crate) mod contract;
}

#[path = "."]
mod surface {
    #[path = "."]
    pub(crate) mod page {
        #[path = "../../host/src/surface/page/form.rs"]
        pub(crate) mod form;
    }
}
