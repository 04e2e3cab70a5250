/* Opens a UPI app as the real frame does: by going to the app's own scheme, and tells the window that the payer left. */
document.querySelector("button").addEventListener("click", function () {
  parent.postMessage("app", "*");
  location.href = this.dataset.address;
});
