"use strict";
(() => {
  const plan = JSON.parse(document.getElementById("plan").textContent);
  const at = (id) => document.getElementById(id);
  const acr = plan.kind === "acr";

  const TEXTS = {
    es: {
      welcome: "Prueba de escucha", start: "Empezar", next: "Siguiente", thanks: "Gracias: ha terminado",
      code: "Su código de oyente", codeHelp: "El que le dieron: letras, cifras, - y _. No escriba su nombre.",
      send: "Guarde sus respuestas y envíe el archivo a quien le pidió la prueba. No se ha enviado nada.",
      save: "Guardar mis respuestas", copy: "O copie el texto", badCode: "Use letras, cifras, - y _.",
      trial: (n, of) => `Ensayo ${n} de ${of}`, play: "Escuchar", again: "Escuchar otra vez", playing: "Sonando…",
      sound: (n) => `Sonido ${n}`, wait: acr ? "Escuche el sonido hasta el final para poder responder." : "Escuche los dos sonidos hasta el final para poder responder.",
      ready: "Ya puede responder.", failed: "El navegador no puede reproducir este sonido.",
      question: acr ? "¿Cómo es la calidad de lo que ha oído?" : "¿Cuál de los dos suena mejor?",
      scores: { 5: "Excelente", 4: "Buena", 3: "Regular", 2: "Mediocre", 1: "Mala" },
      instructions: acr ? [
        "Use auriculares en un lugar tranquilo y no cambie el volumen durante la prueba.",
        "Oirá frases cortas. Después de cada una, diga cómo le parece su calidad, de 1 (mala) a 5 (excelente).",
        "Juzgue cómo suena la voz, no lo que dice. No hay respuestas correctas.",
        "Atención: a veces oirá pitidos en lugar de una voz. Entonces responda con el número de pitidos: tres pitidos, 3.",
        "Con el teclado: P para escuchar, 1 a 5 para responder, Intro para seguir.",
      ] : [
        "Use auriculares en un lugar tranquilo y no cambie el volumen durante la prueba.",
        "Oirá la misma frase dos veces. Elija la que suena mejor; si duda, elija de todos modos.",
        "Juzgue cómo suena la voz, no lo que dice. No hay respuestas correctas.",
        "Atención: a veces oirá pitidos en lugar de una voz. Entonces elija el sonido que tiene más pitidos.",
        "Con el teclado: Q y W para escuchar, 1 o 2 para responder, Intro para seguir.",
      ],
    },
    en: {
      welcome: "Listening test", start: "Start", next: "Next", thanks: "Thank you: that was all",
      code: "Your listener code", codeHelp: "The one you were given: letters, digits, - and _. Do not write your name.",
      send: "Save your answers and send the file to whoever asked you. Nothing was sent.",
      save: "Save my answers", copy: "Or copy the text", badCode: "Use letters, digits, - and _.",
      trial: (n, of) => `Trial ${n} of ${of}`, play: "Play", again: "Play again", playing: "Playing…",
      sound: (n) => `Sound ${n}`, wait: acr ? "Play the sound to its end to be able to answer." : "Play both sounds to their end to be able to answer.",
      ready: "You can answer now.", failed: "The browser cannot play this sound.",
      question: acr ? "How is the quality of what you heard?" : "Which of the two sounds better?",
      scores: { 5: "Excellent", 4: "Good", 3: "Fair", 2: "Poor", 1: "Bad" },
      instructions: acr ? [
        "Use headphones in a quiet place, and do not change the volume during the test.",
        "You will hear short sentences. After each one, say how you find its quality, from 1 (bad) to 5 (excellent).",
        "Judge how the voice sounds, not what it says. There are no right answers.",
        "Attention: sometimes you will hear tones instead of a voice. Then answer with the number of tones: three tones, 3.",
        "By keyboard: P to play, 1 to 5 to answer, Enter to go on.",
      ] : [
        "Use headphones in a quiet place, and do not change the volume during the test.",
        "You will hear the same sentence twice. Choose the one that sounds better; if in doubt, choose anyway.",
        "Judge how the voice sounds, not what it says. There are no right answers.",
        "Attention: sometimes you will hear tones instead of a voice. Then choose the sound with more tones.",
        "By keyboard: Q and W to play, 1 or 2 to answer, Enter to go on.",
      ],
    },
  };

  // Order of one listener: FNV-1a of test and code seeds mulberry32, Fisher-Yates shuffles.
  const random = (seed) => {
    let state = 2166136261;
    for (const byte of new TextEncoder().encode(seed)) state = Math.imul(state ^ byte, 16777619) >>> 0;
    return () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
  };
  const shuffled = (given, draw) => {
    const list = [...given];
    for (let last = list.length - 1; last > 0; last--) {
      const other = Math.floor(draw() * (last + 1));
      [list[last], list[other]] = [list[other], list[last]];
    }
    return list;
  };

  let language = "es", order = [], place = 0, shown = null;
  const out = { format: 1, test: plan.test, kind: plan.kind, listener: "", language, started: "", ended: "", answers: [] };
  const text = () => TEXTS[language];

  const translate = () => {
    document.documentElement.lang = language;
    for (const button of document.querySelectorAll("[data-language]"))
      button.setAttribute("aria-pressed", String(button.dataset.language === language));
    for (const node of document.querySelectorAll("[data-text]")) node.textContent = text()[node.dataset.text];
    at("instructions").replaceChildren(...text().instructions.map((line) => {
      const item = document.createElement("li");
      item.textContent = line;
      return item;
    }));
    if (shown) label();
  };

  const label = () => {
    at("trial-title").textContent = text().trial(place + 1, order.length);
    at("question").textContent = text().question;
    shown.players.forEach((player, n) => {
      const word = player.audio.paused ? (player.plays ? text().again : text().play) : text().playing;
      const name = shown.players.length > 1 ? `${text().sound(n + 1)}: ${word}` : word;
      player.button.replaceChildren(document.createTextNode(`${name} `), key(player.key));
      player.button.classList.toggle("playing", !player.audio.paused);
    });
    shown.options.forEach((option) => { option.name.textContent = option.say(); });
    at("hint").textContent = shown.broken ? text().failed : at("choices").disabled ? text().wait : text().ready;
  };

  const key = (name) => {
    const node = document.createElement("kbd");
    node.textContent = name;
    node.setAttribute("aria-hidden", "true");
    return node;
  };

  const playerOf = (clip, name) => {
    const player = { audio: new Audio(plan.clips[clip]), button: document.createElement("button"), key: name, plays: 0 };
    player.button.type = "button";
    player.button.addEventListener("click", () => play(player));
    player.audio.addEventListener("ended", () => {
      player.plays += 1;
      if (shown.players.every((one) => one.plays)) at("choices").disabled = false;
      label();
    });
    player.audio.addEventListener("error", () => { shown.broken = true; label(); });
    return player;
  };

  const play = (player) => {
    if (!player.audio.paused) return; // it is heard to its end
    for (const other of shown.players) if (!other.audio.paused) return;
    player.audio.currentTime = 0;
    player.audio.play().then(label, () => { shown.broken = true; label(); });
  };

  const optionOf = (value, name, say) => {
    const option = { input: document.createElement("input"), name: document.createElement("span"), key: name, say };
    const box = document.createElement("label");
    box.className = "option";
    Object.assign(option.input, { type: "radio", name: "answer", value });
    option.input.addEventListener("change", () => { at("next").disabled = false; });
    box.append(option.input, option.name, key(name));
    option.box = box;
    return option;
  };

  const show = () => {
    const trial = order[place];
    const keys = acr ? ["P"] : ["Q", "W"];
    shown = { trial, from: performance.now(), broken: false, players: trial.clips.map((clip, n) => playerOf(clip, keys[n])) };
    shown.options = acr
      ? [5, 4, 3, 2, 1].map((score) => optionOf(String(score), String(score), () => `${score} · ${text().scores[score]}`))
      : trial.clips.map((clip, n) => optionOf(clip, String(n + 1), () => text().sound(n + 1)));
    at("players").replaceChildren(...shown.players.map((player) => player.button));
    at("options").replaceChildren(...shown.options.map((option) => option.box));
    at("choices").disabled = true;
    at("next").disabled = true;
    at("progress").max = order.length;
    at("progress").value = place;
    at("progress").setAttribute("aria-label", text().trial(place + 1, order.length));
    label();
    at("trial-title").focus();
  };

  const chosen = () => shown.options.find((option) => option.input.checked);

  const next = () => {
    const answer = chosen();
    if (!answer || at("next").disabled) return;
    for (const player of shown.players) player.audio.pause();
    out.answers.push({
      trial: shown.trial.name, answer: answer.input.value,
      plays: shown.players.reduce((sum, player) => sum + player.plays, 0),
      seconds: Math.round(performance.now() - shown.from) / 1000,
    });
    place += 1;
    if (place < order.length) show(); else finish();
  };

  const finish = () => {
    shown = null;
    out.ended = new Date().toISOString();
    out.language = language;
    const json = JSON.stringify(out, null, 1);
    at("json").value = json;
    at("save").href = URL.createObjectURL(new Blob([json], { type: "application/json" }));
    at("save").download = `answers-${plan.test}-${out.listener}.json`;
    at("save").addEventListener("click", () => window.removeEventListener("beforeunload", stay));
    at("trial").hidden = true;
    at("done").hidden = false;
    at("done-title").focus();
  };

  const stay = (event) => event.preventDefault(); // a reload would lose the answers

  const begin = (event) => {
    event.preventDefault();
    out.listener = at("listener").value;
    out.started = new Date().toISOString();
    const draw = random(`${plan.test}/${out.listener}`);
    order = shuffled(plan.trials, draw).map((trial) => ({ ...trial, clips: shuffled(trial.clips, draw) }));
    window.addEventListener("beforeunload", stay);
    at("intro").hidden = true;
    at("trial").hidden = false;
    show();
  };

  document.addEventListener("keydown", (event) => {
    if (!shown || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    const pressed = event.key.toUpperCase();
    const player = shown.players.find((one) => one.key === pressed);
    const option = shown.options.find((one) => one.key === pressed);
    if (player) play(player);
    else if (option && !at("choices").disabled) { option.input.checked = true; option.input.focus(); at("next").disabled = false; }
    else if (event.key === "Enter" && event.target.tagName !== "BUTTON") next();
    else return;
    event.preventDefault();
  });
  for (const button of document.querySelectorAll("[data-language]"))
    button.addEventListener("click", () => { language = button.dataset.language; translate(); });
  at("listener").addEventListener("invalid", () => at("listener").setCustomValidity(at("listener").value ? text().badCode : ""));
  at("listener").addEventListener("input", () => at("listener").setCustomValidity(""));
  at("begin").addEventListener("submit", begin);
  at("next").addEventListener("click", next);
  translate();
})();
