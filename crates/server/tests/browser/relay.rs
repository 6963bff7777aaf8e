//! A browser and a plain phone that no one here wrote, with a real media relay between them: the
//! browser encrypts (DTLS-SRTP, ICE), baresip sends plain RTP, and each hears the other.

use std::time::Duration;

use serde_json::Value;
use sip::Message;

use crate::desk_phone::Softphone;
use crate::harness::text;
use crate::peers::baresip::{Account, Baresip};
use crate::peers::rtpengine::Rtpengine;
use crate::softphone::{dial, phone_with, state};
use crate::visit::{Site, Visit};

/// How long something outside the browser may take; far above what a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(50);
/// A tenth of a second of sound.
const SAMPLES: usize = 800;

/// Keeps every connection the page makes, so that its statistics can be read.
const WATCH: &str = "window.connections = [];
    const Connection = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Connection {
        constructor(...given) { super(...given); window.connections.push(this); }
    };";

/// What the newest connection has received: packets, and the energy of their sound.
const RECEIVED: &str = "const connection = window.connections.at(-1);
    const found = { packets: 0, energy: 0 };
    (await connection.getStats()).forEach((it) => {
        if (it.type === 'inbound-rtp' && it.kind === 'audio') {
            found.packets += it.packetsReceived;
            found.energy += it.totalAudioEnergy;
        }
    });
    return found;";

/// A served demo whose media goes through a relay.
struct Bridge {
    relay: Rtpengine,
    site: Site,
}

impl Bridge {
    fn open() -> Self {
        let relay = Rtpengine::start();
        let site = Site::configured(&format!("[sip]\nmedia_relay = \"{}\"\n", relay.address));
        Self { relay, site }
    }

    /// The browser of a demo user, registered and watched.
    fn browser(&self, place: usize) -> Visit {
        phone_with(&self.site, place, WATCH)
    }

    /// The desk phone of a demo user, registered.
    fn desk(&self, place: usize, answers: bool) -> Baresip {
        let of = |key: &str| text(&self.site.server.ready, &format!("/users/{place}/{key}"));
        let (name, password) = (of("extension"), of("sip_password"));
        let server = format!("{};transport=udp", self.site.server.text("/sip"));
        let (name, password, server) = (&*name, &*password, &*server);
        let account = Account { name, realm: "demo", password, server, answers };
        let desk = Baresip::start(&account);
        let path = format!("/api/v1/users/extension:{name}/registrations");
        until("registered", || {
            let (_, found) = self.site.server.ask("GET", &path, &Value::Null);
            found["data"].as_array().is_some_and(|devices| !devices.is_empty())
        });
        desk
    }

    /// One call goes through the relay.
    fn assert_carries(&self) {
        until("carried", || self.relay.calls().is_some_and(|calls| calls.len() == 1));
    }

    /// Both sides go on sending, and the browser hears. baresip 1.0 writes down nothing more once a
    /// call has been held.
    #[track_caller]
    fn assert_goes_on(&self, browser: &Visit) {
        let (before, (_, energy)) = (self.relay.packets(), received(browser));
        until("sent by both", || {
            let now = self.relay.packets();
            let grown = now.iter().zip(&before).all(|(now, before)| *now > before + 10);
            now.len() == 2 && before.len() == 2 && grown
        });
        until("heard in the browser", || received(browser).1 > energy);
    }

    fn assert_idle(&self) {
        until("let go", || self.relay.calls() == Some(Vec::new()));
    }
}

#[track_caller]
#[expect(clippy::disallowed_methods, reason = "other processes are waited for")]
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
        if holds() {
            return;
        }
        std::thread::sleep(PAUSE);
    }
    panic!("never {what}");
}

fn received(browser: &Visit) -> (u64, f64) {
    let found = browser.browser.run_async(RECEIVED, &[]);
    (found["packets"].as_u64().unwrap(), found["energy"].as_f64().unwrap())
}

/// From this moment on both hear something: packets that are sound once they are decrypted.
#[track_caller]
fn assert_both_hear(browser: &Visit, desk: &Baresip) {
    let ((packets, energy), heard) = (received(browser), desk.heard());
    until("heard in the browser", || {
        let (now, louder) = received(browser);
        now > packets + 10 && louder > energy
    });
    until("heard by baresip", || desk.heard() > heard + SAMPLES);
}

#[test]
fn a_browser_and_baresip_call_each_other_through_rtpengine_and_both_hear() {
    let bridge = Bridge::open();
    let mut ravi = bridge.desk(1, true);
    let asha = bridge.browser(0);
    dial(&asha, "102");
    state(&asha, "talking");
    ravi.tells("CALL_ESTABLISHED");
    assert_both_hear(&asha, &ravi);
    bridge.assert_carries();
    asha.browser.press("Hang up");
    ravi.tells("CALL_CLOSED");
    state(&asha, "ready");
    bridge.assert_idle();
    // The other way round, and the other hangs up.
    ravi.dial("sip:101@demo");
    state(&asha, "ringing");
    asha.browser.press("Answer");
    state(&asha, "talking");
    ravi.tells("CALL_ESTABLISHED");
    assert_both_hear(&asha, &ravi);
    bridge.assert_carries();
    asha.browser.press("Hold");
    state(&asha, "held");
    asha.browser.press("Resume");
    state(&asha, "talking");
    bridge.assert_goes_on(&asha);
    ravi.order("hangup", "");
    state(&asha, "ready");
    bridge.assert_idle();
    asha.assert_quiet();
}

#[test]
fn keys_are_heard_as_tones_and_a_held_call_goes_on() {
    let bridge = Bridge::open();
    let mut ravi = bridge.desk(1, true);
    let asha = bridge.browser(0);
    dial(&asha, "102");
    state(&asha, "talking");
    assert_both_hear(&asha, &ravi);
    asha.browser.click("[data-key='5']");
    ravi.tells_of("CALL_DTMF_START", "5");
    asha.browser.press("Hold");
    state(&asha, "held");
    asha.browser.press("Resume");
    state(&asha, "talking");
    bridge.assert_goes_on(&asha);
    for order in ["hold", "resume"] {
        ravi.order(order, "");
        ravi.tells_of("CALL_REMOTE_SDP", "answer");
    }
    bridge.assert_goes_on(&asha);
    // Where the other side takes no tones among the sound they go in a message.
    asha.browser.run(
        "Object.defineProperty(RTCDTMFSender.prototype, 'canInsertDTMF', { value: false });",
        &[],
    );
    asha.browser.click("[data-key='9']");
    ravi.tells_of("CALL_DTMF_START", "9");
    asha.browser.press("Hang up");
    ravi.tells("CALL_CLOSED");
    bridge.assert_idle();
    asha.assert_quiet();
}

#[test]
fn a_browser_transfers_a_desk_phone_to_another_browser() {
    let bridge = Bridge::open();
    let mut ravi = bridge.desk(1, true);
    let (asha, meera) = (bridge.browser(0), bridge.browser(2));
    dial(&asha, "102");
    state(&asha, "talking");
    assert_both_hear(&asha, &ravi);
    asha.browser.fill("#phone-target", "103");
    asha.browser.press("Transfer");
    state(&meera, "ringing");
    meera.browser.press("Answer");
    state(&meera, "talking");
    state(&asha, "ready");
    assert_both_hear(&meera, &ravi);
    bridge.assert_carries();
    meera.browser.press("Hang up");
    ravi.tells("CALL_CLOSED");
    bridge.assert_idle();
}

#[test]
fn a_desk_phone_transfers_a_browser_to_another_desk_phone() {
    let bridge = Bridge::open();
    let mut ravi = bridge.desk(1, true);
    let mut meera = bridge.desk(2, true);
    let asha = bridge.browser(0);
    dial(&asha, "102");
    state(&asha, "talking");
    assert_both_hear(&asha, &ravi);
    ravi.order("transfer", "sip:103@demo");
    meera.tells("CALL_ESTABLISHED");
    ravi.tells("CALL_CLOSED");
    assert_both_hear(&asha, &meera);
    bridge.assert_carries();
    asha.browser.press("Hang up");
    meera.tells("CALL_CLOSED");
    bridge.assert_idle();
}

/// A desk phone calls a browser, which answers.
fn connect(phone: &mut Softphone, browser: &Visit, whom: &str) -> (Message, Message) {
    let invite = phone.call(whom);
    state(browser, "ringing");
    browser.browser.press("Answer");
    let answer = phone.answered(&invite);
    state(browser, "talking");
    (invite, answer)
}

#[test]
fn two_browsers_that_a_desk_phone_joins_hear_each_other() {
    let bridge = Bridge::open();
    let (asha, meera) = (bridge.browser(0), bridge.browser(2));
    let mut ravi = Softphone::registered(&bridge.site.server, "102");
    let (invite, answer) = connect(&mut ravi, &asha, "101");
    let (second_invite, second_answer) = connect(&mut ravi, &meera, "103");
    ravi.join((&invite, &answer), (&second_invite, &second_answer));
    for browser in [&asha, &meera] {
        let (packets, energy) = received(browser);
        until("heard in a browser", || {
            let (now, louder) = received(browser);
            now > packets + 10 && louder > energy
        });
    }
    bridge.assert_carries();
    meera.browser.press("Hang up");
    state(&asha, "ready");
    bridge.assert_idle();
}
