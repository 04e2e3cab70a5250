/* The sandbox's stand-in for Razorpay's checkout.js: the same constructor, the same answers, no real money.
   It asks of the page it lives in what the real one asks: a second script from another of its hosts, without which nothing
   opens; beacons to a third; style elements and style attributes; a frame from a fourth that asks the browser for payments and
   opens UPI apps by navigating to their schemes; a bank's page in a pop-up; and the site's address as the referrer.
   https://github.com/razorpay/razorpay-magento/issues/537 and 542. */
(function () {
  "use strict";
  var here = new URL(document.currentScript.src);
  var origin = here.origin;
  var ids = 0;

  /* One of the vendor's other hosts: cdn.localhost beside checkout.localhost. An address in digits has none. */
  function other(name) {
    var site = here.hostname.split(".").slice(1).join(".");
    return /^[\d.:[\]]+$/.test(here.hostname) || !site ? origin : here.protocol + "//" + name + "." + site + ":" + here.port;
  }

  function track(what) {
    navigator.sendBeacon(other("lumberjack") + "/razorpay/v1/track", JSON.stringify({ event: what }));
  }

  /* The risk script decides whether anything opens: blocked, it never does, and nobody is told. */
  var risk = new Promise(function (resolve) {
    var script = document.createElement("script");
    script.src = other("cdn") + "/razorpay/static/risk.js";
    script.addEventListener("load", function () { if (window.RazorpaySandboxRisk) resolve(); });
    document.head.append(script);
  });

  function style(element, rules) {
    Object.keys(rules).forEach(function (name) { element.style.setProperty(name, rules[name]); });
    return element;
  }

  function make(tag, text, rules) {
    var element = document.createElement(tag);
    if (text) element.textContent = text;
    return style(element, rules || {});
  }

  function palette() {
    return window.matchMedia("(prefers-color-scheme: dark)").matches
      ? {
        card: "#232220", ink: "#ece8e0", soft: "#b3aca0", act: "#8fd3c2", actInk: "#10231f",
        warn: "#ffd790", band: "#3b2c0f", bad: "#ff9f92", field: "#191816"
      }
      : {
        card: "#fffdf9", ink: "#23211d", soft: "#5e594f", act: "#24594f", actInk: "#ffffff",
        warn: "#7a4a00", band: "#fff0d4", bad: "#96281b", field: "#f4f2ee"
      };
  }

  function amountText(amount, currency) {
    return new Intl.NumberFormat(undefined, { style: "currency", currency: currency || "INR" }).format(amount / 100);
  }

  function postForm(action, fields) {
    var form = make("form");
    form.method = "post";
    form.action = action;
    Object.keys(fields).forEach(function (name) {
      var input = make("input");
      input.type = "hidden";
      input.name = name;
      input.value = fields[name];
      form.append(input);
    });
    document.body.append(form);
    form.submit();
  }

  function Razorpay(options) {
    if (!(this instanceof Razorpay)) return new Razorpay(options);
    if (!options || !options.key) throw new Error("Razorpay: `key` is missing from the options");
    this.options = options;
    this._listeners = {};
    this._dialog = null;
    this._busy = false;
  }

  Razorpay.prototype.on = function (name, listener) {
    (this._listeners[name] = this._listeners[name] || []).push(listener);
    return this;
  };

  Razorpay.prototype._tell = function (name, news) {
    (this._listeners[name] || []).forEach(function (listener) { listener(news); });
  };

  Razorpay.prototype._url = function () {
    return origin + "/razorpay/checkout/" + encodeURIComponent(this.options.order_id);
  };

  Razorpay.prototype.open = function () {
    track("open");
    var self = this;
    risk.then(function () { self._show(); });
  };

  Razorpay.prototype._show = function () {
    if (this._dialog) return;
    var self = this;
    this._draw();
    document.body.append(this._dialog);
    this._dialog.showModal();
    this._field.focus();
    if (this.options.timeout) this._timer = setTimeout(function () { self._dismiss("timeout"); }, this.options.timeout * 1000);
    this._order().then(function (order) {
      self._sum.textContent = amountText(order.amount, order.currency);
      if (order.status === "paid") self._say("This order has already been paid.");
    }).catch(function (problem) { self._say(problem.message || "This order could not be loaded."); });
  };

  Razorpay.prototype._order = function () {
    return fetch(this._url() + "?key=" + encodeURIComponent(this.options.key)).then(function (answer) {
      return answer.ok ? answer.json() : answer.text().then(function (text) { throw new Error(text); });
    });
  };

  /* The payer is in their UPI app: the window asks until the order is paid, or it is closed. */
  Razorpay.prototype._await = function () {
    var self = this;
    this._say("Waiting for your UPI app");
    this._asking = setInterval(function () {
      self._order().then(function (order) { if (self._dialog && order.proof) self._succeed(order.proof); }, function () {});
    }, 500);
  };

  /* The bank's page in a pop-up says itself that it is done; closed before, or cut off from us, it is given up. */
  Razorpay.prototype._bank = function () {
    var self = this;
    var query = "?order_id=" + encodeURIComponent(this.options.order_id) + "&key=" + encodeURIComponent(this.options.key);
    var page = window.open(other("api") + "/razorpay/v1/bank" + query, "", "popup,width=400,height=500");
    if (!page) return this._say("The browser has blocked your bank's page.");
    this._say("Waiting for your bank");
    window.addEventListener("message", function (event) {
      if (event.source !== page || !event.data.proof) return;
      clearInterval(self._watching);
      self._succeed(event.data.proof);
    });
    this._watching = setInterval(function () {
      if (!page.closed) return;
      clearInterval(self._watching);
      self._say("Your bank's page was closed.");
    }, 300);
  };

  Razorpay.prototype.close = function () {
    clearTimeout(this._timer);
    clearInterval(this._asking);
    clearInterval(this._watching);
    if (!this._dialog) return;
    this._dialog.close();
    this._dialog.remove();
    this._dialog = null;
  };

  Razorpay.prototype._dismiss = function (reason) {
    if (this._busy) return;
    this.close();
    track("dismissed");
    var modal = this.options.modal || {};
    if (modal.ondismiss) modal.ondismiss(reason);
  };

  Razorpay.prototype._draw = function () {
    var colours = palette(), self = this, number = ++ids;
    var dialog = this._dialog = make("dialog", "", {
      "box-sizing": "border-box", width: "min(24rem, calc(100vw - 2rem))", "max-height": "calc(100vh - 2rem)", padding: "0",
      border: "0", "border-radius": "12px", background: colours.card, color: colours.ink,
      font: "16px/1.5 system-ui, sans-serif", "box-shadow": "0 12px 48px rgba(0,0,0,.4)", overflow: "auto"
    });
    dialog.setAttribute("aria-labelledby", "rzp-sandbox-title-" + number);
    dialog.addEventListener("cancel", function (event) {
      event.preventDefault();
      if ((self.options.modal || {}).escape !== false) self._dismiss();
    });
    var band = make("p", "Sandbox: no real money", {
      margin: "0", padding: "8px 16px", background: colours.band, color: colours.warn, "font-weight": "600", "text-align": "center"
    });
    var form = make("form", "", { padding: "16px", margin: "0", display: "grid", gap: "12px" });
    var title = make("h2", this.options.name || "Pay with UPI", { margin: "0", "font-size": "18px", color: colours.ink });
    title.id = "rzp-sandbox-title-" + number;
    this._sum = make("p", this.options.amount ? amountText(this.options.amount, this.options.currency) : "…", {
      margin: "0", "font-size": "28px", "font-weight": "650", color: colours.ink
    });
    var label = make("label", "UPI id", { "font-weight": "600", color: colours.ink });
    this._field = this._input(colours, number);
    label.htmlFor = this._field.id;
    this._note = make("p", "", { margin: "0", color: colours.bad, "font-weight": "600" });
    this._note.setAttribute("role", "alert");
    this._buttons = [
      this._button("Pay", colours, true, function () { self._act("pay"); }),
      this._button("Pay at your bank", colours, false, function () { self._bank(); }),
      this._button("Fail this payment", colours, false, function () { self._act("fail"); }),
      this._button("Close", colours, false, function () { self._dismiss(); })
    ];
    form.addEventListener("submit", function (event) { event.preventDefault(); self._act("pay"); });
    form.append(title, this._sum, label, this._field, this._note);
    this._buttons.forEach(function (button) { form.append(button); });
    dialog.append(this._ribbon(), band, form, this._apps());
  };

  /* Style as the real one writes it: an element of rules by innerHTML, and an attribute. */
  Razorpay.prototype._ribbon = function () {
    var ribbon = make("div");
    ribbon.innerHTML = "<style>@keyframes rzp-sandbox { to { opacity: 1; } }</style><p>Test Mode</p>";
    ribbon.lastChild.setAttribute("style", "margin:0;padding:4px;text-align:center;background:#d64444;color:#fff;font-weight:600");
    return ribbon;
  };

  /* The frame whose button opens a UPI app. */
  Razorpay.prototype._apps = function () {
    var frame = make("iframe", "", { width: "100%", height: "64px", border: "0", display: "block" }), self = this;
    var query = "?order_id=" + encodeURIComponent(this.options.order_id) + "&key=" + encodeURIComponent(this.options.key);
    frame.title = "UPI apps";
    frame.allow = "payment";
    frame.src = other("api") + "/razorpay/v1/checkout/public" + query;
    window.addEventListener("message", function (event) {
      if (event.source === frame.contentWindow && event.data === "app") self._await();
    });
    return frame;
  };

  Razorpay.prototype._input = function (colours, number) {
    var input = make("input", "", {
      "box-sizing": "border-box", width: "100%", "min-height": "44px", padding: "8px 12px", margin: "0", font: "inherit",
      color: colours.ink, background: colours.field, border: "1px solid " + colours.soft, "border-radius": "8px"
    });
    input.id = "rzp-sandbox-vpa-" + number;
    input.name = "vpa";
    input.autocomplete = "off";
    input.value = (this.options.prefill || {}).vpa || "success@razorpay";
    return input;
  };

  Razorpay.prototype._button = function (text, colours, main, act) {
    var button = make("button", text, {
      "min-height": "44px", width: "100%", margin: "0", padding: "8px 16px", font: "inherit", "font-weight": "600", cursor: "pointer",
      "border-radius": "8px", border: "1px solid " + colours.act,
      background: main ? colours.act : "transparent", color: main ? colours.actInk : colours.act
    });
    button.type = "button";
    button.addEventListener("click", act);
    return button;
  };

  Razorpay.prototype._say = function (text) {
    this._note.textContent = text;
  };

  Razorpay.prototype._act = function (act) {
    if (this._busy) return;
    var self = this;
    this._hold(true);
    this._say("");
    fetch(this._url(), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ act: act, key: this.options.key, vpa: this._field.value })
    }).then(function (answer) { return answer.json(); }).then(function (result) {
      self._hold(false);
      if (result.success) self._succeed(result.success);
      else if (result.error) self._fail(result.error);
      else self._say(result.refused || "This did not work.");
    }).catch(function () {
      self._hold(false);
      self._say("The sandbox did not answer. Try again.");
    });
  };

  Razorpay.prototype._hold = function (busy) {
    this._busy = busy;
    this._buttons.forEach(function (button) { button.disabled = busy; });
  };

  Razorpay.prototype._succeed = function (proof) {
    this.close();
    this._tell("payment.success", proof);
    if (this.options.callback_url && (this.options.redirect || !this.options.handler)) postForm(this.options.callback_url, proof);
    else if (this.options.handler) this.options.handler(proof);
  };

  Razorpay.prototype._fail = function (error) {
    // As with the real one the window stays open, so the payer may try again in it.
    this._say(error.description);
    this._tell("payment.failed", { error: error });
    var retry = this.options.retry;
    if (retry === false || (retry && retry.enabled === false)) this._dismiss();
  };

  window.Razorpay = Razorpay;
})();
