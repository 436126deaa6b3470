//! Shapes of WebAssembly that no compiler makes.

use std::time::Instant;

use freshdesk_host::CallError;
use freshdesk_tests::{World, run};

use super::SHORT;
use super::component::{Component, HARMLESS, ask, refused, serves};

/// Has each component attack in vain: the attack is answered, and so is the next call.
fn all_in_vain(attacks: &[(&str, Component<'_>)]) {
    run(async {
        for (name, component) in attacks {
            let world = component.world().await;
            let case = ask(&world).await.unwrap_or_else(|why| panic!("{name}: {}", why.log()));
            assert_eq!(case, "not_found", "{name}");
            serves(&world, name).await;
        }
    });
}

/// Has each component break itself, and be served afterwards.
fn all_break(attacks: &[(&str, Component<'_>)]) {
    run(async {
        for (name, component) in attacks {
            let world = component.world().await;
            let broken = ask(&world).await;
            assert!(matches!(broken, Err(CallError::Broken(_))), "{name}: {broken:?}");
            serves(&world, name).await;
        }
    });
}

/// What the host does not run: neither at its start nor in a call.
fn none_run(components: &[(&str, Vec<u8>)]) {
    run(async {
        for (name, component) in components {
            if refused(component).is_none() {
                let world = World::of(component, SHORT).await;
                let broken = ask(&world).await;
                assert!(matches!(broken, Err(CallError::Broken(_))), "{name}: {broken:?}");
            }
        }
    });
}

#[test]
fn memories_and_tables_grow_to_their_limits() {
    all_in_vain(&[
        (
            "four GiB at once",
            Component { attack: "(i32.ne (memory.grow (i32.const 65535)) (i32.const -1))", ..HARMLESS },
        ),
        (
            "page by page, more than 128 MiB",
            Component {
                attack: "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
                    (i32.gt_u (memory.size) (i32.const 2048))",
                ..HARMLESS
            },
        ),
        (
            "a million elements at once",
            Component {
                module: "(table $t 1 funcref)",
                attack: "(i32.ne (table.grow $t (ref.null func) (i32.const 1000000)) (i32.const -1))",
                ..HARMLESS
            },
        ),
        (
            "ten elements at a time, more than twenty thousand",
            Component {
                module: "(table $t 1 funcref)",
                attack: "(loop $more
                        (br_if $more (i32.ne (table.grow $t (ref.null func) (i32.const 10)) (i32.const -1))))
                    (i32.gt_u (table.size $t) (i32.const 20000))",
                ..HARMLESS
            },
        ),
    ]);
}

#[test]
fn what_needs_more_than_there_is_does_not_run() {
    let with = |component: Component<'_>| component.binary();
    let modules = |count: usize, field: &str| {
        format!("(core module $x {field})") + &"(core instance (instantiate $x))".repeat(count)
    };
    none_run(&[
        ("a memory of 4 GiB", with(Component { memory: "65536", ..HARMLESS })),
        ("a memory of 129 MiB", with(Component { memory: "2064", ..HARMLESS })),
        ("a memory of 64 bits", with(Component { module: "(memory i64 281474976710656)", ..HARMLESS })),
        ("a memory that is shared", with(Component { module: "(memory 1 1 shared)", ..HARMLESS })),
        ("a hundred memories", with(Component { module: &"(memory 1)".repeat(100), ..HARMLESS })),
        ("memories of others", with(Component { beside: &modules(3, "(memory 1)"), ..HARMLESS })),
        ("a table of a million", with(Component { module: "(table 1000000 funcref)", ..HARMLESS })),
        ("a hundred tables", with(Component { module: &"(table 1 funcref)".repeat(100), ..HARMLESS })),
        ("tables of others", with(Component { beside: &modules(30, "(table 1 funcref)"), ..HARMLESS })),
        ("a thousand instances", with(Component { beside: &modules(1000, ""), ..HARMLESS })),
        (
            "a function with a hundred thousand variables",
            with(Component { module: &format!("(func (local {}))", "i64 ".repeat(100_000)), ..HARMLESS }),
        ),
        ("data beyond memory", with(Component { module: "(data (i32.const 65536) \"x\")", ..HARMLESS })),
        ("data at -1", with(Component { module: "(data (i32.const -1) \"xx\")", ..HARMLESS })),
        (
            "elements beyond a table",
            with(Component { module: "(table 1 funcref) (func $f) (elem (i32.const 9) $f)", ..HARMLESS }),
        ),
    ]);
}

#[test]
fn what_is_large_and_allowed_is_served() {
    let functions: String = (0..10_000).map(|number| format!("(func (export \"f{number}\"))")).collect();
    let data = format!("(data (i32.const 0) \"{}\")", "x".repeat(4 << 20));
    all_in_vain(&[
        ("ten thousand exports", Component { module: &functions, ..HARMLESS }),
        ("four MiB of data", Component { memory: "100", module: &data, ..HARMLESS }),
        (
            "a type that nests",
            Component {
                beside: &(1..50).fold("(type $t0 u8)".to_owned(), |types, depth| {
                    format!("{types} (type $t{depth} (tuple $t{} $t{}))", depth / 8, depth / 8)
                }),
                ..HARMLESS
            },
        ),
    ]);
}

#[test]
fn features_that_the_contract_has_no_use_for_are_refused() {
    for (feature, component) in [
        ("threads", Component { module: "(func (drop (i32.atomic.load (i32.const 0))))", ..HARMLESS }),
        ("async", Component { beside: "(core func (canon backpressure.inc))", ..HARMLESS }),
        ("streams", Component { beside: "(type (stream u8))", ..HARMLESS }),
        ("error contexts", Component { beside: "(type $e error-context)", ..HARMLESS }),
        ("new threads", Component { beside: "(core func (canon thread.available_parallelism))", ..HARMLESS }),
        ("garbage collection", Component { module: "(table 1 externref)", ..HARMLESS }),
    ] {
        assert!(refused(&component.binary()).is_some(), "{feature}");
    }
}

#[test]
fn a_start_that_does_not_end_is_ended() {
    run(async {
        let world = Component { module: "(func $spin (loop $l (br $l))) (start $spin)", ..HARMLESS }.world().await;
        for _ in 0..2 {
            let started = Instant::now();
            assert_eq!(ask(&world).await.unwrap(), "unavailable");
            assert!(started.elapsed() < SHORT * 4, "{:?}", started.elapsed());
        }
    });
}

#[test]
fn a_start_that_traps_breaks_the_call() {
    run(async {
        let world = Component { module: "(func $trap unreachable) (start $trap)", ..HARMLESS }.world().await;
        for _ in 0..2 {
            assert!(matches!(ask(&world).await, Err(CallError::Broken(_))));
        }
    });
}

#[test]
fn what_traps_breaks_the_call() {
    let values = "i64 ".repeat(10_000);
    let deep = format!("(func $deep (local {values}) (call $deep))");
    all_break(&[
        ("unreachable", Component { attack: "unreachable", ..HARMLESS }),
        ("division by zero", Component { attack: "(i32.div_u (i32.const 1) (i32.const 0))", ..HARMLESS }),
        ("a read beyond memory", Component { attack: "(i32.load (i32.const -4))", ..HARMLESS }),
        ("a read before memory", Component { attack: "(i32.load offset=4294967295 (i32.const 0))", ..HARMLESS }),
        (
            "a call of nothing",
            Component {
                module: "(table $t 1 funcref) (type $f (func (result i32)))",
                attack: "(call_indirect $t (type $f) (i32.const 0))",
                ..HARMLESS
            },
        ),
        (
            "recursion",
            Component { module: "(func $deep (call $deep))", attack: "(call $deep) (i32.const 1)", ..HARMLESS },
        ),
        (
            "recursion with ten thousand variables",
            Component { module: &deep, attack: "(call $deep) (i32.const 1)", ..HARMLESS },
        ),
    ]);
}

/// Resources of the guest's own are kept by wasmtime, outside of the guest's memory.
#[test]
fn a_million_resources_of_its_own_are_not_to_be_had() {
    all_break(&[(
        "a million resources",
        Component {
            beside: r#"(type $r (resource (rep i32))) (core func $new (canon resource.new $r))"#,
            with: r#"(with "own" (instance (export "new" (func $new))))"#,
            module: r#"(import "own" "new" (func $new (param i32) (result i32)))"#,
            attack: "(local $n i32)
                (loop $more
                    (drop (call $new (local.get $n)))
                    (local.set $n (i32.add (local.get $n) (i32.const 1)))
                    (br_if $more (i32.lt_u (local.get $n) (i32.const 1000000))))
                (i32.const 1)",
            ..HARMLESS
        },
    )]);
}

/// The guest's own function runs when the host copies a text to it.
#[test]
fn what_is_sent_to_a_guest_stays_in_its_memory() {
    all_break(&[
        ("a text beyond memory", Component { realloc: "(i32.const -1)", ..HARMLESS }),
        ("a text at the end of memory", Component { realloc: "(i32.const 65535)", ..HARMLESS }),
        ("no place for a text", Component { realloc: "unreachable", ..HARMLESS }),
    ]);
    run(async {
        let world = Component { realloc: "(loop $l (br $l)) (i32.const 0)", ..HARMLESS }.world().await;
        assert_eq!(ask(&world).await.unwrap(), "unavailable");
        serves(&world, "a search for a place that does not end").await;
    });
}

/// What runs when the answer has been read, and could keep the call from ending.
#[test]
fn a_clean_up_that_does_not_end_is_ended() {
    run(async {
        let component = Component {
            module: "(global $asked (mut i32) (i32.const 0))
                (func (export \"after\") (param i32) (loop $l (br_if $l (global.get $asked))))",
            attack: "(global.set $asked (i32.const 1)) (i32.const 0)",
            options: "(post-return (core func $i \"after\"))",
            ..HARMLESS
        };
        let world = component.world().await;
        let started = Instant::now();
        assert_eq!(ask(&world).await.unwrap(), "unavailable");
        assert!(started.elapsed() < SHORT * 4, "{:?}", started.elapsed());
        serves(&world, "a clean-up that does not end").await;
    });
}

/// Reads all memory, tables and globals that there are, and fills them with what another call would find.
#[test]
fn memory_is_fresh_in_every_call() {
    run(async {
        let component = Component {
            memory: "1000",
            module: "(table $t 1000 funcref)
                (elem declare func $attack)
                (global $g (mut i32) (i32.const 0))",
            attack: "(local $at i32) (local $found i32)
                (drop (memory.grow (i32.const 1000)))
                (local.set $found (global.get $g))
                ;; The first page has what this call was sent.
                (local.set $at (i32.const 65536))
                (loop $each
                    (if (i64.ne (i64.load (local.get $at)) (i64.const 0)) (then (local.set $found (i32.const 1))))
                    (i64.store (local.get $at) (i64.const -1))
                    (local.set $at (i32.add (local.get $at) (i32.const 8)))
                    (br_if $each (i32.lt_u (local.get $at) (i32.const 131072000))))
                (local.set $at (i32.const 0))
                (loop $each
                    (if (i32.eqz (ref.is_null (table.get $t (local.get $at)))) (then (local.set $found (i32.const 1))))
                    (table.set $t (local.get $at) (ref.func $attack))
                    (local.set $at (i32.add (local.get $at) (i32.const 1)))
                    (br_if $each (i32.lt_u (local.get $at) (i32.const 1000))))
                (global.set $g (i32.const 1))
                (local.get $found)",
            ..HARMLESS
        };
        let world = component.patient_world().await;
        for _ in 0..4 {
            assert_eq!(ask(&world).await.unwrap(), "not_found");
        }
        serves(&world, "all that reading").await;
    });
}
