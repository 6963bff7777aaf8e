// The softphone of /phone: registers over /sip with a credential of this session, one call at a
// time, sound and light around it. SIP itself is JsSIP's.
(function () {
  "use strict";

  const phone = document.getElementById("phone");
  if (!phone) {
    return;
  }
  // Renewed often: the credential lives an hour, and a page that is gone should not be rung long.
  const REGISTER_SECONDS = 120;
  const title = document.title;
  const voice = new Audio();
  voice.autoplay = true;
  let ua = null;
  let call = null;
  let registered = false;
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
    element("state").textContent = registered ? "Registered" : "Not registered";
    element("peer").textContent = call ? call.peer : "";
    element("progress").textContent = call ? WORDS[state] : "";
    document.title = state === "ringing" ? "☎ " + call.peer + " is calling · Rollcall" : title;
    sound(state === "ringing" ? RING : state === "calling" ? RINGING_BACK : null);
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

  // ---- Sound ---------------------------------------------------------------------------------

  // Frequencies in hertz, then seconds of sound and silence, repeated.
  const RING = { hertz: [440, 480], pattern: [0.4, 0.2, 0.4, 2], volume: 0.2 };
  const RINGING_BACK = { hertz: [400], pattern: [0.4, 0.2, 0.4, 2], volume: 0.05 };
  const ROWS = [697, 770, 852, 941];
  const COLUMNS = [1209, 1336, 1477];
  const PAD = "123456789*0#";
  let context = null;
  let sounding = null;

  function ear() {
    context = context || new AudioContext();
    context.resume();
    return context;
  }

  function tone(hertz, start, seconds, volume) {
    const gain = ear().createGain();
    gain.gain.value = volume;
    gain.connect(context.destination);
    hertz.forEach((frequency) => {
      const source = context.createOscillator();
      source.frequency.value = frequency;
      source.connect(gain);
      source.start(context.currentTime + start);
      source.stop(context.currentTime + start + seconds);
    });
  }

  function sound(what) {
    if (sounding && sounding.what === what) {
      return;
    }
    if (sounding) {
      clearInterval(sounding.timer);
    }
    sounding = null;
    phone.dataset.sound = what === RING ? "ring" : what ? "ringing-back" : "";
    if (!what) {
      return;
    }
    const play = () => {
      let at = 0;
      what.pattern.forEach((seconds, place) => {
        if (place % 2 === 0) {
          tone(what.hertz, at, seconds, what.volume);
        }
        at += seconds;
      });
    };
    const whole = what.pattern.reduce((sum, it) => sum + it, 0);
    play();
    sounding = { what, timer: setInterval(play, whole * 1000) };
  }

  function key(digit) {
    const place = PAD.indexOf(digit);
    tone([ROWS[Math.floor(place / 3)], COLUMNS[place % 3]], 0, 0.12, 0.1);
    if (call && call.state === "talking") {
      call.session.sendDTMF(digit, { transportType: "RFC2833" });
    } else {
      element("number").value += digit;
    }
  }

  // ---- The microphone, for a call ---------------------------------------------------------------

  // Asked for here and not by JsSIP, which takes none where an INVITE comes without a description,
  // as it does in a transfer. `undefined` where the user or the browser refuses.
  async function options() {
    try {
      const mediaStream = await navigator.mediaDevices.getUserMedia({ audio: true });
      return { mediaStream, pcConfig: { iceServers: [] } };
    } catch (error) {
      tell("The browser gave no microphone: " + error.message, false);
      return undefined;
    }
  }

  function stop(stream) {
    stream.getTracks().forEach((it) => it.stop());
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
    const now = (next) => () => {
      if (call === mine) {
        mine.state = next;
        show();
      }
    };
    const over = (event) => {
      clearInterval(mine.timer);
      if (mine.stream) {
        stop(mine.stream);
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
        stop(given.mediaStream);
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
      stop(given.mediaStream);
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

  // ---- The microphone ------------------------------------------------------------------------

  const CHECK_SECONDS = 15;

  element("check").addEventListener("click", async () => {
    const say = element("heard");
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (error) {
      say.textContent = "The browser gave no microphone: " + error.message;
      return;
    }
    const analyser = ear().createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let loudest = 0;
    say.textContent = "Listening.";
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const level = Math.min(1, Math.max(...samples.map(Math.abs)) * 2);
      element("level").value = level;
      loudest = Math.max(loudest, level);
      if (loudest > 0.05) {
        say.textContent = "You are heard.";
      }
    }, 100);
    setTimeout(() => {
      clearInterval(timer);
      stop(stream);
      element("level").value = 0;
      say.textContent = loudest > 0.05 ? "You were heard." : "Nothing was heard.";
    }, CHECK_SECONDS * 1000);
  });

  // ---- Registration --------------------------------------------------------------------------

  async function credential() {
    const answer = await fetch("/phone/credential", {
      method: "POST",
      body: new URLSearchParams({ csrf: phone.dataset.csrf }),
    });
    const kind = answer.headers.get("content-type") || "";
    if (!kind.startsWith("application/json")) {
      throw new Error("You are signed out: reload the page.");
    }
    const body = await answer.json();
    if (body.refused) {
      throw new Error(body.refused);
    }
    return body;
  }

  async function renew() {
    try {
      const next = await credential();
      ua.set("authorization_user", next.username);
      ua.set("password", next.password);
      setTimeout(renew, next.seconds * 750);
      return true;
    } catch (error) {
      tell(error.message, false);
      return false;
    }
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
    setTimeout(renew, mine.seconds * 750);
    let tried = false;
    ua.on("registered", () => {
      registered = true;
      tried = false;
      show();
    });
    ua.on("unregistered", () => {
      registered = false;
      show();
    });
    ua.on("disconnected", () => {
      registered = false;
      show();
    });
    ua.on("registrationFailed", async (event) => {
      registered = false;
      show();
      // After a restart the server knows the session, and not what it was given before.
      const stale = event.response && event.response.status_code === 401 && !tried;
      tried = true;
      if (stale && (await renew())) {
        ua.register();
      } else {
        tell(reason({ message: event.response, cause: event.cause }), false);
      }
    });
    ua.on("newRTCSession", ({ originator, session }) => {
      if (call) {
        session.terminate({ status_code: 486 });
        return;
      }
      tell("", true);
      begin(session, originator === "remote" ? "ringing" : "calling");
    });
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
