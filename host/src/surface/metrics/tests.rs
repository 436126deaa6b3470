//! What is counted, as those who collect it read it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::routing::any;
use freshdesk_label::Label;
use http::{HeaderMap, Request, StatusCode};
use serde_json::json;
use tower::ServiceExt;

use super::*;
use crate::account::{Account, ApiKey};
use crate::office;
use crate::surface::calls::{Call, Calls, Whose};
use crate::surface::shape::Effect;

/// A family of metrics: its type, its unit, and its samples by name and labels.
#[derive(Debug, Default)]
struct Read {
    kind: String,
    unit: Option<String>,
    samples: Vec<(String, BTreeMap<String, String>, f64)>,
}

/// Reads OpenMetrics' text format: each sample has to be of the family that was announced last.
fn read(text: &str) -> BTreeMap<String, Read> {
    let mut families: BTreeMap<String, Read> = BTreeMap::new();
    let mut last = String::new();
    let body = text.strip_suffix("# EOF\n").expect("it ends as it should");
    for line in body.lines() {
        let words: Vec<_> = line.splitn(4, ' ').collect();
        match words[..] {
            ["#", "HELP", name, help] => {
                assert!(help.ends_with('.') && !families.contains_key(name), "{line}");
                last = name.to_owned();
                families.insert(last.clone(), Read::default());
            }
            ["#", "TYPE", name, kind] if name == last => kind.clone_into(&mut families.get_mut(name).unwrap().kind),
            ["#", "UNIT", name, unit] if name == last => families.get_mut(name).unwrap().unit = Some(unit.to_owned()),
            _ => {
                let (name, labels, value) = sample(line);
                assert!(name.starts_with(&last), "{line} is not of {last}");
                families.get_mut(&last).unwrap().samples.push((name, labels, value));
            }
        }
    }
    families
}

fn sample(line: &str) -> (String, BTreeMap<String, String>, f64) {
    let (series, value) = line.rsplit_once(' ').unwrap();
    let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
    let pairs = labels.strip_suffix('}').unwrap().split(',').filter(|pair| !pair.is_empty());
    let labels = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap();
        (name.to_owned(), value.trim_matches('"').to_owned())
    });
    (name.to_owned(), labels.collect(), value.parse().unwrap())
}

fn tool(name: &str) -> Offered {
    let effect = Effect { reads: true, destroys: false, idempotent: true };
    let (title, description) = (String::new(), String::new());
    let (input_schema, output_schema) = (json!({}), json!({}));
    Offered { name: name.to_owned(), title, description, input_schema, output_schema, effect }
}

/// The value of a sample.
fn value(metrics: &Metrics, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let families = read(&metrics.text(true).unwrap());
    let samples = families.values().flat_map(|family| &family.samples);
    let labelled = |found: &BTreeMap<String, String>| {
        labels.iter().all(|(name, value)| found.get(*name).is_some_and(|found| found == value))
    };
    samples.filter(|(found, with, _)| found == name && labelled(with)).map(|(.., value)| *value).next()
}

/// Counts something of everything.
async fn counted() -> Arc<Metrics> {
    let metrics = Arc::new(Metrics::default());
    metrics.expect(&[tool("freshdesk_ticket_get"), tool("freshdesk_roles_list")]);
    metrics.begin(&tool("freshdesk_ticket_get")).ends(None);
    metrics.unknown();
    metrics.requested(Surface::Mcp, "2xx");
    let stages = Stages::default();
    let waiting = async {
        stages.waits();
        tokio::time::sleep(Duration::from_millis(20)).await;
        stages.leaves();
        tokio::task::yield_now().await;
    };
    metrics.timed(&stages, waiting).await;
    metrics
}

#[tokio::test]
async fn names_types_and_units_are_as_prometheus_wants_them() {
    let families = read(&counted().await.text(true).unwrap());
    for (name, family) in &families {
        let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        assert!(plain && (name.starts_with("freshdesk_host_") || name.starts_with("process_")), "{name}");
        let unit = family.unit.as_deref();
        assert!(
            unit.is_none_or(|unit| ["seconds", "bytes"].contains(&unit) && name.ends_with(unit)),
            "{name} {unit:?}"
        );
        let suffixes: &[&str] = match family.kind.as_str() {
            "counter" => &["_total"],
            "gauge" => &[""],
            "info" => &["_info"],
            "histogram" => &["_bucket", "_sum", "_count"],
            kind => panic!("{name} is a {kind}"),
        };
        let fits = |sample: &str| suffixes.iter().any(|suffix| sample == format!("{name}{suffix}"));
        assert!(!family.samples.is_empty() && family.samples.iter().all(|(sample, ..)| fits(sample)), "{family:?}");
    }
    let types: Vec<_> = families.iter().map(|(name, family)| (name.as_str(), family.kind.as_str())).collect();
    let mut expected = vec![
        ("freshdesk_host_build", "info"),
        ("freshdesk_host_call_duration_seconds", "histogram"),
        ("freshdesk_host_calls", "counter"),
        ("freshdesk_host_calls_running", "gauge"),
        ("freshdesk_host_http_requests", "counter"),
        ("freshdesk_host_turn_wait_seconds", "histogram"),
    ];
    if cfg!(target_os = "linux") {
        expected.push(("process_cpu_seconds", "counter"));
        expected.push(("process_max_fds", "gauge"));
        expected.push(("process_open_fds", "gauge"));
        expected.push(("process_resident_memory_bytes", "gauge"));
        expected.push(("process_start_time_seconds", "gauge"));
    }
    assert_eq!(types, expected);
}

/// A bound of a histogram's, however it is written.
fn number((name, value): (String, String)) -> (String, String) {
    let bound = value.parse::<f64>().map_or_else(|_| value.clone(), |bound| bound.to_string());
    (name, bound)
}

#[tokio::test]
async fn the_older_format_has_the_same_samples() {
    let metrics = counted().await;
    let names = |text: &str| -> BTreeSet<(String, BTreeMap<String, String>)> {
        let samples = text.lines().filter(|line| !line.starts_with('#')).map(sample);
        samples.map(|(name, labels, _)| (name, labels.into_iter().map(number).collect())).collect()
    };
    let (new, old) = (metrics.text(true).unwrap(), metrics.text(false).unwrap());
    assert_eq!(names(&new), names(&old));
    assert!(!old.contains("# EOF") && !old.contains("# UNIT"), "{old}");
    assert!(old.contains("# TYPE freshdesk_host_calls_total counter"), "{old}");
}

#[test]
fn the_process_tells_what_the_system_says_of_it() {
    let metrics = Metrics::default();
    let told = |name: &str| value(&metrics, name, &[]).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
    let began = told("process_start_time_seconds");
    assert!(began > now - 3600.0 && began < now + 2.0, "it began {} s ago", now - began);
    assert!((1e6..1e11).contains(&told("process_resident_memory_bytes")));
    let before = told("process_open_fds");
    let files: Vec<_> = (0..10).map(|_| std::fs::File::open("/proc/self/stat").unwrap()).collect();
    assert!(told("process_open_fds") >= before + 5.0 && files.len() == 10, "from {before}");
    assert!(told("process_max_fds") >= told("process_open_fds"));
}

#[tokio::test]
async fn a_call_is_counted_once_by_its_outcome_and_runs_until_then() {
    let metrics = Arc::new(Metrics::default());
    let tool = tool("freshdesk_ticket_get");
    metrics.expect(std::slice::from_ref(&tool));
    let of =
        |outcome: &str| value(&metrics, "freshdesk_host_calls_total", &[("tool", &tool.name), ("outcome", outcome)]);
    assert_eq!(of("ok"), Some(0.0), "it is there before the first call");
    let (mut one, two) = (metrics.begin(&tool), metrics.begin(&tool));
    assert_eq!(value(&metrics, "freshdesk_host_calls_running", &[]), Some(2.0));
    one.ends(None);
    drop((one, two));
    assert_eq!((of("ok"), of("called_off"), of("broken")), (Some(1.0), Some(1.0), None));
    assert_eq!(value(&metrics, "freshdesk_host_calls_running", &[]), Some(0.0));
    assert_eq!(value(&metrics, "freshdesk_host_call_duration_seconds_count", &[("tool", &tool.name)]), Some(2.0));
    let panicked = tokio::spawn({
        let running = metrics.begin(&tool);
        async move {
            let _running = running;
            panic!("as it happens");
        }
    });
    panicked.await.unwrap_err();
    assert_eq!(of("broken"), Some(1.0));
}

#[tokio::test]
async fn the_wait_for_a_turn_is_measured_also_where_it_is_in_vain() {
    let metrics = counted().await;
    let told = |what: &str| value(&metrics, &format!("freshdesk_host_turn_wait_seconds_{what}"), &[]).unwrap();
    assert_eq!(told("count"), 1.0);
    assert!((0.02..2.0).contains(&told("sum")), "{}", told("sum"));
    let stages = Stages::default();
    metrics
        .timed(&stages, async {
            stages.waits();
            tokio::time::sleep(Duration::from_millis(20)).await;
        })
        .await;
    assert_eq!(told("count"), 2.0);
    metrics.timed(&stages, async { tokio::task::yield_now().await }).await;
    assert_eq!(told("count"), 2.0, "what never asked for a turn has not waited");
}

/// What callers choose makes no series, and is in none.
#[tokio::test]
async fn names_of_tools_that_there_are_not_make_no_series() {
    let host = office::host(&office::settings());
    let account = Arc::new(Account::new(Label::parse("canary").unwrap(), ApiKey::new("CanaryKey123").unwrap()));
    let metrics = Arc::new(Metrics::default());
    let calls = Calls::new(Arc::clone(&host), Arc::clone(&metrics));
    let run = async |tool: String| {
        let whose = Whose::Own(Arc::clone(&host), Arc::clone(&account));
        let call = Call { whose, tool, input: json!({"Canary": "Canary"}), once: None };
        calls.run(call, Arc::default()).await.unwrap_err()
    };
    for number in 0..500 {
        assert!(matches!(run(format!("canary_{number}")).await, CallError::UnknownTool(_)));
    }
    let text = metrics.text(true).unwrap();
    assert!(text.contains(r#"freshdesk_host_calls_total{tool="unknown",outcome="unknown_tool"} 500"#), "{text}");
    assert_eq!(run("freshdesk_ticket_get".to_owned()).await.outcome(), "invalid_input");
    let text = metrics.text(true).unwrap();
    assert!(
        text.contains(r#"freshdesk_host_calls_total{tool="freshdesk_ticket_get",outcome="invalid_input"} 1"#),
        "{text}"
    );
    assert!(!text.to_lowercase().contains("canary"), "{text}");
    let allowed = BTreeSet::from(["tool", "outcome", "surface", "status", "le", "version"]);
    for family in read(&text).values() {
        let labels = family.samples.iter().flat_map(|(_, labels, _)| labels.keys());
        assert!(labels.into_iter().all(|label| allowed.contains(label.as_str())), "{family:?}");
    }
}

/// A surface that answers with a status that is asked for, and what it counted.
async fn answered(asked: &[(&str, &str)]) -> Arc<Metrics> {
    let metrics = Arc::new(Metrics::default());
    let routes = Router::new()
        .route("/{status}", any(|Path(status): Path<u16>| async move { StatusCode::from_u16(status).unwrap() }));
    let router = watched(routes, Surface::Api, Arc::clone(&metrics), Some(notice));
    for (method, path) in asked {
        let request = Request::builder().method(*method).uri(*path).header("x-canary", "canary").body(Body::empty());
        router.clone().oneshot(request.unwrap()).await.unwrap();
    }
    metrics
}

static NOTICED: AtomicUsize = AtomicUsize::new(0);

/// Notices that it could join a span to a trace.
fn notice(_: &tracing::Span, headers: &HeaderMap) {
    assert!(headers.contains_key("x-canary"));
    NOTICED.fetch_add(1, Ordering::Relaxed);
}

#[tokio::test]
async fn requests_are_counted_by_surface_and_class_of_status_and_by_nothing_that_they_bring() {
    let asked = [("GET", "/200"), ("POST", "/204"), ("CANARY", "/404"), ("GET", "/canary/canary"), ("PUT", "/503")];
    let metrics = answered(&asked).await;
    let of =
        |class: &str| value(&metrics, "freshdesk_host_http_requests_total", &[("surface", "api"), ("status", class)]);
    assert_eq!((of("2xx"), of("4xx"), of("5xx"), of("3xx")), (Some(2.0), Some(2.0), Some(1.0), None));
    assert!(!metrics.text(true).unwrap().to_lowercase().contains("canary"));
    assert_eq!(NOTICED.load(Ordering::Relaxed), asked.len());
}
