//! Counters for a monitoring system, in the text format of Prometheus, on a listener of their own: they
//! say how busy a system is, which is nobody's business outside. Nothing is counted here.

use std::fmt::{Display, Write};
use std::net::SocketAddr;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use directory::Directory;
use tokio::net::TcpListener;

use crate::output::Failure;
use crate::telephony::Telephony;

/// The format's version, as readers expect it.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Whom the numbers come from.
#[derive(Clone)]
pub(crate) struct Metrics {
    pub(crate) directory: Directory,
    pub(crate) telephony: Telephony,
}

impl Metrics {
    /// Serves them from now on; where.
    pub(crate) async fn serve(self, address: SocketAddr) -> Result<SocketAddr, Failure> {
        let bound = TcpListener::bind(address).await;
        let bound = bound.and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (address, listener) = bound.map_err(|error| {
            Failure::because(&format!("listen on {address} for metrics"), &error)
                .hint("metrics.address chooses another address")
        })?;
        let routes = Router::new().route("/metrics", get(show)).with_state(self);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(address)
    }

    fn text(&self) -> String {
        let deployment = self.directory.deployment();
        let users = deployment.accounts().map(|account| account.user_count()).sum::<usize>();
        let counts = self.telephony.counts();
        let mut page = Page::default();
        page.gauge("accounts", "Accounts.", deployment.accounts().count());
        page.gauge("users", "Users, deleted ones included.", users);
        page.gauge("registrations", "Devices registered.", self.telephony.registrations());
        let going_on = counts.calls.saturating_sub(counts.calls_over);
        page.gauge("calls_going_on", "Calls going on.", going_on);
        for (name, about, value) in counts.all() {
            page.counter(name, about.trim(), value);
        }
        page.0
    }
}

async fn show(State(metrics): State<Metrics>) -> impl IntoResponse {
    ([(CONTENT_TYPE, TEXT_FORMAT)], metrics.text())
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn gauge(&mut self, name: &str, about: &str, value: impl Display) {
        self.write("gauge", &format!("rollcall_{name}"), about, value);
    }

    fn counter(&mut self, name: &str, about: &str, value: impl Display) {
        self.write("counter", &format!("rollcall_sip_{name}_total"), about, value);
    }

    fn write(&mut self, kind: &str, name: &str, about: &str, value: impl Display) {
        // Writing into a String cannot fail.
        let _ = write!(self.0, "# HELP {name} {about}\n# TYPE {name} {kind}\n{name} {value}\n");
    }
}
