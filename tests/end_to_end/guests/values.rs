//! Answers that are of another type than the contract's, or of no type.

use std::time::{Duration, Instant};

use freshdesk_host::CallError;
use freshdesk_tests::{World, run};

use super::component::{Component, HARMLESS, ask};

/// Time in which any answer is judged.
const SOON: Duration = Duration::from_secs(3);

/// Has each component give its answer: the call breaks, and other guests are served.
fn all_break(answers: &[(&str, Component<'_>)]) {
    run(async {
        let other = World::hostile().await;
        for (name, component) in answers {
            let world = component.patient_world().await;
            let started = Instant::now();
            let broken = ask(&world).await;
            assert!(matches!(broken, Err(CallError::Broken(_))), "{name}: {broken:?}");
            assert!(started.elapsed() < SOON, "{name}: {:?}", started.elapsed());
            super::serves(&other, name).await;
        }
    });
}

/// An answer of this type whose bytes are at address 0, as far as they are not zero.
fn at_zero<'a>(result: &'a str, bytes: &'a str) -> Component<'a> {
    Component { result, module: bytes, answer: "(i32.const 0)", memory: "1100", ..HARMLESS }
}

#[test]
fn an_answer_of_another_type_breaks_the_call() {
    let record = Component {
        beside: r#"(type $page' (record (field "agents" u8) (field "page" u8))) (export $page "agent-page" (type $page'))"#,
        ..at_zero("(result $page (error $error))", "")
    };
    all_break(&[
        ("a number", at_zero("u32", "")),
        ("a text", at_zero("string", "")),
        ("a list", at_zero("(list u8)", "")),
        ("a pair", at_zero("(tuple u8 u8)", "")),
        ("an option", at_zero("(option u8)", "")),
        ("success that is a number", at_zero("(result u8 (error $error))", "")),
        ("success that is nothing", at_zero("(result (error $error))", "")),
        ("success that is another record", record),
        ("an error that is a number", at_zero("(result (error u8))", r#"(data (i32.const 0) "\01")"#)),
        ("an error that is a word", at_zero("(result (error $state))", r#"(data (i32.const 0) "\01")"#)),
        ("an error that is nothing", at_zero("(result)", r#"(data (i32.const 0) "\01")"#)),
    ]);
}

#[test]
fn an_answer_that_is_not_where_it_is_said_to_be_breaks_the_call() {
    all_break(&[
        ("beyond memory", Component { answer: "(i32.const -1)", ..HARMLESS }),
        ("at the end of memory", Component { answer: "(i32.const 65535)", ..HARMLESS }),
        ("a text of 4 GiB", at_zero("string", r#"(data (i32.const 0) "\00\00\00\00\ff\ff\ff\ff")"#)),
        ("a text at -1", at_zero("string", r#"(data (i32.const 0) "\ff\ff\ff\ff\02\00\00\00")"#)),
        ("a list of 4 G", at_zero("(list u64)", r#"(data (i32.const 0) "\00\00\00\00\ff\ff\ff\ff")"#)),
        ("a list askew", at_zero("(list u64)", r#"(data (i32.const 0) "\01\00\00\00\01\00\00\00")"#)),
    ]);
}

#[test]
fn an_answer_that_means_nothing_breaks_the_call() {
    all_break(&[
        ("neither success nor an error", at_zero("(result (error $error))", r#"(data (i32.const 0) "\02\00")"#)),
        ("an error of no case", at_zero("(result (error $error))", r#"(data (i32.const 0) "\01\02")"#)),
        ("a text that is not UTF-8", at_zero("string", r#"(data (i32.const 0) "\08\00\00\00\02\00\00\00\c3\28")"#)),
        ("half a character", Component { answer: "(i32.const 0xd800)", ..at_zero("char", "") }),
    ]);
}

/// Values that are a byte each in the guest's memory, and more in the host's.
#[test]
fn an_answer_that_would_be_large_in_the_host_breaks_the_call() {
    // 64 MiB of zeros behind the list's place.
    let list = r#"(data (i32.const 0) "\00\00\01\00\00\00\00\04")"#;
    let word = "x".repeat(50_000);
    let large = |beside: String| beside.replace("WORD", &word);
    let words = large(r#"(type $t' (enum "WORD")) (export $t "word" (type $t'))"#.to_owned());
    let fields = large(r#"(type $t' (record (field "WORD" u8))) (export $t "field" (type $t'))"#.to_owned());
    let cases = large(r#"(type $t' (variant (case "WORD" u8))) (export $t "case" (type $t'))"#.to_owned());
    let of_named = |beside| Component { beside, ..at_zero("(list $t)", list) };
    all_break(&[
        ("bytes", at_zero("(list u8)", list)),
        ("flags", at_zero("(list bool)", list)),
        ("pairs", at_zero("(list (tuple u8 u8 u8 u8))", list)),
        ("options", at_zero("(list (option u8))", list)),
        ("lists", at_zero("(list (list u8))", list)),
        ("texts", at_zero("(list string)", list)),
        ("long words", of_named(&words)),
        ("long names of fields", of_named(&fields)),
        ("long names of cases", of_named(&cases)),
    ]);
}
