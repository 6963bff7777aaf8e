//! baresip, a phone that no one here wrote, as a process: plain RTP, driven and watched over its
//! control connection. Shared by the crates' tests by its path; knows nothing of an account.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// Starting takes it a moment, registering and answering about a second.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(50);
/// It hangs up when its sound is at an end, so the sound is longer than any test.
const SOUND_SECONDS: u32 = 240;
const RATE: u32 = 8000;
/// One period of 500 Hz at that rate, loud.
const WAVE: [i16; 16] = [
    0, 4592, 8485, 11_087, 12_000, 11_087, 8485, 4592, 0, -4592, -8485, -11_087, -12_000, -11_087,
    -8485, -4592,
];
/// What is louder is sound: silence in G.711 is within a few steps of zero.
const LOUD: u16 = 1000;
/// The header of a sound file (RIFF).
const HEADER_BYTES: usize = 44;

/// Whose phone it is.
pub(crate) struct Account<'a> {
    pub(crate) name: &'a str,
    pub(crate) realm: &'a str,
    pub(crate) password: &'a str,
    /// The server's address with its transport: `127.0.0.1:5060;transport=udp`.
    pub(crate) server: &'a str,
    /// Whether it picks up by itself.
    pub(crate) answers: bool,
}

/// One baresip; ended by its own process id when the test is.
pub(crate) struct Baresip {
    child: Child,
    control: TcpStream,
    /// What it has said and nobody has waited for.
    said: String,
    directory: TempDir,
}

impl Baresip {
    pub(crate) fn start(account: &Account<'_>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let port = configure(directory.path(), account);
        let mut baresip = Command::new("baresip");
        // Its sound library leaves folders behind.
        baresip.arg("-f").arg(directory.path()).env("TMPDIR", directory.path());
        let quiet = baresip.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = quiet.spawn().expect("baresip is needed: install the package baresip");
        let control = connect(port);
        control.set_read_timeout(Some(PAUSE)).unwrap();
        Self { child, control, said: String::new(), directory }
    }

    /// Calls somebody.
    pub(crate) fn dial(&mut self, uri: &str) {
        self.order("dial", uri);
    }

    /// Gives it one of its commands.
    pub(crate) fn order(&mut self, command: &str, parameters: &str) {
        let order = format!("{{\"command\":\"{command}\",\"params\":\"{parameters}\"}}");
        // As a netstring.
        write!(self.control, "{}:{order},", order.len()).unwrap();
    }

    /// Waits until it tells of an event, and takes everything up to it.
    #[track_caller]
    pub(crate) fn tells(&mut self, event: &str) {
        self.says(&format!("\"type\":\"{event}\""));
    }

    /// The same of one with this word to it.
    #[track_caller]
    pub(crate) fn tells_of(&mut self, event: &str, word: &str) {
        self.tells(event);
        self.says(&format!("\"param\":\"{word}\""));
    }

    #[track_caller]
    fn says(&mut self, words: &str) {
        for _ in 0..turns() {
            if let Some(place) = self.said.find(words) {
                self.said.drain(..place + words.len());
                return;
            }
            self.listen();
        }
        panic!("baresip never told of {words}: {}", self.said);
    }

    fn listen(&mut self) {
        let mut bytes = [0; 4096];
        match self.control.read(&mut bytes) {
            Ok(length) => self.said.push_str(&String::from_utf8_lossy(&bytes[..length])),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => panic!("baresip has gone: {error}"),
        }
    }

    /// Samples of sound, not silence, that it has heard so far in all its calls.
    pub(crate) fn heard(&self) -> usize {
        let files = fs::read_dir(self.directory.path()).unwrap().map(|file| file.unwrap().path());
        let heard = files.filter(|file| file.to_string_lossy().ends_with("-dec.wav"));
        heard.map(|file| loud_samples(&fs::read(file).unwrap())).sum()
    }
}

impl Drop for Baresip {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn turns() -> u128 {
    PATIENCE.as_millis() / PAUSE.as_millis()
}

fn loud_samples(file: &[u8]) -> usize {
    let samples = file.get(HEADER_BYTES..).unwrap_or_default().chunks_exact(2);
    samples.filter(|it| i16::from_le_bytes([it[0], it[1]]).unsigned_abs() > LOUD).count()
}

/// Writes its files; the port of its control connection.
fn configure(directory: &Path, account: &Account<'_>) -> u16 {
    let folder = directory.display();
    let (sip, control) = (free_port(), free_port());
    // It does not verify a server's certificate.
    let config = format!(
        "sip_listen 127.0.0.1:{sip}\nnet_interface 127.0.0.1\nctrl_tcp_listen 127.0.0.1:{control}\n\
         audio_player aubridge,nil\naudio_source aufile,{folder}/sound.wav\n\
         audio_alert aubridge,nil\nsnd_path {folder}\nmodule_path /usr/lib/baresip/modules\n\
         module g711.so\nmodule aubridge.so\nmodule aufile.so\nmodule sndfile.so\n\
         module_app account.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\n"
    );
    let Account { name, realm, password, server, answers } = account;
    let mode = if *answers { "auto" } else { "manual" };
    let line = format!(
        "<sip:{name}@{realm}>;auth_user={name};auth_pass=\"{password}\";regint=600;\
         answermode={mode};outbound=\"sip:{server}\"\n"
    );
    fs::write(directory.join("config"), config).unwrap();
    fs::write(directory.join("accounts"), line).unwrap();
    fs::write(directory.join("contacts"), "").unwrap();
    fs::write(directory.join("sound.wav"), sound()).unwrap();
    control
}

/// A port nobody has, and above it none: for SIP over TLS it takes the next one.
fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A tone, as a sound file: 16 bits, one channel.
fn sound() -> Vec<u8> {
    let samples = RATE * SOUND_SECONDS;
    let mut file = Vec::from(*b"RIFF");
    file.extend((36 + samples * 2).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(RATE.to_le_bytes());
    file.extend((RATE * 2).to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend((samples * 2).to_le_bytes());
    let wave = WAVE.iter().cycle().take(samples as usize);
    file.extend(wave.flat_map(|sample| sample.to_le_bytes()));
    file
}

#[expect(clippy::disallowed_methods, reason = "another process is waited for")]
fn connect(port: u16) -> TcpStream {
    for _ in 0..turns() {
        if let Ok(control) = TcpStream::connect(("127.0.0.1", port)) {
            return control;
        }
        std::thread::sleep(PAUSE);
    }
    panic!("baresip does not start");
}
