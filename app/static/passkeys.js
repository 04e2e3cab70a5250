/* Passkeys: <button type="button" data-passkey="get" or "create" data-ask="where the challenge is" data-into="a hidden field" hidden>.
   The device signs what we ask, its answer goes into the field, and the form is sent. */
(() => {
  "use strict";
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  const all = (selector, root = document) => root.querySelectorAll(selector);

  /* Bytes travel as base64url, which older browsers do not read by themselves. */
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const named = (list = []) => list.map((each) => ({ ...each, id: bytes(each.id) }));

  const ask = async (button) => {
    const body = new FormData();
    body.append("csrf_token", button.form.elements.csrf_token.value);
    const answer = await fetch(button.dataset.ask, { method: "POST", body });
    if (!answer.ok) throw new Error(answer.status);
    const options = await answer.json();
    const wish = { ...options, challenge: bytes(options.challenge) };
    if (options.user) wish.user = { ...options.user, id: bytes(options.user.id) };
    if (options.excludeCredentials) wish.excludeCredentials = named(options.excludeCredentials);
    if (options.allowCredentials) wish.allowCredentials = named(options.allowCredentials);
    return navigator.credentials[button.dataset.passkey]({ publicKey: wish });
  };
  const PARTS = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const written = (made) => JSON.stringify({
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    response: Object.fromEntries(PARTS.filter((part) => made.response[part]).map((part) => [part, text(made.response[part])])),
  });

  const busy = (button, yes) => {
    if (yes) button.dataset.busy = "1";
    else delete button.dataset.busy;
    button.setAttribute("aria-disabled", yes);
  };
  const press = async (button) => {
    if (button.dataset.busy) return;
    const error = button.form.querySelector("[data-passkey-error]");
    error.hidden = true;
    busy(button, true);
    try {
      button.form.elements[button.dataset.into].value = written(await ask(button));
      button.form.submit();
    } catch {
      busy(button, false);
      error.hidden = false;
    }
  };
  all("[data-passkey]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => press(button));
  });
  all("[data-passkey-none]").forEach((told) => { told.hidden = true; });
})();
