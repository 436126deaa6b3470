//! A ledger that takes its time.

use std::sync::Arc;

use tokio::time::sleep;

use super::super::Budget;
use super::super::book::Receipt;
use super::super::ledger::{Ledger, Memory, Standing, Taking};
use super::super::limits::Spend;
use super::super::report::Report;
use super::{MINUTE, millis};

/// A ledger that takes its time, as one in a database does.
struct Slow(Memory);

impl Ledger for Slow {
    fn take<'a>(&'a self, helpdesk: &'a Arc<str>, spends: Vec<Spend>) -> Taking<'a> {
        Box::pin(async move {
            sleep(millis(1)).await;
            self.0.take(helpdesk, spends).await
        })
    }

    fn settle(&self, helpdesk: &Arc<str>, receipt: Receipt, report: Option<&Report>) {
        self.0.settle(helpdesk, receipt, report);
    }

    fn give_back(&self, helpdesk: &Arc<str>, receipt: Receipt) {
        self.0.give_back(helpdesk, receipt);
    }

    fn standing(&self, helpdesk: &Arc<str>) -> Option<Standing> {
        self.0.standing(helpdesk)
    }
}

/// A budget over it.
pub(super) fn slow(reserve: u8) -> Budget {
    let budget = Budget::new(MINUTE, reserve);
    let slow = Slow(Memory::new(budget.own.rules));
    budget.shared.get_or_init(|| Box::new(slow));
    budget
}
