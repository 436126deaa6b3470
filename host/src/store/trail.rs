//! The trail: what was done, and whose keys were used. `chain` appends, this reads and verifies.

use std::sync::Arc;

use super::chain::{AuditKey, Chain, READ_HEAD, Told, same};
use super::engine::{Change, Row, sql};
use super::records::{Entry, TrailReport, TrailRow};
use super::{Store, StoreError};

/// Entries that are verified at a time.
const PAGE: i64 = 1000;

/// Faults of one chain that are told.
const FAULTS: usize = 100;

const BEGIN_HEAD: &str = "INSERT INTO heads (host, seq, mac, seal) VALUES ($1, 0, $2, $3) ON CONFLICT DO NOTHING";

const LIST: &str = "SELECT host, seq, at, kind, tenant, identifier, detail FROM audit
    WHERE (at, host, seq) < ($1, $2, $3) ORDER BY at DESC, host DESC, seq DESC LIMIT $4";

const LIST_TENANTS: &str = "SELECT host, seq, at, kind, tenant, identifier, detail FROM audit
    WHERE tenant = $5 AND (at, host, seq) < ($1, $2, $3) ORDER BY at DESC, host DESC, seq DESC LIMIT $4";

/// A head and the last entry from it on, as they are at one moment.
const END: &str = "SELECT heads.seq, heads.mac, heads.seal, audit.seq, audit.mac
    FROM heads LEFT JOIN audit ON audit.host = heads.host AND audit.seq >= heads.seq
    WHERE heads.host = $1 ORDER BY audit.seq DESC LIMIT 1";

const ANY: &str = "SELECT host FROM audit WHERE host = $1 LIMIT 1";

const HOSTS: &str = "SELECT host FROM heads UNION SELECT host FROM audit ORDER BY 1";

const CHAIN: &str = "SELECT host, seq, at, kind, tenant, identifier, detail, mac FROM audit
    WHERE host = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4";

impl Store {
    /// Names the key that the trail is chained by, and checks this host's head. To be called once, before any change.
    pub(crate) async fn begin_trail(&self, key: [u8; 32]) -> Result<(), StoreError> {
        let key = AuditKey::new(key);
        let beginning = key.beginning(&self.host);
        let broken = |fault| StoreError::TrailBroken { host: self.host.to_string(), fault };
        let end = match self.row(sql(END).with(&*self.host)).await? {
            Some(end) => Some(end),
            None if self.row(sql(ANY).with(&*self.host)).await?.is_some() => return Err(broken("it has no head")),
            None => {
                let seal = key.seal(&self.host, 0, &beginning);
                let begin = sql(BEGIN_HEAD).with(&*self.host).with(&beginning).with(&seal);
                self.change(Change::default().any(begin)).await?;
                self.row(sql(END).with(&*self.host)).await?
            }
        };
        let mut end = end.ok_or_else(|| broken("it has no head"))?;
        let head = Head::read(&mut end)?;
        if !same(&head.seal, &key.seal(&self.host, head.seq, &head.mac)) {
            return Err(broken("its head was not sealed by this store's key"));
        }
        let last = (end.number_or_none()?.unwrap_or(0), end.bytes_or_none()?.unwrap_or(beginning));
        if last.0 != head.seq || !same(&last.1, &head.mac) {
            return Err(broken("its last entry is not the one that its head names"));
        }
        self.queue.begin(Chain::new(key, Arc::clone(&self.host), head.seq, head.mac)).await
    }

    /// Writes an entry that goes with no change, at once.
    pub(crate) async fn write(&self, entry: Entry) -> Result<(), StoreError> {
        self.change(Change::default().tells(entry)).await.map(|_| ())
    }

    /// Queues the entry of a key's use, before the key is opened. It is durable within 10 ms, and the time that a write
    /// takes. Fails while the trail cannot be written, or too much waits, and then the key must not be opened. What a
    /// power cut can take is the uses of those last 10 ms, and nothing else.
    pub(crate) fn note(&self, entry: Entry) -> Result<(), StoreError> {
        self.queue.note(entry)
    }

    /// A page of the trail, newest first: of a tenant or of all, before the entry of this time, host and number.
    pub(crate) async fn trail(
        &self,
        tenant: Option<&str>,
        before: Option<(i64, String, i64)>,
        limit: i64,
    ) -> Result<Vec<TrailRow>, StoreError> {
        let (at, host, seq) = before.unwrap_or((i64::MAX, String::new(), 0));
        let list = sql(if tenant.is_some() { LIST_TENANTS } else { LIST }).with(at).with(&host).with(seq).with(limit);
        let list = tenant.into_iter().fold(list, |list, tenant| list.with(tenant));
        self.page(list).await?.iter_mut().map(told).collect()
    }

    /// Reads all chains and tells what is wrong with them; nothing when nothing is. Finds entries that were changed,
    /// deleted or put elsewhere, and heads that were changed. It cannot find that a chain and its head were put back
    /// together to what they were: for that, compare the numbers of entries with those of an earlier report.
    pub(crate) async fn verify_trail(&self, key: &[u8; 32]) -> Result<TrailReport, StoreError> {
        let key = AuditKey::new(*key);
        let mut report = TrailReport::default();
        for mut row in self.page(sql(HOSTS)).await? {
            let host = row.text()?;
            let mut reading = Reading::new(&key, &host);
            self.read_chain(&mut reading, i64::MAX).await?;
            // The host may write meanwhile: what its head names by now is there to be read.
            let head = self.head(&host).await?;
            if let Some(head) = &head {
                self.read_chain(&mut reading, head.seq).await?;
            }
            reading.end(head.as_ref());
            let Reading { entries, faults, .. } = reading;
            report.faults.extend(faults.into_iter().take(FAULTS));
            report.chains.push((host, entries));
        }
        Ok(report)
    }

    async fn read_chain(&self, reading: &mut Reading<'_>, to: i64) -> Result<(), StoreError> {
        loop {
            let page = sql(CHAIN).with(reading.host).with(reading.after).with(to).with(PAGE);
            let rows = self.page(page).await?;
            let last = (rows.len() as i64) < PAGE;
            for row in rows {
                reading.next(&stored(row)?);
            }
            if last {
                return Ok(());
            }
        }
    }

    async fn head(&self, host: &str) -> Result<Option<Head>, StoreError> {
        self.row(sql(READ_HEAD).with(host)).await?.map(|mut row| Head::read(&mut row)).transpose()
    }
}

struct Head {
    seq: i64,
    mac: Vec<u8>,
    seal: Vec<u8>,
}

impl Head {
    fn read(row: &mut Row) -> Result<Self, StoreError> {
        Ok(Self { seq: row.number()?, mac: row.bytes()?, seal: row.bytes()? })
    }
}

/// An entry as it is stored: its detail is the text that was authenticated.
struct Stored {
    row: TrailRow,
    detail: String,
    mac: Vec<u8>,
}

/// A chain that is being read.
struct Reading<'a> {
    key: &'a AuditKey,
    host: &'a str,
    entries: i64,
    /// The number of the entry that was read last, whatever it was.
    after: i64,
    /// The last entry that has a place in the chain.
    seq: i64,
    mac: Vec<u8>,
    faults: Vec<String>,
}

impl<'a> Reading<'a> {
    fn new(key: &'a AuditKey, host: &'a str) -> Self {
        let mac = key.beginning(host);
        Self { key, host, entries: 0, after: i64::MIN, seq: 0, mac, faults: Vec::new() }
    }

    fn next(&mut self, stored: &Stored) {
        let row = &stored.row;
        self.after = row.seq;
        self.entries += 1;
        if row.seq < 1 {
            return self.fault(format!("entry {} is numbered below 1", row.seq));
        }
        if row.seq > self.seq + 1 {
            self.missing(row.seq - 1);
        } else if !same(&stored.mac, &self.key.entry(&self.mac, &stored.told())) {
            self.fault(format!("entry {} is not as it was written, or not where", row.seq));
        }
        self.seq = row.seq;
        self.mac.clone_from(&stored.mac);
    }

    fn end(&mut self, head: Option<&Head>) {
        let Some(head) = head else { return self.fault("the chain has no head".to_owned()) };
        if !same(&head.seal, &self.key.seal(self.host, head.seq, &head.mac)) {
            self.fault("the head was not sealed by this store's key".to_owned());
        }
        match head.seq.cmp(&self.seq) {
            std::cmp::Ordering::Greater => self.missing(head.seq),
            std::cmp::Ordering::Less => {
                self.fault(format!("there are entries after {}, where the head says that the chain ends", head.seq))
            }
            std::cmp::Ordering::Equal if !same(&head.mac, &self.mac) => {
                self.fault("the last entry is not the one that the head names".to_owned());
            }
            std::cmp::Ordering::Equal => {}
        }
    }

    fn missing(&mut self, to: i64) {
        let from = self.seq + 1;
        self.fault(if from == to {
            format!("entry {to} is missing")
        } else {
            format!("entries {from} to {to} are missing")
        });
    }

    fn fault(&mut self, what: String) {
        self.faults.push(format!("host \"{}\": {what}", self.host));
    }
}

impl Stored {
    fn told(&self) -> Told<'_> {
        let row = &self.row;
        Told {
            host: &row.host,
            seq: row.seq,
            at: row.at,
            kind: &row.kind,
            tenant: &row.tenant,
            identifier: &row.identifier,
            detail: &self.detail,
        }
    }
}

fn told(row: &mut Row) -> Result<TrailRow, StoreError> {
    Ok(read(row)?.0)
}

fn stored(mut row: Row) -> Result<Stored, StoreError> {
    let (told, detail) = read(&mut row)?;
    Ok(Stored { row: told, detail, mac: row.bytes()? })
}

/// An entry, and its detail as text. One that somebody made no JSON is shown as text.
fn read(row: &mut Row) -> Result<(TrailRow, String), StoreError> {
    let (host, seq, at) = (row.text()?, row.number()?, row.number()?);
    let (kind, tenant, identifier, detail) = (row.text()?, row.text()?, row.text()?, row.text()?);
    let value = serde_json::from_str(&detail).unwrap_or_else(|_| detail.as_str().into());
    Ok((TrailRow { host, seq, at, kind, tenant, identifier, detail: value }, detail))
}
