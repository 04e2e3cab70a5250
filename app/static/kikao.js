/* Kikao: small improvements. Every page works without this file; nothing here decides anything about money. */
(() => {
  "use strict";
  const all = (selector, root = document) => root.querySelectorAll(selector);
  const one = (selector, root = document) => root.querySelector(selector);
  const lang = document.documentElement.lang || "en";
  const say = (text) => { const live = one("#live"); if (live) live.textContent = text; };
  const show = (element, yes = true) => { if (element) element.hidden = !yes; };

  /* One press, one request. The button stays focusable and goes back to normal if the page comes back. */
  const free = (root = document) => all("[data-busy]", root).forEach((button) => {
    delete button.dataset.busy;
    button.removeAttribute("aria-disabled");
    if (button.form) delete button.form.dataset.sent;
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || "again" in form.dataset || event.defaultPrevented) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    const button = event.submitter || one("button:not([type=button])", form);
    if (button) {
      button.dataset.busy = "1";
      button.setAttribute("aria-disabled", "true");
    }
    setTimeout(() => { delete form.dataset.sent; free(form); }, 30000);
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    all("form[data-sent]").forEach((form) => delete form.dataset.sent);
    free();
  });

  /* Countdown: <time data-countdown datetime="..." data-now="the server's clock">. The device's own clock may be wrong. */
  const two = new Intl.NumberFormat(lang, { minimumIntegerDigits: 2, useGrouping: false });
  const plain = new Intl.NumberFormat(lang, { useGrouping: false });
  const unit = (n, name) => new Intl.NumberFormat(lang, { style: "unit", unit: name, unitDisplay: "long" }).format(n);
  const clock = (s) => s >= 172800 ? unit(Math.floor(s / 86400), "day")
    : (s >= 3600 ? plain.format(Math.floor(s / 3600)) + ":" : "") + two.format(Math.floor(s / 60) % 60) + ":" + two.format(s % 60);
  const known = new WeakMap();
  const tick = () => all("time[data-countdown]").forEach((time) => {
    let state = known.get(time);
    if (!state) {
      const now = time.dataset.now ? Date.parse(time.dataset.now) : Date.now();
      const left = document.createElement("span");
      left.className = "left";
      left.setAttribute("role", "timer");
      time.after(left);
      state = { end: Date.parse(time.dateTime), skew: now - Date.now(), left, said: Infinity };
      state.done = !(state.end > now);
      left.hidden = state.done;
      known.set(time, state);
    }
    const seconds = Math.max(0, Math.ceil((state.end - Date.now() - state.skew) / 1000));
    state.left.textContent = clock(seconds || 0);
    for (const minutes of [1, 5]) {
      if (seconds > 0 && seconds <= minutes * 60 && state.said > minutes) {
        if (state.said !== Infinity || seconds > minutes * 60 - 5) say(unit(minutes, "minute") + ": " + (time.dataset.say || ""));
        state.said = minutes;
        break;
      }
    }
    if (state.said === Infinity) state.said = 1e6;
    if (seconds || state.done) return;
    state.done = true;
    time.dispatchEvent(new CustomEvent("kikao:zero", { bubbles: true }));
    if (time.dataset.countdown !== "stay") {
      setTimeout(() => { if (!one("form[data-sent], textarea:focus, input:focus")) location.replace(location.pathname + location.search); }, 1500);
    }
  });
  /* The other way round: <time data-elapsed datetime="since when" data-now="the server's clock">. */
  const run = () => all("time[data-elapsed]").forEach((time) => {
    const skew = known.get(time) ?? Date.parse(time.dataset.now) - Date.now();
    known.set(time, skew);
    time.textContent = clock(Math.max(0, Math.floor((Date.now() + skew - Date.parse(time.dateTime)) / 1000)));
  });
  tick();
  run();
  setInterval(() => { tick(); run(); }, 1000);

  /* The browser's time zone, only where a page asks for it. */
  const zone = (root) => all("[data-browser-zone]", root).forEach((field) => {
    const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (name && (field.type === "hidden" || !field.value)) field.value = name;
  });
  zone(document);
  document.addEventListener("htmx:load", (event) => zone(event.target));

  /* Clicks: copy, close; menus close on Escape and on a click elsewhere. */
  document.addEventListener("click", (event) => {
    all("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    const button = event.target.closest("[data-copy], [data-dismiss], [aria-disabled=true]");
    if (!button) return;
    if (button.dataset.copy) {
      const from = one(button.dataset.copy);
      const done = () => {
        const label = one("span", button) || button;
        label.textContent = button.dataset.copied;
        say(button.dataset.copied);
      };
      const select = () => from.select ? from.select() : getSelection().selectAllChildren(from);
      if (navigator.clipboard) navigator.clipboard.writeText((from.value ?? from.textContent).trim()).then(done, select);
      else select();
    } else if ("dismiss" in button.dataset) button.closest(".toast, .notice").remove();
    else if (button.matches("a")) event.preventDefault();
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    all("details.menu[open]").forEach((menu) => { menu.open = false; one("summary", menu).focus(); });
  });

  /* Errors first; and say so when the line is down (a waiting page goes on by itself). */
  one("[data-focus]")?.focus();
  const offline = (yes) => show(one("#offline"), yes);
  addEventListener("offline", () => offline(true));
  addEventListener("online", () => offline(false));
  document.addEventListener("htmx:sendError", () => offline(true));
  // A question that got no answer, or a busy server's, is asked again: the page must never wait for news it does not ask for.
  const again = (event) => { if (event.target.id === "poll") setTimeout(() => window.htmx.trigger("#poll", "again"), 10000); };
  for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) document.addEventListener(name, again);
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) offline(false); });

  /* The payment company's window, opened as its gateway says (Window in gateways/base.py). Closing it is not failing, and
     a failed try inside it may be tried again there. */
  const pay = one("[data-pay]");
  if (pay) {
    const part = (name) => one(`[data-pay-part="${name}"]`, pay);
    const notes = ["dismissed", "failed", "unavailable"];
    const note = (name) => notes.forEach((n) => show(part(n), n === name));
    const open = part("open");
    const form = part("form");
    const busy = (yes) => { yes ? (open.dataset.busy = "1") : delete open.dataset.busy; open.setAttribute("aria-disabled", yes); };
    const told = () => JSON.parse(one("#pay-window").textContent);
    const how = told().window;
    const find = (path, root, make) => {
      const names = path.split(".");
      const last = names.pop();
      return [names.reduce((place, name) => place?.[name] ?? (make && place ? (place[name] = {}) : undefined), root), last];
    };
    const put = (path, options, value) => { const [place, name] = find(path, options, true); place[name] = value; };
    const paid = (answer) => {
      for (const name of how.answers) form.elements[name].value = answer?.[name] ?? "";
      note();
      busy(true);
      form.requestSubmit ? form.requestSubmit() : form.submit();
    };
    const closed = () => { busy(false); note(part("failed").hidden ? "dismissed" : "failed"); open.focus(); };
    const failed = (result) => { part("reason").textContent = result?.error?.description || ""; note("failed"); };
    const start = () => {
      const { options } = told();
      put(how.paid, options, paid);
      put(how.closed, options, closed);
      const [owner, name] = find(how.opener, window);
      const opened = how.is_class ? new owner[name](options) : owner[name](options);
      if (how.failed) opened.on(how.failed, failed);
      note();
      busy(true);
      if (how.method) opened[how.method]();
    };
    const loaded = () => { const [owner, name] = find(how.opener, window); return Boolean(owner?.[name]); };
    const ready = () => { show(open); show(part("hosted"), false); };
    const absent = () => { show(open, false); show(part("hosted")); note("unavailable"); busy(false); };
    open.addEventListener("click", () => { if (open.getAttribute("aria-disabled") !== "true") try { start(); } catch { absent(); } });
    if (loaded()) ready();
    else {
      const script = document.createElement("script");
      script.src = pay.dataset.pay;
      script.onload = () => loaded() ? ready() : absent();
      script.onerror = absent;
      document.head.append(script);
    }
  }
})();
