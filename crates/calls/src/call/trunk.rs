//! The public network: which trunk a call leaves by, its address, and its password.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use domain::deployment::Deployment;
use domain::id::{Serial, TrunkId};
use domain::policy::{Presentation, Transport};
use domain::resource::Trunk;
use domain::snapshot::Snapshot;
use sip::{Message, Method, Status};

use super::identity::Shown;
use super::invite::Invitation;
use super::leg::{Leg, LegId, Party, Phase};
use super::password::Credentials;
use super::shard::ShardEvent;
use super::signalling::Signalling;
use super::state::{Call, Refused};
use crate::dns::Wanted;
use crate::listener::Way;
use crate::trunk::{Place, wanted};

/// INVITEs of one leg after which a nonce that is too old is no excuse any more.
const STALE_MAX: u32 = 3;

/// Where a call to the public network goes, as whom, and by which trunks it was tried.
#[derive(Clone, Debug)]
pub(crate) struct Outside {
    /// The number in E.164, or an emergency number as dialled.
    pub(crate) number: Box<str>,
    pub(crate) presentation: Presentation,
    pub(crate) hidden: bool,
    /// Goes out however many calls the trunk carries.
    pub(crate) emergency: bool,
    /// The user whose telephone this is, when his call is forwarded.
    pub(crate) for_user: Option<Serial>,
    /// Trunks that came to nothing on this way out. Others of the call count for nothing here: one
    /// that came in by a trunk may leave by it.
    pub(crate) tried: Vec<TrunkId>,
}

/// The trunks that a call may come from, one of each account: those whose networks hold the address.
pub(crate) fn trunks_of(
    deployment: &Deployment,
    address: IpAddr,
) -> impl Iterator<Item = (&Arc<Snapshot>, &Arc<Trunk>)> {
    deployment.accounts().filter_map(move |account| {
        let mut trunks = account.trunks.values().filter(|it| it.active && !it.deleted);
        let trunk = trunks.find(|it| it.networks.iter().any(|net| net.contains(address)))?;
        Some((account, trunk))
    })
}

impl Call {
    /// Sends the call out by the first trunk that may take it and was not tried; false when none.
    pub(crate) fn invite_trunk(
        &mut self,
        signalling: &mut Signalling,
        account: &Snapshot,
        outside: Outside,
    ) -> bool {
        if !self.can_take_offer(signalling, Transport::Udp) {
            self.refuse_media();
            return false;
        }
        let mut trunks: Vec<_> = account
            .trunks
            .values()
            .filter(|it| it.active && !it.deleted && !outside.tried.contains(&it.id))
            .collect();
        // One that did not answer lately comes last and is not left out: what a question came to
        // must refuse no call, least of all to an emergency number.
        let states = &signalling.shared.trunks;
        trunks.sort_by_cached_key(|trunk| (states.reach(trunk).is_unreachable(), trunk.serial));
        let mut outside = outside;
        trunks.into_iter().any(|trunk| {
            outside.tried.push(trunk.id);
            self.invite_one_trunk(signalling, trunk, &outside)
        })
    }

    fn invite_one_trunk(
        &mut self,
        signalling: &mut Signalling,
        trunk: &Trunk,
        outside: &Outside,
    ) -> bool {
        let calls_max = if outside.emergency { 0 } else { trunk.calls_max };
        if !signalling.shared.activity.begin_trunk(trunk.id, calls_max) {
            return false;
        }
        let party = Party::Trunk { trunk: trunk.id, for_user: outside.for_user };
        let place = Place::of(trunk);
        let unresolved = Way::Udp(SocketAddr::from(([0, 0, 0, 0], 0)));
        let Some(id) = self.add_leg(signalling, party, unresolved) else {
            signalling.shared.activity.end_trunk(trunk.id);
            return false;
        };
        self.trunks.push(trunk.id);
        self.recording.trunk.get_or_insert(trunk.id);
        let uri: Box<str> = place.uri(Some(&outside.number)).into();
        let shown = Shown::number(&outside.presentation, &trunk.host, outside.hidden);
        let to = format!("<{uri}>").into();
        let invitation = Invitation { uri, to, ..self.invitation(signalling, shown) };
        if let Some(leg) = self.leg_mut(id) {
            leg.invitation = Some(invitation);
            leg.outside = Some(outside.clone());
            leg.phase = Phase::Resolving;
        }
        self.seek(signalling, id, wanted(&place));
        self.leg(id).is_some_and(|leg| !leg.is_over())
    }

    /// Invites a leg at this host: at once, or when its address has been looked up, without holding
    /// the shard up.
    pub(super) fn seek(&mut self, signalling: &mut Signalling, leg: LegId, wanted: Wanted) {
        if let Some(address) = wanted.address() {
            self.set_address(signalling, leg, Some(address));
            return;
        }
        let (queue, call) = (signalling.queue.clone(), self.key);
        let shared = Arc::clone(&signalling.shared);
        tokio::spawn(async move {
            let addresses = shared.dns.addresses(&wanted, &shared.tokens).await;
            drop(queue.send(ShardEvent::Resolved { call, leg, addresses }).await);
        });
    }

    /// A leg's addresses are known, or could not be found.
    pub(crate) fn resolved(
        &mut self,
        signalling: &mut Signalling,
        id: LegId,
        mut addresses: Vec<SocketAddr>,
    ) {
        let place = self.leg(id).and_then(|leg| self.place_of(signalling, leg));
        if let Some(place) = place {
            signalling.shared.trunks.put_silent_last(&place, &mut addresses);
        }
        let mut addresses = addresses.into_iter();
        let address = addresses.next();
        let resolving = self.leg_mut(id).filter(|leg| leg.phase == Phase::Resolving);
        let Some(leg) = resolving else { return };
        leg.elsewhere = addresses.collect();
        if !self.set_address(signalling, id, address) {
            // Marked over by what failed; said again so that the next step begins.
            if let Some(leg) = self.leg_mut(id) {
                leg.phase = Phase::Setup;
            }
            self.leg_failed(signalling, id, Refused::plain(Status::BAD_GATEWAY));
        }
    }

    /// Invites again at the next of a host's addresses (RFC 3263 section 4.3); false when none is
    /// left.
    pub(super) fn try_elsewhere(&mut self, signalling: &mut Signalling, failed: LegId) -> bool {
        let Some(leg) = self.leg_mut(failed) else { return false };
        let mut addresses = std::mem::take(&mut leg.elsewhere).into_iter();
        let (party, invitation) = (leg.party.clone(), leg.invitation.clone());
        let outside = leg.outside.clone();
        while let (Some(address), Some(before)) = (addresses.next(), &invitation) {
            let Some(id) = self.add_leg(signalling, party.clone(), Way::Udp(address)) else {
                return false;
            };
            let (uri, to) = (before.uri.clone(), before.to.clone());
            let again = Invitation { uri, to, ..self.invitation(signalling, before.shown.clone()) };
            if let Some(leg) = self.leg_mut(id) {
                leg.invitation = Some(again);
                leg.outside.clone_from(&outside);
                leg.elsewhere = addresses.as_slice().to_vec();
            }
            if self.set_address(signalling, id, Some(address)) {
                return true;
            }
        }
        false
    }

    /// Invites a leg whose address was waited for; false, and the leg is over, when it cannot be.
    pub(super) fn set_address(
        &mut self,
        signalling: &mut Signalling,
        id: LegId,
        address: Option<SocketAddr>,
    ) -> bool {
        let Some(leg) = self.leg(id) else { return false };
        let way = address.and_then(|address| self.way_out(signalling, leg, address));
        let invitation = leg.invitation.clone();
        if let (Some(way), Some(invitation), Some(leg)) = (way, invitation, self.leg_mut(id)) {
            leg.way = way;
            leg.phase = Phase::Setup;
            return self.invite(signalling, id, invitation);
        }
        if let Some(leg) = self.leg_mut(id) {
            leg.phase = Phase::Over;
            leg.ended_at = Some(signalling.clock);
        }
        false
    }

    /// The way to a leg's address: a trunk's over its transport, others' by datagrams.
    fn way_out(&self, signalling: &Signalling, leg: &Leg, address: SocketAddr) -> Option<Way> {
        let shared = &signalling.shared;
        if leg.trunk().is_none() {
            return shared.way_to(Transport::Udp, address);
        }
        let place = self.place_of(signalling, leg)?;
        shared.way_to_trunk(place.transport, (&wanted(&place).host, address))
    }

    /// Where the trunk of a leg leads.
    fn place_of(&self, signalling: &Signalling, leg: &Leg) -> Option<Place> {
        let deployment = (signalling.shared.host.deployment)();
        let trunk = deployment.account(self.account)?.trunks.get(&leg.trunk()?)?;
        Some(Place::of(trunk))
    }

    /// A trunk asks for its password: the INVITE again with it, once; and once more where only the
    /// nonce was too old. False: it is a refusal.
    pub(crate) fn answer_challenge(
        &mut self,
        signalling: &mut Signalling,
        id: LegId,
        response: &Message,
    ) -> bool {
        let deployment = (signalling.shared.host.deployment)();
        let account = deployment.account(self.account);
        let Some(leg) = self.leg_mut(id) else { return false };
        let Some(mut invitation) = leg.invitation.clone() else { return false };
        let stale = response.challenges().next().is_some_and(|challenge| challenge.stale);
        let again = stale && invitation.number <= STALE_MAX;
        if invitation.password.is_some() && !again {
            return false;
        }
        let trunk = leg.trunk().and_then(|id| account?.trunks.get(&id));
        leg.credentials = trunk.and_then(|trunk| Credentials::of(trunk, response));
        invitation.password = leg.shown_password(signalling, (Method::Invite, &invitation.uri));
        if invitation.password.is_none() {
            return false;
        }
        invitation.number += 1;
        self.invite(signalling, id, invitation)
    }
}
