//! A small SMTP server (RFC 5321) that takes mail, or refuses recipients as told. No assertion.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::fixture::until;

#[derive(Default)]
struct Box {
    mails: Mutex<Vec<Taken>>,
    /// Replies to the next recipients; 250 once they are used up.
    replies: Mutex<VecDeque<&'static str>>,
    asked: Mutex<usize>,
}

/// A mail as it was taken.
#[derive(Clone, Debug, Default)]
pub(super) struct Taken {
    pub(super) from: String,
    pub(super) to: String,
    /// Headers and text.
    pub(super) content: String,
}

pub(super) struct PostOffice {
    pub(super) address: SocketAddr,
    taken: Arc<Box>,
    serving: JoinHandle<()>,
}

impl PostOffice {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let taken = Arc::new(Box::default());
        let shared = Arc::clone(&taken);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&shared)));
            }
        });
        Self { address, taken, serving }
    }

    pub(super) fn reply(&self, replies: &[&'static str]) {
        self.taken.replies.lock().unwrap().extend(replies);
    }

    /// How many recipients were named so far.
    pub(super) fn recipients(&self) -> usize {
        *self.taken.asked.lock().unwrap()
    }

    pub(super) fn mails(&self) -> Vec<Taken> {
        self.taken.mails.lock().unwrap().clone()
    }

    pub(super) async fn after(&self, count: usize) -> Vec<Taken> {
        until("mails", || self.mails().len() >= count).await;
        self.mails()
    }
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// One connection; a client that breaks off is no failure.
async fn converse(stream: TcpStream, taken: Arc<Box>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut mail = Taken::default();
    say(&mut stream, "220 post.example").await?;
    loop {
        let line = hear(&mut stream).await?;
        let address = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
        let address = address.map(|(address, _)| address.to_owned()).unwrap_or_default();
        match line.get(..4)?.to_uppercase().as_str() {
            "EHLO" => say(&mut stream, "250 post.example").await?,
            "MAIL" => {
                mail.from = address;
                say(&mut stream, "250 ok").await?;
            }
            "RCPT" => {
                mail.to = address;
                *taken.asked.lock().unwrap() += 1;
                let reply = taken.replies.lock().unwrap().pop_front().unwrap_or("250 ok");
                say(&mut stream, reply).await?;
            }
            "DATA" => {
                say(&mut stream, "354 go on").await?;
                loop {
                    let line = hear(&mut stream).await?;
                    if line.trim_end() == "." {
                        break;
                    }
                    mail.content.push_str(&line);
                }
                taken.mails.lock().unwrap().push(std::mem::take(&mut mail));
                say(&mut stream, "250 taken").await?;
            }
            "QUIT" => return say(&mut stream, "221 bye").await,
            _ => say(&mut stream, "250 ok").await?,
        }
    }
}

async fn say(stream: &mut BufReader<TcpStream>, line: &str) -> Option<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await.ok()
}

async fn hear(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await.ok()?;
    (read > 0).then_some(line)
}
