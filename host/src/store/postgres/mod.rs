//! PostgreSQL: one connection writes, some read. A connection that ended is made again.

mod commit;
mod connect;
mod slot;

use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::StoreError;
use super::chain::Chain;
use super::clock::Clock;
use super::engine::{Answer, Change, Datum, Done, Engine, Failure, Row, Sql};
use super::migrations::{PREPARE, READ_VERSION, missing, note_version};
use connect::{Line, Server, ended};
use slot::Slot;

/// Connections that read. What is asked of one while it answers is sent behind it, so that a handful serve all.
const READERS: usize = 4;

/// How often it is looked whether the clock has to be asked again, which costs nothing.
const LOOK: Duration = Duration::from_secs(1);

/// Which lock of the server hosts take that start at the same time; any number that others do not use.
const LOCK: i64 = 0x6672_6573_6864_6573;

/// How long new tables wait for who uses the old ones, such as a dump. Whoever comes meanwhile waits behind them, and hosts
/// that run wait for 5 s.
const PATIENTLY: &str = "SET LOCAL lock_timeout = 3000";

/// A database of PostgreSQL.
#[derive(Clone)]
pub(super) struct Postgres(Arc<Inner>);

struct Inner {
    server: Server,
    writer: Slot,
    readers: [Slot; READERS],
    exchanges: Slot,
    next: AtomicUsize,
}

impl Postgres {
    /// Opens the database and brings its tables up to date. From then on its clock is this one.
    pub(super) async fn open(url: &str, clock: Arc<Clock>) -> Result<Self, StoreError> {
        let server = Server::new(url, clock)?;
        let line = server.connect().await?;
        migrate(&server, &line).await?;
        let (writer, readers, exchanges) = (Slot::of(line), Default::default(), Slot::default());
        let this = Self(Arc::new(Inner { server, writer, readers, exchanges, next: AtomicUsize::new(0) }));
        tokio::spawn(keep_clock(Arc::downgrade(&this.0)));
        Ok(this)
    }

    /// A connection to read from.
    fn reader(&self) -> &Slot {
        &self.0.readers[self.0.next.fetch_add(1, Ordering::Relaxed) % READERS]
    }

    /// Asks over a connection, and once more, over a new one, when the connection ended under it. What takes too
    /// long, connecting included, is given up, and the connection with it.
    async fn ask(&self, slot: &Slot, sql: &Sql) -> Result<Vec<Row>, StoreError> {
        let mut line = None;
        if let Ok(rows) = tokio::time::timeout(connect::ANSWER, self.asked(slot, &mut line, sql)).await {
            return rows;
        }
        if let Some(line) = line {
            slot.give_up(&line);
        }
        Err(self.0.server.late())
    }

    async fn asked(&self, slot: &Slot, over: &mut Option<Arc<Line>>, sql: &Sql) -> Result<Vec<Row>, StoreError> {
        let mut again = true;
        loop {
            let line = over.insert(slot.line(&self.0.server).await?);
            match rows(line, sql).await {
                Err(error) if ended(&error) => {
                    slot.give_up(line);
                    *over = None;
                    if !std::mem::take(&mut again) {
                        return Err(self.0.server.told(&error));
                    }
                }
                rows => return rows.map_err(|error| self.0.server.told(&error)),
            }
        }
    }
}

impl Engine for Postgres {
    fn row(&self, sql: Sql) -> Answer<'_, Option<Row>> {
        Box::pin(async move { Ok(self.ask(self.reader(), &sql).await?.pop()) })
    }

    fn page(&self, sql: Sql) -> Answer<'_, Vec<Row>> {
        Box::pin(async move { self.ask(self.reader(), &sql).await })
    }

    /// Over a connection of its own, lest it wait for a group of changes.
    fn exchange(&self, sql: Sql) -> Answer<'_, Option<Row>> {
        Box::pin(async move { Ok(self.ask(&self.0.exchanges, &sql).await?.pop()) })
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn commit(&self, changes: Arc<Vec<Change>>, chain: Option<Chain>) -> Answer<'_, Done, Failure> {
        Box::pin(async move { self.commit_group(&changes, chain).await })
    }

    /// PostgreSQL keeps earlier states of rows until it vacuums, and in its log; that cannot be hastened from here.
    fn tidy(&self) -> Answer<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Asks the database's clock again now and then, until nobody has the database any more.
async fn keep_clock(of: Weak<Inner>) {
    loop {
        tokio::time::sleep(LOOK).await;
        let Some(inner) = of.upgrade() else { return };
        if !inner.server.clock.is_stale() {
            continue;
        }
        // One that does not answer is asked again a moment later.
        let postgres = Postgres(inner);
        let (server, slot) = (&postgres.0.server, postgres.reader());
        if let Ok(line) = slot.line(server).await
            && server.in_time(server.ask_clock(&line)).await.is_err()
        {
            slot.give_up(&line);
        }
    }
}

async fn rows(line: &Line, sql: &Sql) -> Result<Vec<Row>, tokio_postgres::Error> {
    let statement = line.prepare(sql.text).await?;
    let rows = line.client.query(&statement, &values(sql)).await?;
    rows.iter().map(row).collect()
}

fn values(sql: &Sql) -> Vec<&(dyn ToSql + Sync)> {
    sql.values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

fn row(row: &tokio_postgres::Row) -> Result<Row, tokio_postgres::Error> {
    let value = |(column, of): (usize, &tokio_postgres::Column)| {
        let value = match *of.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(column)?.map(Datum::Number),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(column)?.map(Datum::Bytes),
            _ => row.try_get::<_, Option<String>>(column)?.map(Datum::Text),
        };
        Ok(value.unwrap_or(Datum::Null))
    };
    row.columns().iter().enumerate().map(value).collect::<Result<_, _>>().map(Row::new)
}

impl ToSql for Datum {
    fn to_sql(&self, of: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Number(number) => number.to_sql_checked(of, out),
            Self::Text(text) => text.to_sql_checked(of, out),
            Self::Bytes(bytes) => bytes.to_sql_checked(of, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Brings the tables up to date. Hosts that start at the same time wait for one another.
async fn migrate(server: &Server, line: &Line) -> Result<(), StoreError> {
    if let Ok(rows) = line.client.query(READ_VERSION, &[]).await
        && missing(version(&rows))?.is_empty()
    {
        return Ok(());
    }
    let run = async |text: &str| line.client.batch_execute(text).await.map_err(|error| server.told(&error));
    run(&format!("SET statement_timeout = 0; BEGIN; SELECT pg_advisory_xact_lock({LOCK})")).await?;
    run(PATIENTLY).await?;
    run(PREPARE).await?;
    let rows = line.client.query(READ_VERSION, &[]).await.map_err(|error| server.told(&error))?;
    for migration in missing(version(&rows))? {
        run(&migration.replace(" TEXT", " TEXT COLLATE \"C\"").replace("/* UNLOGGED */", "UNLOGGED")).await?;
    }
    run(&note_version()).await?;
    run("COMMIT").await?;
    run(connect::SETTINGS).await
}

fn version(rows: &[tokio_postgres::Row]) -> i64 {
    rows.first().and_then(|row| row.try_get(0).ok()).unwrap_or(0)
}
