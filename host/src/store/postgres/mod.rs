//! PostgreSQL: one connection writes, some read. A connection that ended is made again.

mod commit;
mod connect;

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Mutex;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::StoreError;
use super::chain::Chain;
use super::engine::{Answer, Change, Datum, Done, Engine, Failure, Row, Sql};
use super::migrations::{PREPARE, READ_VERSION, missing, note_version};
use connect::{Line, Server, ended};

/// Connections that read. What is asked of one while it answers is sent behind it, so that a handful serve all.
const READERS: usize = 4;

/// Which lock of the server hosts take that start at the same time; any number that others do not use.
const LOCK: i64 = 0x6672_6573_6864_6573;

/// A database of PostgreSQL.
#[derive(Clone)]
pub(super) struct Postgres(Arc<Inner>);

struct Inner {
    server: Server,
    writer: Place,
    readers: [Place; READERS],
    next: AtomicUsize,
}

/// Where a connection is, once it is made.
type Place = Mutex<Option<Arc<Line>>>;

impl Postgres {
    /// Opens the database and brings its tables up to date.
    pub(super) async fn open(url: &str) -> Result<Self, StoreError> {
        let server = Server::new(url)?;
        let line = server.connect().await?;
        migrate(&server, &line).await?;
        let writer = Mutex::new(Some(Arc::new(line)));
        Ok(Self(Arc::new(Inner { server, writer, readers: Default::default(), next: AtomicUsize::new(0) })))
    }

    /// The connection of a place; a new one where there is none, or it ended.
    async fn line(&self, place: &Place) -> Result<Arc<Line>, StoreError> {
        let mut place = place.lock().await;
        if let Some(line) = place.as_ref().filter(|line| !line.client.is_closed()) {
            return Ok(Arc::clone(line));
        }
        *place = None;
        let line = Arc::new(self.0.server.connect().await?);
        Ok(Arc::clone(place.insert(line)))
    }

    /// Gives a connection up, if it is still the one of this place.
    async fn give_up(&self, place: &Place, line: &Arc<Line>) {
        let mut place = place.lock().await;
        if place.as_ref().is_some_and(|there| Arc::ptr_eq(there, line)) {
            *place = None;
        }
    }

    /// Reads are asked again once, over a new connection, when the connection ended under them.
    async fn read(&self, sql: &Sql) -> Result<Vec<Row>, StoreError> {
        let place = &self.0.readers[self.0.next.fetch_add(1, Ordering::Relaxed) % READERS];
        let mut again = true;
        loop {
            let line = self.line(place).await?;
            let Ok(rows) = tokio::time::timeout(connect::ANSWER, rows(&line, sql)).await else {
                self.give_up(place, &line).await;
                return Err(self.0.server.late());
            };
            match rows {
                Err(error) if ended(&error) => {
                    self.give_up(place, &line).await;
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
        Box::pin(async move { Ok(self.read(&sql).await?.pop()) })
    }

    fn page(&self, sql: Sql) -> Answer<'_, Vec<Row>> {
        Box::pin(async move { self.read(&sql).await })
    }

    fn commit(&self, changes: Arc<Vec<Change>>, chain: Option<Chain>) -> Answer<'_, Done, Failure> {
        Box::pin(async move { self.commit_group(&changes, chain).await })
    }

    /// PostgreSQL keeps earlier states of rows until it vacuums, and in its log; that cannot be hastened from here.
    fn tidy(&self) -> Answer<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
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
    run(PREPARE).await?;
    let rows = line.client.query(READ_VERSION, &[]).await.map_err(|error| server.told(&error))?;
    for migration in missing(version(&rows))? {
        run(&migration.replace(" TEXT", " TEXT COLLATE \"C\"")).await?;
    }
    run(&note_version()).await?;
    run("COMMIT").await?;
    run(connect::SETTINGS).await
}

fn version(rows: &[tokio_postgres::Row]) -> i64 {
    rows.first().and_then(|row| row.try_get(0).ok()).unwrap_or(0)
}
