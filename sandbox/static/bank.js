/* The bank's page: pays, tells the window that has opened it, and goes. */
document.querySelector("form").addEventListener("submit", function (event) {
  event.preventDefault();
  fetch(this.action, { method: "POST", body: new URLSearchParams(new FormData(this)) }).then(function (answer) {
    return answer.json();
  }).then(function (result) {
    if (window.opener) window.opener.postMessage({ proof: result.success }, "*");
    window.close();
  });
});
