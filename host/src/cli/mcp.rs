//! Serves one user over MCP, on standard input and output.

use std::io::{self, Read};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::thread;

use anyhow::{Result, bail};
use bytes::{Buf, Bytes};
use clap::Args;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::mpsc;

use super::call::Own;
use super::keeping::{Keeping, Whose as Named};
use super::reach::Reach;
use super::telemetry::Telemetry;
use crate::surface::calls::{Calls, Whose};
use crate::surface::mcp::{self, McpSettings, Opened};
use crate::surface::metrics::Metrics;
use crate::{Account, Accounts, User};

/// Serve the tools over MCP, on standard input and output.
#[derive(Args, Debug)]
pub(super) struct Mcp {
    /// Serve this user, who has connected Freshdesk or is going to
    #[arg(long)]
    identifier: Option<String>,
    /// The tenant whose user that is; may be left out where there is but one tenant
    #[arg(long, requires = "identifier")]
    tenant: Option<String>,
    /// List the tools without the schemas of their answers, which take half of the list
    #[arg(long)]
    no_output_schemas: bool,
    #[command(flatten)]
    own: Own,
    #[command(flatten)]
    telemetry: Telemetry,
    #[command(flatten)]
    keeping: Keeping,
    #[command(flatten)]
    reach: Reach,
}

/// Calls that one client makes at a time.
const CALLS: u32 = 32;

/// Pieces of the input that wait to be taken, of 16 KiB each.
const PIECES: usize = 4;
const PIECE: usize = 16 << 10;

/// Whom to serve.
enum Wanted {
    User { tenant: Option<String>, identifier: String },
    Own(Arc<Account>),
}

impl Mcp {
    pub(super) async fn run(self) -> Result<()> {
        let telemetry = self.telemetry.begin()?;
        // What can be seen at once to be wrong is said at once.
        let wanted = self.wanted()?;
        let settings = McpSettings { output_schemas: !self.no_output_schemas, ..McpSettings::default() };
        let accounts = OnceLock::new();
        let open = async { self.open(wanted, &accounts).await };
        let served = mcp::stdio(Input::new()?, tokio::io::stdout(), &settings, open).await;
        if let Some(accounts) = accounts.get() {
            Accounts::close(accounts).await;
        }
        telemetry.end().await;
        served
    }

    fn wanted(&self) -> Result<Wanted> {
        let Some(identifier) = self.identifier.clone() else { return Ok(Wanted::Own(self.own.account(&self.reach)?)) };
        let tenant = self.tenant.clone();
        user(tenant.as_deref().unwrap_or("any"), &identifier)?;
        self.keeping.exists()?;
        Ok(Wanted::User { tenant, identifier })
    }

    /// Opens what the tools need. Accounts that are opened are put where they can be closed from.
    async fn open(&self, wanted: Wanted, opened: &OnceLock<Arc<Accounts>>) -> Result<Opened> {
        let (host, whose) = match wanted {
            Wanted::Own(account) => {
                let host = Arc::new(self.reach.host(CALLS)?);
                (Arc::clone(&host), Whose::Own(host, account))
            }
            Wanted::User { tenant, identifier } => {
                let accounts = self.keeping.open(&self.reach, CALLS).await?;
                let accounts = Arc::clone(opened.get_or_init(|| accounts));
                let user = of_tenant(&accounts, tenant, &identifier).await?;
                (Arc::clone(accounts.host()), Whose::Users(accounts, user))
            }
        };
        Ok(Opened { calls: Arc::new(Calls::new(host, Arc::new(Metrics::default()))), whose })
    }
}

/// The user of this tenant, or of the only one that there is.
async fn of_tenant(accounts: &Accounts, tenant: Option<String>, identifier: &str) -> Result<User> {
    if let Some(tenant) = tenant {
        accounts.tenant(&tenant).await?;
        return user(&tenant, identifier);
    }
    match accounts.tenants().await?.as_slice() {
        [one] => user(&one.id, identifier),
        [] => bail!("there is no tenant: `freshdesk-host tenants create` makes one"),
        many => {
            let ids: Vec<_> = many.iter().map(|tenant| tenant.id.as_str()).collect();
            bail!("say whose user it is by --tenant: {}", ids.join(", "))
        }
    }
}

fn user(tenant: &str, identifier: &str) -> Result<User> {
    Named { tenant: tenant.to_owned(), identifier: identifier.to_owned() }.user()
}

/// Standard input, read by a thread of its own, which nobody waits for when the process ends.
struct Input {
    pieces: mpsc::Receiver<io::Result<Bytes>>,
    rest: Bytes,
}

impl Input {
    fn new() -> Result<Self> {
        let (sender, pieces) = mpsc::channel(PIECES);
        thread::Builder::new().name("stdin".to_owned()).spawn(move || {
            let mut input = io::stdin().lock();
            let mut buffer = vec![0; PIECE];
            loop {
                let read = input.read(&mut buffer).map(|length| Bytes::copy_from_slice(&buffer[..length]));
                let ends = read.as_ref().map_or(true, Bytes::is_empty);
                if sender.blocking_send(read).is_err() || ends {
                    return;
                }
            }
        })?;
        Ok(Self { pieces, rest: Bytes::new() })
    }
}

impl AsyncRead for Input {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.rest.is_empty() {
            self.rest = match ready!(self.pieces.poll_recv(context)) {
                Some(piece) => piece?,
                None => return Poll::Ready(Ok(())),
            };
        }
        let length = self.rest.len().min(buffer.remaining());
        buffer.put_slice(&self.rest[..length]);
        self.rest.advance(length);
        Poll::Ready(Ok(()))
    }
}
