//! `rollcall serve`: a data folder, served until the process is asked to stop.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::sync::Arc;

use api::Api;
use axum::Router;
use console::{Console, ConsoleConfig};
use directory::{Clock, Directory};
use tokio::runtime::Runtime;

use super::Serving;
use crate::config::{Config, LogFormat};
use crate::deliver::Deliver;
use crate::housekeeping;
use crate::http::Listener;
use crate::metrics::Metrics;
use crate::output::{Failure, say};
use crate::place::prepare;
use crate::shutdown::Stop;
use crate::telephony::Telephony;

pub(crate) fn run(serving: &Serving) -> Result<(), Failure> {
    let config = serving.config()?;
    log_to_stderr(&config);
    runtime(&config)?.block_on(async {
        let served = Served::start(config).await?;
        // Scripts wait for this line, so it comes first.
        say(format!("serving {}", served.url()));
        let told = served.telephony.advertised();
        tracing::info!(address = %served.sip(), told, "SIP over UDP and TCP");
        if let Some(address) = served.sip_tls() {
            tracing::info!(%address, "SIP over TLS");
        }
        if let Some(url) = served.metrics() {
            tracing::info!(url, "metrics");
        }
        if served.directory.deployment().is_empty() {
            tracing::warn!("there is no account yet: `rollcall account create NAME --country CC`");
            say(format!("set up an account at {}/set-up", served.url()));
            say(format!("with the code {}", served.console.set_up.expose()));
        }
        served.until_stopped().await;
        Ok(())
    })
}

/// Everything that serves, bound and ready.
pub(crate) struct Served {
    pub(crate) directory: Directory,
    deliver: Deliver,
    listener: Listener,
    telephony: Telephony,
    /// Where metrics are served, where they are.
    metrics: Option<SocketAddr>,
    stop: Stop,
    app: Router,
    console: Arc<Console>,
    config: Arc<Config>,
}

impl Served {
    pub(crate) async fn start(config: Config) -> Result<Self, Failure> {
        prepare(&config.data)?;
        let directory = Directory::open(&config.data, Clock::system()).await?;
        let listener = Listener::bind(&config).await?;
        let deliver = Deliver::start(directory.clone(), config.deliver()).await?;
        let api = Arc::new(Api::new(directory.clone(), config.api()));
        let telephony = Telephony::start(&config, &directory, &deliver).await?;
        directory.post_with(Arc::new(deliver.clone()));
        let metrics = Metrics { directory: directory.clone(), telephony: telephony.clone() };
        let metrics = match config.metrics.address {
            Some(address) => Some(metrics.serve(address).await?),
            None => None,
        };
        let url = config.http.public_url.clone().unwrap_or_else(|| listener.url());
        let pages = ConsoleConfig { tls: config.http.certificate.is_some(), url };
        let console = Arc::new(Console::new(directory.clone(), pages));
        let pages = console::router(Arc::clone(&console)).merge(telephony.routes());
        let app = api::router(api, pages);
        let (stop, config) = (Stop::listen()?, Arc::new(config));
        Ok(Self { directory, deliver, listener, telephony, metrics, stop, app, console, config })
    }

    pub(crate) fn url(&self) -> String {
        self.listener.url()
    }

    pub(crate) fn sip(&self) -> String {
        self.telephony.address().to_string()
    }

    pub(crate) fn sip_tls(&self) -> Option<String> {
        self.telephony.tls_address().map(|address| address.to_string())
    }

    /// Where metrics are served, where they are.
    pub(crate) fn metrics(&self) -> Option<String> {
        self.metrics.map(|address| format!("http://{address}/metrics"))
    }

    /// Serves until the process is asked to stop, then closes the store.
    pub(crate) async fn until_stopped(self) {
        tokio::spawn(housekeeping::run(self.directory.clone()));
        let (stop, directory) = (self.stop, self.directory.clone());
        let asked = async move {
            stop.asked().await;
            // Streams of events never finish by themselves.
            directory.end_streams();
        };
        self.listener.serve(self.app, self.config, asked).await;
        self.telephony.close();
        self.deliver.stop().await;
        self.directory.store().close().await;
    }
}

/// Threads for long work, mostly hashing passwords, where there are fewer cores. Each hash takes
/// 19 MiB and a whole core: more at once than cores would be no faster, and anybody could fill the
/// memory by signing in.
const LONG_WORK_MIN: usize = 2;

/// The threads everything runs on: as many as there are cores unless the configuration says.
pub(crate) fn runtime(config: &Config) -> Result<Runtime, Failure> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if config.workers > 0 {
        builder.worker_threads(config.workers);
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let built = builder.max_blocking_threads(cores.max(LONG_WORK_MIN)).enable_all().build();
    built.map_err(|error| Failure::because("start the runtime", &error))
}

/// Log lines go to standard error: standard output belongs to results.
pub(crate) fn log_to_stderr(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::builder().parse_lossy(&config.log.level);
    let colours = std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colours)
        .with_writer(std::io::stderr);
    // A second call, as in tests, keeps the first.
    let _ = match config.log.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
}
