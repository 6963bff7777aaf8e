//! The public network's side of a trunk: where it is, and whether it answers there.

mod place;
mod probe;
mod states;

use std::sync::Arc;

use domain::call::{Reach, TrunkState};
use domain::resource::Trunk;

use crate::calls::Calls;
use crate::shared::Shared;

pub(crate) use place::{Place, wanted};
pub(crate) use probe::is_probe;
pub(crate) use states::{ProbeEvent, States};

/// Begins to ask the other sides of trunks, where that is wanted.
pub(crate) fn watch(shared: &Arc<Shared>) {
    if let Some(settings) = shared.config.trunk_probe {
        probe::Prober::spawn(shared, settings);
    }
}

impl Calls {
    /// Whether a trunk's other side answers, and what the trunk carries. Of one that is off nothing
    /// is known, whoever else may lead to the same place.
    #[must_use]
    pub fn trunk_state(&self, trunk: &Trunk) -> TrunkState {
        let used = trunk.active && !trunk.deleted;
        let reach = if used { self.shared.trunks.reach(trunk) } else { Reach::Unknown };
        TrunkState { reach, calls: self.shared.activity.trunk_calls(trunk.id) }
    }
}
