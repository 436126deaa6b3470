//! The set-up: the page over a real store and a simulated Freshdesk, and browsers that use it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use form_urlencoded::Serializer;
use freshdesk_simulator::Simulator;
use http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use tempfile::TempDir;
use tower_service::Service;

use crate::accounts::{Accounts, LinkWish, NewLink, TenantWish, User, Wish};
pub(super) use crate::office::{JANE, ORIGIN};
use crate::office::{Office, reaching};
use crate::surface::page::{self, PageSettings};

/// A page, and what is behind it.
pub(super) struct World {
    pub(super) accounts: Arc<Accounts>,
    pub(super) simulator: Simulator,
    router: Router,
    _folder: TempDir,
}

impl World {
    /// With a tenant `app`, called App X.
    pub(super) async fn new() -> Self {
        Self::with(PageSettings::default()).await
    }

    pub(super) async fn with(settings: PageSettings) -> Self {
        let simulator = Simulator::start(freshdesk_simulator::Settings::default()).await.unwrap();
        let Office { accounts, folder, .. } = Office::open(&reaching(&simulator)).await;
        let wish = TenantWish { name: Some("App X".to_owned()), ..TenantWish::default() };
        accounts.create_tenant("app", &wish).await.unwrap();
        let router = page::router(Arc::clone(&accounts), &settings);
        Self { accounts, simulator, router, _folder: folder }
    }

    /// Changes the tenant.
    pub(super) async fn tenant(&self, wish: TenantWish) {
        self.accounts.set_tenant("app", &wish).await.unwrap();
    }

    /// A link for `user` by this proof.
    pub(super) async fn link(&self, user: &str, wish: LinkWish) -> NewLink {
        let user = User::new("app", user).unwrap();
        self.accounts.get_or_create(&user, &Wish::default()).await.unwrap();
        self.accounts.link(&user, &wish).await.unwrap()
    }

    /// The path of a link for `user` whom Freshdesk has to know as Jane.
    pub(super) async fn path(&self, user: &str) -> String {
        path(&self.link(user, LinkWish { email: Some(JANE.to_owned()), ..LinkWish::default() }).await)
    }

    /// The state of an account.
    pub(super) async fn state(&self, user: &str) -> &'static str {
        self.accounts.get(&User::new("app", user).unwrap()).await.unwrap().state.as_str()
    }

    /// The kinds of the trail's entries, oldest first.
    pub(super) async fn trail(&self) -> Vec<String> {
        let rows = self.accounts.store().trail(None, None, 1000).await.unwrap();
        rows.iter().rev().map(|row| row.kind.clone()).collect()
    }

    /// Requests that arrived at Freshdesk.
    pub(super) fn asked(&self) -> usize {
        self.simulator.state().journal.len()
    }

    /// A browser at an address of its own.
    pub(super) fn browser(&self) -> Browser {
        Browser { router: self.router.clone(), cookies: BTreeMap::new(), from: ([192, 0, 2, 1], 4711).into() }
    }
}

/// The path of a link.
pub(super) fn path(link: &NewLink) -> String {
    link.url.strip_prefix(ORIGIN).unwrap().to_owned()
}

/// A browser that keeps cookies.
#[derive(Clone)]
pub(super) struct Browser {
    router: Router,
    pub(super) cookies: BTreeMap<String, String>,
    pub(super) from: SocketAddr,
}

/// What it was answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) path: String,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Browser {
    /// One request, as it is.
    pub(super) async fn send(&mut self, method: Method, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder().method(method).uri(path).header(COOKIE, cookies.join("; "));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(ConnectInfo(self.from));
        let Ok(response) = self.router.call(request).await;
        let (head, body) = response.into_parts();
        for cookie in head.headers.get_all(SET_COOKIE) {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&body).into_owned();
        Answer { path: path.to_owned(), status: head.status, headers: head.headers, text }
    }

    /// Loads a page, and goes where it leads on this site.
    pub(super) async fn get(&mut self, path: &str) -> Answer {
        let mut answer = self.send(Method::GET, path, &[], String::new()).await;
        while let Some(next) = answer.leads().filter(|next| next.starts_with('/')) {
            answer = self.send(Method::GET, &next, &[], String::new()).await;
        }
        answer
    }

    /// Sends a form as it is.
    pub(super) async fn post(&mut self, path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        let kind = [(CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded")];
        self.send(Method::POST, path, &[&kind, headers].concat(), body).await
    }

    /// Fills in the form of a page, and presses its button.
    pub(super) async fn submit(&mut self, page: &Answer, fields: &[(&str, &str)]) -> Answer {
        let seal = page.seal();
        let fields = [&[("form", seal.as_str())], fields].concat();
        self.post(&page.action(), &[("sec-fetch-site", "same-origin"), ("origin", "null")], &fields).await
    }

    /// Opens a link and gives a key; what comes of it.
    pub(super) async fn offer(&mut self, link: &str, key: &str) -> Answer {
        let form = self.get(link).await;
        let answer = self.submit(&form, &[("helpdesk", "https://acme.freshdesk.com/a/x"), ("key", key)]).await;
        self.follow(answer).await
    }

    /// Goes where an answer leads on this site.
    pub(super) async fn follow(&mut self, answer: Answer) -> Answer {
        match answer.leads().filter(|next| next.starts_with('/')) {
            Some(next) => self.get(&next).await,
            None => answer,
        }
    }
}

impl Answer {
    /// A header.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where it leads.
    pub(super) fn leads(&self) -> Option<String> {
        self.headers.get("location").map(|next| next.to_str().unwrap().to_owned())
    }

    /// The heading of its page.
    pub(super) fn heading(&self) -> &str {
        between(&self.text, "<h1>", "</h1>")
    }

    /// Where its form goes.
    pub(super) fn action(&self) -> String {
        between(&self.text, "action=\"", "\"").to_owned()
    }

    /// What its form carries along.
    pub(super) fn seal(&self) -> String {
        between(&self.text, "name=\"form\" value=\"", "\"").to_owned()
    }
}

/// What stands between two texts.
pub(super) fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("{before} is not in {text}")).1;
    rest.split_once(after).unwrap().0
}
