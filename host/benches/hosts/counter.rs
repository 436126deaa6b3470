//! Stands between the hosts and PostgreSQL, and counts what is asked.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;

use crate::database::Database;
use crate::spoken::{Asked, Spoken};

/// Passes everything on as it is, and counts it. It ends with the runtime.
pub(crate) struct Counter {
    address: SocketAddr,
    counted: Arc<Mutex<Counted>>,
}

#[derive(Default)]
struct Counted {
    asked: Asked,
    /// What could not be read: then nothing was counted right.
    broken: Option<String>,
}

impl Counter {
    /// Begins to listen before the server of this database.
    pub(crate) fn start(runtime: &Handle, database: &Database) -> Result<Self> {
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let (address, server) = (listener.local_addr()?, database.server()?);
        let counted = Arc::<Mutex<Counted>>::default();
        let counting = Arc::clone(&counted);
        runtime.spawn(async move {
            while let Ok((host, _)) = listener.accept().await {
                let (server, counting) = (server.clone(), Arc::clone(&counting));
                tokio::spawn(async move {
                    // Who is cut off says so itself.
                    let _ = pass(host, &server, &counting).await;
                });
            }
        });
        let counter = Self { address, counted };
        runtime.block_on(counter.counts_right(database))?;
        Ok(counter)
    }

    /// Where hosts find the database.
    pub(crate) fn url(&self, database: &Database) -> String {
        database.url_at(&self.address.to_string())
    }

    /// What was asked until now.
    pub(crate) fn asked(&self) -> Result<Asked> {
        let counted = locked(&self.counted);
        ensure!(
            counted.broken.is_none(),
            "a connection could not be read: {}",
            counted.broken.as_deref().unwrap_or("")
        );
        Ok(counted.asked)
    }

    /// Fails unless it counts what is known to have been asked.
    async fn counts_right(&self, database: &Database) -> Result<()> {
        let client = database.connect(&self.url(database)).await?;
        let prepared = client.prepare("SELECT $1::BIGINT + 1 AS budgets").await?;
        let before = self.asked()?;
        client.execute(&prepared, &[&1_i64]).await?;
        // These are sent in a row, of which the first may be on its way already when the others come.
        let one = || client.execute(&prepared, &[&1_i64]);
        let begin = client.batch_execute("BEGIN");
        tokio::try_join!(begin, async { one().await.map(drop) }, async { one().await.map(drop) })?;
        client.batch_execute("SELECT 1; COMMIT").await?;
        let told = self.asked()? - before;
        let trips = told.trips.clamp(3, 5);
        let expected = Asked { statements: 6, answers: 5, trips, commits: 1, budget_statements: 3, budget_answers: 5 };
        ensure!(told == expected, "the counter counts {told:?} where {expected:?} was asked");
        Ok(())
    }
}

async fn pass(host: TcpStream, server: &str, counted: &Mutex<Counted>) -> Result<()> {
    let server = TcpStream::connect(server).await.context("PostgreSQL does not listen")?;
    host.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let ((mut from_host, mut to_host), (mut from_server, mut to_server)) = (host.into_split(), server.into_split());
    let spoken = Mutex::new(Spoken::new());
    let asking = async {
        let mut bytes = vec![0; 1 << 16];
        loop {
            let length = from_host.read(&mut bytes).await?;
            if length == 0 {
                return Ok::<_, anyhow::Error>(());
            }
            // Counted before it is passed on, so that no answer overtakes its question.
            let asked = locked(&spoken).client(&bytes[..length]);
            count(counted, asked);
            to_server.write_all(&bytes[..length]).await?;
        }
    };
    let answering = async {
        let mut bytes = vec![0; 1 << 16];
        loop {
            let length = from_server.read(&mut bytes).await?;
            if length == 0 {
                return Ok::<_, anyhow::Error>(());
            }
            let answered = locked(&spoken).server(&bytes[..length]);
            count(counted, answered.map(|()| Asked::default()));
            to_host.write_all(&bytes[..length]).await?;
        }
    };
    tokio::select! { ended = asking => ended, ended = answering => ended }
}

fn count(counted: &Mutex<Counted>, asked: Result<Asked>) {
    let mut counted = locked(counted);
    match asked {
        Ok(asked) => counted.asked += asked,
        Err(error) => counted.broken = Some(format!("{error:#}")),
    }
}

/// Numbers are whole also after a panic.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
