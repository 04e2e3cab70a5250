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
  /* What is known of a countdown: when it ends, how wrong the device's clock is, where the time left is written, the minutes
     that have been said aloud, and whether it is over. */
  const countdowns = new WeakMap();
  const HURRY = 3600;  /* seconds: whoever has longer reads until when, and nothing ticks */
  const countdownOf = (time) => {
    if (!countdowns.has(time)) countdowns.set(time, startCountdown(time));
    return countdowns.get(time);
  };
  const startCountdown = (time) => {
    const now = time.dataset.now ? Date.parse(time.dataset.now) : Date.now();
    const end = Date.parse(time.dateTime);
    const isOver = !(end > now);
    const left = document.createElement("span");
    left.className = "left";
    left.setAttribute("role", "timer");
    left.hidden = isOver;
    time.after(left);
    return { end, skew: now - Date.now(), left, announced: new Set(), isNew: true, isOver, isPast: isOver };
  };
  /* Said once each, when they are reached: a page opened between two of them shows the time anyway. */
  const MINUTES_SAID = [1, 5];
  const announce = (countdown, seconds, name) => {
    const reached = seconds > 0 ? MINUTES_SAID.filter((minutes) => seconds <= minutes * 60) : [];
    const [minutes] = reached;
    const isDue = minutes !== undefined && !countdown.announced.has(minutes);
    const isFresh = !countdown.isNew || seconds > minutes * 60 - 5;
    reached.forEach((passed) => countdown.announced.add(passed));
    countdown.isNew = false;
    if (isDue && isFresh) say(`${unit(minutes, "minute")}: ${name}`);
  };
  /* Nothing is torn from somebody who writes, and no form that is on its way. */
  const mayReload = () => !one("form[data-sent], textarea:focus, input:focus");
  const reload = () => { if (mayReload()) location.replace(location.pathname + location.search); };
  const finishCountdown = (time, countdown) => {
    countdown.isOver = true;
    time.dispatchEvent(new CustomEvent("kikao:zero", { bubbles: true }));
    if (time.dataset.countdown !== "stay") setTimeout(reload, 1500);
  };
  const tick = () => all("time[data-countdown]").forEach((time) => {
    const countdown = countdownOf(time);
    const seconds = Math.max(0, Math.ceil((countdown.end - Date.now() - countdown.skew) / 1000)) || 0;
    countdown.left.hidden = countdown.isPast || seconds > HURRY;
    countdown.left.textContent = countdown.left.hidden ? "" : clock(seconds);
    announce(countdown, seconds, time.dataset.say || "");
    if (!seconds && !countdown.isOver) finishCountdown(time, countdown);
  });
  /* The other way round: <time data-elapsed datetime="since when" data-now="the server's clock">. */
  const skews = new WeakMap();
  const run = () => all("time[data-elapsed]").forEach((time) => {
    const skew = skews.get(time) ?? Date.parse(time.dataset.now) - Date.now();
    skews.set(time, skew);
    time.textContent = clock(Math.max(0, Math.floor((Date.now() + skew - Date.parse(time.dateTime)) / 1000)));
  });
  tick();
  run();
  setInterval(() => { tick(); run(); }, 1000);

  /* The browser's time zone, only where a page asks for it. */
  const zone = (root) => all("[data-browser-zone]", root).forEach((field) => {
    const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
    // A browser may still use an old name; the list has one name for each zone, and each says what it was called.
    const option = [...field.options ?? []].find((each) => each.dataset.also?.split(" ").includes(name));
    if (name && (field.type === "hidden" || !field.value)) field.value = option?.value ?? name;
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

  /* The days of a month are one stop of the Tab key. Arrows go on to the next day that has something, also over a month's end. */
  const BY_KEY = "#by-key";
  const dayGrid = (grid) => {
    const days = [...all("a.day", grid)];
    const isRtl = getComputedStyle(grid).direction === "rtl";
    const stop = (day) => days.forEach((each) => { each.tabIndex = each === day ? 0 : -1; });
    const column = (day) => day.closest("td").cellIndex;
    const row = (day) => day.closest("tr").rowIndex;
    const month = (rel) => {
      const link = one(`a[rel=${rel}]`, grid.parentElement);
      // What was reached with a key goes on with keys: the next page begins on its first day. No element has this name: a
      // browser takes the focus away again as it goes to one.
      if (link) location.assign(link.href.replace(/#.*/, BY_KEY));
    };
    const beside = (day, way) => days[days.indexOf(day) + way];
    const below = (day, way) => {
      const found = days.filter((each) => column(each) === column(day) && (row(each) - row(day)) * way > 0);
      return way > 0 ? found[0] : found.at(-1);
    };
    const inRow = (day, way) => days.filter((each) => row(each) === row(day)).at(way > 0 ? -1 : 0);
    const moves = {
      ArrowRight: (day) => beside(day, isRtl ? -1 : 1) ?? month(isRtl ? "prev" : "next"),
      ArrowLeft: (day) => beside(day, isRtl ? 1 : -1) ?? month(isRtl ? "next" : "prev"),
      ArrowDown: (day) => below(day, 1) ?? month("next"),
      ArrowUp: (day) => below(day, -1) ?? month("prev"),
      Home: (day) => inRow(day, -1),
      End: (day) => inRow(day, 1),
      PageDown: () => month("next"),
      PageUp: () => month("prev"),
    };
    grid.addEventListener("keydown", (event) => {
      const day = event.target.closest("a.day");
      if (!day || !(event.key in moves) || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      moves[event.key](day)?.focus();
    });
    grid.addEventListener("focusin", (event) => { if (event.target.matches("a.day")) stop(event.target); });
    const first = one("a.day[aria-current]", grid) ?? days[0];
    stop(first);
    if (location.hash === BY_KEY) first?.focus();
  };
  all("[data-days]").forEach(dayGrid);

  /* Errors first; and say so when the line is down (a waiting page goes on by itself). */
  one("[data-focus]")?.focus();
  const offline = (yes) => show(one("#offline"), yes);
  addEventListener("offline", () => offline(true));
  addEventListener("online", () => offline(false));
  document.addEventListener("htmx:sendError", () => offline(true));
  // A question that got no answer, or a busy server's, is asked again: the page must never wait for news it does not ask for.
  const again = (event) => { if (event.target.id === "poll") setTimeout(() => window.htmx.trigger("#poll", "again"), 10000); };
  for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) document.addEventListener(name, again);
  // News would load the page anew: it waits while somebody is typing, or a form is on its way.
  const isTouched = (field) => field.matches("[type=radio], [type=checkbox]") ? field.checked !== field.defaultChecked
    : field.matches("input, textarea") && field.type !== "hidden" && field.value !== field.defaultValue;
  const mayRefresh = () => !one("form[data-sent]") && ![...all("main input, main textarea")].some(isTouched);
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.target.id !== "poll" || !event.detail.xhr.getResponseHeader("HX-Refresh") || mayRefresh()) return;
    event.preventDefault();
    setTimeout(() => window.htmx.trigger("#poll", "again"), 5000);
  });
  // A page that has long been in the background asks no more: it does when somebody looks at it again.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && one("#poll[hx-trigger=again]")) window.htmx.trigger("#poll", "again");
  });
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) offline(false); });

  /* The payment company's window, opened as its gateway says (Window in gateways/base.py). Closing it is not failing, and
     a failed try inside it may be tried again there. */
  const paymentWindow = (place) => {
    const part = (name) => one(`[data-pay-part="${name}"]`, place);
    const open = part("open");
    const form = part("form");
    const described = () => JSON.parse(one("#pay-window").textContent);
    const how = described().window;

    /* Where "a.b.c" is: what holds the last name, and that name. With make, what is missing on the way is made. */
    const find = (path, root, make) => {
      const names = path.split(".");
      const last = names.pop();
      const step = (holder, name) => {
        if (make && holder && !(holder[name] ?? false)) holder[name] = {};
        return holder?.[name];
      };
      return [names.reduce(step, root), last];
    };
    const put = (path, options, value) => {
      const [holder, name] = find(path, options, true);
      holder[name] = value;
    };
    const hasScript = () => {
      const [holder, name] = find(how.opener, window);
      return Boolean(holder?.[name]);
    };

    /* The note the page shows of the last try, if any. */
    const NOTES = ["dismissed", "failed", "unavailable"];
    let noted = null;
    const note = (name = null) => {
      noted = name;
      NOTES.forEach((other) => show(part(other), other === name));
    };
    const busy = (yes) => {
      if (yes) open.dataset.busy = "1";
      else delete open.dataset.busy;
      open.setAttribute("aria-disabled", yes);
    };

    /* When the time to pay is over: until then the place is kept, so until then the window may stay open. */
    const A_DAY = 86400;  /* longer than a page stays open; browsers' timers end at 24 days */
    const loaded = performance.now();
    const secondsLeft = () => Math.floor(Number(place.dataset.payLeft) - (performance.now() - loaded) / 1000);
    const isOver = () => Boolean(place.dataset.payLeft) && secondsLeft() <= 0;

    /* A script that breaks inside throws nothing and tells nobody. So the page looks: whatever the window is, it stands over
       the middle of what was here before. */
    const SHOWN_WITHIN = 8;
    const ours = [...document.body.children];
    const isCovered = () => {
      const there = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
      return Boolean(there) && !there.contains(place) && !ours.some((element) => element.contains(there));
    };
    let watching = 0;
    const stopWatching = () => { clearInterval(watching); watching = 0; };
    const watch = () => {
      let looks = 0;
      let missed = 0;
      let wasCovered = false;
      stopWatching();
      watching = setInterval(() => {
        looks += 1;
        missed = isCovered() ? 0 : missed + 1;
        wasCovered ||= missed === 0;
        if (wasCovered && missed > 1) beClosed();
        else if (!wasCovered && looks >= SHOWN_WITHIN) beUnavailable();
      }, 1000);
    };

    /* The states, each as what brings it about. */
    const inWindow = (is = true) => { show(open, is); show(part("in-window"), is); show(part("hosted"), !is); };
    const beReady = () => { inWindow(); openAtOnce(); };
    const beUnavailable = () => { stopWatching(); inWindow(false); note("unavailable"); busy(false); };
    const beOpen = () => { note(); busy(true); watch(); };
    const bePaid = (answer) => {
      stopWatching();
      for (const name of how.answers) form.elements[name].value = answer?.[name] ?? "";
      note();
      busy(true);
      if (form.requestSubmit) form.requestSubmit();
      else form.submit();
    };
    const beClosed = () => {
      stopWatching();
      busy(false);
      if (isOver()) return void setTimeout(reload, 1500);
      note(noted === "failed" ? "failed" : "dismissed");
      open.focus();
    };
    const beFailed = (result) => { part("reason").textContent = result?.error?.description || ""; note("failed"); };

    const openWindow = () => {
      const { options } = described();
      put(how.paid, options, bePaid);
      put(how.closed, options, beClosed);
      if (how.timeout && place.dataset.payLeft) put(how.timeout, options, Math.min(Math.max(secondsLeft(), 1), A_DAY));
      const [holder, name] = find(how.opener, window);
      const opened = how.is_class ? new holder[name](options) : holder[name](options);
      if (how.failed) opened.on(how.failed, beFailed);
      beOpen();
      if (how.method) opened[how.method]();
    };
    const tryToOpen = () => { try { openWindow(); } catch { beUnavailable(); } };
    open.addEventListener("click", () => {
      if (open.getAttribute("aria-disabled") !== "true") tryToOpen();
    });
    /* Who comes from choosing this way to pay has pressed already; who comes back, or loads the page again, presses. */
    const openAtOnce = () => {
      if (location.hash !== "#now") return;
      history.replaceState(history.state, "", location.pathname + location.search);
      tryToOpen();
    };
    const load = () => {
      const script = document.createElement("script");
      script.src = place.dataset.pay;
      script.addEventListener("load", () => hasScript() ? beReady() : beUnavailable());
      script.addEventListener("error", beUnavailable);
      document.head.append(script);
    };
    if (hasScript()) beReady();
    else load();
  };
  const place = one("[data-pay]");
  if (place) paymentWindow(place);

  /* A form that only carries on what was begun elsewhere sends itself; without script there is its button. */
  one("form[data-at-once]")?.requestSubmit?.();
})();
