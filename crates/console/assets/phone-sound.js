// What the softphone of /phone makes heard, and its microphone: rings and tones, the permission,
// the check. Knows nothing of calls.
(function () {
  "use strict";

  const phone = document.getElementById("phone");
  if (!phone) {
    return;
  }

  function element(name) {
    return document.getElementById("phone-" + name);
  }

  // ---- Tones ---------------------------------------------------------------------------------

  // Frequencies in hertz, then seconds of sound and silence, repeated.
  const SOUNDS = {
    ring: { hertz: [440, 480], pattern: [0.4, 0.2, 0.4, 2], volume: 0.2 },
    "ringing-back": { hertz: [400], pattern: [0.4, 0.2, 0.4, 2], volume: 0.05 },
  };
  const ROWS = [697, 770, 852, 941];
  const COLUMNS = [1209, 1336, 1477];
  const PAD = "123456789*0#";
  let context = null;
  let sounding = { name: "", timer: 0 };

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

  // Goes on with one of SOUNDS; with "" it is silent.
  function play(name) {
    if (sounding.name === name) {
      return;
    }
    clearInterval(sounding.timer);
    sounding = { name, timer: 0 };
    phone.dataset.sound = name;
    const what = SOUNDS[name];
    if (!what) {
      return;
    }
    const once = () => {
      let at = 0;
      what.pattern.forEach((seconds, place) => {
        if (place % 2 === 0) {
          tone(what.hertz, at, seconds, what.volume);
        }
        at += seconds;
      });
    };
    const whole = what.pattern.reduce((sum, it) => sum + it, 0);
    once();
    sounding.timer = setInterval(once, whole * 1000);
  }

  function key(digit) {
    const place = PAD.indexOf(digit);
    tone([ROWS[Math.floor(place / 3)], COLUMNS[place % 3]], 0, 0.12, 0.1);
  }

  // ---- The microphone ------------------------------------------------------------------------

  const CHECK_SECONDS = 15;

  // What getUserMedia fails with, in words that say what to do.
  const REFUSALS = {
    NotAllowedError:
      "The browser may not use the microphone. Allow it for this site, beside the address, and try again.",
    NotFoundError: "There is no microphone. Connect one and try again.",
    NotReadableError: "The microphone is in use by another program, or switched off.",
  };

  // Fails with a sentence for the user.
  async function microphone() {
    if (!navigator.mediaDevices) {
      throw new Error("Browsers give a microphone to pages over HTTPS alone.");
    }
    try {
      return await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (error) {
      throw new Error(REFUSALS[error.name] || "The browser gave no microphone: " + error.message);
    }
  }

  function stop(stream) {
    stream.getTracks().forEach((it) => it.stop());
  }

  element("check").addEventListener("click", async () => {
    const say = element("heard");
    let stream;
    try {
      stream = await microphone();
    } catch (error) {
      say.textContent = error.message;
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

  window.phoneSound = { key, microphone, play, stop };
})();
