// The softphone of /phone: registers over /sip with a credential of this session, one call at a
// time. SIP itself is JsSIP's; tones and the microphone are in phone-sound.js.
(function () {
  "use strict";

  const phone = document.getElementById("phone");
  if (!phone) {
    return;
  }
  // Renewed often: the credential lives an hour, and a page that is gone should not be rung long.
  const REGISTER_SECONDS = 120;
  // Until what has failed is tried again.
  const AGAIN_SECONDS = 30;
  const sounds = window.phoneSound;
  const title = document.title;
  const voice = new Audio();
  voice.autoplay = true;
  let ua = null;
  let call = null;
  let registered = false;
  let failed = false;
  let began = 0;

  function element(name) {
    return document.getElementById("phone-" + name);
  }

  // ---- What is shown -------------------------------------------------------------------------

  const WORDS = { ringing: "is calling", calling: "Calling", talking: "Talking", held: "On hold" };

  // One word says what can be done now: offline, ready, ringing, calling, talking, held.
  function show() {
    const state = call ? call.state : registered ? "ready" : "offline";
    phone.dataset.state = state;
    phone.querySelectorAll("[data-in]").forEach((it) => {
      it.hidden = !it.dataset.in.split(" ").includes(state);
    });
    element("call").hidden = !call;
    element("dot").className = registered ? "dot on" : "dot";
    const connecting = ua && !ua.isConnected();
    const not = connecting ? "Connecting" : "Not registered";
    element("state").textContent = registered ? "Registered" : not;
    element("peer").textContent = call ? call.peer : "";
    element("progress").textContent = call ? WORDS[state] : "";
    document.title = state === "ringing" ? "☎ " + call.peer + " is calling · Rollcall" : title;
    sounds.play(state === "ringing" ? "ring" : state === "calling" ? "ringing-back" : "");
  }

  function tell(text, good) {
    const place = element("outcome");
    place.textContent = text;
    place.hidden = !text;
    place.className = good ? "flash good" : "flash bad";
  }

  // The rule in our Reason header, else what the other side said.
  function reason(event) {
    const header = event.message && event.message.getHeader && event.message.getHeader("Reason");
    const rule = header && /^rollcall;.*text="([^"]+)"/.exec(header);
    const status = event.message && event.message.status_code;
    if (rule) {
      return "Refused: " + rule[1].replaceAll("_", " ") + (status ? " (" + status + ")." : ".");
    }
    return event.cause + (status ? " (" + status + ")." : ".");
  }

  // ---- Keys ----------------------------------------------------------------------------------

  function key(digit) {
    sounds.key(digit);
    if (!call || call.state !== "talking") {
      element("number").value += digit;
      return;
    }
    // Among the sound (RFC 4733) where the other side takes that, else in a message.
    const senders = call.session.connection.getSenders();
    const among = senders.some((it) => it.dtmf && it.dtmf.canInsertDTMF);
    call.session.sendDTMF(digit, { transportType: among ? "RFC2833" : "INFO" });
  }

  // ---- The microphone, for a call ---------------------------------------------------------------

  // Asked for here and not by JsSIP, which takes none where an INVITE comes without a description,
  // as it does in a transfer. `undefined` where the user or the browser refuses.
  async function options() {
    try {
      return { mediaStream: await sounds.microphone(), pcConfig: { iceServers: [] } };
    } catch (error) {
      tell(error.message, false);
      return undefined;
    }
  }

  // ---- A call --------------------------------------------------------------------------------

  function hear(connection) {
    connection.addEventListener("track", (event) => {
      voice.srcObject = event.streams[0];
    });
  }

  // Whether the other side is heard at all is the first question when somebody complains.
  async function listen() {
    if (!call || !call.session.connection) {
      return;
    }
    let bytes = 0;
    (await call.session.connection.getStats()).forEach((it) => {
      if (it.type === "inbound-rtp" && it.kind === "audio") {
        bytes += it.bytesReceived;
      }
    });
    const place = element("audio");
    const before = Number(place.dataset.bytes);
    place.dataset.bytes = String(bytes);
    if (call && call.state === "talking") {
      place.textContent = bytes > before ? "Audio is coming in." : "No audio is coming in.";
      const seconds = Math.round((Date.now() - began) / 1000);
      const minutes = Math.floor(seconds / 60);
      element("time").textContent = minutes + ":" + String(seconds % 60).padStart(2, "0");
    }
  }

  function begin(session, state) {
    const other = session.remote_identity;
    const peer = [other.display_name, other.uri.user].filter(Boolean).join(" ");
    const mine = { session, state, peer, timer: setInterval(listen, 1000) };
    call = mine;
    element("audio").dataset.bytes = "0";
    element("audio").textContent = "";
    element("time").textContent = "";
    phone.querySelector("[data-do=mute]").setAttribute("aria-pressed", "false");
    const now = (next) => () => {
      if (call === mine) {
        mine.state = next;
        show();
      }
    };
    const over = (event) => {
      clearInterval(mine.timer);
      if (mine.stream) {
        sounds.stop(mine.stream);
      }
      if (call === mine) {
        call = null;
        show();
      }
      const normal = event.cause === "Terminated" || event.cause === "Canceled";
      tell(normal ? "The call is over." : reason(event), normal);
    };
    session.on("accepted", () => {
      began = Date.now();
      now("talking")();
    });
    session.on("hold", (event) => event.originator === "local" && now("held")());
    session.on("unhold", (event) => event.originator === "local" && now("talking")());
    session.on("failed", over);
    session.on("ended", over);
    if (session.connection) {
      hear(session.connection);
    } else {
      session.on("peerconnection", (event) => hear(event.peerconnection));
    }
    show();
  }

  const DEEDS = {
    answer: async () => {
      const answered = call;
      const given = await options();
      if (given && call === answered) {
        answered.stream = given.mediaStream;
        answered.session.answer(given);
      } else if (given) {
        sounds.stop(given.mediaStream);
      }
    },
    decline: () => call.session.terminate({ status_code: 603 }),
    hangup: () => call.session.terminate(),
    hold: () => call.session.hold(),
    resume: () => call.session.unhold(),
    mute: (button) => {
      const muted = call.session.isMuted().audio;
      button.setAttribute("aria-pressed", String(!muted));
      return muted ? call.session.unmute({ audio: true }) : call.session.mute({ audio: true });
    },
  };

  phone.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button && button.dataset.do && call) {
      DEEDS[button.dataset.do](button);
    } else if (button && button.dataset.key) {
      key(button.dataset.key);
    }
  });

  element("dial").addEventListener("submit", async (event) => {
    event.preventDefault();
    const number = element("number").value.trim();
    if (!number || !registered || call) {
      return;
    }
    tell("", true);
    const given = await options();
    if (given && registered && !call) {
      ua.call(number, given);
      call.stream = given.mediaStream;
    } else if (given) {
      sounds.stop(given.mediaStream);
    }
  });

  element("transfer").addEventListener("submit", (event) => {
    event.preventDefault();
    const target = element("target").value.trim();
    if (!target || !call) {
      return;
    }
    call.session.refer(target, {
      eventHandlers: {
        accepted: () => tell("Transferred to " + target + ".", true),
        failed: () => tell("Could not transfer to " + target + ".", false),
        requestFailed: () => tell("Could not transfer to " + target + ".", false),
      },
    });
  });

  // ---- Registration --------------------------------------------------------------------------

  async function credential() {
    const body = new URLSearchParams({ csrf: phone.dataset.csrf });
    const asked = fetch("/phone/credential", { method: "POST", body });
    const answer = await asked.catch(() => {
      throw Object.assign(new Error("The server cannot be reached."), { away: true });
    });
    const kind = answer.headers.get("content-type") || "";
    if (!kind.startsWith("application/json")) {
      throw new Error("You are signed out: reload the page.");
    }
    const mine = await answer.json();
    if (mine.refused) {
      throw new Error(mine.refused);
    }
    return mine;
  }

  let renewal = 0;

  function renewIn(seconds) {
    clearTimeout(renewal);
    renewal = setTimeout(renew, seconds * 1000);
  }

  // What is registered with from now on; well before it ends comes the next.
  function use(mine) {
    ua.set("authorization_user", mine.username);
    ua.set("password", mine.password);
    renewIn(mine.seconds * 0.75);
  }

  async function renew() {
    try {
      use(await credential());
      return true;
    } catch (error) {
      tell(error.message, false);
      // A server that is away comes back; whom it refuses it goes on to refuse.
      if (error.away) {
        renewIn(AGAIN_SECONDS);
      }
      return false;
    }
  }

  function listenTo(ua) {
    let tried = false;
    const is = (next) => () => {
      registered = next;
      show();
    };
    ua.on("registered", () => {
      if (failed) {
        tell("", true);
      }
      tried = failed = false;
      is(true)();
    });
    ua.on("unregistered", is(false));
    // Where the connection is gone JsSIP makes another, and registers over it.
    ua.on("disconnected", is(false));
    ua.on("registrationFailed", async (event) => {
      is(false)();
      // After a restart the server knows the session, and not what it was given before.
      const stale = event.response && event.response.status_code === 401 && !tried;
      tried = true;
      if (stale && (await renew())) {
        ua.register();
        return;
      }
      failed = true;
      tell(reason({ message: event.response, cause: event.cause }), false);
      // What refuses now, a rule or too much to do, may be over soon.
      setTimeout(() => {
        tried = false;
        if (ua.isConnected() && !registered) {
          ua.register();
        }
      }, AGAIN_SECONDS * 1000);
    });
    ua.on("newRTCSession", ({ originator, session }) => {
      if (call) {
        session.terminate({ status_code: 486 });
        return;
      }
      tell("", true);
      begin(session, originator === "remote" ? "ringing" : "calling");
    });
  }

  async function start() {
    let mine;
    try {
      mine = await credential();
    } catch (error) {
      tell(error.message, false);
      show();
      return;
    }
    const socket = location.origin.replace(/^http/, "ws") + "/sip";
    ua = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(socket)],
      uri: mine.address,
      display_name: mine.name,
      authorization_user: mine.username,
      password: mine.password,
      register_expires: REGISTER_SECONDS,
    });
    renewIn(mine.seconds * 0.75);
    listenTo(ua);
    ua.start();
    show();
  }

  window.addEventListener("beforeunload", (event) => {
    if (call) {
      event.preventDefault();
    }
  });
  window.addEventListener("pagehide", () => ua && ua.stop());
  start();
})();
