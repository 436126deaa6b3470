#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| freshdesk_plugin::fuzz::refusal(data));
