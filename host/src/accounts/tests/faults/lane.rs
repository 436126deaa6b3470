//! Where runs are made, one after the other: a simulated Freshdesk, two users of it, and two hosts.

use freshdesk_simulator::{Fault, FaultAction, Limits, Simulator, Ticket};

use super::schedule::{Order, Schedule, Tool, Try};
use super::*;

/// What a call may take beyond its time.
const SLACK: Duration = Duration::from_secs(3);

/// Simulators, and two hosts over one store that reach all of them.
pub(super) async fn hosts(world: &World, lanes: usize) -> (Vec<Simulator>, [Arc<Accounts>; 2]) {
    let mut settings = Settings { deadline: DEADLINE, calls: 100, ..reaching(&world.simulator) };
    let mut simulators = Vec::new();
    for number in 0..lanes {
        let simulator = Simulator::start(freshdesk_simulator::Settings::default()).await.unwrap();
        settings.development.resolve.insert(format!("{}.freshdesk.com", label(number)), simulator.addr());
        settings.development.trust_roots.extend(simulator.authority_pem().map(str::to_owned));
        {
            let mut state = simulator.state();
            let mut helpdesk = state.helpdesks.remove(seed::LABEL).unwrap();
            helpdesk.label = label(number);
            helpdesk.limits = Limits::total(1_000_000);
            helpdesk.agent_seats = 1_000_000;
            state.helpdesks.insert(label(number), helpdesk);
        }
        simulators.push(simulator);
    }
    let open = |name: &str| {
        let host = Arc::new(Host::new(PLUGIN, &settings).unwrap());
        let keeping = Keeping { host: name.to_owned(), ..world.keeping.clone() };
        async move { Accounts::open(host, &keeping).await.unwrap() }
    };
    let hosts = [open("a").await, open("b").await];
    (simulators, hosts)
}

pub(super) fn label(lane: usize) -> String {
    format!("lane{lane}")
}

pub(super) struct Lane {
    pub(super) label: String,
    pub(super) simulator: Simulator,
    hosts: [Arc<Accounts>; 2],
    users: [User; 2],
    doom: Arc<Doom>,
}

/// What a try was told; nothing where its host ended.
pub(super) type Told = Option<Result<Value, ToolError>>;

impl Lane {
    pub(super) async fn new(number: usize, simulator: Simulator, hosts: [Arc<Accounts>; 2], doom: Arc<Doom>) -> Self {
        let label = label(number);
        let users = [("jane", seed::ADMIN_KEY), ("tom", seed::AGENT_KEY)];
        for (name, key) in users {
            let helpdesk = Label::parse(&label).unwrap();
            hosts[0].import(&user(&format!("{name}-{label}")), helpdesk, ApiKey::new(key).unwrap()).await.unwrap();
        }
        let users = users.map(|(name, _)| user(&format!("{name}-{label}")));
        Self { label, simulator, hosts, users, doom }
    }

    /// Makes a run, and says what of what was told is not true.
    pub(super) async fn run(self: &Lane, schedule: &Schedule) -> Result<Tally, String> {
        let tickets: Vec<_> = (0..=schedule.orders.len()).map(|_| self.ticket()).collect();
        let mut tally = Tally { runs: 1, ..Tally::default() };
        let mut running = Vec::new();
        for (number, order) in schedule.orders.iter().enumerate() {
            let ticket = if order.tool == Tool::Update { tickets[number + 1] } else { tickets[0] };
            running.push(self.order(schedule.seed, number, order, ticket));
        }
        let mut all = Vec::new();
        for told in futures_of(running).await {
            all.push(told?);
        }
        self.simulator.state().faults.clear();
        for (number, (order, told)) in schedule.orders.iter().zip(&all).enumerate() {
            let ticket = tickets[number + 1];
            tally.calls += told.len() as u64;
            tally.killed += told.iter().filter(|told| told.is_none()).count() as u64;
            tally += self.judge(order, &marker(schedule.seed, number), ticket, told)?;
        }
        Ok(tally)
    }

    /// A ticket of the run's own.
    fn ticket(&self) -> u64 {
        let mut state = self.simulator.state();
        let now = state.clock.now();
        let helpdesk = state.helpdesk(&self.label);
        let id = helpdesk.next_ticket_id;
        helpdesk.next_ticket_id += 1;
        let requester = helpdesk.tickets[&seed::TICKET_ID].requester_id;
        helpdesk.tickets.insert(id, Ticket::new(id, requester, "A run's", "<div>Yes</div>", now));
        id
    }

    /// Tries a write as often as it is to be tried.
    async fn order(&self, seed: u64, number: usize, order: &Order, ticket: u64) -> Result<Vec<Told>, String> {
        let (tool, input) = call(order, seed, number, ticket);
        let user = &self.users[if order.tool == Tool::Agent { 0 } else { order.user }];
        let key = order.keyed.then(|| marker(seed, number));
        let mut all = Vec::new();
        for Try { after, host, fault, read, killed } in &order.tries {
            tokio::time::sleep(*after).await;
            self.goes_wrong(order.tool, fault.as_ref(), read.as_ref());
            let host = &self.hosts[*host];
            let hash = key.as_ref().map(|key| random::once_hash(&host.shared_key, "call", user, &[key.as_bytes()]));
            if let Some((hash, after)) = hash.as_ref().zip(*killed) {
                locked(&self.doom.ends).insert(hash.clone(), after);
            }
            let begun = Instant::now();
            let result = match &key {
                Some(key) => host.call_once(user, tool, &input, key, None).await,
                None => host.call(user, tool, &input).await,
            };
            // A stall is seen when it is over.
            tokio::time::sleep(if begun.elapsed() > DEADLINE + SLACK { STALL * 3 } else { Duration::ZERO }).await;
            let (took, stalled) = (begun.elapsed(), self.doom.stalled(begun));
            if took > DEADLINE + SLACK + STALL * 3 + stalled {
                return Err(format!("{} took {took:?}, of which {stalled:?} for the store", marker(seed, number)));
            }
            all.push(self.told(result, hash, killed.is_some()).await?);
        }
        Ok(all)
    }

    async fn told(
        &self,
        result: Result<Value, CallError>,
        hash: Option<Vec<u8>>,
        doomed: bool,
    ) -> Result<Told, String> {
        match result {
            Ok(answer) => Ok(Some(Ok(answer))),
            Err(CallError::Tool { story, .. }) if story.contains("task ended without a word") => {
                let hash = hash.filter(|_| doomed).ok_or("a task ended that nobody ended")?;
                self.hosts[0].store.break_off(&hash).await;
                Ok(None)
            }
            Err(CallError::Tool { error, .. }) => Ok(Some(Err(error))),
            Err(broken) => Err(format!("it broke: {}", broken.log())),
        }
    }

    fn goes_wrong(&self, tool: Tool, fault: Option<&FaultAction>, read: Option<&FaultAction>) {
        let (method, path) = match tool {
            Tool::Create | Tool::Reply => ("POST", "/tickets"),
            Tool::Update => ("PUT", "/tickets"),
            Tool::Contact => ("POST", "/contacts"),
            Tool::Agent => ("POST", "/agents"),
        };
        let faults = &mut self.simulator.state().faults;
        faults.extend(fault.map(|action| Fault::on(method, path, action.clone())));
        faults.extend(read.map(|action| Fault::on("GET", "/", action.clone())));
    }
}

/// Runs all of them at once.
async fn futures_of<T>(futures: Vec<impl Future<Output = T>>) -> Vec<T> {
    let mut futures: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        let mut ready = true;
        for (future, output) in &mut futures {
            if output.is_none() {
                match future.as_mut().poll(context) {
                    std::task::Poll::Ready(value) => *output = Some(value),
                    std::task::Poll::Pending => ready = false,
                }
            }
        }
        if ready { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    futures.into_iter().filter_map(|(_, output)| output).collect()
}

/// What shows of a record which write made it. It is nothing by which a record is known.
pub(super) fn marker(seed: u64, number: usize) -> String {
    format!("o{seed}-{number}")
}

/// The tool and the arguments of a write. Writes of one content differ in their marker alone.
fn call(order: &Order, seed: u64, number: usize, ticket: u64) -> (&'static str, Value) {
    let (marker, content) = (marker(seed, number), order.content);
    match order.tool {
        Tool::Create => (
            "freshdesk_ticket_create",
            json!({"subject": format!("Run {seed}.{content}"), "description": "It does not turn on.",
                "email": format!("run{seed}@example.com"), "tags": [marker]}),
        ),
        Tool::Reply => (
            "freshdesk_tickets_reply",
            json!({"ticket_id": ticket, "body": format!("Try {content}."), "cc_emails": [format!("{marker}@example.com")]}),
        ),
        Tool::Update => (
            "freshdesk_ticket_update",
            json!({"ticket_id": ticket, "custom_fields": {"cf_order_number": marker}, "priority": "high"}),
        ),
        Tool::Contact => (
            "freshdesk_contact_create",
            json!({"name": "Kim", "email": format!("{marker}@contact.example"), "job_title": marker}),
        ),
        Tool::Agent => (
            "freshdesk_agent_create",
            json!({"email": format!("run{seed}.{content}@acme.example"), "ticket_scope": "global",
                "role_ids": [158_017_000_204_u64], "signature": format!("<p>{marker}</p>")}),
        ),
    }
}
