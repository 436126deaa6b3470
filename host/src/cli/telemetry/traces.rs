//! Traces: which are made, what is in them, and where they go. Nothing goes anywhere unless a variable names a collector.

use std::time::Duration;

use http::{HeaderMap, Uri};
use opentelemetry::propagation::Extractor;
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry::{Context, Key, KeyValue, global};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SdkTracerProvider, Span, SpanData, SpanEvents, SpanProcessor};
use tracing::{Level, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

use super::OWN;
use super::collector::Collector;

/// What spans may say: the tool, the helpdesk's host, how it ended, and how it was asked for. Nothing else leaves.
const SAID: [&str; 6] = ["tool", "helpdesk", "outcome", "surface", "method", "status"];

/// Time for the collector to take a batch, unless a variable says otherwise.
const PATIENCE: Duration = Duration::from_secs(10);

/// The name of the service, unless a variable says otherwise.
const SERVICE: &str = "freshdesk-host";

/// Reads the variables of OpenTelemetry.
type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Makes traces and sends them, if the variables ask for it; else the reason why it cannot be done as they do.
pub(super) fn provider(variables: Variables<'_>) -> Result<Option<SdkTracerProvider>, &'static str> {
    if !wanted(variables)? {
        return Ok(None);
    }
    let certificate = of_traces(variables, "CERTIFICATE").map(std::fs::read_to_string).transpose();
    let certificate = certificate.map_err(|_| "OTEL_EXPORTER_OTLP_CERTIFICATE: the file cannot be read")?;
    let collector = Collector::new(certificate, patience(variables)).map_err(|()| NO_TLS)?;
    let exporter = SpanExporter::builder().with_http().with_http_client(collector).with_endpoint(endpoint(variables)?);
    let exporter = exporter.build().map_err(|_| NO_ENDPOINT)?;
    let processor = Harmless(BatchSpanProcessor::builder(exporter).build());
    let provider = SdkTracerProvider::builder().with_span_processor(processor).with_resource(resource()).build();
    if variables("OTEL_PROPAGATORS").is_none_or(|names| names.contains("tracecontext")) {
        global::set_text_map_propagator(TraceContextPropagator::new());
    }
    Ok(Some(provider))
}

const NO_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT: give an address, such as http://localhost:4318";
const NO_TLS: &str = "OTEL_EXPORTER_OTLP_CERTIFICATE: there is no certificate in PEM in the file";

/// Whether traces are wanted: where a collector is named, and nothing switches them off.
fn wanted(variables: Variables<'_>) -> Result<bool, &'static str> {
    let is = |name: &str, word: &str| variables(name).is_some_and(|text| text.trim().eq_ignore_ascii_case(word));
    if is("OTEL_SDK_DISABLED", "true")
        || is("OTEL_TRACES_EXPORTER", "none")
        || of_traces(variables, "ENDPOINT").is_none()
    {
        return Ok(false);
    }
    match variables("OTEL_TRACES_EXPORTER").as_deref().map(str::trim) {
        None | Some("" | "otlp") => {}
        Some(_) => return Err("OTEL_TRACES_EXPORTER: traces are sent by otlp alone; set it to that, or to none"),
    }
    match of_traces(variables, "PROTOCOL").as_deref().map(str::trim) {
        None | Some("http/protobuf") => Ok(true),
        Some(_) => Err("OTEL_EXPORTER_OTLP_PROTOCOL: traces are sent by http/protobuf alone; set it to that, and the \
                        endpoint to where the collector takes it, which mostly is port 4318"),
    }
}

/// A variable of the exporter's: the one for traces, and else the one for all.
fn of_traces(variables: Variables<'_>, what: &str) -> Option<String> {
    let names = [format!("OTEL_EXPORTER_OTLP_TRACES_{what}"), format!("OTEL_EXPORTER_OTLP_{what}")];
    names.iter().find_map(|name| variables(name).filter(|text| !text.trim().is_empty()))
}

/// Where traces are sent to: the address for traces as it is, or their place below the one for all.
fn endpoint(variables: Variables<'_>) -> Result<String, &'static str> {
    let set = |name: &str| variables(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let all = || Some(format!("{}/v1/traces", set("OTEL_EXPORTER_OTLP_ENDPOINT")?.trim_end_matches('/')));
    let endpoint = set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").or_else(all).ok_or(NO_ENDPOINT)?;
    let uri: Uri = endpoint.parse().map_err(|_| NO_ENDPOINT)?;
    let known = matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty());
    known.then_some(endpoint).ok_or(NO_ENDPOINT)
}

fn patience(variables: Variables<'_>) -> Duration {
    let milliseconds = of_traces(variables, "TIMEOUT").and_then(|text| text.trim().parse().ok());
    milliseconds.map_or(PATIENCE, Duration::from_millis)
}

/// Who sends the traces.
fn resource() -> Resource {
    let told = Resource::builder().build();
    let name = told.get(&Key::new("service.name")).map(|name| name.to_string());
    let name = name.filter(|name| !name.starts_with("unknown_service")).unwrap_or_else(|| SERVICE.to_owned());
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let resource = Resource::builder().with_service_name(name);
    match told.get(&Key::new("service.version")) {
        Some(_) => resource.build(),
        None => resource.with_attribute(version).build(),
    }
}

/// Makes traces of this program's spans, whatever is logged. Its events are for the log alone.
pub(super) fn layer<S>(provider: &SdkTracerProvider) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let spans = filter_fn(|about| about.is_span() && about.target().starts_with(OWN) && *about.level() <= Level::DEBUG);
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer(SERVICE));
    let layer = layer.with_location(false).with_threads(false).with_target(false).with_tracked_inactivity(false);
    layer.with_filter(spans)
}

/// Joins a request's span to the trace that its `traceparent` names; to be called before the span is entered.
pub(in crate::cli) fn follow(span: &tracing::Span, headers: &HeaderMap) {
    let parent = global::get_text_map_propagator(|propagator| {
        propagator.extract_with_context(&Context::new(), &Parent(headers))
    });
    if parent.span().span_context().is_valid() {
        // Where the span is not traced, there is nothing to join.
        let _ = span.set_parent(parent);
    }
}

/// The headers that are believed: two numbers and a flag, and not the texts of `tracestate` or `baggage`.
struct Parent<'a>(&'a HeaderMap);

impl Extractor for Parent<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).filter(|_| name == "traceparent")?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}

/// Takes everything out of a span that is not known to be harmless.
#[derive(Debug)]
struct Harmless<P>(P);

impl<P: SpanProcessor> SpanProcessor for Harmless<P> {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.0.on_start(span, context);
    }

    fn on_end(&self, mut span: SpanData) {
        span.attributes.retain(|attribute| SAID.contains(&attribute.key.as_str()));
        span.events = SpanEvents::default();
        self.0.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}
