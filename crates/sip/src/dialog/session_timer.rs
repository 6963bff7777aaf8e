//! Session timers (RFC 4028): agreeing on an interval, refreshing, and noticing a peer that
//! vanished.
//! Sending the refreshing re-INVITE or UPDATE is the caller's work.

use std::time::Duration;

use crate::message::{Refresher, SessionExpires};
use crate::{HeaderName, Message, MessageWriter, Moment, Status};

/// The smallest interval the RFC allows (section 4).
const SECONDS_LEAST: u32 = 90;

/// What this side wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionTimerPolicy {
    /// The interval asked for.
    pub seconds: u32,
    /// The smallest accepted, at least 90.
    pub seconds_min: u32,
}

/// The peer asked for less than we accept: answer 422 with this Min-SE (RFC 4028 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("could not accept the session interval: {seconds_min} seconds is the least")]
pub struct IntervalTooSmall {
    /// The Min-SE to answer with.
    pub seconds_min: u32,
}

/// An agreed session interval and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionTimer {
    seconds: u32,
    we_refresh: bool,
    peer_supports: bool,
    started: Moment,
    refreshing: Refreshing,
}

/// How far our refreshing of an interval has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refreshing {
    /// Nothing was sent: after half the interval.
    Owed,
    /// A request is on its way.
    UnderWay,
    /// One was refused for the time being: at this moment again.
    Again(Moment),
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionStep {
    /// Nothing yet.
    Wait,
    /// Half the interval has passed: send a refresh (RFC 4028 section 7.2).
    Refresh,
    /// Nobody refreshed in time: send a BYE (RFC 4028 section 10).
    Expired,
}

impl Default for SessionTimerPolicy {
    /// Half an hour, as RFC 4028 section 4 recommends.
    fn default() -> Self {
        Self { seconds: 1800, seconds_min: SECONDS_LEAST }
    }
}

impl SessionTimerPolicy {
    /// Adds what a request of ours says: Session-Expires and Min-SE (RFC 4028 section 7.1).
    /// `Supported: timer` is the caller's, in its Supported header. `least` is the Min-SE of a 422
    /// just received.
    pub fn write_request(self, least: Option<u32>, writer: &mut MessageWriter<'_>) {
        let least = least.unwrap_or_default().max(self.least());
        writer
            .display(HeaderName::SessionExpires, self.seconds.max(least))
            .display(HeaderName::MinSe, least);
    }

    /// Judges an INVITE or UPDATE that arrived (RFC 4028 sections 6 and 9): the timer to run from
    /// the 2xx on, or a 422.
    pub fn answer(self, request: &Message, now: Moment) -> Result<SessionTimer, IntervalTooSmall> {
        let peer_supports = request.supports("timer");
        let asked = request.session_expires();
        // A peer that does not know timers would not understand a 422; its proxies' wish is raised
        // instead.
        if peer_supports && asked.is_some_and(|asked| asked.seconds < self.least()) {
            return Err(IntervalTooSmall { seconds_min: self.least() });
        }
        let floor = request.min_se_seconds().unwrap_or_default().max(self.least());
        let wanted = asked.map_or(self.seconds, |asked| asked.seconds.min(self.seconds));
        let named = asked.and_then(|asked| asked.refresher).filter(|_| peer_supports);
        let we_refresh = match named {
            Some(Refresher::Uas) => true,
            Some(Refresher::Uac) => false,
            None => !peer_supports,
        };
        Ok(SessionTimer {
            seconds: wanted.max(floor),
            we_refresh,
            peer_supports,
            started: now,
            refreshing: Refreshing::Owed,
        })
    }

    /// The timer that follows from a 2xx to a request of ours (RFC 4028 section 7.2). A peer
    /// without timers leaves refreshing to us.
    pub fn agreed(self, response: &Message, now: Moment) -> SessionTimer {
        match response.session_expires() {
            Some(SessionExpires { seconds, refresher }) => SessionTimer {
                seconds: seconds.max(SECONDS_LEAST),
                we_refresh: refresher != Some(Refresher::Uas),
                peer_supports: true,
                started: now,
                refreshing: Refreshing::Owed,
            },
            None => SessionTimer {
                seconds: self.seconds.max(self.least()),
                we_refresh: true,
                peer_supports: false,
                started: now,
                refreshing: Refreshing::Owed,
            },
        }
    }

    /// The Min-SE to try again with after a 422 (RFC 4028 section 7.3).
    pub fn retry_after(self, response: &Message) -> Option<u32> {
        let too_small = response.status() == Some(Status::SESSION_INTERVAL_TOO_SMALL);
        response.min_se_seconds().filter(|_| too_small)
    }

    fn least(self) -> u32 {
        self.seconds_min.max(SECONDS_LEAST)
    }
}

impl SessionTimer {
    /// Adds what our 2xx says: Session-Expires, and Require when the peer must refresh (RFC 4028
    /// section 9). For the side that answered.
    pub fn write_answer(&self, writer: &mut MessageWriter<'_>) {
        let refresher = if self.we_refresh { "uas" } else { "uac" };
        let value = format_args!("{};refresher={refresher}", self.seconds);
        writer.display(HeaderName::SessionExpires, value);
        if self.peer_supports && !self.we_refresh {
            writer.header(HeaderName::Require, "timer");
        }
    }

    /// The agreed interval.
    pub fn interval(&self) -> Duration {
        Duration::from_secs(u64::from(self.seconds))
    }

    /// Whether this side refreshes.
    pub fn we_refresh(&self) -> bool {
        self.we_refresh
    }

    /// The same interval while a refresh of ours is on its way.
    #[must_use]
    pub fn refreshing(self) -> Self {
        Self { refreshing: Refreshing::UnderWay, ..self }
    }

    /// The same interval after a refresh that was refused for the time being: it goes on, and ends
    /// when it would have (RFC 4028 section 10).
    #[must_use]
    pub fn again_at(self, at: Moment) -> Self {
        Self { refreshing: Refreshing::Again(at), ..self }
    }

    /// When [`step`](Self::step) has something to do. A refresher acts after half the interval;
    /// either side gives up shortly before its end (RFC 4028 section 10).
    pub fn next_timeout(&self) -> Moment {
        self.refresh_at().map_or(self.ends_at(), |at| at.min(self.ends_at()))
    }

    /// What is due now. After a refresh in either direction a new timer takes this one's place.
    pub fn step(&self, now: Moment) -> SessionStep {
        if now >= self.ends_at() {
            SessionStep::Expired
        } else if self.refresh_at().is_some_and(|at| now >= at) {
            SessionStep::Refresh
        } else {
            SessionStep::Wait
        }
    }

    fn refresh_at(&self) -> Option<Moment> {
        match self.refreshing {
            Refreshing::Owed => self.we_refresh.then(|| self.started + self.interval() / 2),
            Refreshing::UnderWay => None,
            Refreshing::Again(at) => Some(at),
        }
    }

    fn ends_at(&self) -> Moment {
        let interval = self.interval();
        self.started + interval.saturating_sub((interval / 3).min(Duration::from_secs(32)))
    }
}
