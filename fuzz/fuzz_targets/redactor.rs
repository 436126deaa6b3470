#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| freshdesk_fuzz::fuzz::redactor(data));
